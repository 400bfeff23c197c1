"""Rename, archive, delete, restore and export conversations."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aigc_tui.message import listed
from aigc_tui.tui.chat.conversation import OpenConversation
from aigc_tui.tui.chat.layout import ChatLayout
from aigc_tui.tui.chat.turns import TurnControl
from aigc_tui.tui.services import free_name
from aigc_tui.tui.sidebar import UNDO_LIMIT, short_title
from aigc_tui.tui.widgets.dialogs import LineDialog

if TYPE_CHECKING:
    from aigc_tui.store.records import Conversation
    from aigc_tui.tui.services import Services

FORMATS = ("md", "html", "json", "jsonl")
"""The first is taken when none is named."""


@dataclass(frozen=True, slots=True)
class Done:
    """Something that can be taken back."""

    what: str
    """`archive`, `unarchive` or `delete`."""
    conversation: str
    title: str


class ConversationActions:
    """Acts on conversations by id.

    Args:
        layout: Where things are shown.
        conversation: What is open.
        turns: The running reply.
    """

    def __init__(self, layout: ChatLayout, conversation: OpenConversation, turns: TurnControl) -> None:
        self._layout = layout
        self._conversation = conversation
        self._turns = turns
        self._undo: list[Done] = []

    @property
    def can_undo(self) -> bool:
        """Whether there is something to take back."""
        return bool(self._undo)

    async def rename(self, conversation: str, title: str = "") -> None:
        """Give a conversation another title; ask for it if none is given."""
        layout = self._layout
        old = await self._get(conversation)
        answer = None if title else await layout.ask(LineDialog(layout.t("chat.rename_title"), old.title))
        if chosen := title or answer:
            await asyncio.to_thread(layout.services.store.conversations.rename, conversation, chosen)
            self._conversation.touched(conversation)

    async def archive(self, conversation: str) -> None:
        """Put a conversation aside, or bring one back from there."""
        found = await self._get(conversation)
        aside = not found.archived
        if aside and not await asyncio.to_thread(self._said_in, conversation):
            self._layout.note(self._layout.t("chat.nothing_to_archive"))
            return
        await asyncio.to_thread(self._layout.services.store.conversations.archive, conversation, aside)
        self._did(Done("archive" if aside else "unarchive", conversation, found.title))
        await self._after(conversation, gone=aside)
        self._say("chat.archived" if aside else "chat.unarchived", found.title)

    async def delete(self, conversation: str) -> None:
        """Delete a conversation; `undo` brings it back."""
        found = await self._get(conversation)
        if self._turns.in_conversation(conversation):
            await self._turns.stop()
        await asyncio.to_thread(self._layout.services.store.conversations.trash, conversation)
        self._did(Done("delete", conversation, found.title))
        await self._after(conversation, gone=True)
        self._say("chat.deleted", found.title)

    async def undo(self) -> None:
        """Take back the last deletion or archiving."""
        if not self._undo:
            self._layout.note(self._layout.t("chat.nothing_to_undo"))
            return
        done = self._undo.pop()
        conversations = self._layout.services.store.conversations
        if done.what == "delete":
            await asyncio.to_thread(conversations.untrash, done.conversation)
        else:
            await asyncio.to_thread(conversations.archive, done.conversation, done.what == "unarchive")
        await self._conversation.open(done.conversation)
        self._layout.sidebar.reload()
        self._say("chat.undone", done.title)

    async def export(self, conversation: str, form: str) -> None:
        """Write a conversation to a file of its own and say where."""
        form = form.lower() or FORMATS[0]
        if form not in FORMATS:
            self._layout.note(
                self._layout.t("chat.export_formats", formats=listed(FORMATS, self._layout.t)), error=True
            )
            return
        path = await asyncio.to_thread(write_export, self._layout.services, conversation, form)
        self._layout.note(self._layout.t("chat.exported", path=str(path)))

    async def _after(self, conversation: str, *, gone: bool) -> None:
        """Leave a conversation that is no longer in the list."""
        if gone and self._conversation.shows(conversation):
            self._conversation.forget()
            await self._conversation.resume()
        self._layout.sidebar.reload()

    async def _get(self, conversation: str) -> Conversation:
        return await asyncio.to_thread(self._layout.services.store.conversations.get, conversation)

    def _said_in(self, conversation: str) -> bool:
        path = self._layout.services.store.messages.path(conversation)
        return any(message.role == "user" for message in path)

    def _did(self, done: Done) -> None:
        self._undo = [*self._undo, done][-UNDO_LIMIT:]

    def _say(self, key: str, title: str) -> None:
        t = self._layout.t
        self._layout.confirm(t(key, title=short_title(title, t("chat.untitled"))))


def write_export(services: Services, conversation: str, form: str) -> Path:
    """Write one conversation.

    Args:
        services: The open store and paths.
        conversation: Its id.
        form: One of `FORMATS`.

    Returns:
        The new file.

    Raises:
        StoreError: There is no such conversation.
        OSError: The file cannot be written.
    """
    from aigc_tui.files import write_text
    from aigc_tui.store import transfer

    writers = {
        "md": transfer.export_md,
        "html": transfer.export_html,
        "json": transfer.export_json,
        "jsonl": transfer.export_jsonl,
    }
    found = services.store.conversations.get(conversation)
    # The whole tree: each format takes the path on show, or all branches, as it can hold them.
    text = writers[form](found, services.store.messages.tree(conversation))
    path = free_name(services.paths.make(services.paths.exports), found.title, form)
    write_text(path, text)
    return path
