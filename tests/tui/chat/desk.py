"""The real application over a real store and real personas, with a scripted engine, for tests of the chat."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from aigc_tui.chat import ChatService
from aigc_tui.config import Paths, Settings, save_setting
from aigc_tui.engine.models import ModelInfo
from aigc_tui.engine.protocol import ModelSpec
from aigc_tui.inference.source import ModelError
from aigc_tui.personas import PersonaLibrary
from aigc_tui.quiz.service import QuizService
from aigc_tui.store import Store
from aigc_tui.store.records import Message
from aigc_tui.tui.app import AigcApp
from aigc_tui.tui.chat.screen import ChatScreen
from aigc_tui.tui.services import Services
from tests.support.fake_engine import FakeEngine
from tests.support.frames import wait_until

SIZE = (120, 40)
NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
"""The present of every test; the store's times are fixed to it where frames are compared."""


class TwoModels:
    """A catalogue of two models that nobody ever loads."""

    def list(self) -> list[ModelInfo]:
        return [
            ModelInfo("starter", "local", "/models/starter", parameters=6_000_000, context=1024),
            ModelInfo("server", "openai", "http://127.0.0.1:8080/v1"),
        ]

    def resolve(self, name: str) -> ModelSpec:
        if name not in ("starter", "server"):
            raise ModelError(f"there is no model {name!r}; known: starter, server")
        return ModelSpec(name)

    def defaults(self, spec: ModelSpec) -> dict[str, float]:
        return {"max_tokens": 64}


@dataclass
class Desk:
    """The running application and what a test asks of it."""

    app: AigcApp
    pilot: Pilot[int]
    engine: FakeEngine

    @property
    def screen(self) -> ChatScreen:
        return self.app.chat

    @property
    def store(self) -> Store:
        return self.screen.services.store

    @property
    def shown(self) -> list[Message]:
        """The messages on show."""
        return self.screen.transcript.messages

    @property
    def said(self) -> list[str]:
        """The words of the messages on show, as the store has them."""
        return [message.content for message in self.store.messages.path(self.screen.conversation.id)]

    async def until(self, condition: Callable[[], bool], what: str = "the condition") -> None:
        await wait_until(self.pilot, condition, what)

    async def type(self, text: str) -> None:
        """Type into the prompt."""
        self.screen.prompt.focus()
        await self.pilot.pause()
        self.screen.prompt.insert(text)
        await self.pilot.pause()

    async def send(self, text: str) -> None:
        """Type a message or command and press enter."""
        await self.type(text)
        await self.pilot.press("enter")

    async def say(self, text: str) -> None:
        """Send a message and wait for the reply's end."""
        await self.send(text)
        await self.until(lambda: not self.screen.prompt.text and not self.screen.turns.busy, "the reply")
        await self.until(self.idle, "the end of all work")

    def idle(self) -> bool:
        """Whether no work of the screen's is under way."""
        return not self.screen.turns.busy and all(
            worker.is_finished for worker in self.app.workers if worker.group in ("work", "turn", "sidebar")
        )

    async def settle(self) -> None:
        """Wait until the application has nothing more to do."""
        await self.pilot.pause()
        await self.until(self.idle, "the end of all work")
        await self.pilot.pause()


Play = Callable[[Desk], Awaitable[None]]


def play(
    home: Path,
    scene: Play,
    *,
    language: str = "en",
    size: tuple[int, int] = SIZE,
    engine: FakeEngine | None = None,
    prepare: Callable[[Store], None] | None = None,
    models: Callable[[Paths, Settings], Any] = lambda paths, settings: TwoModels(),
) -> None:
    """Run a scene on a desk whose store lies in `home`.

    Args:
        home: The user's folder.
        scene: What the user does, and what is to be seen.
        language: The interface's language.
        size: Columns and rows.
        engine: What answers.
        prepare: Fills the store before the application opens it.
        models: Makes the catalogue of models.
    """
    paths = Paths.find(home)
    for key, value in (("language", language), ("first_run_done", True)):
        save_setting(paths, key, value)
    if prepare is not None:
        with Store.open(paths.store, backups=paths.backups) as store:
            prepare(store)
    asyncio.run(_play(paths, scene, size, engine, models))


async def _play(
    paths: Paths,
    scene: Play,
    size: tuple[int, int],
    engine: FakeEngine | None,
    models: Callable[[Paths, Settings], Any],
) -> None:
    answering = engine or FakeEngine()

    def opener(paths: Paths, settings: Settings, language: str) -> Services:
        store = Store.open(paths.store, backups=paths.backups)
        recovered = store.recover()
        personas, known = PersonaLibrary(paths), models(paths, settings)
        chat = ChatService(store, answering, personas, known, replace(settings), language)
        quiz = QuizService(store, answering)
        return Services(paths, store, answering, personas, known, chat, quiz, recovered)

    app = AigcApp(paths, opener=opener, environ={})
    app.chat.clock = lambda: 0.0
    app.chat.now = lambda: NOW
    async with app.run_test(size=size) as pilot:
        desk = Desk(app, pilot, answering)
        await desk.until(lambda: bool(app.chat.conversation.id), "the first conversation")
        await desk.settle()
        await scene(desk)
