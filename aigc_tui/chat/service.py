"""What a front end can do with a conversation, in terms of the message tree.

Regenerating adds a sibling of the reply, editing a sibling of the edited message; nothing is lost.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

from aigc_tui.chat.turn import Turn
from aigc_tui.config import Settings
from aigc_tui.config.sampling import InForce
from aigc_tui.engine.models import needs_identity
from aigc_tui.engine.protocol import ChatMessage, Engine, GenerateRequest, ModelSpec, Role, Sampling
from aigc_tui.engine.remote import sendable
from aigc_tui.ids import uuid7
from aigc_tui.message import AppError
from aigc_tui.personas import PersonaLibrary, assemble, sampling_for, sampling_in_force
from aigc_tui.safety import crisis
from aigc_tui.store import Store
from aigc_tui.store.records import Conversation, Message, Status
from aigc_tui.text import clean, guess_language, one_line

HISTORY_LIMIT = 2000
"""Messages of a path that are offered to the engine, which fits them into the model's context."""
TITLE_LENGTH = 60
NOTICE_ROLE = "notice"


class ChatError(AppError, ValueError):
    """What was asked for makes no sense at this place of the conversation."""


class ModelResolver(Protocol):
    """The part of the model catalogue that a turn needs."""

    def resolve(self, name: str) -> ModelSpec: ...

    def defaults(self, spec: ModelSpec) -> Mapping[str, float]:
        """The sampling that the model's makers recommend."""
        ...


