"""Tell a question file's format by its first bytes, by its suffix only where those do not say.

Why it exists: GIFT and Aiken are both `.txt`, and people rename files. Nothing here parses: the reader of the
format found says what is wrong with a file.
"""

from __future__ import annotations

import re
import zipfile
from io import BytesIO

_HEAD = 64 << 10
_AIKEN = re.compile(r"^[ \t]*ANSWER[ \t]*[:：][ \t]*[A-Za-z]", re.MULTILINE | re.IGNORECASE)
_GIFT = re.compile(
    r"(?<!\\)\{[^{}]*(?:[=~#]|\b(?:T|F|TRUE|FALSE)\b|(?<!\\)\})|^::|^\$CATEGORY:", re.MULTILINE
)
_BY_SUFFIX = {
    ".gift": "gift",
    ".csv": "csv",
    ".tsv": "csv",
    ".json": "json",
    ".xml": "moodle-xml",
    ".apkg": "anki",
    ".colpkg": "anki",
    ".md": "markdown",
    ".markdown": "markdown",
}


def sniff(data: bytes, suffix: str) -> str:
    """Name the format of a file.

    Args:
        data: The whole file.
        suffix: In lower case, with the dot.

    Returns:
        A format's name, which may be of one that cannot be read; empty when nothing fits.
    """
    if data[:4] == b"PK\x03\x04":
        return _in_zip(data)
    head = data[:_HEAD].decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    if suffix in _BY_SUFFIX:
        return _BY_SUFFIX[suffix]
    if head.startswith("<?xml") or head.startswith("<quiz"):
        return "moodle-xml"
    if head.startswith("{") and '"items"' in head:
        return "json"
    if _AIKEN.search(head):
        return "aiken"
    if _GIFT.search(head):
        return "gift"
    first = head.partition("\n")[0].casefold()
    return "csv" if any(mark in first for mark in (",", "\t", ";")) else ""


def _in_zip(data: bytes) -> str:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return ""
    if any(name.startswith("collection.anki") for name in names):
        return "anki"
    if "imsmanifest.xml" in names:
        return "qti"
    if "xl/workbook.xml" in names:
        return "kahoot"
    return "docx" if "word/document.xml" in names else ""
