"""The base class of the panes and of every other screen.

It gives a screen its texts, the note line, guarded work beside the interface, and the messages by which
it asks the application for another screen. A new pane composes its widgets, names its actions and does
the rest.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen, Screen
from textual.timer import Timer
from textual.widgets import Static

from aigc_tui import crash
from aigc_tui.locale import Translate
from aigc_tui.tui.footer import KeyFooter
from aigc_tui.tui.keys import action_of, key_name, keys_of
from aigc_tui.tui.shell import shell
from aigc_tui.tui.widgets.text import plain, plain_line

if TYPE_CHECKING:
    from aigc_tui.quiz.records import Item
    from aigc_tui.tui.services import Services

NOTE_SECONDS = 6
"""How long a confirmation stays; a note that wants attention stays until the next step."""
Answer = TypeVar("Answer")
Result = TypeVar("Result")


def local_now() -> datetime:
    """The present in the machine's time zone."""
    return datetime.now().astimezone()


class Pane(Screen[Result]):
    """A screen of the application.

    A subclass yields `Static(id="head")`, `Static(id="note")` and `KeyFooter()` where it wants them.

    Attributes:
        now: Tells the present; tests replace it.
    """

    ONE_AT_A_TIME: ClassVar[bool] = False
    """Whether `work` waits for the work begun before it."""

    @dataclass
    class TakeQuiz(Message):
        """Please open a quiz to be taken, on top of this screen or in its place."""

        quiz: str
        replace: bool = False

    @dataclass
    class Practise(Message):
        """Please open practice of a lesson (None: of all), or of its mistakes."""

        lesson: str | None
        mistakes: bool = False

    @dataclass
    class AskTutor(Message):
        """Please open a chat with the tutor about a question."""

        item: Item

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.now = local_now
        self._note_timer = Timer(self, 0)
        self._services: Services | None = None
        self._turn = asyncio.Lock()

    # What it works with

    @property
    def t(self) -> Translate:
        """The catalogue in the language that is on now."""
        return shell(self).t

    @property
    def is_open(self) -> bool:
        """Whether the store is open. Only the chat pane is there before it."""
        return True

    @property
    def services(self) -> Services:
        """The open store and the rest; kept, so that work under way at quitting still has them."""
        if self._services is None:
            self._services = shell(self).services
        assert self._services is not None
        return self._services

    def key_of(self, action: str) -> str:
        """The first key of an action, as it is printed on a keyboard."""
        found = action_of(action)
        keys = keys_of(found, shell(self).own_keys()) if found else ()
        return key_name(keys[0]) if keys else ""

    # The lines at the top and at the bottom

    def head(self, line: str | Content) -> None:
        """Show at the top what is open."""
        shown: Content = plain_line(line, style="bold") if isinstance(line, str) else line
        for head in self.query("#head").results(Static):
            head.update(shown)

    def note(self, line: str, *, error: bool = False) -> None:
        """Show one line until the next step; an empty line hides it."""
        self._note_timer.stop()
        # Work that ends while the application quits finds the widgets gone; that must not end in a crash.
        for note in self.query("#note").results(Static):
            note.update(plain(line, "$text-error" if error else "$text-muted"))
            note.display = bool(line)

    def clear_note(self) -> None:
        """Hide the note."""
        self.note("")

    def confirm(self, line: str) -> None:
        """Show for a few seconds that something was done."""
        self.note(line)
        self._note_timer = self.set_timer(NOTE_SECONDS, self.clear_note)

    # Work beside the interface

    def work(self, doing: Coroutine[Any, Any, None]) -> None:
        """Run something that asks the store; an error becomes one line."""
        if not self.is_open:
            doing.close()
            self.say_not_open()
            return
        self.run_worker(self.guarded(doing), group="work", exit_on_error=False)

    async def guarded(self, doing: Coroutine[Any, Any, None]) -> None:
        """Await something; an error becomes one line, so that the screen stays usable."""
        try:
            if self.ONE_AT_A_TIME:
                async with self._turn:
                    await doing
            else:
                await doing
        except Exception as error:  # whatever it was; the log has the rest
            self.note(self.error_line(error), error=True)

    def error_line(self, error: Exception) -> str:
        """An error in one line; the log has the rest."""
        return crash.line(self.t, error, shell(self).paths)

    def say_not_open(self) -> None:
        """Say that the store is not open yet."""

    async def ask(self, dialog: ModalScreen[Answer]) -> Answer:
        """Show a dialog and wait for its answer, inside `work`."""
        return await self.app.push_screen_wait(dialog)

    # What the application asks for

    def retranslate(self) -> None:
        """Show every text in the language that is on now."""
        for footer in self.query(KeyFooter):
            footer.retranslate()

    def action_close(self) -> None:
        """Back to the screen below; from the lowest one of a pane, to the quiz pane."""
        if len(self.app.screen_stack) > 1:
            self.dismiss()
        else:
            self.app.call_later(self.app.run_action, "app.pane('quiz')")
