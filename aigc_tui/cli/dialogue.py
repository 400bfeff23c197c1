"""A conversation as the command line holds it: store, engine and persona, opened for one run.

Why it exists: one turn and the plain dialogue do the same with a reply; they differ in what they ask next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from aigc_tui.chat import ChatService, Turn
from aigc_tui.cli.conversations import find_conversation
from aigc_tui.cli.errors import CommandError
from aigc_tui.cli.narrator import Narrator
from aigc_tui.cli.speech import Write, speak
from aigc_tui.cli.workspace import Workspace
from aigc_tui.engine.protocol import Done, Failed
from aigc_tui.engine.switch import EngineSwitch
from aigc_tui.store import Store
from aigc_tui.store.records import Conversation
from aigc_tui.text import one_line

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DialogueOptions:
    """What was said on the command line about who answers, where and how.

    Attributes:
        persona: A persona's id.
        model: A model's name or folder.
        conversation: An id, its beginning, or `last`; None begins a new one.
        sampling: Settings that hold for this run only.
    """

    persona: str | None = None
    model: str | None = None
    conversation: str | None = None
    sampling: Mapping[str, Any] = field(default_factory=dict)


class Dialogue:
    """One conversation that is being held. It is created with the first words, never without any.

    Attributes:
        conversation: The conversation, or None before the first words.
        persona: The id of who answers.
        model: The name or folder of the model that answers.
    """

    def __init__(
        self, workspace: Workspace, chat: ChatService, runner: asyncio.Runner, narrator: Narrator
    ) -> None:
        self.workspace = workspace
        self.chat = chat
        self.narrator = narrator
        self.conversation: Conversation | None = None
        self.persona = chat.settings.persona
        self.model = chat.settings.model
        self._runner = runner

    @property
    def store(self) -> Store:
        """The open store."""
        return self.chat.store

    def say(self, words: str) -> Turn:
        """Add the user's words and prepare the reply."""
        if self.conversation is None:
            self.conversation = self.chat.start(self.persona, self.model)
        return self.chat.send(self.conversation.id, words)

    def hear(self, turn: Turn, write: Write) -> Done | Failed | None:
        """Run a turn to its end.

        Returns:
            How it ended; None: a fixed notice stands in the reply's place.

        Raises:
            KeyboardInterrupt: Ctrl-c was pressed again while the reply was being stopped.
        """
        try:
            return self.wait(speak(turn, write, self.narrator))
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Let the loop work until a coroutine has its result."""
        return self._runner.run(work)

    def take_persona(self, persona_id: str) -> None:
        """Let somebody else answer from now on."""
        self.persona = self.chat.personas.get(persona_id).id
        if self.conversation is not None:
            self.store.conversations.set_persona(self.conversation.id, self.persona)

    def take_model(self, name: str) -> None:
        """Let another model answer from now on."""
        model = self.workspace.model_name(name)
        self.chat.models.resolve(model)
        self.model = model
        if self.conversation is not None:
            self.store.conversations.set_model(self.conversation.id, self.model)

    def take_up(self, name: str) -> None:
        """Go on with an earlier conversation.

        Raises:
            CommandError: There is none to go on with, or it was deleted.
            StoreError: No conversation, or more than one, begins with this id.
        """
        found = find_conversation(self.store, name)
        if found.id in {one.id for one in self.store.conversations.trashed()}:
            raise CommandError(
                "{title} was deleted; `aigc-tui history undelete {id}` restores it",
                title=one_line(found.title) or found.id,
                id=found.id,
            )
        self.conversation, self.persona = found, found.persona
        self.model = found.model or self.model


@contextmanager
def open_dialogue(workspace: Workspace, options: DialogueOptions, *, plain: bool) -> Iterator[Dialogue]:
    """Open what a conversation needs. Persona and model are looked up before anything is written.

    Raises:
        StoreError, PersonaError, ModelError, ConfigError: One line says what is wrong.
    """
    settings = replace(workspace.settings, **options.sampling)
    engine = EngineSwitch(workspace.paths, settings)
    with workspace.store() as store, asyncio.Runner() as runner:
        store.recover()
        chat = ChatService(store, engine, workspace.personas, workspace.models, settings, workspace.language)
        dialogue = Dialogue(workspace, chat, runner, Narrator(workspace.t, plain=plain or settings.plain))
        if options.conversation:
            dialogue.take_up(options.conversation)
        dialogue.take_model(options.model or dialogue.model)
        dialogue.take_persona(options.persona or dialogue.persona)
        try:
            yield dialogue
        finally:
            runner.run(engine.close())
