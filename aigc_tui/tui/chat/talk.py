"""The conversation on show: how it is opened, begun, paged, and given another persona or model.

Why it exists: everything that the store knows of a conversation is read in a thread and shown in one go, so
that a half-loaded conversation is never on the screen and a slow disk never holds up a key.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aigc_tui.store.records import Status
from aigc_tui.tui.chat.rows import Face
from aigc_tui.tui.shell import shell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aigc_tui.store.records import Conversation, Message
    from aigc_tui.tui.chat.screen import ChatScreen
    from aigc_tui.tui.services import Services

PAGE = 60
"""Messages that are read at once."""
ABOVE = 5
"""Messages shown above one that was found."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A conversation as it was read from the store."""

    conversation: Conversation
    messages: Sequence[Message]
    has_older: bool
    face: Face

    @property
    def spoken(self) -> bool:
        """Whether the user said anything in it."""
        return self.has_older or any(message.role == "user" for message in self.messages)


class Talk:
    """Keeps the conversation on show.

    Args:
        screen: Where things are shown.
    """

    def __init__(self, screen: ChatScreen) -> None:
        self.conversation: Conversation | None = None
        self.face = Face("", "")
        self._screen = screen
        self._drafts: dict[str, str] = {}
        self._spoken = False
        self._paging = False

    @property
    def id(self) -> str:
        """The id of the conversation on show, or an empty string."""
        return self.conversation.id if self.conversation else ""

    def shows(self, conversation: str) -> bool:
        """Whether this conversation is on show."""
        return self.id == conversation

    # Opening

    async def resume(self) -> None:
        """Open the conversation that was touched last, or begin the first one."""
        services = self._screen.services
        latest = await asyncio.to_thread(services.store.conversations.latest, "chat")
        if latest is None:
            await self.begin(shell(self._screen).settings.persona)
        else:
            await self.open(latest.id)

    async def open(self, conversation: str, message: str = "") -> None:
        """Show a conversation, at a message if one is named."""
        left = self.conversation if not self._spoken else None
        opened = await asyncio.to_thread(self._read, self._screen.services, conversation, message)
        self._show(opened, message)
        if left is not None and left.id != conversation and not self._drafts.get(left.id, "").strip():
            # Only a greeting stood there: nobody would look for it again.
            await asyncio.to_thread(self._screen.services.store.conversations.trash, left.id)
            self._screen.sidebar.reload()

    async def begin(self, persona: str) -> None:
        """Begin a conversation with a persona, unless the one on show is just that and still empty."""
        services = self._screen.services
        unused = self.conversation if self.conversation and not self._spoken else None
        if unused is not None and unused.persona == persona:
            self._screen.prompt.focus()
            return
        begun = await asyncio.to_thread(services.chat.start, persona)
        if unused is not None:
            # Whoever wrote the first words and then chose another persona meant them for it.
            self._drafts[begun.id] = self._screen.prompt.take()
        await self.open(begun.id)
        self._screen.sidebar.reload()
        self._screen.prompt.focus()

    async def show_again(self, conversation: str, text: str = "") -> None:
        """Read the conversation anew; give `text` back to the prompt if the store does not have it."""
        services = self._screen.services
        stored = await asyncio.to_thread(self._last_words, services, conversation)
        if text and stored != text:
            self._screen.prompt.put_back(text)
        if self.shows(conversation):
            await self.open(conversation)
        self.touched(conversation)

    async def older(self, before: str) -> None:
        """Bring the page above a message."""
        if self._paging or self.conversation is None:
            return
        self._paging, conversation = True, self.conversation
        try:
            path = self._screen.services.store.messages.path
            page = await asyncio.to_thread(path, conversation.id, limit=PAGE, before=before)
            if self.shows(conversation.id):
                self._screen.transcript.prepend(page, has_older=has_older(page))
        finally:
            self._paging = False

    # Changing

    async def change_persona(self, persona: str) -> None:
        """Let another persona answer from now on."""
        if self.conversation is None or self.conversation.persona == persona:
            return
        if not self._spoken:
            await self.begin(persona)
            return
        services = self._screen.services
        await asyncio.to_thread(services.personas.get, persona)
        await asyncio.to_thread(services.store.conversations.set_persona, self.id, persona)
        await self._reread()
        self._screen.note(self._screen.t("chat.persona_changed", name=self.face.name))

    async def change_model(self, model: str) -> None:
        """Let another model answer, here and in new conversations."""
        if self.conversation is None:
            return
        services = self._screen.services
        await asyncio.to_thread(services.models.resolve, model)
        await asyncio.to_thread(services.store.conversations.set_model, self.id, model)
        problem = shell(self._screen).change("model", model)
        await self._reread()
        self._screen.status.change(context=0, prompt_tokens=0, reused_tokens=0, dropped=0, tokens=0)
        self._screen.note(problem or self._screen.t("chat.model_changed", name=model), error=bool(problem))

    def spoke(self) -> None:
        """The user said something here."""
        self._spoken = True

    def touched(self, conversation: str) -> None:
        """Its title or time may have changed."""
        if self.shows(conversation):
            self._screen.work(self._reread())
        self._screen.sidebar.reload()

    async def _reread(self) -> None:
        """Take over what the store says of the conversation on show, without its messages."""
        wanted, services = self.id, self._screen.services
        conversation = await asyncio.to_thread(services.store.conversations.get, wanted)
        face = await asyncio.to_thread(self._face, conversation.persona)
        if self.shows(wanted):
            self.conversation, self.face = conversation, face
            self._word()

    def _face(self, persona: str) -> Face:
        return self._screen.source.face(persona, shell(self._screen).language)

    # In a thread

    def _read(self, services: Services, conversation: str, message: str) -> Opened:
        store = services.store
        messages: Sequence[Message] = store.messages.path(conversation, limit=PAGE)
        if message and all(one.id != message for one in messages):
            messages = self._around(services, conversation, message)
        read = store.conversations.get(conversation)
        return Opened(read, messages, has_older(messages), self._face(read.persona))

    def _around(self, services: Services, conversation: str, message: str) -> Sequence[Message]:
        """The path through a message that the last page does not hold, from a little above it."""
        store = services.store
        path = store.messages.path(conversation)
        if all(one.id != message for one in path):
            store.conversations.set_head(conversation, store.messages.newest_leaf(message).id)
            path = store.messages.path(conversation)
        place = next((index for index, one in enumerate(path) if one.id == message), len(path))
        return path[max(0, min(place - ABOVE, len(path) - PAGE)) :]

    def _last_words(self, services: Services, conversation: str) -> str:
        path = services.store.messages.path(conversation, limit=2)
        return next((message.content for message in reversed(path) if message.role == "user"), "")

    # Showing

    def _show(self, opened: Opened, message: str) -> None:
        screen = self._screen
        self._keep_draft(opened.conversation.id)
        self.conversation, self.face, self._spoken = opened.conversation, opened.face, opened.spoken
        screen.clear_note()
        self._show_messages(opened)
        if message:
            screen.transcript.select(message)
        self._word()
        self._tell_state(opened.messages)
        screen.sidebar.show_current(self.id)
        screen.refresh_bindings()

    def _show_messages(self, opened: Opened) -> None:
        transcript = self._screen.transcript
        turn = self._screen.turns.in_conversation(self.id)
        messages = list(opened.messages)
        if turn is None or turn.reply is None:
            transcript.load(messages, has_older=opened.has_older)
            return
        reply = turn.reply
        transcript.load([one for one in messages if one.id != reply.id], has_older=opened.has_older)
        transcript.start_stream(replace(reply, content=turn.text, status=Status.STREAMING))

    def _keep_draft(self, following: str) -> None:
        """What is half-written stays with its conversation; what was typed before any was open stays."""
        prompt = self._screen.prompt
        if self.conversation is None or self.shows(following):
            return
        self._drafts[self.id] = prompt.text
        prompt.put(self._drafts.pop(following, ""))

    def _tell_state(self, messages: Sequence[Message]) -> None:
        last = messages[-1] if messages else None
        if last is None or self._screen.turns.busy:
            return
        if last.status in (Status.INTERRUPTED, Status.STOPPED):
            key = self._screen.key_of("transcript.continue")
            self._screen.note(self._screen.t("chat.offer_continue", key=key))
        if last.prompt_tokens:
            self._screen.status.change(
                prompt_tokens=last.prompt_tokens,
                reused_tokens=last.reused_tokens,
                tokens=last.new_tokens,
                dropped=0,
            )

    def _word(self) -> None:
        """Name persona, title and model where they stand."""
        screen, conversation = self._screen, self.conversation
        if conversation is None:
            return
        title = conversation.title or screen.t("chat.untitled")
        screen.name_talk(self.face, title)
        screen.status.change(model=conversation.model or shell(screen).settings.model)


def has_older(messages: Sequence[Message]) -> bool:
    """Whether something was said before the first of these."""
    return bool(messages) and messages[0].parent is not None
