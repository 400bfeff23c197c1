"""One message as rows of the transcript, and the body of a reply while it streams.

A message is styled content, not a widget: in a conversation of thousands, one widget a message is what
makes chat programs slow. Rows are made when they come near the screen; until then there is an estimated
height. Tokens arrive faster than a screen should be drawn: text waits in a buffer, a pacer flushes at
most 18 times a second and backs off when drawing is slow, and finished Markdown blocks are rendered once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil

from rich.cells import cell_len
from textual.content import Content

from aigc_tui.locale import Translate
from aigc_tui.store.records import Message, Status
from aigc_tui.text import clean
from aigc_tui.tui.markdown import CodeBlock, Document, Flow, Line, MarkdownRenderer, literal
from aigc_tui.tui.markdown.document import EMPTY
from aigc_tui.tui.markdown.inline import MUTED
from aigc_tui.tui.markdown.splitter import BlockSplitter, Closed
from aigc_tui.tui.widgets.text import plain_line

INSTANT = 3_000
"""Characters up to which a message is rendered at once; longer ones stay plain until a thread is done."""
PLACEHOLDER = 4 * INSTANT
"""Characters of a long message shown until then."""
UNFINISHED = (Status.STOPPED, Status.FAILED, Status.INTERRUPTED)


@dataclass(frozen=True, slots=True)
class Wording:
    """What the words around a message need: the language, the speakers' names and the keys to name."""

    t: Translate
    user: str = ""
    """What the user is called; empty: the catalogue's word."""
    assistant: str = ""
    """What the persona is called where a message does not say it."""
    keys: Mapping[str, str] = field(default_factory=lambda: {"continue": "c", "regenerate": "r"})

    def author(self, message: Message) -> str:
        """Name who speaks."""
        if message.role == "notice":
            return message.author or self.t("transcript.notice")
        if message.role == "user":
            return message.author or self.user or self.t("transcript.you")
        return message.author or self.assistant or self.t("transcript.assistant")


class MessageView:
    """A message with whatever of it is laid out.

    Attributes:
        message: What it shows.
        number: Its place; grows downwards, may be negative; never changes while it is loaded.
        serial: Another number for every view there ever was.
        flow: The body's rows, or None while it is far from the screen.
        stream: The body being written, while it is.
        note: What the footer says besides: progress while streaming, the reason of a failure afterwards.
        revision: Grows whenever a row may look different.
        code: The code blocks, once rendered.
    """

    def __init__(self, message: Message, number: int, serial: int) -> None:
        self.message = message
        self.number = number
        self.serial = serial
        self.flow: Flow | None = None
        self.stream: StreamingBody | None = None
        self.note = ""
        self.revision = 0
        self.code: tuple[CodeBlock, ...] = ()
        self.rendered = False
        """Whether the body is the final, coloured rendering."""
        self._estimate = 0
        self._estimated_width = 0

    def height(self, width: int) -> int:
        """Count its rows at a body width; estimated while it is not laid out."""
        body = len(self.flow) if self.laid_out(width) and self.flow is not None else self._guess(width)
        return body + 2 + self.has_footer

    def laid_out(self, width: int) -> bool:
        """Tell whether the body's rows are there for a width."""
        return self.flow is not None and self.flow.width == width

    @property
    def has_footer(self) -> bool:
        """Whether there is a footer row: for replies, and wherever there is something to say."""
        return bool(self.note or self.message.new_tokens or self.message.status in UNFINISHED)

    def lay_out(self, width: int, renderer: MarkdownRenderer) -> None:
        """Make the rows for a width, cheaply: long text stays plain and code uncoloured."""
        if self.laid_out(width):
            return
        if self.stream is not None:
            self.stream = self.stream.resized(width)
            self._show(self.stream.flow)
            return
        short = len(self.message.content) <= INSTANT
        source = self.message.content
        document = renderer.render(source, coloured=False) if short else literal(source[:PLACEHOLDER])
        self.show(document, Flow(width, document.lines(width)))
        self.rendered = short and not document.code

    def show(self, document: Document, flow: Flow) -> None:
        """Take the rows of a rendered body."""
        self.code = document.code
        self._show(flow)

    def release(self) -> None:
        """Let go of the rows; their number is remembered."""
        if self.flow is not None and self.stream is None:
            self._estimate, self._estimated_width = len(self.flow), self.flow.width
            self.flow, self.rendered = None, False

    def begin_stream(self, width: int, renderer: MarkdownRenderer) -> None:
        """Become the message that is being written, on top of what it already says."""
        self.stream = StreamingBody(renderer, width, self.message.content)
        self._show(self.stream.flow)

    def settle(self, message: Message) -> None:
        """Become a finished message; the streamed rows stay until the final rendering replaces them."""
        same = self.stream is not None and self.stream.text == message.content
        self.message, self.stream, self.rendered = message, None, False
        if not same:
            self.flow = None
        self.revision += 1

    def lines(self, wording: Wording) -> list[str]:
        """Return what the mouse can select, line by line: the author, then the body."""
        body = (
            [line.text.plain for line in self.flow.lines] if self.flow else self.message.content.split("\n")
        )
        return [wording.author(self.message), *body, ""]

    def _show(self, flow: Flow) -> None:
        self.flow = flow
        self.revision += 1

    def _guess(self, width: int) -> int:
        if self._estimated_width != width:
            lines = self.message.content.rstrip("\n").split("\n") if self.message.content else []
            self._estimate = sum(max(1, ceil(cell_len(line) / max(width, 1))) for line in lines)
            self._estimated_width = width
        return self._estimate


