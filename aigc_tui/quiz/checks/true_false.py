"""Statements to be judged true or false.

Why it exists: a "false" statement that the lesson itself makes is the worst item there is, and a statement of
two claims can be half true.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from aigc_tui.quiz.checks.normal import contains, simplified
from aigc_tui.quiz.checks.records import Context, Verdict
from aigc_tui.quiz.checks.verdicts import hard, soft
from aigc_tui.quiz.records import Item, ItemType

_SECOND_CLAIM = re.compile(
    r"(?:,|;)\s*(?:and|but|while|whereas|yet|although|because|which|so)\b|;\s|\b(?:whereas|as well as)\b"
    r"|[；;]|，(?:并且|而且|但是|但|而|同时|并|且|还|也|因此|所以|其中)|以及|[。.!?！？]\s*\S",
)
_BARE = re.compile(r"[\s.。!！]+$")


def false_in_source(item: Item, context: Context) -> Verdict | None:
    """A statement that counts as false is not in the quote, not in the lesson, not true by another name."""
    if item.type is not ItemType.TF or item.source is None or item.answer is not False:
        return None
    if _says(item):
        return hard("false_in_source", "the quote says so, yet the key is false")
    if context.lesson is not None and _BARE.sub("", item.stem).casefold() in _folded(context.lesson.text):
        return hard("false_in_source", "the lesson says so elsewhere, yet the key is false")
    other = next((name for name in _renamed(item, context) if name), "")
    return hard("false_in_source", f"true under another name: {other}" if other else "", other)


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


def _says(item: Item, stem: str | None = None) -> bool:
    quote = item.source.quote if item.source else ""
    return contains(simplified(quote), simplified(item.stem if stem is None else stem))


@lru_cache(maxsize=2)
def _folded(text: str) -> str:
    # A lesson may be a book: its folded form is kept while its items are judged.
    return text.casefold()


def _renamed(item: Item, context: Context) -> Iterator[str]:
    """Names in the statement that stand for another name which makes it the quote's own."""
    stem = simplified(item.stem)
    for pair in context.aliases:
        for name, other in (pair, pair[::-1]):
            plain = re.compile(re.escape(simplified(name)), re.I)
            if contains(stem, name) and _says(item, plain.sub(simplified(other).replace("\\", "/"), stem)):
                yield name
