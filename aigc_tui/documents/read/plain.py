"""Plain text to blocks, and what a bare line looks like: a heading, a list item, a paragraph's end, a verse.

Plain text and PDF hold lines and nothing else. But schoolbooks number their headings, in Chinese with fixed
words, so that most of the structure can be read off the lines themselves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from aigc_tui.documents.blocks import Block, BlockKind, Content, has_han, is_spaced, join_lines, tidy
from aigc_tui.text import width

_NUMERAL = "一二三四五六七八九十百零〇\\d"
_HAN_HEADINGS = (
    (re.compile(rf"第\s?[{_NUMERAL}]{{1,6}}\s?[章编篇部卷单單](?!的)"), 1),
    (re.compile(rf"第\s?[{_NUMERAL}]{{1,6}}\s?[节節课課讲講回](?!的)"), 2),
    (re.compile(r"[一二三四五六七八九十]{1,3}、\S"), 2),
    (re.compile(r"[（(][一二三四五六七八九十]{1,3}[)）]"), 3),
)
_NAMED = re.compile(
    r"(?:chapter|part|unit|lesson|module)\s{1,3}(?:\d{1,3}|[ivxlc]{1,7}|one|two|three|four|five)\b", re.I
)
_DOTTED = re.compile(r"(\d{1,3}(?:\.\d{1,3}){1,4})\.?\s{1,6}[^\W\d_a-z]\w")
_PLAIN_NUMBER = re.compile(r"\d{1,3}\.?\s{1,6}[A-Z\u4e00-\u9fff]")
ITEM = re.compile(r"([-*•·▪◦●○■–]\s|[（(]?(\d{1,3})[)）]\s?|(\d{1,3})[.．、]\s?(?!\d))\s{0,6}(?=\S)")
ENDS = re.compile("[.!?。！？…:：;；][\"'”’」』）)\\]]{0,3}$")
_HAN_STOP = re.compile("[。；！？]")
_STOPS = ".,;:!?。，；：！？、"
_LONGEST_HEADING = 80
UNWRAPPED = 130
"""Cells: lines this long were never wrapped; each is a paragraph."""
_LONGEST_VERSE = 52
"""Terminal cells of a verse; prose is wrapped at 60 and more."""
_MOST_VERSES = 60
_EAST_ENDS = "，。！？；、,.!?;"
_GROUPS = re.compile(r"\n[ \t\u3000]*(?:\n[ \t\u3000]*)+")
_UNDERLINE = re.compile(r"(?:=+|-{3,}|~{3,})$")


def read_plain(text: str) -> Content:
    """Read a plain text; its lines may end in any way."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n").expandtabs(4)
    lines = text.split("\n")
    layout = layout_of(lines)
    groups = [group.split("\n") for group in _GROUPS.split(text.strip("\n")) if group.strip()]
    items, out = ItemReader(), list[Block]()
    for place, group in enumerate(groups):
        rest = _headings(group, out, alone=place + 1 < len(groups), first=place == 0)
        if len(rest) < len(group):
            items.leave()
        out += _paragraphs(rest, layout, items) if rest else []
    return Content(out)


def _headings(lines: list[str], out: list[Block], alone: bool, first: bool) -> list[str]:
    """Move headings from a group's front to `out`: a short line only if `alone`; the `first` is the title."""
    while lines:
        level, used = heading_level(lines[0]), 1
        if len(lines) > 1 and _UNDERLINE.match(lines[1].strip()):
            level, used = (1 if lines[1].strip()[0] == "=" else 2), 2
        elif not level and alone and len(lines) == 1 and is_short_line(lines[0]):
            level = 1 if first else 2
        if not level:
            break
        out.append(Block(BlockKind.HEADING, tidy(lines[0]), level=level))
        lines, first = lines[used:], False
    return lines


def heading_level(line: str) -> int:
    """Return the level, from 1, of a line numbered or written as headings are; 0: it is none."""
    line = line.strip()
    if not line or width(line) > _LONGEST_HEADING or line[-1] in _STOPS or _HAN_STOP.search(line):
        return 0
    for pattern, level in _HAN_HEADINGS:
        if pattern.match(line):
            return level
    if _NAMED.match(line):
        return 1
    if dotted := _DOTTED.match(line):
        return dotted[1].count(".") + 1
    capitals = sum(char.isupper() for char in line)
    return 2 if capitals >= 4 and capitals * 2 > len(line) and line.isupper() else 0