class ChatService:
    """Everything a front end does with conversations. Its methods are quick and may run in a thread.

    `language` is the interface's, used until a conversation shows its own.
    """

    def __init__(
        self,
        store: Store,
        engine: Engine,
        personas: PersonaLibrary,
        models: ModelResolver,
        settings: Settings,
        language: str,
    ) -> None:
        self.store = store
        self.engine = engine
        self.personas = personas
        self.models = models
        self.settings = settings
        self.language = language

    def start(self, persona_id: str, model: str | None = None) -> Conversation:
        """Begin a conversation with the persona's greeting as its first message."""
        persona = self.personas.get(persona_id)
        conversation = self.store.conversations.create(persona=persona.id, model=model or self.settings.model)
        greeting = persona.text("greeting", self.language)
        if greeting:
            self._add(
                conversation, None, Role.ASSISTANT, greeting, author=persona.text("name", self.language)
            )
        return self.store.conversations.get(conversation.id)

    def send(self, conversation_id: str, text: str) -> Turn:
        """Add the user's words after the path on show, and prepare the reply."""
        conversation = self.store.conversations.get(conversation_id)
        return self._say(conversation, conversation.head, text)

    def edit(self, message_id: str, text: str) -> Turn | None:
        """Fork the conversation at a message; an edited reply gets no new one, and None is returned."""
        old = self.store.messages.get(message_id)
        conversation = self.store.conversations.get(old.conversation)
        if old.role == Role.USER:
            return self._say(conversation, old.parent, text)
        self._add(conversation, old.parent, Role(old.role), text, author=old.author)
        return None

    def regenerate(self, message_id: str) -> Turn:
        """Ask again: a new sibling of the reply, or a new reply to the question."""
        message = self.store.messages.get(message_id)
        conversation = self.store.conversations.get(message.conversation)
        parent = message.id if message.role == Role.USER else message.parent
        if parent is None:
            raise ChatError("the greeting answers no question, so it cannot be regenerated")
        question = self.store.messages.get(parent)
        return self._answer(conversation, question, in_danger=crisis.check(question.content) is not None)

    def resume(self, message_id: str) -> Turn:
        """Continue a reply in place from its last word."""
        message = self.store.messages.get(message_id)
        if message.role != Role.ASSISTANT:
            raise ChatError("only a reply can be continued")
        conversation = self.store.conversations.get(message.conversation)
        # Before the row is touched: a model or persona that is gone must not spoil a reply that is there.
        request = self._request(conversation, message, continue_final=bool(message.content))
        self.store.messages.reopen(message.id)
        return Turn(self.store, self.engine, conversation, request, message)

    def _say(self, conversation: Conversation, parent: str | None, text: str) -> Turn:
        # What can refuse comes first, so that a refusal leaves no question without an answer in the store.
        self.personas.get(conversation.persona)
        in_danger = crisis.check(text) is not None
        if not conversation.title:
            self.store.conversations.rename(conversation.id, one_line(text, TITLE_LENGTH))
        user = self._add(conversation, parent, Role.USER, text)
        return self._answer(conversation, user, in_danger=in_danger, said=user)

    def _answer(
        self, conversation: Conversation, question: Message, *, in_danger: bool, said: Message | None = None
    ) -> Turn:
        """A reply below a question; in danger a fixed text instead (docs/architecture.md, section 7)."""
        if not in_danger or question.role != Role.USER:
            return self._reply(conversation, question, said)
        words = crisis.response(guess_language(question.content))
        notice = self._add(conversation, question.id, NOTICE_ROLE, words, author="aigc-tui")
        return Turn(self.store, self.engine, conversation, None, None, user=said, notice=notice)

    def _reply(self, conversation: Conversation, question: Message, said: Message | None) -> Turn:
        reply = self.store.messages.add(
            conversation=conversation.id,
            parent=question.id,
            role=Role.ASSISTANT,
            status=Status.STREAMING,
            author=self.personas.get(conversation.persona).text("name", self.language),
            model=conversation.model or self.settings.model,
        )
        try:
            request = self._request(conversation, reply)
        except Exception:
            self.store.messages.finish(reply.id, reply.content, Status.FAILED)
            raise
        return Turn(self.store, self.engine, conversation, request, reply, user=said)

    def _request(
        self, conversation: Conversation, reply: Message, *, continue_final: bool = False
    ) -> GenerateRequest:
        persona = self.personas.get(conversation.persona)
        model = self.models.resolve(reply.model or conversation.model or self.settings.model)
        head = reply.id if continue_final else reply.parent
        history = self.store.messages.path(conversation.id, head, limit=HISTORY_LIMIT) if head else []
        language = self.prompt_language(history)
        folder = Path(model.path) if model.kind == "local" else None
        messages = assemble(persona, language, history, identify=needs_identity(folder))
        sampling = sampling_for(persona, self.settings, self.models.defaults(model))
        if model.kind != "local":
            sampling = sendable(sampling)
        self.store.messages.note_prompt(reply.id, prompt_hash(messages), json.dumps(asdict(sampling)))
        return GenerateRequest(uuid7(), model, messages, sampling, continue_final=continue_final)

    def in_force(self, conversation_id: str = "") -> dict[str, InForce]:
        """Tell how the next reply would be sampled if the user had set nothing, and whose word it is.

        Args:
            conversation_id: Where the reply would be; empty: in a new conversation.

        Raises:
            AppError: The persona or the model is gone.
        """
        persona, model = self.settings.persona, self.settings.model
        if conversation_id:
            conversation = self.store.conversations.get(conversation_id)
            persona, model = conversation.persona, conversation.model or model
        spec = self.models.resolve(model)
        return sampling_in_force(self.personas.get(persona), Settings(), self.models.defaults(spec))

    def sampling(self, model: ModelSpec) -> Sampling:
        """How a model is sampled where no persona speaks, as in a quiz."""
        return sampling_for(None, self.settings, self.models.defaults(model))

    def prompt_language(self, history: Sequence[Message]) -> str:
        """The language of the user's first words: changed instructions would void the prefix cache."""
        first = next((message.content for message in history if message.role == Role.USER), "")
        return guess_language(first) if first.strip() else self.language

    def _add(
        self, conversation: Conversation, parent: str | None, role: str, text: str, *, author: str = ""
    ) -> Message:
        return self.store.messages.add(
            conversation=conversation.id, parent=parent, role=role, content=clean(text), author=author
        )


def prompt_hash(messages: Sequence[ChatMessage]) -> str:
    """A snapshot's name: SHA-256 over roles and contents, so that equal prompts can be told."""
    digest = hashlib.sha256()
    for message in messages:
        digest.update(f"{message.role}\0{message.content}\0".encode())
    return digest.hexdigest()
