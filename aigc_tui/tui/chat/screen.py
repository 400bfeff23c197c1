"""The chat pane: its layout, and which key or message goes to which controller.

The open conversation is in `Conversation`, replies are in `TurnControl` and `ReplyView`, actions on a
message in `MessageActions`, on a conversation in `ConversationActions`, slash commands in `CommandLine` and
`Commands`. Nothing here reads the store in the event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual import events, on
from textual.binding import Binding
from textual.screen import ModalScreen
from textual.widgets import OptionList

from aigc_tui import crash
from aigc_tui.locale import Translate
from aigc_tui.text import one_line
from aigc_tui.tui.bindings import bindings
from aigc_tui.tui.chat import slash
from aigc_tui.tui.chat.command_line import CommandLine
from aigc_tui.tui.chat.commands import Commands
from aigc_tui.tui.chat.dialogs import ConfirmDialog
from aigc_tui.tui.chat.frame import ChatFrame
from aigc_tui.tui.chat.message_actions import MessageActions
from aigc_tui.tui.chat.outbox import Outbox
from aigc_tui.tui.chat.prompt import PASTE_LIMIT, Prompt
from aigc_tui.tui.chat.replies import ReplyView
from aigc_tui.tui.chat.shelf import Shelf
from aigc_tui.tui.chat.sidebar import ConversationList, Sidebar
from aigc_tui.tui.chat.slash_menu import SlashMenu
from aigc_tui.tui.chat.source import StoreSource, local_now
from aigc_tui.tui.chat.talk import Talk
from aigc_tui.tui.chat.transcript import Transcript
from aigc_tui.tui.chat.turn_control import TurnControl
from aigc_tui.tui.footer import KeyFooter
from aigc_tui.tui.shell import shell

if TYPE_CHECKING:
    from aigc_tui.tui.services import Services

Answer = TypeVar("Answer")


class ChatScreen(ChatFrame):
    """Where one chats.

    Args:
        t: The catalogue in use; it follows a change of language by itself.

    Attributes:
        now: Tells the present for the dates in the list.
        unopened: Why the store could not be opened; empty if it could, or may still be.
    """

    BINDINGS: ClassVar = bindings("chat")

    def __init__(self, t: Translate) -> None:
        super().__init__(t)
        self.now = local_now
        self.talk = Talk(self)
        self.turns = TurnControl(ReplyView(self), lambda work: self.run_worker(work, group="turn"))
        self.messages = MessageActions(self)
        self.shelf = Shelf(self)
        self.commands = Commands(self)
        self.line = CommandLine(self)
        self.outbox = Outbox(self)
        self.unopened = ""
        self._services: Services | None = None
        self._source: StoreSource | None = None

    # What the helpers work with

    @property
    def services(self) -> Services:
        """The open store and the rest; only asked for by work that began after `ready`."""
        assert self._services is not None
        return self._services

    @property
    def source(self) -> StoreSource:
        """Where the list's rows and the personas' faces come from."""
        assert self._source is not None
        return self._source

    @property
    def is_open(self) -> bool:
        """Whether the store is open."""
        return self._services is not None

    # What the application tells

    def ready(self, services: Services) -> None:
        """The store is open: show the list and the last conversation."""
        self._services = services
        self._source = StoreSource(services, self.t, lambda: shell(self).language, self.now)
        self.status.stage(services.engine.stage)
        self.sidebar.attach(self._source)
        self.work(self._begin(services))

    def not_ready(self, problem: str) -> None:
        """The store could not be opened: what was typed stays in the prompt."""
        self.unopened = problem
        self.outbox.give_back()
        self.clear_note()

    async def _begin(self, services: Services) -> None:
        await self.talk.resume()
        self.prompt.sent.fill(await asyncio.to_thread(services.store.messages.said))

    def settings_changed(self, key: str) -> None:
        """A setting has another value now."""
        if key == "sidebar":
            self.set_class(not shell(self).settings.sidebar, "-no-sidebar")
        elif key == "model" and self.talk.conversation is not None and not self.talk.conversation.model:
            self.status.answered_by(shell(self).settings.model)

    def retranslate(self) -> None:
        """Show every text in the language that is on now."""
        self.sidebar.retranslate()
        self.transcript.set_wording(self._wording(self.talk.face))
        self.status.refresh()
        self.query_one(KeyFooter).retranslate()
        self.clear_note()
        if self._services is not None and self.talk.id:
            self.talk.touched(self.talk.id)
        else:
            self.prompt.invite("")

    # What the helpers ask for

    def work(self, doing: Coroutine[Any, Any, None]) -> None:
        """Do something that asks the store, beside the interface; an error becomes one line."""
        if self._services is None:
            doing.close()
            self.say_not_open()
            return
        self.run_worker(self._guarded(doing), group="work", exit_on_error=False)

    def say_not_open(self) -> None:
        """Say that the store is still being opened, or why it could not be and what one can do."""
        if self.unopened:
            key = self.key_of("app.quit")
            self.note(self.t("chat.cannot_open", problem=one_line(self.unopened, 120), key=key), error=True)
        else:
            self.note(self.t("chat.opening"))

    async def _guarded(self, doing: Coroutine[Any, Any, None]) -> None:
        try:
            await doing
        except Exception as error:  # the input stays usable whatever it was; the log has the rest
            self.problem(error)

    async def ask(self, dialog: ModalScreen[Answer]) -> Answer:
        """Show a dialog and wait for its answer, inside `work`."""
        return await self.app.push_screen_wait(dialog)

    def problem(self, error: Exception) -> None:
        """Say what went wrong, in one line."""
        self.note(crash.line(self.t, error, self.services.paths), error=True)

    # What the palette asks for

    def run_line(self, line: str) -> None:
        """Run a command line, and leave the prompt as it is."""
        call = slash.read(line)
        if isinstance(call, slash.Call):
            self.commands.run(call)

    def write(self, line: str) -> None:
        """Put the beginning of a line into the prompt, for the user to go on with."""
        self.prompt.put(line)
        self.prompt.focus()

    def open_conversation(self, conversation: str) -> None:
        """Show a conversation."""
        self.work(self.talk.open(conversation))

    async def stop_in(self, conversation: str) -> None:
        """Stop the running reply if it belongs to this conversation."""
        if self.turns.in_conversation(conversation):
            await self.turns.stop()

    # Writing

    @on(Prompt.Submitted)
    def _submitted(self, event: Prompt.Submitted) -> None:
        self.outbox.post(event.text)

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
    def _open(self, event: Sidebar.Opened) -> None:
        self.remove_class("-sidebar-open")
        self.work(self.talk.open(event.row.conversation, event.row.message))
        (self.transcript if event.row.message else self.prompt).focus()

    @on(Sidebar.Asked)
    def _asked(self, event: Sidebar.Asked) -> None:
        if event.what == "undo":
            self.work(self.shelf.undo())
        elif event.row is not None:
            act = {"rename": self.shelf.rename, "archive": self.shelf.archive, "delete": self.shelf.delete}
            self.work(act[event.what](event.row.conversation))

    @on(Transcript.OlderRequested)
    def _older(self, event: Transcript.OlderRequested) -> None:
        self.work(self.talk.older(event.before_id))

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
            self.show_unseen(False)

    # The list as an overlay: it goes when one turns to something else

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Close the overlay when another pane has the focus."""
        if self.sidebar not in event.widget.ancestors_with_self:
            self.remove_class("-sidebar-open")

    def on_click(self, event: events.Click) -> None:
        """Close the overlay when something outside it is clicked."""
        widget = event.widget
        if self.overlay_open and widget is not None and self.sidebar not in widget.ancestors_with_self:
            self.remove_class("-sidebar-open")
            self.prompt.focus()

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer a key only where it does something."""
        match action:
            case "stop":
                elsewhere = self.focused is not self.prompt or self.overlay_open
                return elsewhere or self.turns.busy or self.query_one(SlashMenu).display
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
        in_list = self.focused is not None and self.sidebar in self.focused.ancestors
        elsewhere = in_list or self.overlay_open or self.query_one(SlashMenu).display
        return "app.key_stop" if self.turns.busy and not elsewhere else "app.key_back"

    def action_stop(self) -> None:
        """Escape: close what is open, else leave the list, else stop the reply, else go to the prompt."""
        in_list = self.focused is not None and self.sidebar in self.focused.ancestors
        if self.line.close():
            return
        if in_list or self.overlay_open:
            if not self.sidebar.clear_search() and self.sidebar.archived:
                self.sidebar.show_archive(False)
            self.remove_class("-sidebar-open")
        elif self.turns.busy:
            self.work(self.turns.stop())
            return
        self.prompt.focus()

    def action_new_chat(self) -> None:
        """Begin a conversation with the present persona, after the letters typed before (see Prompt)."""
        self.prompt.call_later(self.commands.new, "")

    def action_pick_persona(self) -> None:
        """Begin a conversation with another persona."""
        self.work(self.commands.pick_persona())

    def action_search(self, words: str = "") -> None:
        """Go to the search field."""
        self.show_sidebar()
        self.sidebar.search_for(words or self.sidebar.query_text)

    def action_toggle_sidebar(self) -> None:
        """Show or hide the list; on a wide screen the choice is kept."""
        if self.has_class("-wide"):
            shown = self.has_class("-no-sidebar")
            problem = shell(self).change("sidebar", shown)
            if problem:
                self.note(problem, error=True)
        else:
            shown = not self.has_class("-sidebar-open")
            self.set_class(shown, "-sidebar-open")
        if shown:
            self.query_one(ConversationList).focus()
        else:
            self.prompt.focus()

    def action_edit_message(self) -> None:
        """Edit the selected message: a fork."""
        self.work(self.messages.edit())

    def action_regenerate(self) -> None:
        """Ask for another reply."""
        self.work(self.messages.regenerate())

    def action_continue_reply(self) -> None:
        """Continue the last reply."""
        self.work(self.messages.resume())

    def action_sibling(self, step: int) -> None:
        """Walk to the message beside this one."""
        self.work(self.messages.sibling(step))

    def action_rate(self, value: int) -> None:
        """Rate the selected reply."""
        self.work(self.messages.rate(value))

    def action_copy_message(self) -> None:
        """Copy the selected message."""
        self.work(self.messages.copy())

    def action_copy_code(self, number: int) -> None:
        """Copy a numbered code block."""
        self.work(self.messages.copy_code(number))