def is_short_line(line: str) -> bool:
    """Tell whether a line that stands alone may be a heading: short, no end mark, a capital or Han first."""
    line = line.strip()
    if not line or width(line) > 60 or line[-1] in _STOPS or ENDS.search(line) or len(line.split()) > 10:
        return False
    if _HAN_STOP.search(line):
        return False
    first = line.lstrip("“\"'「《(（")[:1]
    return first.isupper() or "\u4e00" <= first <= "\u9fff" or bool(_PLAIN_NUMBER.match(line))


def usual_width(lines: list[str]) -> int:
    """The width at which a text is wrapped: nine tenths of its lines are no longer."""
    widths = sorted(width(line.strip()) for line in lines if line.strip())
    return widths[len(widths) * 9 // 10] if widths else 0


def is_wrapped(lines: list[str]) -> bool:
    """Tell whether lines are parts of paragraphs; in unwrapped text most lines end where a sentence does."""
    full = [line.strip() for line in lines if line.strip()]
    ended = sum(bool(ENDS.search(line)) for line in full)
    return usual_width(full) <= UNWRAPPED and ended < 0.7 * len(full)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a text is laid out: whether its lines are wrapped, at what width, and `join_lines`' `spaced`."""

    wrapped: bool
    width: int
    spaced: bool


def layout_of(lines: list[str]) -> Layout:
    """Look at a text's lines."""
    return Layout(is_wrapped(lines), usual_width(lines), is_spaced("\n".join(lines)))


def breaks_paragraph(before: str, line: str, wrapped_at: int) -> bool:
    """Tell whether a line begins a paragraph: it is indented, or the line before it ended early."""
    if not ENDS.search(before.strip()):
        return False
    indented = line[:1].isspace() and (not before[:1].isspace() or line[:1] == "\u3000")
    return indented or width(before.strip()) < 0.75 * wrapped_at


class ItemReader:
    """Numbers lists as they come: an item follows its list, or begins one."""

    def __init__(self) -> None:
        self.series, self._last, self._open = 0, 0, False

    def leave(self) -> None:
        self._open = False

    def block(self, text: str) -> Block | None:
        match = ITEM.match(text)
        if match is None:
            return None
        number = int(match[2] or match[3] or 0)
        # "1994. " at the begin of a line is a year, and a list that begins at 7 is none.
        if number and not (number == 1 or (self._open and number == self._last + 1)):
            return None
        if not self._open or number == 1 or (number == 0) != (self._last == 0):
            self.series += 1
        self._last, self._open = number, True
        return Block(BlockKind.ITEM, tidy(text[match.end() :]), number=number, series=self.series)


def _paragraphs(lines: list[str], layout: Layout, items: ItemReader) -> list[Block]:
    """Read the lines between two empty ones: verse, items of lists, paragraphs."""
    if layout.wrapped and is_verse(lines) and not any(ITEM.match(line.strip()) for line in lines):
        items.leave()
        return [Block(BlockKind.VERSE, tidy("\n".join(lines)))]
    out: list[Block] = []
    held: list[str] = []
    item: Block | None = None

    def close() -> None:
        if held and item:
            words = join_lines([item.text, *held[1:]], layout.spaced)
            out.append(Block(BlockKind.ITEM, tidy(words), number=item.number, series=item.series))
        elif held:
            items.leave()
            out.append(Block(BlockKind.PARAGRAPH, tidy(join_lines(held, layout.spaced))))
        held.clear()

    for line in lines:
        begins = items.block(line.strip())
        if held and (begins or not layout.wrapped or breaks_paragraph(held[-1], line, layout.width)):
            close()
            item = None
        item = begins or item
        held.append(line)
    close()
    return out


def is_verse(lines: list[str], broken_by_hand: bool = False) -> bool:
    """Judge the lines between two empty ones; `broken_by_hand`: their marks ask for the breaks."""
    lines = [line.strip() for line in lines if line.strip()]
    if not 2 <= len(lines) <= _MOST_VERSES or any(len(line) > _LONGEST_VERSE for line in lines):
        return False
    if any(width(line) > _LONGEST_VERSE for line in lines):
        return False
    if broken_by_hand:
        return len(lines) >= 3
    if all(has_han(line[0]) for line in lines):
        return all(line[-1] in _EAST_ENDS for line in lines) and max(map(len, lines)) <= 20
    capital = all(line.lstrip("\"'“‘—- ")[:1].isupper() for line in lines)
    return len(lines) >= 4 and capital and any(line[-1] in ",;:" for line in lines)
