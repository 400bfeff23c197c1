"""The layout of the chat pane; its controllers see this much of it."""

from __future__ import annotations

import time
from collections.abc import Mapping

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Static

from aigc_tui.tui.chat.conversation_list import ConversationList, ConversationSidebar
from aigc_tui.tui.chat.message_view import Wording
from aigc_tui.tui.chat.prompt import Prompt
from aigc_tui.tui.chat.slash import SlashMenu
from aigc_tui.tui.chat.status import StatusBar
from aigc_tui.tui.chat.transcript import Transcript
from aigc_tui.tui.footer import KeyFooter
from aigc_tui.tui.shell import shell
from aigc_tui.tui.sidebar import SearchBox, SidebarPane


class ChatLayout(SidebarPane):
    """The widgets of the chat pane.

    Attributes:
        clock: What durations are measured by, in seconds.
    """

    AUTO_FOCUS = "#prompt"

    def __init__(self) -> None:
        super().__init__()
        self.clock = time.monotonic

    def compose(self) -> ComposeResult:
        with Horizontal(id="body"):
            yield ConversationSidebar(id="sidebar")
            with Vertical(id="pane"), Vertical(id="column"):
                yield Static(id="head", markup=False)
                yield Transcript(self.wording(""), id="transcript")
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

    @property
    def sidebar(self) -> ConversationSidebar:
        return self.query_one(ConversationSidebar)

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
    def menu(self) -> SlashMenu:
        """The slash commands that fit what is written."""
        return self.query_one(SlashMenu)

    @property
    def focus_chain(self) -> list[Widget]:
        """The order of tab: what one writes in, what one reads, what one looks for."""
        order = (Prompt, Transcript, ConversationList, SearchBox)
        return sorted(super().focus_chain, key=lambda widget: _place(widget, order))

    def wording(self, assistant: str) -> Wording:
        """What the words around messages need.

        Args:
            assistant: The persona's name.
        """
        keys: Mapping[str, str] = {
            name: self.key_of(f"transcript.{name}") for name in ("continue", "regenerate")
        }
        return Wording(self.t, assistant=assistant, keys=keys)


def _place(widget: Widget, order: tuple[type[Widget], ...]) -> int:
    return next((place for place, kind in enumerate(order) if isinstance(widget, kind)), len(order))
