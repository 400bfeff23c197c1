"""Moodle XML files of anybody's.

Why it exists: it is what a Moodle course exports. What our six types cannot stand for (essays, embedded
answers, several right options, pictures) is a `Problem` that names the question.
"""

from __future__ import annotations

import re
from typing import Any

from aigc_tui.quiz.formats.building import (
    Reading,
    UnreadableError,
    bloom_and_tags,
    human,
    match,
    order,
    worded,
)
from aigc_tui.quiz.formats.hypertext import from_html
from aigc_tui.quiz.formats.records import Read
from aigc_tui.quiz.formats.xml import parse_xml
from aigc_tui.quiz.records import Item, ItemType, QuizError
from aigc_tui.text import clean, one_line

_FULL = 100.0
_WILDCARD = re.compile(r"(?<!\\)\*")
_ASKS_NOTHING = {"category", "description"}


def read_moodle_xml(data: bytes) -> Read:
    """Read a Moodle XML file.

    Raises:
        QuizError: It is too large, hostile, not well-formed, or no `<quiz>`.
    """
    root = parse_xml(data)
    if root.tag != "quiz":
        raise QuizError(f"no Moodle XML: the root is <{one_line(str(root.tag), 40)}>, it must be <quiz>")
    reading, categories = Reading(), list[str]()
    for number, question in enumerate(root.iterchildren("question"), 1):
        kind = clean(question.get("type", ""))
        where = f"question {number} {one_line(question.findtext('name/text') or '', 40)}".rstrip()
        if kind == "category":
            categories.append(_category(question))
        try:
            if kind not in _ASKS_NOTHING:
                reading.add(_question(question, kind, categories, where, reading))
        except UnreadableError as error:
            reading.note(where, str(error))
    return Read(categories[0] if categories else "", reading.distinct(), tuple(reading.problems))


def _category(question: Any) -> str:
    path = clean(question.findtext("category/text") or "").strip().replace("//", "\ud800")
    return path.rpartition("/")[2].replace("\ud800", "/").strip()


def _question(question: Any, kind: str, categories: list[str], where: str, reading: Reading) -> Item:
    if kind not in _READERS:
        raise UnreadableError(f"a question of type {one_line(kind, 40) or 'none'}: no type here is like it")
    if question.find(".//file") is not None or question.find("image") is not None:
        raise UnreadableError("it needs a file (a picture or a sound), which a text cannot hold")
    stem = _text(question.find("questiontext"))
    tags = [*_tags(question), *(categories[-1:] if len(categories) > 1 else [])]
    more: dict[str, Any] = {
        "id": clean(question.findtext("idnumber") or ""),
        "explanation": _text(question.find("generalfeedback")),
        **bloom_and_tags(tags),
    }
    notes: list[str] = []
    item = _READERS[kind](question, stem, more, notes)
    for note in notes:
        reading.note(where, note)
    return item


def _tags(question: Any) -> list[str]:
    return [clean(each.text or "").strip() for each in question.iterfind("tags/tag/text") if each.text]


def _choice(question: Any, stem: str, more: dict[str, Any], notes: list[str]) -> Item:
    answers = question.findall("answer")
    weights = [_fraction(answer) for answer in answers]
    key = [index for index, weight in enumerate(weights) if weight >= _FULL]
    # Moodle reads everything but "false" and nothing as true.
    if (question.findtext("single") or "true").strip() == "false" or len(key) != 1:
        raise UnreadableError("not exactly one of its options is right")
    if any(0 < weight < _FULL for weight in weights):
        notes.append("part marks for an option are not kept")
    feedback = [_text(answer.find("feedback")) for answer in answers]
    more["feedback"] = feedback if any(feedback) else ()
    return human(ItemType.MC, stem, key[0], options=[_text(answer) for answer in answers], **more)


def _truth(question: Any, stem: str, more: dict[str, Any], notes: list[str]) -> Item:
    right = [
        _plain(answer).casefold() for answer in question.iterfind("answer") if _fraction(answer) >= _FULL
    ]
    if right not in (["true"], ["false"]):
        raise UnreadableError("neither 'true' nor 'false' is its right answer")
    return human(ItemType.TF, stem, right == ["true"], **more)


def _words(question: Any, stem: str, more: dict[str, Any], notes: list[str]) -> Item:
    right = []
    for answer in question.iterfind("answer"):
        words = _plain(answer)
        if _WILDCARD.search(words):
            notes.append("an answer with a wildcard (*) is not kept")
        elif _fraction(answer) >= _FULL:
            right.append(words.replace("\\*", "*"))
        elif _fraction(answer) > 0:
            notes.append("an answer for part marks is not kept")
    return worded(stem, right, **more)


def _number(question: Any, stem: str, more: dict[str, Any], notes: list[str]) -> Item:
    right = []
    for answer in question.iterfind("answer"):
        if (answer.findtext("tolerance") or "0").strip().strip("0.") != "":
            raise UnreadableError("a numerical question with a tolerance")
        if _fraction(answer) >= _FULL:
            right.append(_plain(answer))
    return worded(stem, right, **more)


def _pairs(question: Any, stem: str, more: dict[str, Any], notes: list[str]) -> Item:
    pairs, extras = [], []
    for each in question.iterfind("subquestion"):
        left, right = _text(each), _plain(each.find("answer"))
        if left:
            pairs.append((left, right))
        else:
            extras.append(right)
    return match(stem, pairs, extras, **more)


def _steps(question: Any, stem: str, more: dict[str, Any], notes: list[str]) -> Item:
    answers = sorted(question.iterfind("answer"), key=_fraction)
    return order(stem, [_text(answer) for answer in answers], **more)


def _fraction(answer: Any) -> float:
    try:
        return float(answer.get("fraction", "0"))
    except ValueError:
        return 0.0


def _plain(element: Any) -> str:
    """A text that is compared, not shown: no HTML in it."""
    return "" if element is None else clean(element.findtext("text") or "").strip()


def _text(element: Any) -> str:
    """A text that is shown, in the format that its element names.

    Raises:
        UnreadableError: It needs a picture or the like.
    """
    text = _plain(element)
    form = "" if element is None else element.get("format", "html")
    if form in ("plain_text", "markdown"):
        return text
    # An unknown name falls back to HTML, as in Moodle.
    text, lost = from_html(text, lines=form == "moodle_auto_format")
    if lost:
        raise UnreadableError(f"it needs {', '.join(sorted(lost))}, which a text cannot hold")
    return text


_READERS = {
    "multichoice": _choice,
    "truefalse": _truth,
    "shortanswer": _words,
    "numerical": _number,
    "matching": _pairs,
    "ordering": _steps,
}
