"""A QTI 2.1 package: a manifest, a test, and one `assessmentItem` a file.

QTI says everything explicitly, and systems take it only when it says it their way: identifiers are
XML names, the key names a choice, and scoring is by the two standard templates, since few systems
run others. What a system makes of it differs: Canvas documents QTI 1.2 and 2.1 in different places,
Blackboard is known to accept files and show nothing. The package here passes the official schemas;
no more is promised.

Source: IMS QTI 2.1, information model and `imsqti_v2p1.xsd`, IMS Content Packaging 1.1 (reference
quiz.md 2.5).
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Sequence
from typing import Any

from aigc_tui.quiz.formats.holding import (
    UnfitError,
    accepted_of,
    gather,
    key_of,
    rights_and_extras,
    truths_in,
    written,
)
from aigc_tui.quiz.formats.records import Format, Options, Written
from aigc_tui.quiz.formats.xml import xml_text, xml_title
from aigc_tui.quiz.records import BLANK, Item, ItemType, Quiz, letter, pairs, steps
from aigc_tui.text import one_line

NAMESPACE = "http://www.imsglobal.org/xsd/imsqti_v2p1"
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_LOCATION = f"{NAMESPACE} http://www.imsglobal.org/xsd/qti/qtiv2p1/imsqti_v2p1.xsd"
_TEMPLATES = "http://www.imsglobal.org/question/qti_v2p1/rptemplates/"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,3}")
_LONGEST_FIELD = 60


def identifier(item_id: str) -> str:
    """Make an XML name out of an item's id: the same id gives the same name."""
    if _NAME.fullmatch(item_id):
        return f"I_{item_id}"
    return "I_" + hashlib.sha256(item_id.encode("utf-8", "replace")).hexdigest()[:32]


def assessment_item(item: Item, language: str, lesson_language: str) -> bytes:
    """Write an item; `language` is that of the words for true and false.

    Raises:
        UnfitError: Its parts cannot be told apart, or XML cannot hold a character of it.
    """
    from lxml import etree

    names = {None: NAMESPACE, "xsi": _INSTANCE}
    root = etree.Element(f"{{{NAMESPACE}}}assessmentItem", nsmap=names)
    root.set(f"{{{_INSTANCE}}}schemaLocation", _LOCATION)
    root.set("identifier", identifier(item.id))
    root.set("title", xml_text(one_line(item.stem, 60)))
    root.set("adaptive", "false")
    root.set("timeDependent", "false")
    if _LANGUAGE.fullmatch(lesson_language):
        root.set(_LANG, lesson_language)
    _WRITERS[item.type](root, item, language)
    _feedback(root, item)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _mc(root: Any, item: Item, language: str) -> None:
    _choice(root, item, item.options, key_of(item))


def _tf(root: Any, item: Item, language: str) -> None:
    _choice(root, item, truths_in(language), 0 if item.answer else 1)


def _choice(root: Any, item: Item, options: Sequence[str], key: int) -> None:
    _declare(root, "single", "identifier", [_name("C", key)])
    settings = {"shuffle": "false", "maxChoices": "1"}
    interaction = _prompted(_body(root, item), "choiceInteraction", item.stem, **settings)
    for index, option in enumerate(options):
        _flow(_add(interaction, "simpleChoice", identifier=_name("C", index)), option)
    _process(root, "match_correct")


def _order(root: Any, item: Item, language: str) -> None:
    right = [step.strip() for step in steps(item)]
    if len(set(right)) < len(right):
        raise UnfitError("two of its steps read the same; QTI could not tell a right order from a wrong one")
    _declare(root, "ordered", "identifier", [_name("C", index) for index in range(len(right))])
    interaction = _prompted(_body(root, item), "orderInteraction", item.stem, shuffle="true")
    for step in item.options or sorted(right):
        name = _name("C", right.index(step.strip()))
        _flow(_add(interaction, "simpleChoice", identifier=name), step)
    _process(root, "match_correct")


