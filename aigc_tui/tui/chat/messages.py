"""What the keys do with one message: edit, regenerate, continue, switch version, rate, copy.

A key acts on the selected message, or on the last one that fits. Each action reads the message from the
store again, since the screen may be older.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button

from aigc_tui.text import clean
from aigc_tui.tui.chat.conversation import OpenConversation
from aigc_tui.tui.chat.layout import ChatLayout
from aigc_tui.tui.chat.prompt import PASTE_LIMIT, Prompt
from aigc_tui.tui.chat.turns import Ask, TurnControl
from aigc_tui.tui.keys import bindings
from aigc_tui.tui.shell import shell
from aigc_tui.tui.widgets.text import plain_line

if TYPE_CHECKING:
    from aigc_tui.store.records import Message

PAGE = 60
"""Messages that are read unless a selected one stands above them."""
USER, ASSISTANT, NOTICE = "user", "assistant", "notice"


class MessageActions:
    """Acts on messages of the conversation on show.

    Args:
        layout: Where things are shown.
        conversation: What is open.
        turns: The running reply.
    """

    def __init__(self, layout: ChatLayout, conversation: OpenConversation, turns: TurnControl) -> None:
        self._layout = layout
        self._conversation = conversation
        self._turns = turns

    @property
    def has_siblings(self) -> bool:
        """Whether there is another version to walk to, as far as is on show."""
        selected, shown = self._layout.transcript.selected, self._layout.transcript.messages
        return any(one.siblings > 1 for one in ([selected] if selected else shown))

    @property
    def can_continue(self) -> bool:
        """Whether the last message on show is a reply that can grow."""
        shown = self._layout.transcript.messages
        return bool(shown) and shown[-1].role == ASSISTANT and shown[-1].parent is not None

    async def edit(self) -> None:
        """Fork at a message: a question gets a new reply, a reply another wording beside it."""
        path = await self._path()
        message = self._target(path, USER)
        if message is None or message.role == NOTICE or self._held():
            return
        layout = self._layout
        key = "chat.edit_question" if message.role == USER else "chat.edit_reply"
        text = await layout.ask(EditDialog(layout.t(key), message.content))
        if text and not self._held():
            service = layout.services.chat
            self._turns.begin(
                Ask(message.conversation, lambda: service.edit(message.id, text), text, cut=message.id)
            )

    async def regenerate(self) -> None:
        """Ask for another reply beside the one there is; also tries a failed one again."""
        path = await self._path()
        message = self._target(path, "")
        if message is None or self._held():
            return
        if message.role == NOTICE or (message.role == ASSISTANT and message.parent is None):
            self._layout.note(self._layout.t("chat.no_question"))
            return
        cut = message.id if message.role == ASSISTANT else _after(path, message)
        service = self._layout.services.chat
        self._turns.begin(Ask(message.conversation, lambda: service.regenerate(message.id), cut=cut))

    async def resume(self) -> None:
        """Continue the last reply from its last word."""
        path = await self._path()
        if not path or self._held():
            return
        last = path[-1]
        if last.role != ASSISTANT or last.parent is None:
            self._layout.note(self._layout.t("chat.no_reply"))
            return
        service = self._layout.services.chat
        self._turns.begin(Ask(last.conversation, lambda: service.resume(last.id), cut=last.id))

    async def sibling(self, step: int) -> None:
        """Show the path through the message before or after this one that has the same parent."""
        path = await self._path()
        message = self._target(path, "", forked=True)
        if message is None or self._held():
            return
        store = self._layout.services.store
        siblings = await asyncio.to_thread(store.messages.siblings, message.id)
        ids = [one.id for one in siblings]
        place = ids.index(message.id) + step
        if not 0 <= place < len(ids):
            self._layout.note(self._layout.t("chat.no_sibling"))
            return
        leaf = await asyncio.to_thread(store.messages.newest_leaf, ids[place])
        await asyncio.to_thread(store.conversations.set_head, message.conversation, leaf.id)
        await self._conversation.open(message.conversation, ids[place])

    async def rate(self, value: int) -> None:
        """Rate a reply up or down; the same once more takes it back."""
        message = self._target(await self._path(), ASSISTANT)
        if message is None or message.role != ASSISTANT:
            return
        store = self._layout.services.store
        await asyncio.to_thread(store.messages.rate, message.id, 0 if message.rating == value else value)
        self._layout.transcript.replace(await asyncio.to_thread(store.messages.get, message.id))

    async def copy(self) -> None:
        """Copy a message's text as it was written."""
        message = self._target(await self._path(), "")
        if message is not None:
            self.put_on_clipboard(message.content)

    async def copy_code(self, number: int) -> None:
        """Copy a numbered code block as it was written, unwrapped."""
        path = await self._path()
        message = self._target(path, ASSISTANT)
        blocks = self._layout.transcript.code_blocks(message.id) if message else []
        block = next((one for one in blocks if one.number == number), None)
        if block is None:
            self._layout.note(self._layout.t("chat.no_code", number=number))
            return
        self.put_on_clipboard(block.source)

    def put_on_clipboard(self, text: str) -> None:
        """Copy a text and say so. Only ever called for a key or a click of the user's."""
        self._layout.app.copy_to_clipboard(clean(text))
        self._layout.confirm(self._layout.t("chat.copied", count=len(text)))

    def _held(self) -> bool:
        """Whether a running reply forbids changing the tree; says so."""
        if self._turns.busy:
            self._layout.note(self._layout.t("chat.busy", key=self._layout.key_of("chat.stop")))
        return self._turns.busy

    async def _path(self) -> Sequence[Message]:
        """The path on show: its last page, or all of it if the selected message stands above that."""
        conversation, selected = self._conversation, self._layout.transcript.selected
        if not conversation.id:
            return []
        read = self._layout.services.store.messages.path
        page = await asyncio.to_thread(read, conversation.id, limit=PAGE)
        if selected is not None and all(one.id != selected.id for one in page):
            return await asyncio.to_thread(read, conversation.id)
        return page

    def _target(self, path: Sequence[Message], role: str, *, forked: bool = False) -> Message | None:
        """The selected message, or the last one of a role (any if empty) that has siblings if `forked`."""
        selected = self._layout.transcript.selected
        if selected is not None:
            return next((one for one in path if one.id == selected.id), None)
        fitting = (one for one in reversed(path) if role in ("", one.role))
        return next((one for one in fitting if one.siblings > 1 or not forked), None)


