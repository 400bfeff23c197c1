"""QTI packages: their structure and their inner references; and the official schema, where one is at hand.

The schema is not in the repository (it comes with GPL code, and is the IMS's). Point AIGC_QTI_XSD at a
folder that holds `qtiv2p1/imsqti_v2p1.xsd` and `imscp_v1p1.xsd` (oat-sa/qti-sdk,
src/qtism/data/storage/xml/schemes) and the packages are validated against it as well.
"""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from lxml import etree

from aigc_tui.quiz.formats.qti import write_qti
from aigc_tui.quiz.formats.records import Options, Written
from aigc_tui.quiz.records import Item, ItemType, Quiz
from tests.support.any_quiz import one_of_each, quiz_of, quizzes

_QTI = "{http://www.imsglobal.org/xsd/imsqti_v2p1}"
_CP = "{http://www.imsglobal.org/xsd/imscp_v1p1}"
_RULES = "http://www.imsglobal.org/question/qti_v2p1/rptemplates/"
_ORDER = ["responseDeclaration", "outcomeDeclaration", "itemBody", "responseProcessing", "modalFeedback"]
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


def _members(written: Written) -> dict[str, Any]:
    with zipfile.ZipFile(BytesIO(written.data)) as archive:
        assert archive.testzip() is None
        return {name: etree.fromstring(archive.read(name)) for name in archive.namelist()}


def _validators() -> Iterator[tuple[str, etree.XMLSchema]]:
    """The official schemas by the file they are for, if the machine has them."""
    if folder := os.environ.get("AIGC_QTI_XSD"):
        parser = etree.XMLParser(no_network=True)
        for root, path in (("imsmanifest.xml", "imscp_v1p1.xsd"), ("", "qtiv2p1/imsqti_v2p1.xsd")):
            yield root, etree.XMLSchema(etree.parse(str(Path(folder) / path), parser))


_SCHEMAS = dict(_validators())


def _check(members: dict[str, Any]) -> None:
    for name, root in members.items():
        if _SCHEMAS:
            _SCHEMAS["imsmanifest.xml" if name == "imsmanifest.xml" else ""].assertValid(root)
        if name.startswith("items/"):
            _check_item(root)
    _check_manifest(members)


def _check_item(root: Any) -> None:
    """What a delivery engine looks up: the key among the choices, the outcomes, the order of the parts."""
    assert root.tag == f"{_QTI}assessmentItem"
    assert _NAME.fullmatch(root.get("identifier"))
    kinds = [_ORDER.index(child.tag.removeprefix(_QTI)) for child in root]
    assert kinds == sorted(kinds)
    declared = root.find(f"{_QTI}responseDeclaration")
    names = [each.get("identifier") for each in root.find(f"{_QTI}itemBody").iter() if each.get("identifier")]
    assert len(names) == len(set(names))
    values = [value.text for value in declared.iterfind(f"{_QTI}correctResponse/{_QTI}value")]
    if declared.get("baseType") != "string":
        assert {part for value in values for part in value.split(" ")} <= set(names)
    interactions = [each for each in root.iter() if each.tag.endswith("Interaction")]
    assert [each.get("responseIdentifier") for each in interactions] == ["RESPONSE"]
    template = root.find(f"{_QTI}responseProcessing").get("template")
    assert template == _RULES + ("map_response" if declared.get("baseType") == "string" else "match_correct")
    outcomes = {each.get("identifier") for each in root.iterfind(f"{_QTI}outcomeDeclaration")}
    shown = {each.get("outcomeIdentifier") for each in root.iterfind(f"{_QTI}modalFeedback")}
    assert shown <= outcomes


def _check_manifest(members: dict[str, Any]) -> None:
    resources = list(members["imsmanifest.xml"].iter(f"{_CP}resource"))
    assert {each.get("href") for each in resources} == set(members) - {"imsmanifest.xml"}
    assert [each.get("type") for each in resources][:1] == ["imsqti_test_xmlv2p1"]
    assert {each.get("type") for each in resources[1:]} <= {"imsqti_item_xmlv2p1"}
    names = [each.get("identifier") for each in resources]
    wanted = [each.get("identifierref") for each in members["imsmanifest.xml"].iter(f"{_CP}dependency")]
    assert names == ["RES_TEST", *wanted]
    references = [each.get("href") for each in members["test.xml"].iter(f"{_QTI}assessmentItemRef")]
    assert references == [each.get("href") for each in resources[1:]]


def test_one_of_each_type_makes_a_sound_package() -> None:
    written = write_qti(one_of_each(), Options(language="zh"))
    members = _members(written)
    _check(members)
    assert next(iter(members)) == "imsmanifest.xml"
    assert (written.left_out, written.lost) == ((), ("source",))
    kinds = {
        each.tag.removeprefix(_QTI)
        for root in members.values()
        for each in root.iter()
        if "Interaction" in each.tag
    }
    assert kinds == {"choiceInteraction", "textEntryInteraction", "matchInteraction", "orderInteraction"}


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(quizzes())
def test_any_quiz_makes_a_sound_package_that_shows_its_texts(quiz: Quiz) -> None:
    written = write_qti(quiz, Options())
    members = _members(written)
    _check(members)
    left = {each.id for each in written.left_out}
    kept = [item for item in quiz.items if item.id not in left]
    for item, (_, root) in zip(kept, list(members.items())[2:], strict=True):
        if item.type is ItemType.MC:
            assert [_shown(each) for each in root.iter(f"{_QTI}simpleChoice")] == list(item.options)
        if item.type is not ItemType.CLOZE:
            assert item.stem in [_shown(each) for each in root.iter(f"{_QTI}prompt", f"{_QTI}p")]


def _shown(element: Any) -> str:
    return (element.text or "") + "".join("\n" + (each.tail or "") for each in element)


def test_the_words_that_count_are_mapped_without_regard_to_case_each_once() -> None:
    item = Item("w", ItemType.SHORT, "Gas?", "Oxygen", accepted=("oxygen", "O2"))
    root = _members(write_qti(quiz_of(item), Options()))["items/I_w.xml"]
    entries = [(each.get("mapKey"), each.get("caseSensitive")) for each in root.iter(f"{_QTI}mapEntry")]
    assert entries == [("Oxygen", "false"), ("O2", "false")]


def test_what_cannot_be_told_apart_is_left_out_by_name() -> None:
    quiz = quiz_of(
        Item("same-left", ItemType.MATCH, "m", (("a", "1"), ("a", "2")), ("1", "2")),
        Item("same-step", ItemType.ORDER, "o", ("a", "a"), ("a", "a")),
        Item("same id!", ItemType.TF, "t", True),
        Item("same id!", ItemType.TF, "t", True),
    )
    written = write_qti(quiz, Options())
    assert [each.id for each in written.left_out] == ["same-left", "same-step", "same id!"]
    _check(_members(written))


def test_equal_right_sides_are_one_target_that_two_may_choose() -> None:
    item = Item("m", ItemType.MATCH, "m", (("a", "gas"), ("b", "gas")), ("gas", "gas"))
    root = _members(write_qti(quiz_of(item), Options()))["items/I_m.xml"]
    values = [each.text for each in root.iterfind(f".//{_QTI}correctResponse/{_QTI}value")]
    assert values == ["L1 R1", "L2 R1"]


def test_the_same_quiz_gives_the_same_bytes() -> None:
    assert write_qti(one_of_each(), Options()).data == write_qti(one_of_each(), Options()).data
