"""All formats by name, and the door for a question file of any of them, read in a sandboxed process.

The command line, the pane and the store's import agree on names and suffixes here; and a file's
suffix says less than its first bytes (`.txt` is GIFT or Aiken, `.xml` is Moodle's or not).
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from types import MappingProxyType

from aigc_tui.message import Message, message, reason_of
from aigc_tui.process.sandbox import Parser, ParserError, parse_once, sandboxed
from aigc_tui.quiz.codec import item_from_json, item_to_json, quiz_from_json, quiz_to_json
from aigc_tui.quiz.formats.aiken import AIKEN
from aigc_tui.quiz.formats.anki import ANKI
from aigc_tui.quiz.formats.building import LARGEST_FILE, Reading, too_large
from aigc_tui.quiz.formats.cards import ANKI_TEXT, QUIZLET
from aigc_tui.quiz.formats.csv import CSV
from aigc_tui.quiz.formats.gift import GIFT
from aigc_tui.quiz.formats.kahoot import KAHOOT
from aigc_tui.quiz.formats.markdown import MARKDOWN
from aigc_tui.quiz.formats.moodle_xml import MOODLE_XML
from aigc_tui.quiz.formats.qti import QTI
from aigc_tui.quiz.formats.records import Format, Options, Problem, Read, Written
from aigc_tui.quiz.formats.worksheet import DOCX, HTML
from aigc_tui.quiz.records import Quiz, QuizError
from aigc_tui.text import one_line

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
    """Name the format of a file, which may be one that cannot be read; empty: none fits."""
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


def write_json(quiz: Quiz, options: Options) -> Written:
    """Write the quiz file; nothing is left out, not even a question that other formats find broken."""
    text = json.dumps(quiz_to_json(quiz), ensure_ascii=False, indent=1)
    return Written(text.encode("utf-8", "replace") + b"\n")


def read_json(data: bytes) -> Read:
    """Read a quiz file.

    Raises:
        QuizError: It is no quiz file, or an item of it is broken.
    """
    quiz = quiz_from_json(data)
    reading = Reading()
    for item in quiz.items:
        reading.add(item)
    return Read(quiz.title, reading.distinct())


JSON = Format("json", ".json", write_json, read_json)


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        each.name: each
        for each in (
            GIFT,
            AIKEN,
            MOODLE_XML,
            QTI,
            ANKI,
            ANKI_TEXT,
            QUIZLET,
            KAHOOT,
            CSV,
            JSON,
            MARKDOWN,
            DOCX,
            HTML,
        )
    }
)
"""In the order in which the command line names them."""

_SUFFIXES = {".txt": "", ".xml": "moodle-xml", ".markdown": "markdown", ".htm": "html"}
"""Suffixes beside each format's own; those that several formats share belong to none."""


def format_for(path: Path, name: str | None = None) -> Format:
    """Find the format to write a file in: by its name if given, else by the suffix of the path.

    Raises:
        QuizError: No format has that name or suffix, or several share the suffix.
    """
    if name is not None:
        if name not in FORMATS:
            raise QuizError(
                "no format is named '{name}'; use one of {formats}",
                name=one_line(name, 40),
                formats=tuple(FORMATS),
            )
        return FORMATS[name]
    suffix = path.suffix.lower()
    fitting = [each for each in FORMATS.values() if each.suffix == suffix]
    known = _SUFFIXES.get(suffix, fitting[0].name if len(fitting) == 1 else "")
    if known not in FORMATS:
        names = tuple(each.name for each in fitting or FORMATS.values())
        raise QuizError(
            "several formats have the suffix '{suffix}'; name one of {formats}"
            if fitting
            else "no format has the suffix '{suffix}'; name one of {formats}",
            suffix=one_line(suffix, 20),
            formats=names,
        )
    return FORMATS[known]


def read_data(data: bytes, suffix: str) -> Read:
    """Read the bytes of a question file; `suffix` in small letters, with the dot.

    Raises:
        QuizError: It is in no format that can be read, or is broken.
    """
    found = sniff(data, suffix)
    if found not in FORMATS or (read := FORMATS[found].read) is None:
        readable = tuple(each.name for each in FORMATS.values() if each.read)
        if found:
            raise QuizError("{format} files cannot be read; use {formats}", format=found, formats=readable)
        raise QuizError("not a question file of a known format; use {formats}", formats=readable)
    return read(data)


def question_bytes(path: Path) -> bytes:
    """A question file's bytes, under the cap on size; a pipe or a device, which may never end, is not opened.

    Raises:
        QuizError: It cannot be read, or is too large.
    """
    try:
        if not path.is_file():
            raise QuizError(_what_it_is(path))
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise QuizError("the file cannot be read: {reason}", reason=reason_of(error)) from None
    if len(data) > LARGEST_FILE:
        raise too_large()
    return data


def _what_it_is(path: Path) -> Message:
    if path.is_dir():
        return message("a folder, not a question file")
    return message("a pipe or a device, not a question file") if path.exists() else message("no such file")


def read_questions(path: Path) -> Read:
    """Read a question file, its format told by first bytes and suffix, in a process of its own.

    Raises:
        QuizError: It cannot be read, is too large, or is in no format that can be read.
    """
    suffix = path.suffix.lower().encode("utf-8", "replace").replace(b"\x00", b"")
    try:
        question = suffix + b"\x00" + question_bytes(path)
        answer = json.loads(parse_once(Parser(__name__, "parse_questions"), question))
    except ParserError as error:
        raise QuizError(error.message) from None
    items = tuple(item_from_json(item, f"question {at}") for at, item in enumerate(answer["items"], 1))
    problems = (Problem(*map(Message.from_json, each)) for each in answer["problems"])
    return Read(answer["title"], items, tuple(problems))


@sandboxed
def parse_questions(question: bytes) -> bytes:
    """Answer `guard.py`: the file's suffix, a zero, the file. The answer is what was read, as JSON."""
    suffix, _, data = question.partition(b"\x00")
    try:
        read = read_data(data, suffix.decode("utf-8", "replace"))
    except (MemoryError, RecursionError):
        raise QuizError("reading it needs too much memory: broken, or built to do so") from None
    answer = {
        "title": read.title,
        "items": [item_to_json(item) for item in read.items],
        "problems": [(each.where.to_json(), each.reason.to_json()) for each in read.problems],
    }
    return json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace")
