"""Lines of PDF pages to blocks: headers and footers out, headings found, paragraphs joined over pages.

Knows nothing of pypdf, so that it can be tested with plain lines.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from aigc_tui.documents.blocks import Block, BlockKind, Mark, Rich, is_spaced, joint
from aigc_tui.documents.read.plain import ENDS, ITEM, ItemReader, breaks_paragraph, heading_level, usual_width
from aigc_tui.text import width

_DIGITS = re.compile(r"\d+|\b[ivxlc]+\b", re.IGNORECASE)
_PAGE_NUMBER = re.compile(
    r"\W{0,9}(?:page|p\.|第)?\s{0,9}\d{1,4}\s{0,9}[页頁]?\s{0,9}(?:(?:of|/|共)\s{0,9}\d{1,4}\s{0,9}[页頁]?)?\W{0,9}$",
    re.I,
)
_BROKEN_WORD = re.compile(r"([^\W\d_]+)[-\u00ad\u2010]$")
_FIRST_WORD = re.compile(r"[^\W\d_]+")
_WORDS = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_Joined: TypeAlias = tuple[str, tuple[Mark, ...], tuple[tuple[int, int], ...]]
_FEW_PAGES = 6
_EDGE = 2
"""Lines at the top and at the bottom of a page that may be its header or footer."""
_LARGER = 1.12
"""How much larger than the body a heading is set."""
_LONGEST_HEADING = 120


@dataclass(frozen=True, slots=True)
class Piece:
    """Letters of one font in a line."""

    text: str
    size: float
    bold: bool = False
    italic: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page; `height` is its place above the page's lower edge."""

    pieces: tuple[Piece, ...]
    page: int
    height: float = 0.0

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)

    @property
    def size(self) -> float:
        return max(self.pieces, key=lambda piece: len(piece.text.strip())).size

    @property
    def bold(self) -> bool:
        return all(piece.bold or not piece.text.strip() for piece in self.pieces)


def blocks_of_lines(pages: list[list[Line]], outline: dict[str, int]) -> list[Block]:
    """Find the document in the lines of its pages; `outline`: titles without spaces, in small letters."""
    lines = [line for page in _without_furniture(pages) for line in page]
    if not lines:
        return []
    return _Document(lines, outline).blocks()


