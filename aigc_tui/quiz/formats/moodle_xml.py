"""Moodle XML: the best of Moodle's formats, every type and every part of an item.

Unlike GIFT it guesses nothing. The explanation goes into the general feedback, the reasons for each
option into its feedback, the level of thinking and the section into tags, the id into `idnumber`.
What our six types cannot stand for (essays, embedded answers, several right options, pictures) is a
`Problem` that names the question.

Source: Moodle's question/format/xml and its fixtures (reference quiz.md 2.3). Ordering questions
are part of Moodle from 4.4 on, before that a plugin (qtype_ordering).
"""

from __future__ import annotations

import re
from typing import Any

from aigc_tui.message import Message, message
from aigc_tui.quiz.formats.building import (
    TOP_CATEGORY,
    Reading,
    UnreadableError,
    bloom_and_tags,
    category_name,
    human,
    match,
    named,
    order,
    tags_of,
    worded,
)
from aigc_tui.quiz.formats.holding import (
    UnfitError,
    accepted_of,
    gather,
    key_of,
    rights_and_extras,
    written,
)
from aigc_tui.quiz.formats.hypertext import cannot_hold, from_html, to_html
from aigc_tui.quiz.formats.records import Format, Options, Read, Written
from aigc_tui.quiz.formats.xml import parse_xml, xml_text, xml_title
from aigc_tui.quiz.records import BLANK, Item, ItemType, Quiz, QuizError, pairs, steps
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
        raise QuizError(
            "not Moodle XML: the root element is <{tag}> and must be <quiz>", tag=one_line(str(root.tag), 40)
        )
    reading, categories = Reading(), list[str]()
    for number, question in enumerate(root.iterchildren("question"), 1):
        kind = clean(question.get("type", ""))
        where = named(message("question {number}", number=number), question.findtext("name/text") or "")
        if kind == "category":
            categories.append(category_name(clean(question.findtext("category/text") or "")))
        try:
            if kind not in _ASKS_NOTHING:
                reading.add(_read_question(question, kind, categories, where, reading))
        except UnreadableError as error:
            reading.note(where, error.message)
    return Read(categories[0] if categories else "", reading.distinct(), tuple(reading.problems))


def _read_question(question: Any, kind: str, categories: list[str], where: Message, reading: Reading) -> Item:
    if kind not in _READERS:
        raise UnreadableError("a question of type '{type}': no type here is like it", type=one_line(kind, 40))
    if question.find(".//file") is not None or question.find("image") is not None:
        raise UnreadableError("it needs a file (a picture or a sound), which a text cannot hold")
    stem = _text(question.find("questiontext"))
    tags = [*_tags(question), *(categories[-1:] if len(categories) > 1 else [])]
    more: dict[str, Any] = {
        "id": clean(question.findtext("idnumber") or ""),
        "explanation": _text(question.find("generalfeedback")),
        **bloom_and_tags(tags),
    }
    notes: list[Message] = []
    item = _READERS[kind](question, stem, more, notes)
    for note in notes:
        reading.note(where, note)
    return item


def _tags(question: Any) -> list[str]:
    return [clean(each.text or "").strip() for each in question.iterfind("tags/tag/text") if each.text]


def _choice(question: Any, stem: str, more: dict[str, Any], notes: list[Message]) -> Item:
    answers = question.findall("answer")
    weights = [_fraction(answer) for answer in answers]
    key = [index for index, weight in enumerate(weights) if weight >= _FULL]
    # Moodle reads everything but "false" and nothing as true.
    if (question.findtext("single") or "true").strip() == "false" or len(key) != 1:
        raise UnreadableError("not exactly one of its options is right")
    if any(0 < weight < _FULL for weight in weights):
        notes.append(message("part marks for an option are not kept"))
    feedback = [_text(answer.find("feedback")) for answer in answers]
    more["feedback"] = feedback if any(feedback) else ()
    return human(ItemType.MC, stem, key[0], options=[_text(answer) for answer in answers], **more)