def _match(root: Any, item: Item, language: str) -> None:
    """Equal right sides become one target, so that either of two equal answers is right."""
    sides = [(left.strip(), right.strip()) for left, right in pairs(item)]
    lefts = [left for left, _ in sides]
    if len(set(lefts)) < len(lefts):
        raise UnfitError("two of its left sides read the same; QTI could not tell right from wrong")
    rights, extras = rights_and_extras(item)
    shown = item.options or sorted(rights + extras)
    targets = list(dict.fromkeys(right.strip() for right in shown))
    right_pairs = [
        f"{_name('L', at)} {_name('R', targets.index(right))}" for at, (_, right) in enumerate(sides)
    ]
    _declare(root, "multiple", "directedPair", right_pairs)
    settings = {"shuffle": "false", "maxAssociations": str(len(sides))}
    interaction = _prompted(_body(root, item), "matchInteraction", item.stem, **settings)
    _set(interaction, "L", lefts, "1")
    _set(interaction, "R", targets, str(len(sides)))
    _process(root, "match_correct")


def _words(root: Any, item: Item, language: str) -> None:
    """A field in the gap, or under the stem; several wordings may be right, and case does not matter."""
    accepted = accepted_of(item)
    declared = _declare(root, "single", "string", accepted[:1])
    mapping = _add(declared, "mapping", defaultValue="0", upperBound="1")
    # Case does not matter, hence two wordings that differ by case alone would be one entry twice.
    unlike: dict[str, str] = {}
    for words in accepted:
        unlike.setdefault(words.casefold(), words)
    for words in unlike.values():
        _add(mapping, "mapEntry", mapKey=xml_text(words), mappedValue="1", caseSensitive="false")
    body = _body(root, item)
    longest = min(max(len(words) for words in accepted) + 5, _LONGEST_FIELD)
    settings = {"responseIdentifier": "RESPONSE", "expectedLength": str(longest)}
    before, gap, after = item.stem.strip().partition(BLANK if item.type is ItemType.CLOZE else "\0")
    paragraph = _flow(_add(body, "p"), before)
    if not gap:
        paragraph = _add(body, "p")
    field = _add(paragraph, "textEntryInteraction", **settings)
    _lines(paragraph, field, after)
    _process(root, "map_response")


def _declare(root: Any, cardinality: str, kind: str, right: Sequence[str]) -> Any:
    settings = {"identifier": "RESPONSE", "cardinality": cardinality, "baseType": kind}
    declared = _add(root, "responseDeclaration", **settings)
    correct = _add(declared, "correctResponse")
    for value in right:
        _add(correct, "value").text = xml_text(value)
    return declared


def _body(root: Any, item: Item) -> Any:
    """The outcomes, which come before the body, and the body."""
    score = _add(root, "outcomeDeclaration", identifier="SCORE", cardinality="single", baseType="float")
    _add(_add(score, "defaultValue"), "value").text = "0"
    if _explained(item):
        settings = {"identifier": "FEEDBACK", "cardinality": "single", "baseType": "identifier"}
        outcome = _add(root, "outcomeDeclaration", **settings)
        _add(_add(outcome, "defaultValue"), "value").text = "EXPLANATION"
    return _add(root, "itemBody")


def _feedback(root: Any, item: Item) -> None:
    """The explanation, shown after every answer: the scoring templates set no outcome but the score."""
    if not (lines := _explained(item)):
        return
    settings = {"outcomeIdentifier": "FEEDBACK", "identifier": "EXPLANATION", "showHide": "show"}
    _flow(_add(root, "modalFeedback", **settings), "\n".join(lines))


def _explained(item: Item) -> list[str]:
    lines = [item.explanation.strip()] if item.explanation.strip() else []
    return lines + [
        f"{letter(index)}. {said.strip()}" for index, said in enumerate(item.feedback) if said.strip()
    ]


def _prompted(body: Any, kind: str, stem: str, **settings: str) -> Any:
    interaction = _add(body, kind, responseIdentifier="RESPONSE", **settings)
    _flow(_add(interaction, "prompt"), stem)
    return interaction


def _set(interaction: Any, prefix: str, texts: Sequence[str], most: str) -> None:
    group = _add(interaction, "simpleMatchSet")
    for index, text in enumerate(texts):
        _flow(_add(group, "simpleAssociableChoice", identifier=_name(prefix, index), matchMax=most), text)


def _process(root: Any, template: str) -> None:
    _add(root, "responseProcessing", template=_TEMPLATES + template)


