"""The real application on its quiz pane, over a real store, for tests of the pane."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from textual.pilot import Pilot

from aigc_tui.quiz.service import QuizService
from aigc_tui.store import Store
from aigc_tui.tui.app import AigcApp
from aigc_tui.tui.quiz.screen import QuizScreen
from tests.support.fake_engine import FakeEngine
from tests.support.frames import frame
from tests.tui.chat import desk as chat_desk

SIZE = (120, 40)
PATIENCE = 60.0
"""Seconds: a child process that makes a quiz starts slowly on a busy machine."""
NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


@dataclass
class Bench:
    """The running application and what a test asks of it."""

    app: AigcApp
    pilot: Pilot[int]

    @property
    def screen(self) -> QuizScreen:
        """The quiz pane."""
        return next(screen for screen in self.app._screen_stacks["quiz"] if isinstance(screen, QuizScreen))

    @property
    def service(self) -> QuizService:
        return self.screen.service

    @property
    def shown(self) -> str:
        """The characters on the screen."""
        return frame(self.app)

    async def until(self, condition: Callable[[], bool], what: str = "the condition") -> None:
        """Wait for something that a child process may have to do first."""
        deadline = monotonic() + PATIENCE
        while not condition():
            if monotonic() > deadline:
                raise AssertionError(f"{what} did not come true; on the screen is\n{self.shown}")
            await self.pilot.pause(0.02)

    async def until_shown(self, words: str) -> None:
        """Wait until words stand on the screen."""
        await self.until(lambda: words in self.shown, f"{words!r}")

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.settle()

    def idle(self) -> bool:
        """Whether no work of the pane's is under way but what a dialog waits for."""
        return all(worker.is_finished for worker in self.app.workers if worker.group == "work")

    async def settle(self) -> None:
        """Wait until the application has nothing more to do but wait for an answer."""
        await self.pilot.pause()
        await self.until(lambda: self.idle() or len(self.app.screen_stack) > 1, "the end of all work")
        await self.pilot.pause()


Play = Callable[[Bench], Awaitable[None]]


def play(
    home: Path,
    scene: Play,
    *,
    language: str = "en",
    size: tuple[int, int] = SIZE,
    engine: FakeEngine | None = None,
    prepare: Callable[[Store], None] | None = None,
) -> None:
    """Run a scene on the quiz pane of an application whose store lies in `home`."""

    async def on_quiz(desk: chat_desk.Desk) -> None:
        bench = Bench(desk.app, desk.pilot)
        await desk.pilot.press("f4")
        await bench.until(lambda: desk.app.current_mode == "quiz", "the quiz pane")
        bench.screen.now = lambda: NOW
        await bench.until(lambda: bench.screen.library.known, "the shelf")
        await bench.settle()
        await scene(bench)

    chat_desk.play(home, on_quiz, language=language, size=size, engine=engine, prepare=prepare)
