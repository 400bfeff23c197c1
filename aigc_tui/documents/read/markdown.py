"""Markdown to blocks (CommonMark 0.31 and GitHub's tables and footnotes, as far as documents use them).

Written here instead of taken from a package because it yields kinds, list numbers and emphases directly, in
time linear in the text whatever it holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from aigc_tui.documents.blocks import Block, BlockKind, Content, is_spaced, join_lines, tidy_aside
from aigc_tui.documents.read.markdown_inline import inline
from aigc_tui.documents.read.plain import is_verse

_FRONT = re.compile(r"\A---[ \t]*\n(.{0,20000}?\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FRONT_TITLE = re.compile(r"^title:[ \t]*[\"']?([^\n\"']{1,200})", re.MULTILINE)
_ATX = re.compile(r"(#{1,6})(?:[ \t]+|$)(.*)")
_ATX_CLOSE = re.compile(r"(?:^|[ \t])#{1,20}$")
_SETEXT = re.compile(r"(?:=+|-{2,})$")
_RULE = re.compile(r"(?:[-*_][ \t]*){3,200}$")
_FENCE = re.compile(r"(`{3,}|~{3,})")
_ITEM = re.compile(r"([-*+•·]|(\d{1,6})[.)]|(\d{1,3})、)([ \t]+|(?<=、))(?=\S)")
_QUOTE = re.compile(r">[>\s]*")
_NOTE = re.compile(r"\[\^[^\]]{1,40}\]:[ \t]*(.*)")
_LINK_TARGET = re.compile(r"\[[^\]]{1,200}\]:[ \t]*\S+")
_DELIMITER = re.compile(r"[ \t|:\-]+$")
_IMAGE_ALONE = re.compile(r"!\[([^\[\]]{0,300})\]\([^()]{0,1000}\)$")
_RAW = re.compile(r"<(table|script|style|svg)\b", re.IGNORECASE)
_ROW_END = re.compile(r"</tr\s*>", re.IGNORECASE)
_CELL_END = re.compile(r"</t[dh]\s*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,500}>")
_INDENT = re.compile(r"[ \t]*")
_PICTURE = re.compile(r"!\[([^\[\]]{0,300})\]\([^()]{0,1000}\)")
_LINK = re.compile(r"\[([^\[\]]{1,300})\]\((?:https?:|/|#|\.)[^()\s]{0,1000}(?:\s+\"[^\"]{0,300}\")?\)")
_BLANK = re.compile(r"\n{3,}")


@dataclass(slots=True)
class _State:
    out: list[Block] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    """Lines of the paragraph or item being read."""
    item: tuple[int, int] | None = None
    """Number and series of the item being read."""
    lists: list[tuple[int, int, bool]] = field(default_factory=list)
    """Open lists from the outermost: indentation of the content, series, numbered."""
    series: int = 0
    blank: bool = False
    spaced: bool = False
    """As for `join_lines`."""


def read_markdown(text: str) -> Content:
    """Read a Markdown text; its title is the one that its front matter names."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4)
    title = ""
    if front := _FRONT.match(text):
        named = _FRONT_TITLE.search(front[1])
        title, text = named[1].strip() if named else "", text[front.end() :]
    state = _State(spaced=is_spaced(text))
    _read(state, without_comments(text).split("\n"))
    _flush(state)
    return Content(state.out, title)


def strip_extras(text: str) -> str:
    """Keep Markdown as it is, less front matter, comments, pictures and the targets of links."""
    text = text.replace("\r\n", "\n")
    if front := _FRONT.match(text):
        text = text[front.end() :]
    text = _LINK.sub(r"\1", _PICTURE.sub("", without_comments(text)))
    return _BLANK.sub("\n\n", text).strip()


def without_comments(text: str) -> str:
    """Drop `<!-- -->`; one that never ends drops nothing."""
    parts, at = list[str](), 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start)) >= 0:
        parts.append(text[at:start])
        at = end + 3
    return "".join([*parts, text[at:]])


def _read(state: _State, lines: list[str]) -> None:
    place = 0
    while place < len(lines):
        line = lines[place]
        indent = len(_INDENT.match(line)[0])  # type: ignore[index]
        stripped = line.strip()
        if not stripped:
            _blank(state)
            place += 1
            continue
        place = _line(state, lines, place, indent, stripped)


