"""Are the wrong options wrong, and of the same kind as the key?

Why it exists: a distractor that is right as well makes the item unfair; one of another kind is never chosen
(quiz.md 3.3). What needs a reader (is it plausible?) is scored elsewhere, by a model or by real attempts.
"""

from __future__ import annotations

import re
from enum import StrEnum

from aigc_tui.quiz.checks.normal import HAN, normal, pieces, same, simplified
from aigc_tui.quiz.checks.numbers import number_in, range_in
from aigc_tui.quiz.checks.parts import distractors, key_of
from aigc_tui.quiz.checks.records import Context, Verdict
from aigc_tui.quiz.checks.verdicts import hard, quoted, soft
from aigc_tui.quiz.records import Item
from aigc_tui.text import width

SHORTEST, LONGEST = 0.5, 2.0
"""The band of lengths, as parts of the key's width."""
_SLACK = 8
"""Cells by which short options may differ: "gold" and "aluminium" are a fair pair."""
_HAN_ANY, _LATIN_ANY, _DIGIT_ANY = re.compile(rf"[{HAN}]"), re.compile(r"[A-Za-z]"), re.compile(r"\d")
_ALSO = (
    r"also (?:called|known as|named)|(?:is |are )?(?:commonly |often )?(?:called|known as)|i\.e\.,?|or"
    r"|又称为?|又名|又叫做?|也称为?|也叫做?|亦称|简称为?|全称|俗称|别称|即"
)


class Kind(StrEnum):
    """What an option looks like; options of one question look alike."""

    NUMBER = "a number"
    DATE = "a date"
    CHINESE = "Chinese words"
    LATIN = "Latin words"
    OTHER = "marks"


_DATE = re.compile(
    r"^\W*(?:in\s+)?(?:c(?:irca|a?\.)?\s*)?(?:[12]\d{3}|\d{1,3}\s*(?:AD|BC|B\.C\.|A\.D\.))s?\W*$"
    r"|\d+\s*(?:年|世纪|月|日)|\b(?:january|february|march|april|may|june|july|august|september|october|november|"
    r"december)\s+\d|\b\d{1,2}(?:st|nd|rd|th)\s+century",
    re.I,
)


def kind_of(text: str) -> Kind:
    """What sort of thing an option is, by its looks alone."""
    if _DATE.search(text):
        return Kind.DATE
    if number_in(text) is not None or range_in(text) is not None:
        return Kind.NUMBER
    han, latin = len(_HAN_ANY.findall(text)), len(_LATIN_ANY.findall(text))
    if han or latin:
        return Kind.CHINESE if han >= latin / 4 and han else Kind.LATIN
    return Kind.NUMBER if _DIGIT_ANY.search(text) else Kind.OTHER


def same_type(item: Item, context: Context) -> Verdict | None:
    """Every distractor looks like the key: a number beside numbers, a date beside dates, one script."""
    wrong, key = distractors(item), key_of(item)
    kind = kind_of(key)
    for text in wrong:
        other = kind_of(text)
        if other is not kind and {other, kind} != {Kind.DATE, Kind.NUMBER} and not _formula(text, key):
            return soft("same_type", f"{quoted(text)} is {other}, the key is {kind}", text)
    return soft("same_type") if wrong else None


def length_band(item: Item, context: Context) -> Verdict | None:
    """Every distractor is between half as long and twice as long as the key."""
    wrong, key = distractors(item), width(key_of(item))
    for text in wrong:
        size = width(text)
        if not SHORTEST * key <= size <= LONGEST * key and abs(size - key) > _SLACK:
            return soft(
                "length_band", f"{quoted(text)} is {size / max(key, 1):.1f} times as long as the key", text
            )
    return soft("length_band") if wrong else None


def distractor_in_source(item: Item, context: Context) -> Verdict | None:
    """No distractor stands in the cited sentence: it might be an answer there too."""
    wrong, key = distractors(item), simplified(key_of(item))
    if item.source is None or not wrong:
        return None
    # Inside the key's own words a shorter option is no second answer; `nested_options` speaks of that.
    rest = (
        f" {normal(simplified(item.source.quote))} ".replace(f" {normal(key)} ", " □ ") if normal(key) else ""
    )
    for text in wrong:
        if f" {normal(simplified(text))} " in rest:
            return hard("distractor_in_source", f"the cited sentence holds {quoted(text)} too", text)
    return hard("distractor_in_source")


def alias_distractor(item: Item, context: Context) -> Verdict | None:
    """No distractor is another name of the key, by the lesson's aliases or by the cited sentence."""
    wrong, key = distractors(item), key_of(item)
    if not wrong:
        return None
    names = {other for pair in context.aliases for one, other in (pair, pair[::-1]) if same(one, key)}
    names.update(item.accepted)
    for text in wrong:
        if any(same(text, name) for name in names) or _introduced(item, key, text):
            return hard("alias_distractor", f"{quoted(text)} is another name of the key", text)
    return hard("alias_distractor")


def _introduced(item: Item, one: str, other: str) -> bool:
    """Whether the quote gives the two as names of one thing: "X (Y)", "X, also called Y", X又称Y."""
    if item.source is None or not (pieces(one) and pieces(other)):
        return False
    quote = simplified(item.source.quote)
    for first, second in ((one, other), (other, one)):
        a, b = re.escape(simplified(first).strip()), re.escape(simplified(second).strip())
        if re.search(rf"{a}\W{{0,3}}(?:[(（]\W?{b}|(?:{_ALSO})\W{{0,3}}(?:the |an? )?{b})", quote, re.I):
            return True
    return False


def _formula(*texts: str) -> bool:
    return any("$" in text or "\\" in text for text in texts)
