"""Where the blank of a cloze item is.

Why it exists: a gap is a question only when the rest of the sentence says what is missing. One gap, on a word
with content, with enough words around it; best near the end, when the reader knows what the sentence is about
(quiz.md 3.4).
"""

from __future__ import annotations

from aigc_tui.quiz.checks.normal import contains, pieces, simplified
from aigc_tui.quiz.checks.parts import before_blank, blanks, key_of, without_blank
from aigc_tui.quiz.checks.records import Context, Verdict
from aigc_tui.quiz.checks.verdicts import hard, quoted, soft
from aigc_tui.quiz.checks.words import is_function
from aigc_tui.quiz.records import BLANK, Item, ItemType

FEWEST_AROUND = {"en": 5, "zh": 7}
"""Words or Chinese characters left around a blank."""


def several_blanks(item: Item, context: Context) -> Verdict | None:
    """A cloze item has one blank: a single key cannot fill two."""
    if item.type is not ItemType.CLOZE:
        return None
    count = blanks(item.stem)
    return hard("several_blanks", f"{count} blanks for one answer" if count > 1 else "")


def blank_at_start(item: Item, context: Context) -> Verdict | None:
    """The blank does not open the sentence."""
    before = before_blank(item.stem) if item.type is ItemType.CLOZE else None
    if before is None:
        return None
    opens = not before.strip() or before.rstrip()[-1] in ".!?。！？"
    return soft("blank_at_start", "the sentence begins with its blank" if opens else "")


def blank_on_function_word(item: Item, context: Context) -> Verdict | None:
    """What is missing has content: no `of`, no 的."""
    if item.type is not ItemType.CLOZE:
        return None
    key = key_of(item)
    empty = is_function(pieces(key))
    return hard("blank_on_function_word", f"the blank stands for {quoted(key)}" if empty else "", key)


def thin_cloze(item: Item, context: Context) -> Verdict | None:
    """Enough of the sentence is left to tell what is missing."""
    if item.type is not ItemType.CLOZE:
        return None
    around = len(pieces(without_blank(item.stem))) - blanks(item.stem)
    least = FEWEST_AROUND["zh" if context.language == "zh" else "en"]
    return soft("thin_cloze", f"only {around} words or characters around the blank" if around < least else "")


def cloze_restores(item: Item, context: Context) -> Verdict | None:
    """With its answer filled in, the stem is what the quote says."""
    if item.type is not ItemType.CLOZE or item.source is None or BLANK not in item.stem:
        return None
    filled = item.stem.replace(BLANK, key_of(item), 1)
    says = contains(simplified(item.source.quote), simplified(filled))
    return soft("cloze_restores", "" if says else "filled in, the sentence is not the quote's")
