"""Blocks: what every reader makes of a file, whatever its format.

A document is a sequence of headings, paragraphs, list items and things set apart (tables, code, formulas).
Lessons count offsets in them (`aigc_tui.quiz.lesson`); corpora take `plain_text`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from aigc_tui.message import AppError, Message, message
from aigc_tui.text import clean

LONGEST_TEXT = 16 << 20
"""Characters of one document."""

_SPACES = re.compile(r"[^\S\n]+")
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
"""Soft hyphens and zero-width spaces: places where a line may break, which is over once it is text."""
_AROUND_BREAK = re.compile(r" ?\n ?")
_BREAKS = re.compile(r"\n{2,}")
_EAST = re.compile(
    "[\u2e80-\u303f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uff60\u2014\u2018-\u201d\u2026]"
)
_MIXED = re.compile(r"[\u4e00-\u9fff] ?[0-9a-zA-Z]")
_SPACED = re.compile(r"[\u4e00-\u9fff] [0-9a-zA-Z]")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


class DocumentError(AppError, ValueError):
    """A document cannot be read: one line for the user that says what is wrong and what would be right."""


def needs_package(format_name: str, package: str) -> Message:
    """Say that a format's package is not installed."""
    return message(
        "{format} files need the package {package}; install it with: pip install {package}",
        format=format_name,
        package=package,
    )


class BlockKind(StrEnum):
    """What a block is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    CAPTION = "caption"
    REFERENCE = "reference"
    VERSE = "verse"
    TABLE = "table"
    CODE = "code"
    FORMULA = "formula"
    FIGURE = "figure"


@dataclass(frozen=True, slots=True)
class Mark:
    """A span of a block's text that its author emphasised: bold, or else italic."""

    start: int
    end: int
    bold: bool = True


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a document, in reading order.

    Args:
        kind: What it is.
        text: Its words, tidied (`tidy`); a newline only where lines matter: verse, code, tables, hard breaks.
        level: heading: 1 for the outermost.
        number: item: its place in a numbered list, from 1; 0: bulleted.
        series: item: which list it belongs to; items of one list share it. Nested lists have their own.
        marks: Emphases in `text`.
        pages: (page from 1, offset in `text`) for each page that begins in it; only for sources with pages.
    """

    kind: BlockKind
    text: str
    level: int = 0
    number: int = 0
    series: int = 0
    marks: tuple[Mark, ...] = ()
    pages: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """What a reader makes of a file.

    Args:
        blocks: In reading order.
        title: What the document calls itself; may be empty.
        page_count: How many pages it has; 0: its format has none.
        notes: What was lost or changed on the way, for the user.
    """

    blocks: list[Block]
    title: str = ""
    page_count: int = 0
    notes: tuple[Message, ...] = ()


def plain_text(blocks: Iterable[Block], *, pages_apart: bool = False) -> str:
    """Join blocks by empty lines; with `pages_apart` a page that begins within a block begins a paragraph."""
    parts: list[str] = []
    for block in blocks:
        cuts = [offset for _, offset in block.pages if 0 < offset < len(block.text)] if pages_apart else []
        bounds = [0, *cuts, len(block.text)]
        parts += [block.text[start:end].strip() for start, end in pairwise(bounds)]
    return "\n\n".join(filter(None, parts))


def tidy(text: str) -> str:
    """Normalise words: control characters out, NFC, one space between words, no invisible breaks."""
    text = unicodedata.normalize("NFC", clean(_INVISIBLE.sub("", text)))
    return _BREAKS.sub("\n", _AROUND_BREAK.sub("\n", _SPACES.sub(" ", text))).strip()


def tidy_aside(text: str) -> str:
    """Clean code or a table; its spaces and lines stay, since they carry its meaning."""
    return unicodedata.normalize("NFC", clean(text.replace("\r\n", "\n"))).strip("\n").rstrip()


def is_eastern(char: str) -> bool:
    """Tell whether a character is written without spaces beside it (Han letters, full-width marks)."""
    return bool(_EAST.match(char))


def has_han(text: str) -> bool:
    """Tell whether there is a Han letter in a text."""
    return bool(_HAN.search(text))


def joint(before: str, after: str, spaced: bool = False) -> str:
    """Choose what joins two lines of a paragraph: a space, or nothing between Chinese characters.

    Args:
        before: The end of the first line.
        after: The start of the second.
        spaced: Whether the author sets Latin words and numbers off from Han letters by spaces.
    """
    # Marks of emphasis stand between the letters and the break without being either.
    before, after = before.rstrip("*_"), after.lstrip("*_")
    if not before or not after:
        return ""
    last, first = before[-1], after[0]
    east = (is_eastern(last), is_eastern(first))
    if all(east) or (east[0] and not has_han(last)) or (east[1] and not has_han(first)):
        return ""
    return " " if spaced or not any(east) or not (last.isdigit() or first.isdigit()) else ""


def is_spaced(text: str) -> bool:
    """Tell whether a text sets Latin words and numbers off from Han letters by spaces, mostly."""
    return 2 * len(_SPACED.findall(text)) > len(_MIXED.findall(text))


def join_lines(lines: list[str], spaced: bool = False) -> str:
    """Join the lines of a wrapped paragraph; `spaced` as for `joint`."""
    parts: list[str] = []
    for line in filter(None, (each.strip() for each in lines)):
        if parts:
            parts.append(joint(parts[-1], line, spaced))
        parts.append(line)
    return "".join(parts)


class Rich:
    """Collects spans of text with their emphasis; normalises as it goes, so that offsets stay right."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._marks: list[Mark] = []
        self._length = 0
        self._last = "\n"

    def add(self, text: str, bold: bool = False, italic: bool = False) -> None:
        """Append a span; runs of spaces collapse, also across spans."""
        text = unicodedata.normalize("NFC", clean(_INVISIBLE.sub("", text)))
        text = _BREAKS.sub("\n", _AROUND_BREAK.sub("\n", _SPACES.sub(" ", text)))
        if self._last in " \n":
            text = text.lstrip(" \n" if self._last == "\n" else " ")
        if not text:
            return
        start = self._length + len(text) - len(text.lstrip())
        end = self._length + len(text.rstrip())
        self._parts.append(text)
        self._length, self._last = self._length + len(text), text[-1]
        if (bold or italic) and end > start:
            self._mark(start, end, bold)

    def _mark(self, start: int, end: int, bold: bool) -> None:
        """Word cuts one bold term into many runs; neighbours of the same sort are one mark."""
        last = self._marks[-1] if self._marks else None
        if last and last.bold == bold and start - last.end <= 1 and self._parts[-1][:1] != "\n":
            self._marks[-1] = Mark(last.start, end, bold)
        else:
            self._marks.append(Mark(start, end, bold))

    @property
    def length(self) -> int:
        return self._length

    def cut_last(self) -> None:
        """Remove the last character: a hyphen at the end of a line."""
        if self._parts and self._parts[-1]:
            self._parts[-1] = self._parts[-1][:-1]
            self._length -= 1
            self._last = self._parts[-1][-1:] or "-"
            if self._marks and self._marks[-1].end > self._length:
                last = self._marks.pop()
                self._marks += (
                    [Mark(last.start, self._length, last.bold)] if last.start < self._length else []
                )

    def done(self) -> tuple[str, tuple[Mark, ...]]:
        joined = "".join(self._parts)
        text = tidy(joined)
        if joined.rstrip() != text:
            # A combining mark met its letter across spans, or a space stood before a break. Rare enough to
            # drop the emphasis rather than point at the wrong words.
            return text, ()
        return text, tuple(mark for mark in self._marks if mark.end <= len(text))