def _read_truth(question: Any, stem: str, more: dict[str, Any], notes: list[Message]) -> Item:
    right = [
        _read_plain(answer).casefold() for answer in question.iterfind("answer") if _fraction(answer) >= _FULL
    ]
    if right not in (["true"], ["false"]):
        raise UnreadableError("neither 'true' nor 'false' is its right answer")
    return human(ItemType.TF, stem, right == ["true"], **more)


def _read_words(question: Any, stem: str, more: dict[str, Any], notes: list[Message]) -> Item:
    right = []
    for answer in question.iterfind("answer"):
        words = _read_plain(answer)
        if _WILDCARD.search(words):
            notes.append(message("an answer with a wildcard (*) is not kept"))
        elif _fraction(answer) >= _FULL:
            right.append(words.replace("\\*", "*"))
        elif _fraction(answer) > 0:
            notes.append(message("an answer for part marks is not kept"))
    return worded(stem, right, **more)


def _number(question: Any, stem: str, more: dict[str, Any], notes: list[Message]) -> Item:
    right = []
    for answer in question.iterfind("answer"):
        if (answer.findtext("tolerance") or "0").strip().strip("0.") != "":
            raise UnreadableError("a numerical question with a tolerance")
        if _fraction(answer) >= _FULL:
            right.append(_read_plain(answer))
    return worded(stem, right, **more)


def _read_pairs(question: Any, stem: str, more: dict[str, Any], notes: list[Message]) -> Item:
    pairs, extras = [], []
    for each in question.iterfind("subquestion"):
        left, right = _text(each), _read_plain(each.find("answer"))
        if left:
            pairs.append((left, right))
        else:
            extras.append(right)
    return match(stem, pairs, extras, **more)


def _read_steps(question: Any, stem: str, more: dict[str, Any], notes: list[Message]) -> Item:
    answers = sorted(question.iterfind("answer"), key=_fraction)
    return order(stem, [_text(answer) for answer in answers], **more)


def _fraction(answer: Any) -> float:
    try:
        return float(answer.get("fraction", "0"))
    except ValueError:
        return 0.0


def _read_plain(element: Any) -> str:
    """A text that is compared, not shown: no HTML in it."""
    return "" if element is None else clean(element.findtext("text") or "").strip()


def _text(element: Any) -> str:
    """A text that is shown, in the format that its element names.

    Raises:
        UnreadableError: It needs a picture or the like.
    """
    text = _read_plain(element)
    form = "" if element is None else element.get("format", "html")
    if form in ("plain_text", "markdown"):
        return text
    # An unknown name falls back to HTML, as in Moodle.
    text, lost = from_html(text, lines=form == "moodle_auto_format")
    if lost:
        raise UnreadableError(cannot_hold(lost))
    return text


_READERS = {
    "multichoice": _choice,
    "truefalse": _read_truth,
    "shortanswer": _read_words,
    "numerical": _number,
    "matching": _read_pairs,
    "ordering": _read_steps,
}


CARRIES = frozenset({"explanation", "feedback", "accepted", "tags"})

_BETWEEN = re.compile(r"[<>&][ \t\n]+[<>&]")
_GAP = "_____"
"""Moodle puts the answer's field in place of five underscores or more."""
_TYPES = {
    ItemType.MC: "multichoice",
    ItemType.CLOZE: "shortanswer",
    ItemType.SHORT: "shortanswer",
    ItemType.TF: "truefalse",
    ItemType.MATCH: "matching",
    ItemType.ORDER: "ordering",
}


def write_moodle_xml(quiz: Quiz, options: Options) -> Written:
    """Write a quiz as Moodle XML, in one category named after the quiz."""
    from lxml import etree

    root = etree.Element("quiz")
    if title := xml_title(quiz.title):
        category = _add(_add(root, "question", type="category"), "category")
        _add(category, "text").text = TOP_CATEGORY + title.replace("/", "//")
    held, left = gather(quiz, _question)
    root.extend(form for _, form in held)
    etree.indent(root)
    data = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return written(data + b"\n", held, left, CARRIES)


