"""What the XML formats share: characters that XML can hold, and parsing of hostile files (entity bombs)."""

from __future__ import annotations

import re
from typing import Any

from aigc_tui.message import Message, message
from aigc_tui.quiz.formats.building import LARGEST_FILE, too_large
from aigc_tui.quiz.formats.holding import UnfitError
from aigc_tui.quiz.records import QuizError
from aigc_tui.text import one_line

_ILLEGAL = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""All that is no character of XML 1.0, section 2.2."""
_DECLARES = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def xml_text(text: str) -> str:
    """Give a text that XML can hold.

    Raises:
        UnfitError: It holds a character that XML 1.0 has no way to write.
    """
    if found := _ILLEGAL.search(text):
        raise UnfitError("XML cannot hold the character {code} in it", code=f"U+{ord(found[0]):04X}")
    return text


def xml_title(text: str, otherwise: str = "") -> str:
    """Give a title in one line; the other one where it is empty or XML cannot hold it."""
    line = one_line(text)
    return otherwise if not line or _ILLEGAL.search(line) else line


def parse_xml(data: bytes) -> Any:
    """Parse a file of anybody's into an lxml element: no entities, no network, no huge or deep trees.

    Raises:
        QuizError: It is too large, declares a document type, or is not well-formed.
    """
    # Loaded here so that formats without XML do not pay for it.
    from lxml import etree

    if len(data) > LARGEST_FILE:
        raise too_large()
    if _DECLARES.search(data.replace(b"\x00", b"")):
        raise QuizError("the XML declares a document type or entities; question files need none")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise QuizError(_said(str(error))) from None


def _said(problem: str) -> Message:
    """The parser's message in words that help whoever has the file: libxml2 names its own options."""
    if "huge" in problem.lower() or "depth" in problem.lower():
        return message("the XML is nested too deep, or one text in it is too long, for a question file")
    return message("not well-formed XML: {reason}", reason=one_line(problem.partition(" (<string>")[0]))
