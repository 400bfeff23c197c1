"""Does the item stand on the lesson? The quote is verbatim, and the answer is in it.

Why it exists: this is what makes a quiz trustworthy at all. A model that invents a fact invents a quote for
it as easily; only an exact comparison of `lesson.text[start:end]` with the quote cannot be talked round.
Human reference: 100 % by construction in XQuAD, CMRC and DRCD (quiz.md 3.1).
"""

from __future__ import annotations

from aigc_tui.quiz.checks.normal import contains, simplified
from aigc_tui.quiz.checks.parts import key_of
from aigc_tui.quiz.checks.records import Context, Verdict
from aigc_tui.quiz.checks.verdicts import hard, quoted, soft
from aigc_tui.quiz.parts import pairs, steps
from aigc_tui.quiz.records import Item, ItemType, Origin


def grounded(item: Item, context: Context) -> Verdict | None:
    """The quote is the lesson's own words, at the offsets that the item gives.

    Says nothing of a question that a person wrote without naming a source. Without the lesson only the length
    of the quote can be held against its offsets.
    """
    source = item.source
    if source is None:
        if item.origin is Origin.HUMAN:
            return None
        return hard("grounded", "no sentence of the lesson is cited")
    if not source.quote.strip():
        return hard("grounded", "the quote is empty")
    if source.end - source.start != len(source.quote):
        return hard("grounded", f"the quote is not as long as its offsets {source.start} to {source.end} say")
    lesson = context.lesson
    if lesson is not None and lesson.text[source.start : source.end] != source.quote:
        there = quoted(lesson.text[source.start : source.end])
        return hard("grounded", f"the lesson has {there} at {source.start}, not the quote", source.quote)
    return hard("grounded")


def answer_in_source(item: Item, context: Context) -> Verdict | None:
    """The key of a cloze or short-answer item stands in the cited sentence, in either Chinese script."""
    if item.source is None or item.type not in (ItemType.CLOZE, ItemType.SHORT):
        return None
    if any(_stands(item.source.quote, answer) for answer in (key_of(item), *item.accepted)):
        return hard("answer_in_source")
    return hard(
        "answer_in_source", f"the quote does not hold the answer {quoted(key_of(item))}", key_of(item)
    )


def key_in_source(item: Item, context: Context) -> Verdict | None:
    """The right option of a multiple-choice item stands in the cited sentence.

    Soft: a key may say the sentence in other words, and then only a reader can tell whether it follows.
    """
    if item.source is None or item.type is not ItemType.MC:
        return None
    if _stands(item.source.quote, key_of(item)):
        return soft("key_in_source")
    return soft("key_in_source", f"the quote does not hold the key {quoted(key_of(item))}", key_of(item))


def parts_in_source(item: Item, context: Context) -> Verdict | None:
    """What is matched or put in order stands in the quote, or anywhere in the lesson, in its own words."""
    parts = [side for pair in pairs(item) for side in pair] + list(steps(item))
    if item.source is None or not parts:
        return None
    where = item.source.quote if context.lesson is None else context.lesson.text
    missing = [part for part in parts if not _holds(where, part) and not _holds(item.source.quote, part)]
    if missing:
        return soft("parts_in_source", f"not in the source's words: {quoted(missing[0])}", missing[0])
    return soft("parts_in_source")


def _stands(quote: str, answer: str) -> bool:
    return contains(quote, answer) or contains(simplified(quote), simplified(answer))


def _holds(where: str, part: str) -> bool:
    # A lesson may be long: normalised comparison is kept for texts of a paragraph's size.
    plain = part.strip().rstrip(".。;；,，").casefold()
    return plain in where.casefold() or (len(where) < 5_000 and contains(where, part))
