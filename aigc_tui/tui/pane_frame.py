"""What the screens of the panes have in common: one passing line of news, and keys called by their names.

Why it exists: a pane says "done" or "that went wrong" in the same way wherever it is, for the same seconds.
"""

from __future__ import annotations

from typing import ClassVar

from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Static

from aigc_tui.locale import Translate
from aigc_tui.tui.bindings import key_name, keys_of, row
from aigc_tui.tui.shell import shell
from aigc_tui.tui.widgets.text import plain

CONFIRM_SECONDS = 6


class PaneFrame(Screen[None]):
    """A pane's screen.

    Args:
        t: The catalogue in use; it follows a change of language by itself.
        id: The screen's id.
    """

    NOTE: ClassVar = "#note"
    """Where the line of news stands."""

    def __init__(self, t: Translate, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self.t = t
        self._passing = Timer(self, 0)

    def note(self, line: str, *, error: bool = False) -> None:
        """Say one line, until the next step."""
        self._passing.stop()
        note = self.query_one(self.NOTE, Static)
        note.update(plain(line, "$text-error" if error else "$text-muted"))
        note.display = True

    def clear_note(self) -> None:
        """Say nothing there any more."""
        self._passing.stop()
        self.query_one(self.NOTE, Static).display = False

    def confirm(self, line: str) -> None:
        """Say for a few seconds that something was done, where it hides nothing."""
        self.note(line)
        self._passing = self.set_timer(CONFIRM_SECONDS, self.clear_note)

    def key_of(self, binding: str) -> str:
        """The key that does what a binding's id says, as one would call it."""
        found = row(binding)
        keys = keys_of(found, shell(self).own_keys()) if found else ()
        return key_name(keys[0]) if keys else ""
