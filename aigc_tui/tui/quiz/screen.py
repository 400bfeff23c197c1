"""The quiz pane: its layout, and which key or message goes to which controller.

Nothing here reads the store in the event loop.
"""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.binding import Binding

from aigc_tui.tui.keys import bindings
from aigc_tui.tui.quiz.exporting import Exporting
from aigc_tui.tui.quiz.generation import Generation
from aigc_tui.tui.quiz.importing import Chosen, Importing
from aigc_tui.tui.quiz.item_lines import item_lines
from aigc_tui.tui.quiz.item_list import Filter, ItemList
from aigc_tui.tui.quiz.layout import QuizLayout
from aigc_tui.tui.quiz.library import Library
from aigc_tui.tui.quiz.library_list import LibraryRow, LibrarySearch
from aigc_tui.tui.quiz.review import Review
from aigc_tui.tui.sidebar import Sidebar
from aigc_tui.tui.widgets.text import LinesPage

OF_A_QUIZ = frozenset(("undo", "redo", "filter", "export", "take"))
"""What is done to the open quiz."""
OF_AN_ITEM = frozenset(("accept", "edit", "regenerate", "swap", "lock", "drop", "move", "ask_tutor"))
"""What is done to the highlighted question."""


class QuizScreen(QuizLayout):
    """Where quizzes are made and reviewed."""

    CSS_PATH = "quiz.tcss"
    BINDINGS: ClassVar = bindings("quiz")

    def __init__(self) -> None:
        super().__init__()
        self.review = Review(self)
        self.library = Library(self, self.review)
        self.generation = Generation(self, self.library, self.review)
        self.importing = Importing(self, self.library)
        self.exporting = Exporting(self, self.review)

    @property
    def busy(self) -> bool:
        """Whether something is under way that escape stops."""
        return self.generating or self.importing.busy

    def on_mount(self) -> None:
        self.work(self.library.begin())

    def on_screen_resume(self) -> None:
        """What is due may have changed while another pane was on show."""
        if self.library.known:
            self.work(self.library.reload())

    def retranslate(self) -> None:
        super().retranslate()
        self.library.retranslate()
        if not self.generating:
            self.review.show()
        self.clear_note()

    # The sidebar

    @on(Sidebar.Opened)
    def _open(self, event: Sidebar.Opened) -> None:
        self.close_overlay()
        assert isinstance(event.row, LibraryRow)
        self.work(self.library.open(event.row))

    @on(Sidebar.Asked)
    def _asked(self, event: Sidebar.Asked) -> None:
        if event.what == "undo":
            self.work(self.library.undo())
        elif isinstance(event.row, LibraryRow):
            do = self.library
            act = {"rename": do.rename, "delete": do.delete, "take": do.take, "practise": do.practise}
            self.work(act[event.what](event.row))

    # The review

    @on(ItemList.Pointed)
    def _pointed(self, event: ItemList.Pointed) -> None:
        if self.review.quiz is not None:
            self.review.show_entry()
        elif event.entry is not None:
            number = self.items.pointed + 1
            self.show_item(
                item_lines(event.entry, number, self.generation.lesson, self.t, key=self.review.key)
            )
        self.refresh_bindings()

    def action_accept(self) -> None:
        self.work(self.review.in_turn(self.review.accept()))

    def action_drop(self) -> None:
        self.work(self.review.in_turn(self.review.drop()))

    def action_lock(self) -> None:
        self.work(self.review.in_turn(self.review.lock()))

    def action_move(self, step: int) -> None:
        self.work(self.review.in_turn(self.review.move(step)))

    def action_undo(self) -> None:
        self.work(self.review.in_turn(self.review.undo()))

    def action_redo(self) -> None:
        self.work(self.review.in_turn(self.review.redo()))

    def action_swap(self) -> None:
        self.work(self.review.swap())

    def action_regenerate(self) -> None:
        self.work(self.review.regenerate())

    def action_take(self) -> None:
        if self.review.quiz_id:
            self.post_message(self.TakeQuiz(self.review.quiz_id))

    def action_edit(self) -> None:
        self.work(self.review.edit())

    def action_export(self) -> None:
        self.work(self.exporting.ask())

    def action_ask_tutor(self) -> None:
        if self.review.entry is not None:
            self.post_message(self.AskTutor(self.review.entry.item))

    def action_scroll_item(self, steps: int) -> None:
        """Scroll the question, whose source may stand below the window's edge."""
        page = self.query_one("#item-page", LinesPage)
        page.scroll_relative(y=steps * max(page.size.height - 2, 1), animate=False)

    def action_toggle_key(self) -> None:
        self.review.toggle_key()

    def action_filter(self, name: Filter | None = None) -> None:
        if self.review.quiz is not None:
            self.review.choose(name)

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in OF_AN_ITEM:
            return self.review.entry is not None and not self.generating
        if action in OF_A_QUIZ:
            return self.review.quiz is not None and not self.generating
        return super().check_action(action, parameters)

    def label(self, binding: Binding) -> str:
        """What the footer calls a key: escape stops only where something is being made."""
        if binding.id != "quiz.stop":
            return binding.description
        return "app.key_stop" if self.busy else "app.key_back"

    def action_stop(self) -> None:
        """Escape: empty the search, close the overlay, stop the making, else go to the lessons."""
        if self.busy:
            self.generation.stop()
            self.importing.stop()
        elif self.in_sidebar:
            if not self.sidebar.clear_search():
                self.close_overlay()
                (self.items if self.has_class("-quiz") else self.page).focus()
        else:
            self.go_to_sidebar()

    def action_make(self) -> None:
        self.work(self.generation.ask())

    def action_import(self) -> None:
        self.work(self.importing.ask())

    def action_sample(self) -> None:
        self.work(self.importing.take(Chosen("sample")))

    def on_paste(self, event: events.Paste) -> None:
        """Import a file that was dropped on the terminal."""
        event.stop()
        self.work(self.importing.drop(event.text))

    @on(LibrarySearch.Dropped)
    def _dropped(self, event: LibrarySearch.Dropped) -> None:
        self.work(self.importing.drop(event.text))

    def action_toggle_sidebar(self) -> None:
        if self.toggle_sidebar():
            self.go_to_sidebar()
