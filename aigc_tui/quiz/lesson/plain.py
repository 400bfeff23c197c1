"""Plain text to blocks: nothing is marked, so all is judged by looks (`shape.py`)."""

from __future__ import annotations

import re

from aigc_tui.quiz.lesson.blocks import Block, BlockKind, tidy
from aigc_tui.quiz.lesson.shape import (
    ItemReader,
    heading_level,
    is_short_line,
    layout_of,
    paragraphs,
)

_GROUPS = re.compile(r"\n[ \t\u3000]*(?:\n[ \t\u3000]*)+")
_UNDERLINE = re.compile(r"(?:=+|-{3,}|~{3,})$")


def plain_blocks(text: str) -> list[Block]:
    """Read a plain text.

    Args:
        text: Its lines may end in any way.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n").expandtabs(4)
    lines = text.split("\n")
    layout = layout_of(lines)
    groups = [group.split("\n") for group in _GROUPS.split(text.strip("\n")) if group.strip()]
    items, out = ItemReader(), list[Block]()
    for place, group in enumerate(groups):
        rest = _headings(group, out, alone=place + 1 < len(groups), first=place == 0)
        if len(rest) < len(group):
            items.leave()
        out += paragraphs(rest, layout, items) if rest else []
    return out


def _headings(lines: list[str], out: list[Block], alone: bool, first: bool) -> list[str]:
    """Take headings off the front of a group of lines; gives what is left of it.

    Args:
        lines: The group.
        out: Takes the headings.
        alone: Whether something follows, so that a short line alone may be a heading.
        first: Whether the group begins the text: its heading is the title.
    """
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
