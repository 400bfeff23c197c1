"""A reply on its way to the screen: text waits in a buffer, closed blocks are rendered once.

Why it exists: tokens arrive faster than a screen should be drawn. The pacer flushes at most 18 times a second
and backs off when a flush is dear, so that keys never wait behind words (reference chat-tui 3.2).
"""

from __future__ import annotations

from textual.content import Content

from aigc_tui.text import clean
from aigc_tui.tui.markdown import Flow, Line, MarkdownRenderer, literal
from aigc_tui.tui.markdown.document import EMPTY
from aigc_tui.tui.markdown.splitter import BlockSplitter, Closed

FASTEST = 1 / 18
SLOWEST = 1.0
SHARE = 6
"""A flush may take one part in this many of the time."""
MAX_BLOCK = 4_000
"""A closed block longer than this stays plain until the message settles."""


class Pacer:
    """Says how long to wait before the next flush."""

    def __init__(self) -> None:
        self.interval = FASTEST

    def spent(self, seconds: float) -> None:
        """Tell what the last flush and its drawing cost."""
        self.interval = min(max(seconds * SHARE, FASTEST), SLOWEST)


class StreamingBody:
    """The body of the message being written, laid out for one width.

    Attributes:
        flow: The rows to draw.
        text: Everything that is in them, clean.
    """

    def __init__(self, renderer: MarkdownRenderer, width: int, text: str = "") -> None:
        self.flow = Flow(width)
        self.text = ""
        self._renderer = renderer
        self._pending: list[str] = []
        self._splitter = BlockSplitter()
        self._closed = 0
        """How many lines of the flow are final."""
        self._changed = 0
        self._whole = 0
        """How many lines of the open block are in the flow and will not grow."""
        self.push(text)
        self.flush()

    @property
    def waiting(self) -> bool:
        """Whether text is waiting to be shown."""
        return bool(self._pending)

    @property
    def source(self) -> str:
        """The text so far, with what is still waiting."""
        return self.text + "".join(self._pending)

    def push(self, text: str) -> None:
        """Take new text; costs nothing until `flush`."""
        if text:
            self._pending.append(clean(text))

    def resized(self, width: int) -> StreamingBody:
        """Make the same body for another width."""
        return StreamingBody(self._renderer, width, self.source)

    def flush(self) -> int:
        """Bring the flow up to date: new closed blocks rendered, the open tail plain.

        Returns:
            The first row that may look different.
        """
        self._changed = len(self.flow)
        piece = "".join(self._pending)
        self._pending.clear()
        self.text += piece
        for block in self._splitter.feed(piece):
            self._close(block)
        self._show_tail()
        return self._changed

    def _keep(self, lines: int) -> None:
        """Keep the first lines of the flow."""
        self.flow.truncate(lines)
        self._changed = min(self._changed, len(self.flow))

    def _close(self, block: Closed) -> None:
        self._keep(self._closed)
        if self._closed and not block.joined:
            self.flow.extend([_BLANK])
        short = len(block.source) <= MAX_BLOCK
        document = self._renderer.render(block.source, coloured=False) if short else literal(block.source)
        self.flow.extend(document.lines(self.flow.width))
        self._closed, self._whole = len(self.flow.lines), 0

    def _show_tail(self) -> None:
        """Append the lines of the open block that are new, and its last, unfinished one."""
        lines = self._splitter.open_lines
        gap = 1 if self._closed else 0
        self._keep(self._closed + (gap + self._whole if self._whole else 0))
        if gap and not self._whole and (lines or self._splitter.partial):
            self.flow.extend([_BLANK])
        self.flow.extend(_plain(line) for line in lines[self._whole :])
        self._whole = len(lines)
        if self._splitter.partial:
            self.flow.extend([_plain(self._splitter.partial)])


_BLANK = Line(EMPTY)


def _plain(line: str) -> Line:
    return Line(Content(line.expandtabs(4), strip_control_codes=False))
