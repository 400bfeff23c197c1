"""Widgets for text, and the only way by which untrusted text may enter a widget.

Textual parses markup in almost every widget by default, so that `[@click=app.quit]` in a model's reply
becomes a live action and `[/x]` crashes the app; it also lets raw ESC through to the terminal. A lint
test (tests/tui/test_lint_plain.py) holds that dynamic text reaches widgets through `plain` or
`plain_line` only. Textual also breaks lines at spaces only; the widgets here wrap Chinese correctly.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual import events
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static

from aigc_tui.text import clean, one_line
from aigc_tui.tui.markdown.document import EMPTY, Flow, Line
from aigc_tui.tui.markdown.wrap import row_starts


def plain(text: str, style: str = "") -> Content:
    """Make text safe to show: control code points replaced, no markup parsed.

    Args:
        text: Anything: a model's words, a file name, a server's error.
        style: A Textual style for the whole of it, written by us and never taken from data.

    Returns:
        Content with exactly the visible characters of `text`.
    """
    return Content.styled(clean(text), style) if style else Content(clean(text))


def plain_line(text: str, limit: int = 200, style: str = "") -> Content:
    """Like `plain`, on one line and cut to `limit` characters: for titles, names and list rows."""
    return plain(one_line(text, limit), style)


def quoted(text: str) -> str:
    """A text in quotation marks; those that it holds become inner ones."""
    return "“" + text.replace("“", "‘").replace("”", "’") + "”"


class WrappedText(Widget):
    """Shows untrusted text in as many rows as it needs.

    Args:
        text: The text; may hold line breaks.
        id: The widget's id.
    """

    DEFAULT_CSS = """
    WrappedText {
        height: auto;
    }
    """

    def __init__(self, text: str = "", *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._text = text

    def show_text(self, text: str) -> None:
        """Show another text."""
        self._text = text
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(rows(self._text, width))

    def render(self) -> Content:
        return plain("\n".join(rows(self._text, self.content_size.width)))


def rows(text: str, cells: int) -> list[str]:
    """Break a text into rows of at most `cells`; what begins with blanks keeps them, in every row."""
    return [row for line in text.split("\n") for row in _rows(line, cells)]


def _rows(line: str, cells: int) -> list[str]:
    indent = len(line) - len(line.lstrip(" "))
    blanks = " " * indent if indent < cells // 2 else ""
    starts = row_starts(line, cells, cells - len(blanks))
    broken = [line[start:end] for start, end in zip(starts, [*starts[1:], None], strict=True)]
    return [broken[0].rstrip(), *(blanks + row.strip() for row in broken[1:])]


MOST_CELLS = 100


class LinesPage(VerticalScroll):
    """A page of lines that are wrapped to the width there is, by cells."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(Static(markup=False), id=id)
        self._lines: Sequence[Line] = ()

    def show(self, lines: Iterable[Line]) -> None:
        """Show these lines from the first one on."""
        self._lines = tuple(lines)
        self._write()
        self.scroll_home(animate=False)

    def on_resize(self, _event: events.Resize) -> None:
        """Wrap to the new width; a layout asked for inside a resize would be lost."""
        self.call_after_refresh(self._write)

    def _write(self) -> None:
        cells = min(MOST_CELLS, self.scrollable_content_region.width)
        self.query_one(Static).update(wrapped(self._lines, cells))


def wrapped(lines: Sequence[Line], cells: int) -> Content:
    """Lines as one text, broken to a width; a line that goes on hangs under its beginning."""
    flow = Flow(max(cells, 8), lines)
    return Content("\n").join([_hanging_row(flow, index) for index in range(len(flow))])


def _hanging_row(flow: Flow, index: int) -> Content:
    row = flow.row(index)
    return Content.assemble(row.prefix, row.text) if row.prefix is not EMPTY else row.text