def header(message: Message, wording: Wording) -> Content:
    """Compose the line above a body: who, which version, how rated, what became of it, by which model."""
    t = wording.t
    parts = [plain_line(wording.author(message), 40, _AUTHOR.get(message.role, "bold"))]
    if message.siblings > 1:
        parts.append(plain_line(f"‹{message.sibling_index + 1}/{message.siblings}›", style=MUTED))
    if message.rating:
        up = message.rating > 0
        parts.append(plain_line("▲" if up else "▼", style="$text-success" if up else "$text-error"))
    if label := _badge(message.status, t):
        parts.append(label)
    if message.role == "assistant" and message.model:
        parts.append(plain_line(t("transcript.written_by", model=message.model), 60, MUTED))
    return Content("  ").join(parts)


def footer(view: MessageView, wording: Wording) -> Content:
    """Compose the line below a body: tokens and speed, and what one can do about an unfinished reply."""
    message, t = view.message, wording.t
    parts = []
    if message.new_tokens:
        parts.append(t("transcript.tokens", count=message.new_tokens))
        if message.seconds > 0:
            parts.append(t("transcript.speed", speed=f"{message.new_tokens / message.seconds:.1f}"))
    if view.note:
        parts.append(view.note)
    if message.status in (Status.STOPPED, Status.INTERRUPTED):
        parts.append(t("transcript.can_continue", key=wording.keys.get("continue", "c")))
    if message.status is Status.FAILED:
        parts.append(t("transcript.can_retry", key=wording.keys.get("regenerate", "r")))
    return plain_line(" · ".join(parts), 300, MUTED) if parts else EMPTY


_AUTHOR = {"user": "bold $text-secondary", "assistant": "bold $text-primary", "notice": "bold $text-warning"}


def _badge(status: Status, t: Translate) -> Content:
    """Name a status that is not simply complete."""
    if status is Status.STOPPED:
        return plain_line(t("transcript.stopped"), style="$text-warning")
    if status is Status.FAILED:
        return plain_line(t("transcript.failed"), style="$text-error")
    if status is Status.INTERRUPTED:
        return plain_line(t("transcript.interrupted"), style="$text-warning")
    if status in (Status.STREAMING, Status.QUEUED):
        return plain_line(t("transcript.writing"), style="$text-accent")
    return EMPTY


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
