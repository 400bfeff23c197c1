"""The quiz pane: its layout, and which key or message goes to which controller.

Nothing here reads the store in the event loop.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from textual import events, on
from textual.binding import Binding
from textual.screen import ModalScreen

from aigc_tui import crash
from aigc_tui.locale import Translate
from aigc_tui.tui.bindings import bindings
from aigc_tui.tui.chat.source import local_now
from aigc_tui.tui.footer import KeyFooter
from aigc_tui.tui.quiz.exporting import Exporting
from aigc_tui.tui.quiz.frame import QuizFrame
from aigc_tui.tui.quiz.generation import Making
from aigc_tui.tui.quiz.importing import Chosen, Importing
from aigc_tui.tui.quiz.item_lines import item_lines
from aigc_tui.tui.quiz.item_list import Filter, ItemList
from aigc_tui.tui.quiz.librarian import Librarian
from aigc_tui.tui.quiz.review import Review
from aigc_tui.tui.quiz.shelf import Shelf, ShelfSearch
from aigc_tui.tui.shell import shell
from aigc_tui.tui.widgets.text import LinesPage

if TYPE_CHECKING:
    from aigc_tui.quiz.lesson.records import Lesson
    from aigc_tui.quiz.service import QuizService
    from aigc_tui.tui.app import AigcApp
    from aigc_tui.tui.services import Services

Answer = TypeVar("Answer")
OF_A_QUIZ = frozenset(("undo", "redo", "filter", "export", "take"))
"""What is done to the quiz on show."""
OF_AN_ITEM = frozenset(("accept", "edit", "regenerate", "swap", "lock", "drop", "move", "ask_tutor"))
"""What is done to the question that is pointed at."""


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
        self.review = Review(self)
        self.making = Making(self)
        self.importing = Importing(self)
        self.exporting = Exporting(self)

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

    @property
    def busy(self) -> bool:
        """Whether something is under way that escape stops."""
        return self.making.busy or self.importing.busy

    @property
    def talk_id(self) -> str:
        """The conversation that the chat shows."""
        return self.house.chat.talk.id

    @property
    def talk_title(self) -> str:
        """What it is called; empty: nothing was said in it."""
        chat = self.house.chat
        said = any(message.role == "user" for message in chat.transcript.messages)
        return (
            (chat.talk.conversation.title or self.t("quiz.untitled"))
            if said and chat.talk.conversation
            else ""
        )

    @property
    def house(self) -> AigcApp:
        """The application, for the other panes."""
        return cast("AigcApp", self.app)

    def on_mount(self) -> None:
        """Read the shelf."""
        self.work(self.librarian.begin())

    def on_screen_resume(self) -> None:
        """What is due may have changed while another pane was on show."""
        if self.librarian.known:
            self.work(self.librarian.reload())

    def retranslate(self) -> None:
        """Show every text in the language that is on now."""
        self.shelf.retranslate()
        self.librarian.retranslate()
        if not self.making.busy:
            self.review.show()
        self.query_one(KeyFooter).retranslate()
        self.clear_note()

    # What the helpers ask for

    def work(self, doing: Coroutine[Any, Any, None]) -> None:
        """Do something that asks the store, beside the interface; an error becomes one line."""
        self.run_worker(self.guarded(doing), group="work", exit_on_error=False)

    async def guarded(self, doing: Coroutine[Any, Any, None]) -> None:
        """Do something; an error becomes one line."""
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

    def begin_making(self, lesson: Lesson) -> None:
        """Make room for the items to come."""
        self.review.close()
        self.head(lesson.title or self.t("quiz.untitled"))
        self.clear_note()
        self.show_filters([], "all")
        self.items.show([], [])
        self.show_part("quiz")
        self.items.focus()
        self.refresh_bindings()

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

    @on(Shelf.Wanted)
    def _wanted(self, event: Shelf.Wanted) -> None:
        self.work(self.librarian.practise(event.row, take=event.what == "take"))

    @on(Shelf.Searched)
    def _searched(self, event: Shelf.Searched) -> None:
        self.work(self.librarian.search(event.query))

    # The review

    @on(ItemList.Pointed)
    def _pointed(self, event: ItemList.Pointed) -> None:
        if self.review.quiz is not None:
            self.review.show_entry()
        elif event.entry is not None:
            number = self.items.pointed + 1
            self.show_item(item_lines(event.entry, number, self.making.lesson, self.t, key=self.review.key))
        self.refresh_bindings()

    def action_accept(self) -> None:
        """Accept the question."""
        self.work(self.review.accept())

    def action_drop(self) -> None:
        """Delete the question."""
        self.work(self.review.drop())

    def action_lock(self) -> None:
        """Lock the question or unlock it."""
        self.work(self.review.lock())

    def action_move(self, step: int) -> None:
        """Move the question."""
        self.work(self.review.move(step))

    def action_undo(self) -> None:
        """Take the last change back."""
        self.work(self.review.undo())

    def action_redo(self) -> None:
        """Do it again."""
        self.work(self.review.redo())

    def action_swap(self) -> None:
        """Swap a distractor."""
        self.work(self.review.swap())

    def action_regenerate(self) -> None:
        """Put another question there."""
        self.work(self.review.regenerate())

    def action_take(self) -> None:
        """Take the quiz on show."""
        if self.review.quiz_id:
            self.librarian.take(self.review.quiz_id)

    def action_edit(self) -> None:
        """Edit the question."""
        self.work(self.review.edit())

    def action_export(self) -> None:
        """Write the quiz to a file."""
        self.work(self.exporting.ask())

    def action_ask_tutor(self) -> None:
        """Ask the tutor persona about the question."""
        from aigc_tui.tui.tutor import ask_tutor

        if self.review.entry is not None:
            ask_tutor(self.house, self.review.entry.item)

    def action_scroll_item(self, steps: int) -> None:
        """Scroll the question, whose source may stand below the window's edge."""
        page = self.query_one("#item-page", LinesPage)
        page.scroll_relative(y=steps * max(page.size.height - 2, 1), animate=False)

    def action_toggle_key(self) -> None:
        """Show or hide the right answers."""
        self.review.toggle_key()

    def action_filter(self, name: Filter | None = None) -> None:
        """Show other questions."""
        if self.review.quiz is not None:
            self.review.choose(name)

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer a key only where it does something."""
        if action in OF_AN_ITEM:
            return self.review.entry is not None and not self.making.busy
        if action in OF_A_QUIZ:
            return self.review.quiz is not None and not self.making.busy
        return super().check_action(action, parameters)

    def label(self, binding: Binding) -> str:
        """What the footer calls a key: escape stops only where something is being made."""
        if binding.id != "quiz.stop":
            return binding.description
        return "app.key_stop" if self.busy else "app.key_back"

    def action_stop(self) -> None:
        """Escape: empty the search, close the overlay, stop the making, else go to the shelf."""
        if self.busy:
            self.making.stop()
            self.importing.stop()
        elif self.in_shelf:
            if not self.shelf.clear_search():
                self.remove_class("-shelf-open")
                (self.items if self.has_class("-quiz") else self.page).focus()
        else:
            self.go_to_shelf()

    def action_make(self) -> None:
        """Make a quiz from the lesson on show."""
        self.work(self.librarian.make())

    def action_search(self) -> None:
        """Go to the search field."""
        self.go_to_search()

    def action_import(self) -> None:
        """Choose what to import."""
        self.work(self.importing.ask())

    def action_sample(self) -> None:
        """Import the sample lesson of the interface's language."""
        self.work(self.importing.take(Chosen("sample")))

    def on_paste(self, event: events.Paste) -> None:
        """Import a file that was dropped on the terminal."""
        event.stop()
        self.work(self.importing.drop(event.text))

    @on(ShelfSearch.Dropped)
    def _dropped(self, event: ShelfSearch.Dropped) -> None:
        self.work(self.importing.drop(event.text))

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
