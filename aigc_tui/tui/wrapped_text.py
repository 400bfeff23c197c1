"""A paragraph that is wrapped to the width there is, by the rules of `markdown.wrap`.

Why it exists: Textual breaks at spaces only, so that a Chinese row may begin with a full stop; and text that
is wrapped before its width is known breaks a second time in a narrow terminal.
"""

from __future__ import annotations

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from aigc_tui.tui.markdown.wrap import row_starts
from aigc_tui.tui.plain import plain


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
        """As many rows as the text has at a width."""
        return len(rows(self._text, width))

    def render(self) -> Content:
        """The rows at the present width."""
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
