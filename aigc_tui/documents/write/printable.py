"""A printable document as a list of blocks: laid out once, written as Markdown, HTML or Word."""

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
    """JSON values that only a program reads: an HTML comment in Markdown, nothing in print."""

    name: str
    values: Mapping[str, object] = field(default_factory=lambda: _NOTHING)


PrintBlock: TypeAlias = (
    Heading | Paragraph | Note | Quote | Listing | Table | WritingSpace | PageBreak | Remark
)


@dataclass(frozen=True, slots=True)
class PrintDocument:
    """A whole document in `en` or `zh`; its title is the first heading and a property of the file."""

    title: str
    language: str
    blocks: tuple[PrintBlock, ...]
