"""Cuts a growing reply into blocks that are over and a tail that is still open.

A block that is over is rendered once, and only the tail is drawn again with each flush, so that a stream
costs what its length is (reference chat-tui 3.2). Every item of a list counts as a block: lists are what
small models write most. The cuts need not be perfect: the settled message is parsed whole again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_FENCE = re.compile(r"^\s*(?:(?:[-*+]|\d{1,9}[.)])\s+)?(`{3,}|~{3,})")
_ITEM = re.compile(r"^ {0,3}(?:[-*+]|\d{1,9}[.)])\s+")
_HEADING = re.compile(r"^ {0,3}#{1,6}\s")


@dataclass(frozen=True, slots=True)
class Closed:
    """A block that is over."""

    source: str
    joined: bool
    """True: the next item of the same list, with no blank line before it."""


class BlockSplitter:
    """Takes the text of a reply piece by piece.

    Attributes:
        open_lines: The finished lines of the block that is still open.
        partial: The line after them, so far.
    """

    def __init__(self) -> None:
        self.open_lines: list[str] = []
        self.partial = ""
        self._fence = ""
        self._blank = False
        self._in_list = False
        self._indent = 0
        """How far the words of the open list item are indented; lines as far in belong to it."""
        self._last_was_item = False

    def feed(self, text: str) -> list[Closed]:
        """Take more text.

        Args:
            text: The next piece, cut anywhere.

        Returns:
            The blocks that this piece closed, in order.
        """
        *whole, self.partial = (self.partial + text).split("\n")
        closed: list[Closed] = []
        for line in whole:
            self._line(line, closed)
        return closed

    def _line(self, line: str, closed: list[Closed]) -> None:
        if self._fence:
            self._inside_fence(line, closed)
            return
        if not line.strip():
            self._blank_line(closed)
            return
        if self._starts_block(line):
            self._close(closed)
            item = _ITEM.match(line)
            self._in_list, self._indent = bool(item), len(item.group()) if item else 0
        self._blank = False
        self.open_lines.append(line)
        if opening := _FENCE.match(line):
            self._fence = opening.group(1)
        elif _HEADING.match(line):
            self._close(closed)

    def _starts_block(self, line: str) -> bool:
        """Tell whether a line with words begins another block than the open one."""
        if self._in_list and len(line) - len(line.lstrip()) >= self._indent:
            return False
        if _ITEM.match(line) or _HEADING.match(line):
            return True
        return self._blank if self._in_list else bool(_FENCE.match(line))

    def _inside_fence(self, line: str, closed: list[Closed]) -> None:
        self.open_lines.append(line)
        stripped = line.strip()
        mark = self._fence[0]
        if stripped and set(stripped) == {mark} and len(stripped) >= len(self._fence):
            self._fence = ""
            if not self._in_list:
                self._close(closed)

    def _blank_line(self, closed: list[Closed]) -> None:
        self._blank = True
        if self._in_list:
            self.open_lines.append("")
        else:
            self._close(closed)

    def _close(self, closed: list[Closed]) -> None:
        source = "\n".join(self.open_lines) + "\n"
        if source.strip():
            closed.append(Closed(source, self._in_list and self._last_was_item))
            self._last_was_item = self._in_list
        self.open_lines.clear()
        self._blank = self._in_list = False
