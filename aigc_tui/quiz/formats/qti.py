"""A QTI 2.1 package: a manifest, a test, and one file an item.

Why it exists: it is the standard between learning systems. What a system makes of it differs: Canvas
documents QTI 1.2 and 2.1 in different places, Blackboard is known to accept files and show nothing. The
package here passes the official schemas; no more is promised.

Source: IMS QTI 2.1 and IMS Content Packaging 1.1 (reference quiz.md 2.5).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any

from aigc_tui.quiz.formats.holding import UnfitError, gather, written
from aigc_tui.quiz.formats.qti_item import NAMESPACE, assessment_item, identifier
from aigc_tui.quiz.formats.records import Format, Options, Written
from aigc_tui.quiz.formats.xml import xml_title
from aigc_tui.quiz.records import Item, Quiz

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
    part = _add(root, NAMESPACE, "testPart", **settings)
    section = _add(part, NAMESPACE, "assessmentSection", identifier="SECTION", title=title, visible="true")
    for name in items:
        _add(section, NAMESPACE, "assessmentItemRef", identifier=name, href=f"items/{name}.xml")
    return _bytes(root)


def _manifest(items: Sequence[str]) -> bytes:
    from lxml import etree

    root = etree.Element(f"{{{PACKAGING}}}manifest", nsmap={None: PACKAGING}, identifier="MANIFEST")
    metadata = _add(root, PACKAGING, "metadata")
    _add(metadata, PACKAGING, "schema").text = "QTIv2.1 Package"
    _add(metadata, PACKAGING, "schemaversion").text = "1.0.0"
    _add(root, PACKAGING, "organizations")
    resources = _add(root, PACKAGING, "resources")
    test = _resource(resources, "RES_TEST", "imsqti_test_xmlv2p1", "test.xml")
    for name in items:
        _resource(resources, f"RES_{name}", "imsqti_item_xmlv2p1", f"items/{name}.xml")
        _add(test, PACKAGING, "dependency", identifierref=f"RES_{name}")
    return _bytes(root)


def _resource(resources: Any, name: str, kind: str, href: str) -> Any:
    resource = _add(resources, PACKAGING, "resource", identifier=name, type=kind, href=href)
    _add(resource, PACKAGING, "file", href=href)
    return resource


def _add(parent: Any, namespace: str, tag: str, **attributes: str) -> Any:
    from lxml import etree

    return etree.SubElement(parent, f"{{{namespace}}}{tag}", attributes)


def _bytes(root: Any) -> bytes:
    from lxml import etree

    etree.indent(root)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return out.getvalue()


QTI = Format("qti", ".zip", write_qti)
