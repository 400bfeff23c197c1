"""The chat pane: its layout, and which key or message goes to which controller.

The open conversation is in `Conversation`, replies are in `TurnControl` and `ReplyView`, actions on a
message in `MessageActions`, on a conversation in `ConversationActions`, slash commands in `CommandLine`
and `Commands`. Nothing here reads the store in the event loop.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.binding import Binding
from textual.widgets import OptionList

from aigc_tui.text import one_line
from aigc_tui.tui.chat.command_line import CommandLine
from aigc_tui.tui.chat.commands import Commands
from aigc_tui.tui.chat.conversation import OpenConversation
from aigc_tui.tui.chat.conversation_actions import ConversationActions
from aigc_tui.tui.chat.conversation_list import ConversationList, ConversationSource
from aigc_tui.tui.chat.layout import ChatLayout
from aigc_tui.tui.chat.messages import MessageActions
from aigc_tui.tui.chat.prompt import PASTE_LIMIT, Prompt
from aigc_tui.tui.chat.replies import ReplyView
from aigc_tui.tui.chat.transcript import Transcript
from aigc_tui.tui.chat.turns import TurnControl
from aigc_tui.tui.keys import bindings
from aigc_tui.tui.shell import shell
from aigc_tui.tui.sidebar import Sidebar
from aigc_tui.tui.widgets.dialogs import ConfirmDialog

if TYPE_CHECKING:
    from aigc_tui.tui.services import Services


class ChatScreen(ChatLayout):
    """The chat pane.

    Attributes:
        unopened: Why the store could not be opened; empty if it could, or may still be.
    """

    BINDINGS: ClassVar = bindings("chat")

    def __init__(self) -> None:
        super().__init__()
        self.source = ConversationSource(self, lambda: self.now())
        self.turns = TurnControl(lambda work: self.run_worker(work, group="turn"))
        self.conversation = OpenConversation(self, self.turns, self.source)
        self.turns.view = ReplyView(self, self.conversation)
        self.messages = MessageActions(self, self.conversation, self.turns)
        self.conversations = ConversationActions(self, self.conversation, self.turns)
        self.commands = Commands(self, self.conversation, self.messages, self.conversations)
        self.line = CommandLine(self, self.conversation, self.turns, self.commands)
        self.conversation.arrived = self.line.arrived
        self.unopened = ""
        self._is_open = False

    @property
    def is_open(self) -> bool:
        return self._is_open

    # What the application tells

    def ready(self, services: Services) -> None:
        """The store is open: show the list and the last conversation."""
        self._services, self._is_open = services, True
        self.status.stage(services.engine.stage)
        self.sidebar.attach(self.source)
        self.work(self._begin(services))

    def not_ready(self, problem: str) -> None:
        """The store could not be opened: what was typed stays in the prompt."""
        self.unopened = problem
        self.line.refuse()
        self.clear_note()

    async def _begin(self, services: Services) -> None:
        await self.conversation.resume()
        self.prompt.sent.fill(await asyncio.to_thread(services.store.messages.said))

    def settings_changed(self, key: str) -> None:
        """A setting has another value now."""
        if key == "sidebar":
            self.set_class(not shell(self).settings.sidebar, "-no-sidebar")
        elif key == "model" and self.conversation.record is not None and not self.conversation.record.model:
            self.status.answered_by(shell(self).settings.model)

    def retranslate(self) -> None:
        super().retranslate()
        self.transcript.set_wording(self.wording(self.conversation.face.name))
        self.status.refresh()
        self.clear_note()
        if self._is_open and self.conversation.id:
            self.conversation.touched(self.conversation.id)
        else:
            self.prompt.invite("")

    # What the helpers ask for

    def say_not_open(self) -> None:
        """Say that the store is still being opened, or why it could not be and what one can do."""
        if self.unopened:
            key = self.key_of("app.quit")
            self.note(self.t("chat.cannot_open", problem=one_line(self.unopened, 120), key=key), error=True)
        else:
            self.note(self.t("chat.opening"))

    # What the palette asks for

    def write(self, line: str) -> None:
        """Put the beginning of a line into the prompt, for the user to go on with."""
        self.prompt.put(line)
        self.prompt.focus()

    def open_conversation(self, conversation: str) -> None:
        """Show a conversation."""
        self.work(self.conversation.open(conversation))
        self.prompt.focus()

    def ask_tutor(self, persona: str, question: str) -> None:
        """Begin a conversation with a persona and put a question into the prompt."""
        self.work(self._ask_tutor(persona, question))

    async def _ask_tutor(self, persona: str, question: str) -> None:
        await self.conversation.begin(persona)
        self.write(question)

    # Writing

    @on(Prompt.Submitted)
    def _submitted(self, event: Prompt.Submitted) -> None:
        self.line.post(event.text)

    @on(Prompt.PasteRefused)
    def _paste_refused(self, event: Prompt.PasteRefused) -> None:
        limit, characters = f"{PASTE_LIMIT:,}", f"{event.characters:,}"
        self.note(self.t("chat.paste_too_long", limit=limit, characters=characters), error=True)

    @on(Prompt.Changed, "#prompt")
    def _offer_commands(self) -> None:
        self.line.offer()

    @on(Prompt.MenuKey)
    def _menu_key(self, event: Prompt.MenuKey) -> None:
        self.line.key(event.key)

    @on(OptionList.OptionSelected, "#menu")
    def _menu_click(self, event: OptionList.OptionSelected) -> None:
        self.line.run(event.option_id)

    # The list

    @on(Sidebar.Opened)
    def _row_opened(self, event: Sidebar.Opened) -> None:
        self.close_overlay()
        self.work(self.conversation.open(event.row.id, event.row.part))
        (self.transcript if event.row.part else self.prompt).focus()

    @on(Sidebar.Asked)
    def _asked(self, event: Sidebar.Asked) -> None:
        if event.what == "undo":
            self.work(self.conversations.undo())
        elif event.row is not None:
            do = self.conversations
            act = {"rename": do.rename, "archive": do.archive, "delete": do.delete}
            self.work(act[event.what](event.row.id))

    @on(Transcript.OlderRequested)
    def _older(self, event: Transcript.OlderRequested) -> None:
        self.work(self.conversation.older(event.before_id))

    @on(Transcript.CodeCopyRequested)
    def _copy_block(self, event: Transcript.CodeCopyRequested) -> None:
        self.messages.put_on_clipboard(event.block.source)

    @on(Transcript.LinkClicked)
    def _link(self, event: Transcript.LinkClicked) -> None:
        self.work(self._open_link(event.url))

    async def _open_link(self, url: str) -> None:
        """Open a link in the browser, after the user has seen where it leads."""
        dialog = ConfirmDialog(self.t("chat.open_link", url=url), self.t("chat.open"))
        if await self.ask(dialog):
            self.app.open_url(url)

    @on(Transcript.Selected)
    def _selected(self) -> None:
        self.refresh_bindings()

    @on(Transcript.FollowingChanged)
    def _following(self, event: Transcript.FollowingChanged) -> None:
        if event.following:
            self.prompt.show_unseen(False)

    def on_click(self, event: events.Click) -> None:
        """Close the overlay when something outside it is clicked."""
        widget = event.widget
        if self.overlay_open and widget is not None and self.sidebar not in widget.ancestors_with_self:
            self.close_overlay()
            self.prompt.focus()

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        match action:
            case "stop":
                elsewhere = self.focused is not self.prompt or self.overlay_open
                return elsewhere or self.turns.busy or self.menu.display
            case "sibling":
                return not self.turns.busy and self.messages.has_siblings
            case "continue_reply":
                return not self.turns.busy and self.messages.can_continue
            case _:
                return super().check_action(action, parameters)

    def label(self, binding: Binding) -> str:
        """What the footer calls a key: escape stops only where it would stop a reply."""
        if binding.id != "chat.stop":
            return binding.description
        elsewhere = self.in_sidebar or self.overlay_open or self.menu.display
        return "app.key_stop" if self.turns.busy and not elsewhere else "app.key_back"

    def action_stop(self) -> None:
        """Escape: close what is open, else leave the list, else stop the reply, else go to the prompt."""
        if self.line.close():
            return
        if self.in_sidebar or self.overlay_open:
            if not self.sidebar.clear_search() and self.sidebar.archived:
                self.sidebar.show_archive(False)
            self.close_overlay()
        elif self.turns.busy:
            self.work(self.turns.stop())
            return
        self.prompt.focus()

    def action_new_chat(self) -> None:
        """Begin a conversation with the present persona, after the letters typed before (see Prompt)."""
        self.prompt.call_later(self.commands.do_new, "")

    def action_pick_persona(self) -> None:
        self.work(self.commands.pick_persona())

    def action_toggle_sidebar(self) -> None:
        """Show or hide the list; on a wide screen the choice is kept."""
        if self.has_class("-wide"):
            # The setting hides or shows it, see `settings_changed`.
            shown = self.has_class("-no-sidebar")
            if problem := shell(self).change("sidebar", shown):
                self.note(problem, error=True)
        else:
            shown = self.toggle_sidebar()
        if shown:
            self.query_one(ConversationList).focus()
        else:
            self.prompt.focus()

    def action_edit_message(self) -> None:
        self.work(self.messages.edit())

    def action_regenerate(self) -> None:
        self.work(self.messages.regenerate())

    def action_continue_reply(self) -> None:
        self.work(self.messages.resume())

    def action_sibling(self, step: int) -> None:
        self.work(self.messages.sibling(step))

    def action_rate(self, value: int) -> None:
        self.work(self.messages.rate(value))

    def action_copy_message(self) -> None:
        self.work(self.messages.copy())

    def action_copy_code(self, number: int) -> None:
        self.work(self.messages.copy_code(number))
