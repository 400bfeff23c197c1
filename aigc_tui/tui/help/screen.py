"""The help: how to begin, every key grouped by where it works, every slash command.

Why it exists: it is made from the tables that make the program work, with the user's own keys in place, so
that it cannot be out of date.
"""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from aigc_tui.tui.bindings import bindings
from aigc_tui.tui.footer import KeyFooter
from aigc_tui.tui.help import lines
from aigc_tui.tui.plain import plain, plain_line
from aigc_tui.tui.shell import Shell

MOST_CELLS = 98
FRAME_CELLS = 8
"""What border, padding and scrollbar take from the width."""


class HelpScreen(Screen[None]):
    """One page to scroll through.

    Args:
        shell: The application.
    """

    CSS_PATH = "help.tcss"
    BINDINGS = bindings("overlay")

    def __init__(self, shell: Shell) -> None:
        super().__init__(id="help")
        self._shell = shell

    def compose(self) -> ComposeResult:
        """The page, and the keys that work on it."""
        with VerticalScroll(id="page"):
            yield Static(id="text")
        yield KeyFooter()

    def on_mount(self) -> None:
        """The page takes the arrow keys at once."""
        page = self.query_one("#page")
        page.border_title = plain_line(self._shell.t("help.title"))
        page.focus()

    def on_resize(self) -> None:
        """Wrap the text to the width there is now; a layout asked for inside a resize would be lost."""
        self.call_after_refresh(self._write)

    def retranslate(self) -> None:
        """The same page in the language that is on now."""
        self.query_one("#page").border_title = plain_line(self._shell.t("help.title"))
        self._write()

    def _write(self) -> None:
        self.query_one("#text", Static).update(self._text(min(MOST_CELLS, self.size.width - FRAME_CELLS)))

    def _text(self, cells: int) -> Content:
        t, own = self._shell.t, self._shell.own_keys()
        parts = [self._how_to(cells)]
        for context, title in lines.contexts():
            parts.append(_titled(t(title), lines.key_section(context, t, own, cells)))
        parts.append(_titled(t("help.slash"), lines.slash_section(t, cells)))
        parts.append(plain("\n".join(lines.wrapped(t("help.rebind"), cells)), "$text-muted"))
        return Content("\n\n").join(parts)

    def _how_to(self, cells: int) -> Content:
        t = self._shell.t
        steps = [t("help.how_1"), t("help.how_2"), t("help.how_3"), t("help.how_4")]
        return Content("\n").join([lines.point(step, cells) for step in steps])

    def action_close(self) -> None:
        """Back to where the user came from."""
        self.dismiss()


def _titled(title: str, body: Content) -> Content:
    return Content.assemble(plain_line(title, style="$primary bold"), "\n", body)