def _question(item: Item) -> Any:
    from lxml import etree

    question = etree.Element("question", type=_TYPES[item.type])
    _plain(_add(question, "name"), one_line(item.stem, 60))
    stem = item.stem.strip()
    _html(question, "questiontext", stem.replace(BLANK, _GAP) if item.type is ItemType.CLOZE else stem)
    _html(question, "generalfeedback", item.explanation)
    _add(question, "defaultgrade").text = "1"
    _add(question, "idnumber").text = xml_text(one_line(item.id, 100))
    _WRITERS[item.type](question, item)
    tags = _add(question, "tags")
    for tag in tags_of(item):
        _plain(_add(tags, "tag"), one_line(tag))
    return question


def _choices(question: Any, item: Item) -> None:
    _add(question, "single").text = "true"
    # Absent means false; the order here is balanced over the quiz, and a teacher can still shuffle.
    _add(question, "shuffleanswers").text = "true"
    _add(question, "answernumbering").text = "ABCD"
    key = key_of(item)
    feedback = item.feedback or ("",) * len(item.options)
    for index, (option, said) in enumerate(zip(item.options, feedback, strict=True)):
        answer = _html(question, "answer", option, fraction="100" if index == key else "0")
        _html(answer, "feedback", said)


def _truth(question: Any, item: Item) -> None:
    for truth in (True, False):
        # These two words are the format's own, in every language.
        answer = _plain(_add(question, "answer"), "true" if truth else "false")
        answer.set("fraction", "100" if truth == item.answer else "0")
        answer.set("format", "moodle_auto_format")


def _words(question: Any, item: Item) -> None:
    _add(question, "usecase").text = "0"
    for accepted in accepted_of(item):
        # A star matches anything, a star behind a backslash only itself.
        answer = _plain(_add(question, "answer"), accepted.replace("*", "\\*"))
        answer.set("fraction", "100")
        answer.set("format", "moodle_auto_format")


def _pairs(question: Any, item: Item) -> None:
    _add(question, "shuffleanswers").text = "true"
    rights, extras = rights_and_extras(item)
    lefts = [left for left, _ in pairs(item)] + [""] * len(extras)
    for left, right in zip(lefts, rights + extras, strict=True):
        _plain(_add(_html(question, "subquestion", left), "answer"), right)


def _steps(question: Any, item: Item) -> None:
    settings = {
        "layouttype": "VERTICAL",
        "selecttype": "ALL",
        "selectcount": "0",
        "gradingtype": "ABSOLUTE_POSITION",
        "showgrading": "SHOW",
        "numberingstyle": "none",
    }
    for name, value in settings.items():
        _add(question, name).text = value
    for place, step in enumerate(steps(item), 1):
        _html(question, "answer", step, fraction=f"{place}.0000000")


def _add(parent: Any, tag: str, **attributes: str) -> Any:
    from lxml import etree

    return etree.SubElement(parent, tag, attributes)


def _plain(parent: Any, text: str) -> Any:
    """A text that is compared, not shown, hence without HTML.

    PHP's XML parser drops white space between two entities (`&gt; &lt;`): hence a CDATA section here, too.
    """
    from lxml import etree

    text = xml_text(text.strip())
    if "]]>" in text and _BETWEEN.search(text):
        raise UnfitError("Moodle's XML reader would lose the white space between '<', '>' and '&' in it")
    _add(parent, "text").text = text if "]]>" in text else etree.CDATA(text)
    return parent


def _html(parent: Any, tag: str, text: str, **attributes: str) -> Any:
    """A text as escaped HTML; no `]]>` can be in it, since `>` is always escaped."""
    from lxml import etree

    element = _add(parent, tag, **attributes, format="html")
    _add(element, "text").text = etree.CDATA(xml_text(to_html(text.strip())))
    return element


_WRITERS = {
    ItemType.MC: _choices,
    ItemType.TF: _truth,
    ItemType.CLOZE: _words,
    ItemType.SHORT: _words,
    ItemType.MATCH: _pairs,
    ItemType.ORDER: _steps,
}

MOODLE_XML = Format("moodle-xml", ".xml", write_moodle_xml, read_moodle_xml)
