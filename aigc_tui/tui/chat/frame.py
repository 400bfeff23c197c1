"""What stands where on the chat screen, and how its standing texts are worded.

Why it exists: composition apart from wiring. `ChatScreen` adds which key or event goes to which helper.
"""

from __future__ import annotations

import time

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from aigc_tui.locale import Translate
from aigc_tui.tui.bindings import key_name, keys_of, row
from aigc_tui.tui.chat.message_view import Wording
from aigc_tui.tui.chat.prompt import Prompt
from aigc_tui.tui.chat.rows import Face
from aigc_tui.tui.chat.sidebar import ConversationList, SearchBox, Sidebar
from aigc_tui.tui.chat.slash_menu import SlashMenu
from aigc_tui.tui.chat.status import StatusBar
from aigc_tui.tui.chat.transcript import Transcript
from aigc_tui.tui.footer import KeyFooter
from aigc_tui.tui.pane_frame import PaneFrame
from aigc_tui.tui.shell import shell
from aigc_tui.tui.widgets.text import plain_line

WIDE = 100
"""Cells from which on the list stands beside the transcript."""


class ChatFrame(PaneFrame):
    """The parts of the chat screen and their texts.

    Args:
        t: The catalogue in use; it follows a change of language by itself.

    Attributes:
        clock: What durations are measured by, in seconds.
    """

    AUTO_FOCUS = "#prompt"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012 - Textual's own declaration

    def __init__(self, t: Translate) -> None:
        super().__init__(t)
        self.clock = time.monotonic

    def compose(self) -> ComposeResult:
        """The list at the left; header, transcript, status and prompt in a column of readable width."""
        with Horizontal(id="body"):
            yield Sidebar(id="sidebar")
            with Vertical(id="pane"), Vertical(id="column"):
                yield Static(id="talk", markup=False)
                yield Transcript(self._wording(Face("", "")), id="transcript")
                yield Static(id="note", markup=False)
                yield SlashMenu(id="menu")
                yield StatusBar(clock=self.clock, id="status")
                yield Prompt(id="prompt")
        yield KeyFooter()

    def on_mount(self) -> None:
        """Show what needs no store."""
        settings = shell(self).settings
        self.set_class(not settings.sidebar, "-no-sidebar")
        self.status.change(model=settings.model)
        self.prompt.invite("")

    # The parts

    @property
    def sidebar(self) -> Sidebar:
        """The conversation list."""
        return self.query_one(Sidebar)

    @property
    def transcript(self) -> Transcript:
        """The messages."""
        return self.query_one(Transcript)

    @property
    def status(self) -> StatusBar:
        """The engine's state."""
        return self.query_one(StatusBar)

    @property
    def prompt(self) -> Prompt:
        """Where the user writes."""
        return self.query_one("#prompt", Prompt)

    @property
    def focus_chain(self) -> list[Widget]:
        """The panes in the order of tab: what one writes in, what one reads, what one looks for."""
        order = (Prompt, Transcript, ConversationList, SearchBox)
        return sorted(super().focus_chain, key=lambda widget: _place(widget, order))

    # Texts

    def show_unseen(self, on: bool) -> None:
        """Tell, in the prompt's border, of new words below what the reader looks at; or stop telling."""
        keys = keys_of(found, shell(self).own_keys()) if (found := row("transcript.last")) else ()
        words = self.t("chat.unseen", key=key_name(keys[-1])) if on and keys else ""
        self.prompt.border_title = plain_line(words) if words else None

    def name_talk(self, face: Face, title: str) -> None:
        """Name persona and conversation in the header, and who is written to in the prompt."""
        self.query_one("#talk", Static).update(heading(face, title))
        self.transcript.set_wording(self._wording(face))
        self.prompt.invite(face.name)

    def _wording(self, face: Face) -> Wording:
        keys = {name: self.key_of(f"transcript.{name}") for name in ("continue", "regenerate")}
        return Wording(self.t, assistant=face.name, keys=keys)

    @property
    def overlay_open(self) -> bool:
        """Whether the list lies over the transcript, as it does on a narrow screen."""
        return self.has_class("-narrow") and self.has_class("-sidebar-open")

    def show_sidebar(self) -> None:
        """Open the list, at any width."""
        self.set_class(self.has_class("-narrow"), "-sidebar-open")
        self.remove_class("-no-sidebar")


def _place(widget: Widget, order: tuple[type[Widget], ...]) -> int:
    return next((place for place, kind in enumerate(order) if isinstance(widget, kind)), len(order))


def heading(face: Face, title: str) -> Content:
    """Who answers, and what the conversation is called."""
    mark = Content.assemble(plain_line(face.avatar, 4), " " if face.avatar else "")
    name, called = plain_line(face.name, 40, "bold"), plain_line(title, 200, "$text-muted")
    return Content.assemble(mark, name, " · ", called)
