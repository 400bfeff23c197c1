"""A printable document as a list of blocks, before it is Markdown, HTML or Word.

Why it exists: a worksheet and a lesson plan are laid out once, and look the same in all three.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

_NOTHING: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is the document's title. A question is a heading of level 3 with its number."""

    level: int
    text: str
    number: int = 0
    """A question's number, from 1; 0: none."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Words, with an optional bold label before them. The words may hold newlines."""

    text: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """Small print: a line for the pupil's name, who made the items."""

    text: str


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of the lesson, and where they stand."""

    text: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list, each item with its own mark (`A.`, `1)`) or, with empty marks, a plain bullet."""

    items: tuple[str, ...]
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a header row."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class WritingSpace:
    """Empty ruled lines for a pupil's hand."""

    lines: int


@dataclass(frozen=True, slots=True)
class PageBreak:
    """What follows begins on a new page."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What only a program reads: an HTML comment in Markdown, nothing in print.

    Args:
        name: What it is about.
        values: JSON values.
    """

    name: str
    values: Mapping[str, object] = field(default_factory=lambda: _NOTHING)


Block: TypeAlias = Heading | Paragraph | Note | Quote | Listing | Table | WritingSpace | PageBreak | Remark


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document.

    Args:
        title: Its first heading and its name in the file's properties.
        language: `en` or `zh`, for fonts and hyphenation.
        blocks: What stands below the title.
    """

    title: str
    language: str
    blocks: tuple[Block, ...]
