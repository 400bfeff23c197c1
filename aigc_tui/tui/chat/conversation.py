"""The open conversation: loading, starting, paging, changing its persona or model.

The store is read in a thread and the result shown in one go, so that a half-loaded conversation is never
on the screen and a slow disk never delays a key.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from textual.content import Content

from aigc_tui.store.records import Status
from aigc_tui.tui.chat.conversation_list import ConversationSource, Face
from aigc_tui.tui.chat.layout import ChatLayout
from aigc_tui.tui.chat.turns import TurnControl
from aigc_tui.tui.shell import shell
from aigc_tui.tui.widgets.text import plain_line

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from aigc_tui.engine.models import ModelInfo
    from aigc_tui.store.records import Conversation, Message
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
    def has_user_message(self) -> bool:
        """Whether the user said anything in it."""
        return self.has_older or any(message.role == "user" for message in self.messages)


class OpenConversation:
    """Keeps the open conversation.

    Args:
        layout: Where it is shown.
        turns: The running reply, which may belong to another conversation.
        source: Where personas' names come from.

    Attributes:
        arrived: Called when a conversation was opened (True) or could not be (False).
    """

    def __init__(self, layout: ChatLayout, turns: TurnControl, source: ConversationSource) -> None:
        self.record: Conversation | None = None
        self.face = Face("", "")
        self.arrived: Callable[[bool], None] = lambda well: None
        self._layout = layout
        self._turns = turns
        self._source = source
        self._drafts: dict[str, str] = {}
        self._left = ""
        self._openings = 0
        self._one_by_one = asyncio.Lock()
        self._has_user_message = False
        self._paging = False

    @property
    def id(self) -> str:
        """The id of the conversation on show, or an empty string."""
        return self.record.id if self.record else ""

    def shows(self, conversation: str) -> bool:
        """Whether this conversation is on show."""
        return self.id == conversation

    @property
    def ready(self) -> bool:
        """Whether a conversation is open and no other one is being opened."""
        return self.record is not None and not self._openings

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
        self._drafts[self.id] = self._layout.prompt.take()
        self.record, self._has_user_message = None, False

    def _turn_to(self, following: str, opening: Coroutine[Any, Any, None]) -> Coroutine[Any, Any, None]:
        if self.record is not None and not self._left and following != self.id:
            self._left, self._drafts[self.id] = self.id, self._layout.prompt.take()
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
        prompt, stayed = self._layout.prompt, self._left == self.id
        self._left = ""
        if draft := self._drafts.pop(self.id, ""):
            if stayed:
                prompt.put(draft + prompt.text)
            else:
                prompt.put_back(draft)
        self.arrived(well)

    async def _resume(self) -> None:
        services = self._layout.services
        latest = await asyncio.to_thread(services.store.conversations.latest, "chat")
        if latest is None:
            await self._begin(shell(self._layout).settings.persona, focus=False)
        else:
            await self._open(latest.id)

    async def _open(self, conversation: str, message: str = "") -> None:
        left = self.record if not self._has_user_message else None
        opened = await asyncio.to_thread(self._read, self._layout.services, conversation, message)
        self._show(opened, message)
        if left is not None and left.id != conversation and not self._drafts.get(left.id, "").strip():
            # Only a greeting stood there: nobody would look for it again.
            await asyncio.to_thread(self._layout.services.store.conversations.trash, left.id)
            self._layout.sidebar.reload()

    async def _begin(self, persona: str, *, focus: bool = True) -> None:
        if not self._unused_with(persona):
            unused = self.record if not self._has_user_message else None
            begun = await asyncio.to_thread(self._layout.services.chat.start, persona)
            if unused is not None:
                # Whoever wrote the first words and then chose another persona meant them for it.
                self._drafts[begun.id] = self._drafts.pop(unused.id, "")
            await self._open(begun.id)
            self._layout.sidebar.reload()
        if focus:
            self._layout.prompt.focus()

    def _unused_with(self, persona: str) -> bool:
        """Whether nobody spoke yet in the conversation on show, and this persona is in it."""
        return self.record is not None and not self._has_user_message and self.record.persona == persona

    async def show_again(self, conversation: str, text: str = "") -> None:
        """Read the conversation anew; give `text` back to the prompt if the store does not have it."""
        services = self._layout.services
        stored = await asyncio.to_thread(self._last_words, services, conversation)
        if text and stored != text:
            self._layout.prompt.put_back(text)
        if self.shows(conversation):
            await self.open(conversation)
        self.touched(conversation)

    async def older(self, before: str) -> None:
        """Bring the page above a message."""
        if self._paging or self.record is None:
            return
        self._paging, conversation = True, self.record
        try:
            path = self._layout.services.store.messages.path
            page = await asyncio.to_thread(path, conversation.id, limit=PAGE, before=before)
            if self.shows(conversation.id):
                self._layout.transcript.prepend(page, has_older=has_older(page))
        finally:
            self._paging = False

    # Changing

    async def change_persona(self, persona: str) -> None:
        """Let another persona answer from now on."""
        if self.record is None or self.record.persona == persona:
            return
        if not self._has_user_message:
            await self.begin(persona)
            return
        services = self._layout.services
        await asyncio.to_thread(services.personas.get, persona)
        await asyncio.to_thread(services.store.conversations.set_persona, self.id, persona)
        await self._reread()
        self._layout.note(self._layout.t("chat.persona_changed", name=self.face.name))

    async def change_model(self, model: str) -> None:
        """Let another model answer, here and in new conversations."""
        if self.record is None:
            return
        services = self._layout.services
        await asyncio.to_thread(services.models.resolve, model)
        await asyncio.to_thread(services.store.conversations.set_model, self.id, model)
        problem = shell(self._layout).change("model", model)
        await self._reread()
        self._layout.note(problem or self._layout.t("chat.model_changed", name=model), error=bool(problem))

    def user_wrote(self) -> None:
        """The user said something here."""
        self._has_user_message = True

    def touched(self, conversation: str) -> None:
        """Its title or time may have changed."""
        if self.shows(conversation):
            self._layout.work(self._reread())
        self._layout.sidebar.reload()

    async def _reread(self) -> None:
        """Take over what the store says of the conversation on show, without its messages."""
        wanted, services = self.id, self._layout.services
        conversation = await asyncio.to_thread(services.store.conversations.get, wanted)
        face = await asyncio.to_thread(self._face, conversation.persona)
        if self.shows(wanted):
            self.record, self.face = conversation, face
            self.show_names()

    def _face(self, persona: str) -> Face:
        return self._source.face(persona)

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
        layout = self._layout
        self.record, self.face = opened.conversation, opened.face
        self._has_user_message = opened.has_user_message
        layout.clear_note()
        layout.prompt.show_unseen(False)
        self._show_messages(opened)
        if message:
            layout.transcript.select(message)
        self.show_names()
        self._offer_continue(opened.messages)
        self.tell_use()
        # The keys of the list act on the row that is pointed at; among search hits it stays where it is.
        layout.sidebar.show_current(self.id, point=not layout.sidebar.query_text)
        layout.refresh_bindings()

    def _show_messages(self, opened: Opened) -> None:
        transcript = self._layout.transcript
        turn = self._turns.in_conversation(self.id)
        messages = list(opened.messages)
        if turn is None or turn.reply is None:
            transcript.load(messages, has_older=opened.has_older)
            return
        reply = turn.reply
        transcript.load([one for one in messages if one.id != reply.id], has_older=opened.has_older)
        transcript.start_stream(replace(reply, content=turn.text, status=Status.STREAMING))

    def tell_use(self) -> None:
        """Show how much of the context the conversation on show takes, as far as that is known."""
        layout, shown = self._layout, self._layout.transcript.messages
        if self._turns.busy:
            layout.status.change(elsewhere=self._turns.in_conversation(self.id) is None)
            return
        last = shown[-1] if shown and shown[-1].prompt_tokens else None
        layout.status.change(
            elsewhere=False,
            prompt_tokens=last.prompt_tokens if last else 0,
            reused_tokens=last.reused_tokens if last else 0,
            tokens=last.new_tokens if last else 0,
            dropped=0,
        )

    def _offer_continue(self, messages: Sequence[Message]) -> None:
        cut = bool(messages) and messages[-1].status in (Status.INTERRUPTED, Status.STOPPED)
        if cut and not self._turns.busy:
            key = self._layout.key_of("transcript.continue")
            self._layout.note(self._layout.t("chat.offer_continue", key=key))

    def show_names(self) -> None:
        """Name persona, title and model where they stand."""
        layout, conversation = self._layout, self.record
        if conversation is None:
            return
        title = conversation.title or layout.t("chat.untitled")
        layout.head(heading(self.face, title))
        layout.transcript.set_wording(layout.wording(self.face.name))
        layout.prompt.invite(self.face.name)
        model = conversation.model or shell(layout).settings.model
        layout.status.answered_by(model)
        layout.work(self._tell_model(model))

    async def _tell_model(self, model: str) -> None:
        """Say how the model is packed and what context it has, as its files tell."""
        facts = await asyncio.to_thread(self._facts, model)
        if facts is not None:
            self._layout.status.made_for(model, facts.quantisation, facts.context)

    def _facts(self, model: str) -> ModelInfo | None:
        return next((info for info in self._layout.services.models.list() if info.name == model), None)


def heading(face: Face, title: str) -> Content:
    """Who answers, and what the conversation is called."""
    mark = Content.assemble(plain_line(face.avatar, 4), " " if face.avatar else "")
    name, called = plain_line(face.name, 40, "bold"), plain_line(title, 200, "$text-muted")
    return Content.assemble(mark, name, " · ", called)


def has_older(messages: Sequence[Message]) -> bool:
    """Whether something was said before the first of these."""
    return bool(messages) and messages[0].parent is not None