def _after(path: Sequence[Message], message: Message) -> str:
    """The id of the message that follows on the path, or an empty string."""
    ids = [one.id for one in path]
    place = ids.index(message.id) + 1
    return ids[place] if place < len(ids) else ""


class EditDialog(ModalScreen[str | None]):
    """Edit a message in the prompt's own kind of box; dismissed with the text, or None if unchanged.

    Args:
        title: What becomes of the edit, in the user's language.
        text: The message as it is.
    """

    CSS_PATH = "../widgets/dialogs.tcss"
    BINDINGS: ClassVar = bindings("overlay")

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._title = title
        self._text = text

    def compose(self) -> ComposeResult:
        t = shell(self).t
        with Vertical(classes="dialog edit") as box:
            box.border_title = plain_line(self._title)
            box.border_subtitle = plain_line(t("chat.edit_keys"))
            yield Prompt(clean(self._text), id="edit")
            with Horizontal(classes="buttons"):
                yield Button(plain_line(t("chat.save")), id="yes", variant="primary")
                yield Button(plain_line(t("chat.cancel")), id="no")

    def on_mount(self) -> None:
        prompt = self.query_one(Prompt)
        prompt.move_cursor(prompt.document.end)
        prompt.focus()

    @on(Prompt.Submitted)
    @on(Button.Pressed, "#yes")
    def _save(self) -> None:
        text = self.query_one(Prompt).text
        self.dismiss(text if text.strip() and text != self._text else None)

    @on(Prompt.PasteRefused)
    def _paste_refused(self, event: Prompt.PasteRefused) -> None:
        limit, characters = f"{PASTE_LIMIT:,}", f"{event.characters:,}"
        words = shell(self).t("chat.paste_too_long", limit=limit, characters=characters)
        self.query_one(".edit").border_subtitle = plain_line(words)

    @on(Button.Pressed, "#no")
    def action_close(self) -> None:
        self.dismiss(None)
