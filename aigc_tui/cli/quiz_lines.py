"""A question in plain lines, and a typed line as an answer to it.

Options have letters; a matching is typed as `1b 2a`, an order as `3 1 2`.
"""

from __future__ import annotations

import re
from string import ascii_lowercase

from aigc_tui.locale import Translate
from aigc_tui.quiz.grading.records import Response
from aigc_tui.quiz.records import Item, ItemType, pairs
from aigc_tui.text import one_line

_BITS = {"1": "true", "0": "false"}
_PAIR = re.compile(r"(\d{1,2})\s*[-=:.）)]?\s*([a-z])")
_NUMBER = re.compile(r"\d{1,2}")


class NoAnswerError(ValueError):
    """The line is no answer to this kind of question; `key` names the text that tells how to answer."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def question_lines(item: Item, number: int) -> list[str]:
    """The question as it is asked: stem, and what is offered."""
    lines = [f"{number}. {one_line(item.stem)}"]
    match item.type:
        case ItemType.MC:
            lines += _lettered(item.options)
        case ItemType.MATCH:
            lines += [f"   {place}  {left}" for place, (left, _) in enumerate(pairs(item), 1)]
            lines += _lettered(item.options)
        case ItemType.ORDER:
            lines += [f"   {place}  {one_line(step)}" for place, step in enumerate(item.options, 1)]
    return lines


def hint(t: Translate, item: Item) -> str:
    """Tell how to answer a question of this type."""
    return t(how_to(item))


def how_to(item: Item) -> str:
    """The key of the text that tells how to answer."""
    return {
        ItemType.MC: "quiz_cli.how_mc",
        ItemType.TF: "quiz_cli.how_tf",
        ItemType.CLOZE: "quiz_cli.how_text",
        ItemType.SHORT: "quiz_cli.how_text",
        ItemType.MATCH: "quiz_cli.how_match",
        ItemType.ORDER: "quiz_cli.how_order",
    }[item.type]


def answer_lines(t: Translate, item: Item) -> list[str]:
    """The right answer, the explanation, and the sentence that it stands on."""
    lines = ["   " + t("quiz_cli.key", key=key_words(t, item))]
    if item.explanation:
        lines.append(f"   {one_line(item.explanation)}")
    if item.source is not None and item.source.quote not in item.explanation:
        quote = one_line(item.source.quote)
        lines.append("   " + t("quiz_cli.quoted", section=one_line(item.source.section), quote=quote))
    return lines


def key_words(t: Translate, item: Item) -> str:
    """The right answer as it would be typed and as it reads."""
    match item.answer:
        case bool():
            return t("quiz_cli.true") if item.answer else t("quiz_cli.false")
        case int():
            return f"{_label(item.answer, len(item.options))}  {item.key}"
        case _:
            return item.key


def read_answer(item: Item, line: str) -> Response:
    """Read a typed line as an answer, or raise NoAnswerError."""
    typed = line.strip()
    match item.type:
        case ItemType.MC:
            return _choice(item, typed)
        case ItemType.TF:
            return _truth(item, typed.casefold())
        case ItemType.MATCH:
            return _matched(item, typed.casefold())
        case ItemType.ORDER:
            return _ordered(item, typed)
        case _:
            return typed


def _lettered(options: tuple[str, ...]) -> list[str]:
    count = len(options)
    return [f"   {_label(at, count)}  {one_line(option)}" for at, option in enumerate(options)]


def _label(at: int, count: int) -> str:
    return ascii_lowercase[at] if count <= len(ascii_lowercase) else str(at + 1)


def _choice(item: Item, typed: str) -> int:
    from aigc_tui.quiz.grading.grade import chosen

    if (
        typed.isdecimal()
        and len(typed) < 5
        and not any(option.strip().isdecimal() for option in item.options)
    ):
        if not 1 <= int(typed) <= len(item.options):
            raise NoAnswerError(how_to(item))
        return int(typed) - 1
    place = chosen(item, typed)
    if place is None:
        raise NoAnswerError(how_to(item))
    return place


def _truth(item: Item, typed: str) -> bool:
    from aigc_tui.quiz.grading.grade import judged

    truth = judged(_BITS.get(typed, typed))
    if truth is None:
        raise NoAnswerError(how_to(item))
    return truth


def _matched(item: Item, typed: str) -> tuple[tuple[str, str], ...]:
    """`1b 2a` as pairs. Every left side needs one; the grader says which are right."""
    left = [each for each, _ in pairs(item)]
    found = {int(number): ord(letter) - ord("a") for number, letter in _PAIR.findall(typed)}
    if set(found) != set(range(1, len(left) + 1)) or max(found.values(), default=0) >= len(item.options):
        raise NoAnswerError(how_to(item))
    return tuple((side, item.options[found[place]]) for place, side in enumerate(left, 1))


def _ordered(item: Item, typed: str) -> tuple[str, ...]:
    """`3 1 2` as the steps in that order; `312` will do while there are fewer than ten."""
    few = typed.isdecimal() and len(item.options) < 10
    places = [int(place) for place in (typed if few else _NUMBER.findall(typed))]
    if sorted(places) != list(range(1, len(item.options) + 1)):
        raise NoAnswerError(how_to(item))
    return tuple(item.options[place - 1] for place in places)
