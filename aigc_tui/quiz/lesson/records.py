"""A lesson as everything after the import sees it: one normalised text, and offsets into it.

An item's quote is verbatim, `text[start:end]`, whatever file the lesson came from.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from aigc_tui.message import AppError, Message


class LessonError(AppError, ValueError):
    """A lesson cannot be read: one line that says what is wrong and what would be right."""


class SentenceKind(StrEnum):
    """What a stretch of the text is. Items are asked about prose and list items only."""

    PROSE = "prose"
    LIST = "list"
    """One item of a bulleted or numbered list."""
    HEADING = "heading"
    CAPTION = "caption"
    """The label of a figure or a table."""
    REFERENCE = "reference"
    """An entry of a bibliography, or a line of links."""
    VERSE = "verse"
    """A line of a poem."""
    UNBROKEN = "unbroken"
    """A stretch far longer than any sentence, without a mark that ends one: nobody could quote it."""


class AsideKind(StrEnum):
    """What is kept apart from the text, since no sentence can be asked about it."""

    TABLE = "table"
    CODE = "code"
    FORMULA = "formula"
    FIGURE = "figure"


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it up to the next heading of any level. Sections do not overlap.

    The first section of a lesson that begins without a heading has an empty title.
    """

    title: str
    level: int
    """1 for the outermost; 0 for text before the first heading."""
    start: int
    """Offset of the heading's first character."""
    end: int
    path: tuple[str, ...] = ()
    """The titles from the outermost down to this one."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence (or heading, or list item): `text[start:end]` of the lesson, without outer spaces."""

    start: int
    end: int
    section: int
    """Index into `Lesson.sections`."""
    paragraph: int
    """Counts paragraphs (and lists: all items of one list share a number) from 0."""
    kind: SentenceKind = SentenceKind.PROSE
    number: int = 0
    """The place of an item in a numbered list, from 1; 0: the list is not numbered, or there is no list."""


@dataclass(frozen=True, slots=True)
class Emphasis:
    """A stretch that the author set off: bold, italic, or 《》-quoted as a term in the source."""

    start: int
    end: int
    bold: bool = True


@dataclass(frozen=True, slots=True)
class Aside:
    """A table, a block of code or a formula, with the place in the text where it stood."""

    kind: AsideKind
    content: str
    at: int
    section: int


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson, whole. Everything in it went through `text.clean()`.

    Invariants (`lesson.build` makes them true): sections are in order, cover the text and do not overlap;
    sentences are in order and do not overlap; every offset counts characters (code points) of `text`.
    """

    title: str
    language: str
    """`en` or `zh`."""
    text: str
    sha256: str
    """Of `text` in UTF-8."""
    sections: tuple[Section, ...]
    sentences: tuple[Sentence, ...]
    emphases: tuple[Emphasis, ...] = ()
    asides: tuple[Aside, ...] = ()
    pages: tuple[int, ...] = ()
    """Offset where each page begins; empty: the source has no pages."""
    source: str = ""
    """The file's name (no folder), for people."""
    notes: tuple[Message, ...] = ()
    """What was lost or changed on import: "3 of 40 pages hold no text"."""

    def quote(self, sentence: Sentence) -> str:
        return self.text[sentence.start : sentence.end]

    def page_of(self, offset: int) -> int | None:
        """The page (from 1) that an offset lies on; None: the source has no pages."""
        from bisect import bisect_right

        return bisect_right(self.pages, offset) if self.pages else None