def _without_furniture(pages: list[list[Line]]) -> list[list[Line]]:
    """Drop page numbers, and lines at the edges that return on many pages but for their numbers."""
    seen: Counter[str] = Counter()
    largest = _body_size([line for page in pages for line in page]) * _LARGER
    for page in pages:
        # A new chapter on every page looks like a header that counts, but is set larger than the text.
        seen.update({_key(line) for line in _edges(page) if line.size <= largest})
    full = sum(map(bool, pages))
    often = 2 if full < _FEW_PAGES else max(3, full // 4)
    return [[line for line in page if not _is_furniture(line, page, seen, often)] for page in pages]


def _body_size(lines: list[Line]) -> float:
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _edges(page: list[Line]) -> list[Line]:
    return page[:_EDGE] + page[max(_EDGE, len(page) - _EDGE) :]


def _key(line: Line) -> str:
    return _DIGITS.sub("#", "".join(line.text.split()).lower())


def _is_furniture(line: Line, page: list[Line], seen: Counter[str], often: int) -> bool:
    if not any(line is each for each in _edges(page)):
        return False
    last_or_first = line is page[0] or line is page[-1]
    return (last_or_first and bool(_PAGE_NUMBER.match(line.text.strip()))) or seen[_key(line)] >= often


def _ends_hyphened(before: str, line: str) -> bool:
    """Whether a line ends within a word: `well-` before `known`."""
    return bool(_BROKEN_WORD.search(before)) and line[:1].islower()


def _begins_item(held: list[Line], line: Line) -> bool:
    """A bullet always does; "2. " and "- " may stand in a wrapped sentence, unless an item came before."""
    match = ITEM.match(line.text.strip())
    if match is None:
        return False
    if match[1][0] in "•▪◦●○■" or ENDS.search(held[-1].text.strip()):
        return True
    first = ITEM.match(held[0].text.strip())
    numbers = [int(each[2] or each[3] or 0) for each in (first, match) if each]
    return len(numbers) == 2 and numbers[0] > 0 and numbers[1] == numbers[0] + 1


class _Document:
    def __init__(self, lines: list[Line], outline: dict[str, int]) -> None:
        self._lines, self._outline = lines, outline
        self._body = _body_size(lines)
        self._levels = self._heading_sizes({line.size for line in lines})
        self._wrapped_at = usual_width([line.text for line in lines])
        steps = [a.height - b.height for a, b in pairwise(lines) if a.page == b.page]
        steps = [step for step in steps if 0 < step < 4 * max(self._body, 1)]
        # The usual step, not the mean one: a page of short paragraphs has many gaps.
        self._leading = sorted(steps)[len(steps) // 3] if steps else 0.0
        self._words = Counter(word.lower() for line in lines for word in _WORDS.findall(line.text))
        self._spaced = is_spaced("\n".join(line.text for line in lines))
        self._items = ItemReader()

    def _heading_sizes(self, sizes: set[float]) -> dict[float, int]:
        """Sizes above the body's, the largest first, to levels."""
        larger = sorted((size for size in sizes if size > self._body * _LARGER), reverse=True)
        return {size: min(place, 5) for place, size in enumerate(larger, 1)}

    def blocks(self) -> list[Block]:
        out: list[Block] = []
        page = 0
        for level, group in self._groups():
            text, marks, pages = self._joined(group, page)
            page = group[-1].page
            item = self._items.block(text) if not level else None
            if level:
                self._items.leave()
                out.append(Block(BlockKind.HEADING, text, level=level, pages=pages))
            elif item:
                # The bullet is cut off, so offsets into the text move; a page begins at the item's begin.
                shifted = tuple((number, max(0, at - (len(text) - len(item.text)))) for number, at in pages)
                kept = Block(BlockKind.ITEM, item.text, 0, item.number, item.series, pages=shifted)
                out.append(kept)
            else:
                self._items.leave()
                out.append(Block(BlockKind.PARAGRAPH, text, marks=marks, pages=pages))
        return out

    def _groups(self) -> Iterator[tuple[int, list[Line]]]:
        """Lines that belong together, with the level of a heading or 0."""
        held: list[Line] = []
        held_level = 0
        for line in self._lines:
            level = self._level(line)
            if held and (level != held_level or self._parts(held, line, level)):
                yield held_level, held
                held = []
            held.append(line)
            held_level = level
        if held:
            yield held_level, held

    def _level(self, line: Line) -> int:
        text = line.text.strip()
        if len(text) > _LONGEST_HEADING or not any(char.isalpha() for char in text):
            return 0
        if named := self._outline.get("".join(text.split()).lower()):
            return named
        if line.size in self._levels:
            return self._levels[line.size]
        if ENDS.search(text) or text[-1] in ",，、":
            return 0
        looks = heading_level(text)
        if line.bold and width(text) < 0.8 * self._wrapped_at and not ITEM.match(text):
            return looks or len(self._levels) + 1
        # Equal letters all over (a text printed to PDF): only the line's own words can tell.
        return looks if not self._levels else 0

    def _parts(self, held: list[Line], line: Line, level: int) -> bool:
        """Whether a line begins a new heading or paragraph, and not the next line of what is held."""
        before = held[-1]
        step = before.height - line.height
        wide = before.page == line.page and self._leading > 0 and step > 1.35 * self._leading
        if level:
            return wide or before.page != line.page or heading_level(line.text) > 0
        if wide:
            # A picture or the foot of the page may stand between two lines of one sentence.
            return bool(ENDS.search(before.text.strip())) or step < 4 * self._leading
        return _begins_item(held, line) or breaks_paragraph(before.text, line.text, self._wrapped_at)

    def _joined(self, lines: list[Line], page: int) -> _Joined:
        """The text of a group, its emphases, and where in it pages begin."""
        rich, starts, before = Rich(), list[tuple[int, int]](), ""
        for line in lines:
            words = line.text.strip()
            if self._is_broken(before, words):
                rich.cut_last()
            elif not _ends_hyphened(before, words):
                rich.add(joint(before, words, self._spaced))
            if line.page != page:
                starts.append((line.page, rich.length))
                page = line.page
            for place, piece in enumerate(line.pieces):
                part = piece.text.lstrip() if place == 0 else piece.text
                part = part.rstrip() if place == len(line.pieces) - 1 else part
                rich.add(part, piece.bold, piece.italic)
            before = words
        text, marks = rich.done()
        whole = len(marks) == 1 and marks[0].end - marks[0].start == len(text)
        return text, () if whole else marks, tuple((number, min(at, len(text))) for number, at in starts)

    def _is_broken(self, before: str, line: str) -> bool:
        """Whether a hyphen at a line's end only breaks the word; the document's own words decide."""
        head, tail = _BROKEN_WORD.search(before), _FIRST_WORD.match(line)
        if head is None or tail is None or not tail[0][0].islower():
            return False
        whole, hyphened = head[1] + tail[0], f"{head[1]}-{tail[0]}"
        return self._words[whole.lower()] > 0 or not self._words[hyphened.lower()]