def _name(prefix: str, index: int) -> str:
    return f"{prefix}{index + 1}"


def _flow(element: Any, text: str) -> Any:
    """A text in an element, its lines parted by `<br/>`."""
    first, *rest = xml_text(text.strip() if element.tag.rpartition("}")[2] != "p" else text).split("\n")
    element.text = first
    for line in rest:
        _add(element, "br").tail = line
    return element


def _lines(parent: Any, before: Any, text: str) -> None:
    """Text behind an element, its lines parted by `<br/>`."""
    first, *rest = xml_text(text).split("\n")
    before.tail = first
    for line in rest:
        _add(parent, "br").tail = line


def _add(parent: Any, tag: str, **attributes: str) -> Any:
    from lxml import etree

    return etree.SubElement(parent, f"{{{NAMESPACE}}}{tag}", attributes)


_WRITERS = {
    ItemType.MC: _mc,
    ItemType.TF: _tf,
    ItemType.CLOZE: _words,
    ItemType.SHORT: _words,
    ItemType.MATCH: _match,
    ItemType.ORDER: _order,
}


CARRIES = frozenset({"explanation", "feedback", "accepted"})
PACKAGING = "http://www.imsglobal.org/xsd/imscp_v1p1"
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The same quiz gives the same bytes."""


def write_qti(quiz: Quiz, options: Options) -> Written:
    """Write a quiz as a package."""
    names: set[str] = set()
    held, left = gather(quiz, lambda item: _named(item, quiz, options, names))
    title = xml_title(quiz.title, "Quiz")
    items = [identifier(item.id) for item, _ in held]
    members = {"imsmanifest.xml": _manifest(items), "test.xml": _test(title, items)}
    members |= {f"items/{identifier(item.id)}.xml": form for item, form in held}
    return written(_zipped(members), held, left, CARRIES)


def _named(item: Item, quiz: Quiz, options: Options, names: set[str]) -> bytes:
    name = identifier(item.id)
    if name in names:
        raise UnfitError("another item has the same id")
    form = assessment_item(item, options.language, quiz.lesson.language)
    names.add(name)
    return form


def _test(title: str, items: Sequence[str]) -> bytes:
    from lxml import etree

    root = etree.Element(
        f"{{{NAMESPACE}}}assessmentTest", nsmap={None: NAMESPACE}, identifier="TEST", title=title
    )
    settings = {"identifier": "PART", "navigationMode": "nonlinear", "submissionMode": "individual"}
    part = _add(root, "testPart", **settings)
    section = _add(part, "assessmentSection", identifier="SECTION", title=title, visible="true")
    for name in items:
        _add(section, "assessmentItemRef", identifier=name, href=f"items/{name}.xml")
    return _bytes(root)


def _manifest(items: Sequence[str]) -> bytes:
    from lxml import etree

    root = etree.Element(f"{{{PACKAGING}}}manifest", nsmap={None: PACKAGING}, identifier="MANIFEST")
    metadata = _add_packaging(root, "metadata")
    _add_packaging(metadata, "schema").text = "QTIv2.1 Package"
    _add_packaging(metadata, "schemaversion").text = "1.0.0"
    _add_packaging(root, "organizations")
    resources = _add_packaging(root, "resources")
    test = _resource(resources, "RES_TEST", "imsqti_test_xmlv2p1", "test.xml")
    for name in items:
        _resource(resources, f"RES_{name}", "imsqti_item_xmlv2p1", f"items/{name}.xml")
        _add_packaging(test, "dependency", identifierref=f"RES_{name}")
    return _bytes(root)


def _resource(resources: Any, name: str, kind: str, href: str) -> Any:
    resource = _add_packaging(resources, "resource", identifier=name, type=kind, href=href)
    _add_packaging(resource, "file", href=href)
    return resource


def _bytes(root: Any) -> bytes:
    from lxml import etree

    etree.indent(root)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _add_packaging(parent: Any, tag: str, **attributes: str) -> Any:
    from lxml import etree

    return etree.SubElement(parent, f"{{{PACKAGING}}}{tag}", attributes)


def _zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return out.getvalue()


QTI = Format("qti", ".zip", write_qti)
