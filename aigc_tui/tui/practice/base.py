"""What the screens of this folder share: a title line, work beside the interface, and leaving.

Why it exists: each of them asks the store in a thread and must survive what goes wrong there, in one line.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from aigc_tui import crash
from aigc_tui.engine.protocol import Stage
from aigc_tui.locale import Translate
from aigc_tui.tui.chat.source import local_now
from aigc_tui.tui.footer import KeyFooter
from aigc_tui.tui.panes import leave
from aigc_tui.tui.tutor import ask_tutor
from aigc_tui.tui.widgets.text import plain

if TYPE_CHECKING:
    from aigc_tui.quiz.records import Item
    from aigc_tui.quiz.service import QuizService
    from aigc_tui.tui.app import AigcApp


class PracticeBase(Screen[None]):
    """A screen of its own title line.

    Args:
        app: The application.
        name: Names the screen's kind; no id, since several of a kind may be open in different panes.

    Attributes:
        now: Tells the present; tests move it.
    """

    CSS_PATH = "practice.tcss"

    def __init__(self, app: AigcApp, name: str) -> None:
        super().__init__(classes=name)
        self._shell = app
        self.now = local_now
        self._one = asyncio.Lock()

    @property
    def t(self) -> Translate:
        """The catalogue in the language that is on."""
        return self._shell.t

    @property
    def service(self) -> QuizService:
        """The quiz bench; these screens are opened after it."""
        services = self._shell.services
        assert services is not None
        return services.quiz

    @property
    def engine_stage(self) -> Stage:
        """What the engine is doing now."""
        services = self._shell.services
        return services.engine.stage if services is not None else Stage.OFF

    def head(self, line: str | Content) -> None:
        """Say at the top what is on show."""
        shown: Content = plain(line) if isinstance(line, str) else line
        self.query_one("#practice-head", Static).update(shown)

    def note(self, line: str, *, error: bool = False) -> None:
        """Say one line at the foot; an empty one takes it away."""
        note = self.query_one("#practice-note", Static)
        note.update(plain(line, "$text-error" if error else "$text-muted"))
        note.display = bool(line)

    def work(self, doing: Coroutine[Any, Any, None]) -> None:
        """Do something that asks the store, beside the interface; one thing at a time."""
        self.run_worker(self._guarded(doing), group="work", exit_on_error=False)

    async def _guarded(self, doing: Coroutine[Any, Any, None]) -> None:
        try:
            async with self._one:
                await doing
        except Exception as error:  # the screen stays usable whatever it was; the log has the rest
            self.note(self.worded(error), error=True)

    def worded(self, error: Exception) -> str:
        """An error in one line; the log has the rest."""
        return crash.line(self.t, error, self._shell.paths)

    def ask_tutor(self, item: Item) -> None:
        """Open a chat with the tutor about an item; this screen waits."""
        ask_tutor(self._shell, item)

    def action_close(self) -> None:
        """Back to where the user came from."""
        leave(self)

    def retranslate(self) -> None:
        """The keys in the language that is on now; screens add what they show."""
        self.query_one(KeyFooter).retranslate()
