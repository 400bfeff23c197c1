"""Where a line of text breaks into terminal rows, by cells and with Chinese typesetting in mind.

Rich breaks at spaces only, so that a Chinese sentence after an English word leaves half a row empty and a
row may begin with a full stop. Here a row may end after any Han character or kana, never before a closing
mark nor after an opening one (the simple line-breaking rules of JIS X 4051 and GB/T 15834). Everything is
linear in the length of the text, however hostile it is.
"""

from __future__ import annotations

import re

from rich.cells import cell_len, split_graphemes

MINIMUM = 4
"""The narrowest row, in cells; narrower asks are widened, so that every row makes progress."""

_WIDE = (
    "\u2e80-\u303f\u3040-\u30ff\u3100-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60\uffe0-\uffe6"
)
_WIDE += "\U00020000-\U0003134f"
_OPENING = "（「『《〈【〔“‘［｛"
_CLOSING = "，。、；：？！…—）」』》〉】〕”’］｝％·ー～々"
_UNIT = re.compile(
    rf"\s+|[{_OPENING}]{{0,3}}(?:[{_WIDE}]|[^\s{_WIDE}]+)[{_CLOSING}]{{0,3}}",
)


def row_starts(text: str, first: int, rest: int) -> list[int]:
    """Break one line into rows at word and character boundaries.

    Blanks at the end of a row hang over its edge; a word longer than a row is folded.

    Args:
        text: The line, without a newline.
        first: The cells of the first row.
        rest: The cells of every further row.

    Returns:
        The index at which each row starts; the first is 0.
    """
    first, rest = max(first, MINIMUM), max(rest, MINIMUM)
    if cell_len(text) <= first:
        return [0]
    starts, used, room = [0], 0, first
    for match in _UNIT.finditer(text):
        unit = match.group()
        cells = cell_len(unit)
        if used and used + cells > room and not unit.isspace():
            starts.append(match.start())
            used, room = 0, rest
        if cells > room and not unit.isspace():
            folds, used = _fold(unit, room, rest)
            starts.extend(match.start() + fold for fold in folds[1:])
            room = rest if len(folds) > 1 else room
        else:
            used += cells
    return starts


def fold_starts(text: str, first: int, rest: int) -> list[int]:
    """Break one line into rows wherever a row is full: for code, where words mean nothing.

    Args:
        text: The line, without a newline.
        first: The cells of the first row.
        rest: The cells of every further row.

    Returns:
        The index at which each row starts; the first is 0.
    """
    return _fold(text, max(first, MINIMUM), max(rest, MINIMUM))[0]


def _fold(text: str, first: int, rest: int) -> tuple[list[int], int]:
    """Fill row after row; also tell how many cells of the last one are used."""
    if text.isascii() and text.isprintable():
        starts = [0, *range(first, len(text), rest)]
        return starts, len(text) - starts[-1]
    starts, used, room = [0], 0, first
    for start, _end, cells in split_graphemes(text)[0]:
        if used + cells > room:
            starts.append(start)
            used, room = 0, rest
        used += cells
    return starts, used