def _blank(state: _State) -> None:
    _flush(state)
    state.blank = True


def _line(state: _State, lines: list[str], place: int, indent: int, stripped: str) -> int:
    """Read one line, or all lines of what it begins; gives the place after them."""
    after = _set_apart(state, lines, place, indent, stripped)
    if after:
        return after
    state_was_blank, state.blank = state.blank, False
    if state_was_blank and state.lists and not _ITEM.match(stripped):
        _leave_lists(state, indent)
    quote = _QUOTE.match(stripped)
    if quote and not state.lines:
        return _quotation(state, lines, place)
    if item := _ITEM.match(stripped):
        if not _interrupts(state, item, indent):
            state.lines.append(stripped)
        else:
            _item(state, item, indent, stripped)
        return place + 1
    state.lines.append(lines[place].rstrip("\n"))
    return place + 1


def _set_apart(state: _State, lines: list[str], place: int, indent: int, stripped: str) -> int:
    """Headings, rules, code, formulas, tables, notes; 0: the line is none of these."""
    if (heading := _ATX.match(stripped)) and indent < 4:
        _flush(state, end_lists=True)
        _heading(state, len(heading[1]), _ATX_CLOSE.sub("", heading[2]))
        return place + 1
    if fence := _FENCE.match(stripped):
        return _until(state, lines, place, BlockKind.CODE, lambda line: line.strip().startswith(fence[1]))
    if stripped.startswith("$$"):
        return _formula(state, lines, place, stripped)
    if state.lines and state.item is None and _SETEXT.match(stripped) and len(state.lines) <= 3:
        level = 1 if stripped[0] == "=" else 2
        words, state.lines = join_lines(state.lines), []
        _heading(state, level, words)
        return place + 1
    if _RULE.match(stripped):
        _flush(state, end_lists=True)
        return place + 1
    if indent >= 4 and not state.lines and not state.lists:
        return _indented(state, lines, place)
    if raw := _RAW.match(stripped):
        return _raw_html(state, lines, place, raw[1].lower())
    if "|" in stripped and place + 1 < len(lines) and _is_table(lines[place + 1]):
        return _table(state, lines, place)
    return _small(state, place, stripped)


def _raw_html(state: _State, lines: list[str], place: int, tag: str) -> int:
    """Tables and scripts written as HTML: up to the next empty line (CommonMark 4.6)."""
    _flush(state)
    end = place + 1
    while end < len(lines) and lines[end].strip():
        end += 1
    if tag == "table":
        rows = _ROW_END.sub("\n", _CELL_END.sub(" | ", " ".join(lines[place:end])))
        state.out.append(Block(BlockKind.TABLE, tidy_aside(_TAG.sub("", rows))))
    return end


def _small(state: _State, place: int, stripped: str) -> int:
    """Footnotes, targets of links, pictures on lines of their own."""
    if note := _NOTE.match(stripped):
        _flush(state, end_lists=True)
        state.out.append(Block(BlockKind.REFERENCE, inline(note[1])[0]))
        return place + 1
    if not state.lines and _LINK_TARGET.match(stripped):
        return place + 1
    if image := _IMAGE_ALONE.match(stripped):
        _flush(state)
        state.out.append(Block(BlockKind.FIGURE, tidy_aside(image[1]) or "picture"))
        return place + 1
    return 0


def _heading(state: _State, level: int, words: str) -> None:
    text, marks = inline(words.strip())
    # A heading is set off as it is; a mark over all of it says nothing.
    marks = tuple(mark for mark in marks if mark.end - mark.start < len(text))
    state.out.append(Block(BlockKind.HEADING, text.replace("\n", " "), level=level, marks=marks))


def _until(state: _State, lines: list[str], place: int, kind: BlockKind, closes: object) -> int:
    _flush(state)
    end = place + 1
    while end < len(lines) and not closes(lines[end]):  # type: ignore[operator]
        end += 1
    state.out.append(Block(kind, tidy_aside("\n".join(lines[place + 1 : end]))))
    return end + 1


