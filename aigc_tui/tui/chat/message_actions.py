"""What the keys do with one message: edit, regenerate, continue, walk siblings, rate, copy.

Why it exists: a key acts on the message that is selected, or on the last one that fits when none is; every
act reads the message anew from the store, since what is drawn may be older than what is stored.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from aigc_tui.text import clean
from aigc_tui.tui.chat.dialogs import EditDialog
from aigc_tui.tui.chat.turn_control import Ask

if TYPE_CHECKING:
    from aigc_tui.store.records import Message
    from aigc_tui.tui.chat.screen import ChatScreen

PAGE = 60
"""Messages that are read unless a selected one stands above them."""
USER, ASSISTANT, NOTICE = "user", "assistant", "notice"


class MessageActions:
    """Acts on messages of the conversation on show.

    Args:
        screen: Where things are shown.
    """

    def __init__(self, screen: ChatScreen) -> None:
        self._screen = screen

    @property
    def has_siblings(self) -> bool:
        """Whether there is another version to walk to, as far as is on show."""
        selected, shown = self._screen.transcript.selected, self._screen.transcript.messages
        return any(one.siblings > 1 for one in ([selected] if selected else shown))

    @property
    def can_continue(self) -> bool:
        """Whether the last message on show is a reply that can grow."""
        shown = self._screen.transcript.messages
        return bool(shown) and shown[-1].role == ASSISTANT and shown[-1].parent is not None

    async def edit(self) -> None:
        """Fork at a message: a question gets a new reply, a reply another wording beside it."""
        path = await self._path()
        message = self._target(path, USER)
        if message is None or message.role == NOTICE or self._held():
            return
        screen = self._screen
        key = "chat.edit_question" if message.role == USER else "chat.edit_reply"
        text = await screen.ask(EditDialog(screen.t(key), message.content))
        if text and not self._held():
            service = screen.services.chat
            screen.turns.begin(
                Ask(message.conversation, lambda: service.edit(message.id, text), text, cut=message.id)
            )

    async def regenerate(self) -> None:
        """Ask for another reply beside the one there is; also tries a failed one again."""
        path = await self._path()
        message = self._target(path, "")
        if message is None or self._held():
            return
        if message.role == NOTICE or (message.role == ASSISTANT and message.parent is None):
            self._screen.note(self._screen.t("chat.no_question"))
            return
        cut = message.id if message.role == ASSISTANT else _after(path, message)
        service = self._screen.services.chat
        self._screen.turns.begin(Ask(message.conversation, lambda: service.regenerate(message.id), cut=cut))

    async def resume(self) -> None:
        """Continue the last reply from its last word."""
        path = await self._path()
        if not path or self._held():
            return
        last = path[-1]
        if last.role != ASSISTANT or last.parent is None:
            self._screen.note(self._screen.t("chat.no_reply"))
            return
        service = self._screen.services.chat
        self._screen.turns.begin(Ask(last.conversation, lambda: service.resume(last.id), cut=last.id))

    async def sibling(self, step: int) -> None:
        """Show the path through the message before or after this one that has the same parent."""
        path = await self._path()
        message = self._target(path, "", forked=True)
        if message is None or self._held():
            return
        store = self._screen.services.store
        siblings = await asyncio.to_thread(store.messages.siblings, message.id)
        ids = [one.id for one in siblings]
        place = ids.index(message.id) + step
        if not 0 <= place < len(ids):
            self._screen.note(self._screen.t("chat.no_sibling"))
            return
        leaf = await asyncio.to_thread(store.messages.newest_leaf, ids[place])
        await asyncio.to_thread(store.conversations.set_head, message.conversation, leaf.id)
        await self._screen.talk.open(message.conversation, ids[place])

    async def rate(self, value: int) -> None:
        """Rate a reply up or down; the same once more takes it back."""
        message = self._target(await self._path(), ASSISTANT)
        if message is None or message.role != ASSISTANT:
            return
        store = self._screen.services.store
        await asyncio.to_thread(store.messages.rate, message.id, 0 if message.rating == value else value)
        self._screen.transcript.replace(await asyncio.to_thread(store.messages.get, message.id))

    async def copy(self) -> None:
        """Copy a message's text as it was written."""
        message = self._target(await self._path(), "")
        if message is not None:
            self.put_on_clipboard(message.content)

    async def copy_code(self, number: int) -> None:
        """Copy a numbered code block as it was written, unwrapped."""
        path = await self._path()
        message = self._target(path, ASSISTANT)
        blocks = self._screen.transcript.code_blocks(message.id) if message else []
        block = next((one for one in blocks if one.number == number), None)
        if block is None:
            self._screen.note(self._screen.t("chat.no_code", number=number))
            return
        self.put_on_clipboard(block.source)

    def put_on_clipboard(self, text: str) -> None:
        """Copy a text and say so. Only ever called for a key or a click of the user's."""
        self._screen.app.copy_to_clipboard(clean(text))
        self._screen.confirm(self._screen.t("chat.copied", count=len(text)))

    def _held(self) -> bool:
        """Whether a running reply forbids changing the tree; says so."""
        if self._screen.turns.busy:
            self._screen.note(self._screen.t("chat.busy", key=self._screen.key_of("chat.stop")))
        return self._screen.turns.busy

    async def _path(self) -> Sequence[Message]:
        """The path on show: its last page, or all of it if the selected message stands above that."""
        talk, selected = self._screen.talk, self._screen.transcript.selected
        if not talk.id:
            return []
        read = self._screen.services.store.messages.path
        page = await asyncio.to_thread(read, talk.id, limit=PAGE)
        if selected is not None and all(one.id != selected.id for one in page):
            return await asyncio.to_thread(read, talk.id)
        return page

    def _target(self, path: Sequence[Message], role: str, *, forked: bool = False) -> Message | None:
        """The selected message, or the last one of a role (any if empty) that has siblings if `forked`."""
        selected = self._screen.transcript.selected
        if selected is not None:
            return next((one for one in path if one.id == selected.id), None)
        fitting = (one for one in reversed(path) if role in ("", one.role))
        return next((one for one in fitting if one.siblings > 1 or not forked), None)


def _after(path: Sequence[Message], message: Message) -> str:
    """The id of the message that follows on the path, or an empty string."""
    ids = [one.id for one in path]
    place = ids.index(message.id) + 1
    return ids[place] if place < len(ids) else ""
