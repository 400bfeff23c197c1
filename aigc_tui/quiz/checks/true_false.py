"""Statements to be judged true or false.

Why it exists: a "false" statement that the lesson itself makes is the worst item there is, and a statement of
two claims can be half true.
"""

from __future__ import annotations

import re

from aigc_tui.quiz.checks.normal import contains, simplified
from aigc_tui.quiz.checks.records import Context, Verdict
from aigc_tui.quiz.checks.verdicts import hard, soft
from aigc_tui.quiz.records import Item, ItemType

_SECOND_CLAIM = re.compile(
    r"(?:,|;)\s*(?:and|but|while|whereas|yet|although|because|which|so)\b|;\s|\b(?:whereas|as well as)\b"
    r"|[；;]|，(?:并且|而且|但是|但|而|同时|并|且|还|也|因此|所以|其中)|以及|[。.!?！？]\s*\S",
)


def false_in_source(item: Item, context: Context) -> Verdict | None:
    """A statement that counts as false is not what the quote says."""
    if item.type is not ItemType.TF or item.source is None or item.answer is not False:
        return None
    said = _says(item)
    return hard("false_in_source", "the quote says so, yet the key is false" if said else "")


def true_in_source(item: Item, context: Context) -> Verdict | None:
    """A statement that counts as true is in the quote's own words. Soft: it may be said in others."""
    if item.type is not ItemType.TF or item.source is None or item.answer is not True:
        return None
    return soft("true_in_source", "" if _says(item) else "the quote does not say so in these words")


def two_claims(item: Item, context: Context) -> Verdict | None:
    """The statement claims one thing."""
    if item.type is not ItemType.TF:
        return None
    found = _SECOND_CLAIM.search(item.stem)
    return soft(
        "two_claims", "two claims in one statement" if found else "", found[0].strip() if found else ""
    )


def _says(item: Item) -> bool:
    quote = item.source.quote if item.source else ""
    return contains(simplified(quote), simplified(item.stem))