def _formula(state: _State, lines: list[str], place: int, stripped: str) -> int:
    if len(stripped) > 4 and stripped.endswith("$$"):
        _flush(state)
        state.out.append(Block(BlockKind.FORMULA, tidy_aside(stripped.strip("$").strip())))
        return place + 1
    if len(stripped) > 2:
        return 0
    return _until(state, lines, place, BlockKind.FORMULA, lambda line: line.strip().endswith("$$"))


def _indented(state: _State, lines: list[str], place: int) -> int:
    end = place
    while end < len(lines) and (lines[end].startswith("    ") or not lines[end].strip()):
        end += 1
    code = "\n".join(line[4:] for line in lines[place:end])
    state.out.append(Block(BlockKind.CODE, tidy_aside(code)))
    return end


def _is_table(line: str) -> bool:
    return "-" in line and "|" in line and len(line) < 2000 and bool(_DELIMITER.match(line.strip()))


def _table(state: _State, lines: list[str], place: int) -> int:
    _flush(state)
    end = place
    rows = []
    while end < len(lines) and "|" in lines[end]:
        if end != place + 1:
            cells = [inline(cell)[0] for cell in lines[end].strip().strip("|").split("|")]
            rows.append(" | ".join(cells))
        end += 1
    state.out.append(Block(BlockKind.TABLE, tidy_aside("\n".join(rows))))
    return end


def _quotation(state: _State, lines: list[str], place: int) -> int:
    """A quotation's lines, without their marks, are read as lines of the lesson."""
    _flush(state, end_lists=True)
    end = place
    inner: list[str] = []
    while end < len(lines) and (mark := _QUOTE.match(lines[end].strip())):
        inner.append(lines[end].strip()[mark.end() :])
        end += 1
    _read(state, inner)
    _flush(state, end_lists=True)
    return end


def _interrupts(state: _State, item: re.Match[str], indent: int) -> bool:
    """A wrapped line may begin with "1990. " or "- "; only 1 or a bullet begins a list within a paragraph."""
    return not state.lines or state.item is not None or (item[2] or item[3] or "1") == "1"


def _item(state: _State, item: re.Match[str], indent: int, stripped: str) -> None:
    _flush(state)
    numbered = bool(item[2] or item[3])
    content = indent + item.end()
    while state.lists and indent < state.lists[-1][0] - 1 and indent + 1 < state.lists[-1][0]:
        if len(state.lists) == 1 or indent >= state.lists[-2][0]:
            break
        state.lists.pop()
    nested = bool(state.lists) and indent >= state.lists[-1][0]
    if not state.lists or nested or state.lists[-1][2] != numbered:
        if state.lists and not nested:
            state.lists.pop()
        state.series += 1
        state.lists.append((content, state.series, numbered))
    number = int(item[2] or item[3]) if numbered else 0
    state.item = (number, state.lists[-1][1])
    state.lines.append(stripped[item.end() :])


def _leave_lists(state: _State, indent: int) -> None:
    """After an empty line only what is indented belongs to an item."""
    while state.lists and indent < min(2, state.lists[-1][0]):
        state.lists.pop()


def _flush(state: _State, end_lists: bool = False) -> None:
    if state.lines:
        state.out.extend(_blocks_of(state))
    state.lines, state.item = [], None
    if end_lists:
        state.lists.clear()


def _blocks_of(state: _State) -> Iterator[Block]:
    hard = [line[:-1] if line.endswith("\\") else line for line in state.lines]
    broken = [line.endswith(("  ", "\\")) for line in state.lines]
    if state.item is None and is_verse(hard, sum(broken[:-1]) == len(broken) - 1):
        text, marks = inline("\n".join(line.strip() for line in hard))
        yield Block(BlockKind.VERSE, text, marks=marks)
        return
    pieces, held = list[str](), list[str]()
    for line, ends in zip(hard, broken, strict=True):
        held.append(line)
        if ends:
            pieces.append(join_lines(held, state.spaced))
            held = []
    text, marks = inline("\n".join(filter(None, [*pieces, join_lines(held, state.spaced)])))
    if state.item:
        yield Block(BlockKind.ITEM, text, number=state.item[0], series=state.item[1], marks=marks)
    else:
        yield Block(BlockKind.PARAGRAPH, text, marks=marks)
