"""The conversation on show: how it is opened, begun, paged, and given another persona or model.

Why it exists: everything that the store knows of a conversation is read in a thread and shown in one go, so
that a half-loaded conversation is never on the screen and a slow disk never holds up a key.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from aigc_tui.store.records import Status
from aigc_tui.tui.chat.rows import Face
from aigc_tui.tui.shell import shell

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

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
        self._left = ""
        self._openings = 0
        self._one_by_one = asyncio.Lock()
        self._spoken = False
        self._paging = False

    @property
    def id(self) -> str:
        """The id of the conversation on show, or an empty string."""
        return self.conversation.id if self.conversation else ""

    def shows(self, conversation: str) -> bool:
        """Whether this conversation is on show."""
        return self.id == conversation

    @property
    def ready(self) -> bool:
        """Whether a conversation is open and no other one is being opened."""
        return self.conversation is not None and not self._openings

    # Opening. What is typed after the call, and not when the store has answered, belongs to what is opened.

    def resume(self) -> Coroutine[Any, Any, None]:
        """Open the conversation that was touched last, or begin the first one."""
        return self._turn_to("", self._resume())

    def open(self, conversation: str, message: str = "") -> Coroutine[Any, Any, None]:
        """Show a conversation, at a message if one is named."""
        return self._turn_to(conversation, self._open(conversation, message))

    def begin(self, persona: str) -> Coroutine[Any, Any, None]:
        """Begin a conversation with a persona, unless the one on show is just that and still empty."""
        return self._turn_to(self.id if self._unused_with(persona) else "", self._begin(persona))

    def forget(self) -> None:
        """Leave the conversation on show, which is no longer in the list; its draft stays its own."""
        self._drafts[self.id] = self._screen.prompt.take()
        self.conversation, self._spoken = None, False

    def _turn_to(self, following: str, opening: Coroutine[Any, Any, None]) -> Coroutine[Any, Any, None]:
        if self.conversation is not None and not self._left and following != self.id:
            self._left, self._drafts[self.id] = self.id, self._screen.prompt.take()
        self._openings += 1
        return self._arrive(opening)

    async def _arrive(self, opening: Coroutine[Any, Any, None]) -> None:
        """Open one after the other, so that the one asked for last stays; then let go what was held."""
        try:
            async with self._one_by_one:
                await opening
        except Exception:
            self._arrived(well=False)
            raise
        self._arrived(well=True)

    def _arrived(self, *, well: bool) -> None:
        """Join the conversation's draft with what was typed while it was opened."""
        self._openings -= 1
        if self._openings:
            return
        prompt, stayed = self._screen.prompt, self._left == self.id
        self._left = ""
        if draft := self._drafts.pop(self.id, ""):
            if stayed:
                prompt.put(draft + prompt.text)
            else:
                prompt.put_back(draft)
        if well:
            self._screen.outbox.release()
        else:
            self._screen.outbox.give_back()

    async def _resume(self) -> None:
        services = self._screen.services
        latest = await asyncio.to_thread(services.store.conversations.latest, "chat")
        if latest is None:
            await self._begin(shell(self._screen).settings.persona, focus=False)
        else:
            await self._open(latest.id)

    async def _open(self, conversation: str, message: str = "") -> None:
        left = self.conversation if not self._spoken else None
        opened = await asyncio.to_thread(self._read, self._screen.services, conversation, message)
        self._show(opened, message)
        if left is not None and left.id != conversation and not self._drafts.get(left.id, "").strip():
            # Only a greeting stood there: nobody would look for it again.
            await asyncio.to_thread(self._screen.services.store.conversations.trash, left.id)
            self._screen.sidebar.reload()

    async def _begin(self, persona: str, *, focus: bool = True) -> None:
        if not self._unused_with(persona):
            unused = self.conversation if not self._spoken else None
            begun = await asyncio.to_thread(self._screen.services.chat.start, persona)
            if unused is not None:
                # Whoever wrote the first words and then chose another persona meant them for it.
                self._drafts[begun.id] = self._drafts.pop(unused.id, "")
            await self._open(begun.id)
            self._screen.sidebar.reload()
        if focus:
            self._screen.prompt.focus()

    def _unused_with(self, persona: str) -> bool:
        """Whether nobody spoke yet in the conversation on show, and this persona is in it."""
        return self.conversation is not None and not self._spoken and self.conversation.persona == persona

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
        self.conversation, self.face, self._spoken = opened.conversation, opened.face, opened.spoken
        screen.clear_note()
        screen.show_unseen(False)
        self._show_messages(opened)
        if message:
            screen.transcript.select(message)
        self._word()
        self._offer_continue(opened.messages)
        self.tell_use()
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

    def tell_use(self) -> None:
        """Show how much of the context the conversation on show takes, as far as that is known."""
        screen, shown = self._screen, self._screen.transcript.messages
        if screen.turns.busy:
            screen.status.change(elsewhere=screen.turns.in_conversation(self.id) is None)
            return
        last = shown[-1] if shown and shown[-1].prompt_tokens else None
        screen.status.change(
            elsewhere=False,
            prompt_tokens=last.prompt_tokens if last else 0,
            reused_tokens=last.reused_tokens if last else 0,
            tokens=last.new_tokens if last else 0,
            dropped=0,
        )

    def _offer_continue(self, messages: Sequence[Message]) -> None:
        cut = bool(messages) and messages[-1].status in (Status.INTERRUPTED, Status.STOPPED)
        if cut and not self._screen.turns.busy:
            key = self._screen.key_of("transcript.continue")
            self._screen.note(self._screen.t("chat.offer_continue", key=key))

    def _word(self) -> None:
        """Name persona, title and model where they stand."""
        screen, conversation = self._screen, self.conversation
        if conversation is None:
            return
        title = conversation.title or screen.t("chat.untitled")
        screen.name_talk(self.face, title)
        screen.status.answered_by(conversation.model or shell(screen).settings.model)


def has_older(messages: Sequence[Message]) -> bool:
    """Whether something was said before the first of these."""
    return bool(messages) and messages[0].parent is not None
