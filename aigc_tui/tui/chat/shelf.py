"""Putting conversations in order: rename, archive, delete, undo, export.

Why it exists: the list, the slash commands and the palette ask for the same things, of the conversation on
show or of any other.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aigc_tui.text import one_line
from aigc_tui.tui.chat.dialogs import LineDialog

if TYPE_CHECKING:
    from aigc_tui.store.records import Conversation
    from aigc_tui.tui.chat.screen import ChatScreen

UNDO_LIMIT = 20
TITLE_IN_NOTE = 30


@dataclass(frozen=True, slots=True)
class Done:
    """Something that can be taken back."""

    what: str
    """`archive`, `unarchive` or `delete`."""
    conversation: str
    title: str


class Shelf:
    """Acts on conversations by id.

    Args:
        screen: Where things are shown.
    """

    def __init__(self, screen: ChatScreen) -> None:
        self._screen = screen
        self._undo: list[Done] = []

    @property
    def can_undo(self) -> bool:
        """Whether there is something to take back."""
        return bool(self._undo)

    async def rename(self, conversation: str, title: str = "") -> None:
        """Give a conversation another title; ask for it if none is given."""
        screen = self._screen
        old = await self._get(conversation)
        answer = None if title else await screen.ask(LineDialog(screen.t("chat.rename_title"), old.title))
        if chosen := title or answer:
            await asyncio.to_thread(screen.services.store.conversations.rename, conversation, chosen)
            screen.talk.touched(conversation)

    async def archive(self, conversation: str) -> None:
        """Put a conversation aside, or bring one back from there."""
        found = await self._get(conversation)
        aside = not found.archived
        if aside and not await asyncio.to_thread(self._said_in, conversation):
            self._screen.note(self._screen.t("chat.nothing_to_archive"))
            return
        await asyncio.to_thread(self._screen.services.store.conversations.archive, conversation, aside)
        self._did(Done("archive" if aside else "unarchive", conversation, found.title))
        await self._after(conversation, gone=aside)
        self._say("chat.archived" if aside else "chat.unarchived", found.title)

    async def delete(self, conversation: str) -> None:
        """Delete a conversation; `undo` brings it back."""
        found = await self._get(conversation)
        await self._screen.stop_in(conversation)
        await asyncio.to_thread(self._screen.services.store.conversations.trash, conversation)
        self._did(Done("delete", conversation, found.title))
        await self._after(conversation, gone=True)
        self._say("chat.deleted", found.title)

    async def undo(self) -> None:
        """Take back the last deletion or archiving."""
        if not self._undo:
            self._screen.note(self._screen.t("chat.nothing_to_undo"))
            return
        done = self._undo.pop()
        conversations = self._screen.services.store.conversations
        if done.what == "delete":
            await asyncio.to_thread(conversations.untrash, done.conversation)
        else:
            await asyncio.to_thread(conversations.archive, done.conversation, done.what == "unarchive")
        await self._screen.talk.open(done.conversation)
        self._screen.sidebar.reload()
        self._say("chat.undone", done.title)

    async def export(self, conversation: str, form: str) -> None:
        """Write a conversation to a file of its own and say where."""
        from aigc_tui.tui.chat.exporting import FORMATS, write_export

        form = form.lower() or FORMATS[0]
        if form not in FORMATS:
            self._screen.note(self._screen.t("chat.export_formats", formats=", ".join(FORMATS)), error=True)
            return
        path = await asyncio.to_thread(write_export, self._screen.services, conversation, form)
        self._screen.note(self._screen.t("chat.exported", path=str(path)))

    async def _after(self, conversation: str, *, gone: bool) -> None:
        """Leave a conversation that is no longer in the list."""
        if gone and self._screen.talk.shows(conversation):
            self._screen.talk.forget()
            await self._screen.talk.resume()
        self._screen.sidebar.reload()

    async def _get(self, conversation: str) -> Conversation:
        return await asyncio.to_thread(self._screen.services.store.conversations.get, conversation)

    def _said_in(self, conversation: str) -> bool:
        path = self._screen.services.store.messages.path(conversation)
        return any(message.role == "user" for message in path)

    def _did(self, done: Done) -> None:
        self._undo = [*self._undo, done][-UNDO_LIMIT:]

    def _say(self, key: str, title: str) -> None:
        t = self._screen.t
        self._screen.confirm(t(key, title=one_line(title, TITLE_IN_NOTE) or t("chat.untitled")))
