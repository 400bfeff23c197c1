"""The one door through which untrusted text enters a widget.

Why it exists: Textual parses markup in almost every widget by default, so that `[@click=app.quit]` in a
model's reply becomes a live action and `[/x]` crashes the app; and it lets raw ESC through to the terminal.
A lint test (tests/tui/test_lint_plain.py) holds that dynamic text reaches widgets through here only.
"""

from __future__ import annotations

from textual.content import Content

from aigc_tui.text import clean, one_line


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
