"""All formats by name, and the door for a question file of any of them.

Why it exists: the command line, the pane and the store's import must agree on names and suffixes; and a
file's suffix says less than its first bytes (`.txt` is GIFT or Aiken, `.xml` is Moodle's or not).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from aigc_tui.quiz.formats.aiken import AIKEN
from aigc_tui.quiz.formats.anki import ANKI
from aigc_tui.quiz.formats.anki_text import ANKI_TEXT
from aigc_tui.quiz.formats.building import LARGEST_FILE
from aigc_tui.quiz.formats.csv import CSV
from aigc_tui.quiz.formats.docx import DOCX
from aigc_tui.quiz.formats.gift import GIFT
from aigc_tui.quiz.formats.html import HTML
from aigc_tui.quiz.formats.json import JSON
from aigc_tui.quiz.formats.kahoot import KAHOOT
from aigc_tui.quiz.formats.markdown import MARKDOWN
from aigc_tui.quiz.formats.moodle_xml import MOODLE_XML
from aigc_tui.quiz.formats.qti import QTI
from aigc_tui.quiz.formats.quizlet import QUIZLET
from aigc_tui.quiz.formats.records import Format, Read
from aigc_tui.quiz.formats.sniffing import sniff
from aigc_tui.quiz.records import QuizError
from aigc_tui.text import one_line

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
    """Find the format to write a file in.

    Args:
        path: Where to; its suffix decides when there is no name.
        name: A format's name; wins over the suffix.

    Raises:
        QuizError: No format has that name or suffix, or several share the suffix.
    """
    if name is not None:
        if name not in FORMATS:
            raise QuizError(f"no format is named {one_line(name, 40)!r}; there are {', '.join(FORMATS)}")
        return FORMATS[name]
    suffix = path.suffix.lower()
    fitting = [each for each in FORMATS.values() if each.suffix == suffix]
    known = _SUFFIXES.get(suffix, fitting[0].name if len(fitting) == 1 else "")
    if known not in FORMATS:
        names = ", ".join(each.name for each in fitting)
        several = f"the formats {names} all end so" if fitting else "is no format's"
        raise QuizError(f"the suffix {one_line(suffix, 20)!r}: {several}; name one of {', '.join(FORMATS)}")
    return FORMATS[known]


def read_data(data: bytes, suffix: str) -> Read:
    """Read the bytes of a question file of any format that can be read.

    Args:
        data: The whole file; its first bytes tell most of its format.
        suffix: Its suffix in small letters, with the dot.

    Raises:
        QuizError: It is in no format that can be read, or is broken.
    """
    found = sniff(data, suffix)
    if found not in FORMATS or (read := FORMATS[found].read) is None:
        readable = ", ".join(each.name for each in FORMATS.values() if each.read)
        kind = f"{one_line(found, 40)} cannot be read" if found else "no question file that is known here"
        raise QuizError(f"{kind}; readable are {readable}")
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
        raise QuizError(f"the file cannot be read: {error.strerror or 'no reason given'}") from None
    if len(data) > LARGEST_FILE:
        raise QuizError(f"the file is larger than {LARGEST_FILE >> 20} MB; a question file is not")
    return data


def _what_it_is(path: Path) -> str:
    if path.is_dir():
        return "a folder, not a question file"
    return "a pipe or a device, not a question file" if path.exists() else "no such file"
