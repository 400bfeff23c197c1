"""The quiz pane: which key or event goes to which helper.

Why it exists: wiring only. What stands where is in `QuizFrame`. Nothing here touches the store in the
interface's loop.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual import on
from textual.binding import Binding
from textual.screen import ModalScreen

from aigc_tui.locale import Translate
from aigc_tui.tui import crash
from aigc_tui.tui.bindings import bindings
from aigc_tui.tui.chat.source import local_now
from aigc_tui.tui.footer import KeyFooter
from aigc_tui.tui.quiz.frame import QuizFrame
from aigc_tui.tui.quiz.librarian import Librarian
from aigc_tui.tui.quiz.shelf import Shelf
from aigc_tui.tui.shell import shell

if TYPE_CHECKING:
    from aigc_tui.quiz.service import QuizService
    from aigc_tui.tui.services import Services

Answer = TypeVar("Answer")


class QuizScreen(QuizFrame):
    """Where quizzes are made and reviewed.

    Args:
        t: The catalogue in use; it follows a change of language by itself.

    Attributes:
        now: Tells the present, for what is due.
    """

    CSS_PATH = "quiz.tcss"
    BINDINGS: ClassVar = bindings("quiz")

    def __init__(self, t: Translate) -> None:
        super().__init__(t)
        self.now = local_now
        self.librarian = Librarian(self)

    # What the helpers work with

    @property
    def services(self) -> Services:
        """The open store and the rest: the pane is opened after them (`AigcApp.check_action`)."""
        services = shell(self).services
        assert services is not None
        return services

    @property
    def service(self) -> QuizService:
        """The quiz bench."""
        return self.services.quiz

    def on_mount(self) -> None:
        """Read the shelf."""
        self.set_class(True, "-empty")
        self.work(self.librarian.begin())

    def on_screen_resume(self) -> None:
        """What is due may have changed while another pane was on show."""
        if self.librarian.known:
            self.work(self.librarian.reload())

    def retranslate(self) -> None:
        """Show every text in the language that is on now."""
        self.shelf.retranslate()
        self.librarian.retranslate()
        self.query_one(KeyFooter).retranslate()
        self.clear_note()

    # What the helpers ask for

    def work(self, doing: Coroutine[Any, Any, None]) -> None:
        """Do something that asks the store, beside the interface; an error becomes one line."""
        self.run_worker(self._guarded(doing), group="work", exit_on_error=False)

    async def _guarded(self, doing: Coroutine[Any, Any, None]) -> None:
        try:
            await doing
        except Exception as error:  # the pane stays usable whatever it was; the log has the rest
            self.problem(error)

    async def ask(self, dialog: ModalScreen[Answer]) -> Answer:
        """Show a dialog and wait for its answer, inside `work`."""
        return await self.app.push_screen_wait(dialog)

    def problem(self, error: Exception) -> None:
        """Say what went wrong, in one line."""
        self.note(crash.line(self.t, error, self.services.paths), error=True)

    # The shelf

    @on(Shelf.Opened)
    def _open(self, event: Shelf.Opened) -> None:
        self.remove_class("-shelf-open")
        self.work(self.librarian.open(event.row))

    @on(Shelf.Asked)
    def _asked(self, event: Shelf.Asked) -> None:
        if event.what == "undo":
            self.work(self.librarian.undo())
        elif event.row is not None:
            act = {"rename": self.librarian.rename, "delete": self.librarian.delete}
            self.work(act[event.what](event.row))

    @on(Shelf.Searched)
    def _searched(self, event: Shelf.Searched) -> None:
        self.work(self.librarian.search(event.query))

    # Keys

    def label(self, binding: Binding) -> str:
        """What the footer calls a key: escape stops only where something is being made."""
        return "app.key_back" if binding.id == "quiz.stop" else binding.description

    def action_stop(self) -> None:
        """Escape: empty the search, close the overlay."""
        if self.in_shelf and self.shelf.clear_search():
            return
        self.remove_class("-shelf-open")

    def action_search(self) -> None:
        """Go to the search field."""
        self.go_to_search()

    def action_toggle_shelf(self) -> None:
        """Show or hide the shelf."""
        if self.has_class("-wide"):
            shown = self.has_class("-no-shelf")
            self.set_class(not shown, "-no-shelf")
        else:
            shown = not self.has_class("-shelf-open")
            self.set_class(shown, "-shelf-open")
        if shown:
            self.go_to_shelf()
