"""Moodle XML: the best of Moodle's formats, every type and every part of an item.

Why it exists: unlike GIFT it guesses nothing. The explanation goes into the general feedback, the reasons
for each option into its feedback, the level of thinking and the section into tags, the id into `idnumber`.

Source: Moodle's question/format/xml and its fixtures (reference quiz.md 2.3). Ordering questions are part
of Moodle from 4.4 on, before that a plugin (qtype_ordering).
"""

from __future__ import annotations

import re
from typing import Any

from aigc_tui.quiz.formats.building import tags_of
from aigc_tui.quiz.formats.holding import (
    UnfitError,
    accepted_of,
    gather,
    key_of,
    rights_and_extras,
    written,
)
from aigc_tui.quiz.formats.hypertext import to_html
from aigc_tui.quiz.formats.moodle_xml_reading import read_moodle_xml
from aigc_tui.quiz.formats.records import Format, Options, Written
from aigc_tui.quiz.formats.xml import xml_text, xml_title
from aigc_tui.quiz.parts import pairs, steps
from aigc_tui.quiz.records import BLANK, Item, ItemType, Quiz
from aigc_tui.text import one_line

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
        _add(category, "text").text = "$course$/top/" + title.replace("/", "//")
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
