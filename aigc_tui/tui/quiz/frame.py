"""What stands where on the quiz pane, and how its standing texts are worded.

Why it exists: composition apart from wiring. `QuizScreen` adds which key or event goes to which helper.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical
from textual.widgets import Static

from aigc_tui.locale import Translate
from aigc_tui.quiz.rows import Entry
from aigc_tui.tui.footer import KeyFooter
from aigc_tui.tui.markdown.document import Line
from aigc_tui.tui.pane_frame import PaneFrame
from aigc_tui.tui.quiz.item_list import Filter, ItemList, filter_bar
from aigc_tui.tui.quiz.shelf import Shelf, ShelfList, ShelfSearch
from aigc_tui.tui.widgets.text import LinesPage, plain_line

Part = Literal["lesson", "quiz"]
WIDE = 100
"""Cells from which on the shelf stands beside the rest."""


class QuizFrame(PaneFrame):
    """The parts of the quiz pane and their texts.

    Args:
        t: The catalogue in use; it follows a change of language by itself.
    """

    NOTE = "#quiz-note"
    AUTO_FOCUS = "#shelf-list"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012 - Textual's own declaration

    def __init__(self, t: Translate) -> None:
        super().__init__(t, id="quiz")

    def compose(self) -> ComposeResult:
        """The shelf at the left; what it opens beside it."""
        with Horizontal(id="quiz-body"):
            yield Shelf(id="shelf")
            with Vertical(id="quiz-column"):
                yield Static(id="quiz-head", markup=False)
                yield Static(id="quiz-yield", markup=False)
                yield LinesPage(id="lesson-page")
                with Vertical(id="review"):
                    yield Static(id="filters", markup=False)
                    with Container(id="review-parts"):
                        yield ItemList(id="items")
                        yield LinesPage(id="item-page")
                yield Static(id="quiz-note", markup=False)
        yield KeyFooter()

    # The parts

    @property
    def shelf(self) -> Shelf:
        """Lessons and quizzes."""
        return self.query_one(Shelf)

    @property
    def page(self) -> LinesPage:
        """What is said of the lesson on show, or how to begin."""
        return self.query_one("#lesson-page", LinesPage)

    @property
    def items(self) -> ItemList:
        """The questions of the quiz on show."""
        return self.query_one(ItemList)

    @property
    def in_shelf(self) -> bool:
        """Whether the shelf has the focus."""
        return self.focused is not None and self.shelf in self.focused.ancestors

    # Texts

    def head(self, line: str) -> None:
        """Name what is on show."""
        self.query_one("#quiz-head", Static).update(plain_line(line, style="bold"))

    def say_yield(self, line: str) -> None:
        """Tell what became of what was asked for."""
        words = self.query_one("#quiz-yield", Static)
        words.update(plain_line(line, 400, "$text-muted"))
        words.display = bool(line)

    def show_filters(self, entries: Sequence[Entry], chosen: Filter) -> None:
        """Name the filters; each can be clicked."""
        self.query_one("#filters", Static).update(filter_bar(entries, chosen, self.t))

    def show_item(self, lines: Sequence[Line]) -> None:
        """Show a question in full."""
        self.query_one("#item-page", LinesPage).show(lines)

    def show_part(self, part: Part) -> None:
        """Let the lesson's page or the review have the room beside the shelf."""
        self.set_class(part == "quiz", "-quiz")

    # The shelf as an overlay, as it is on a narrow screen

    @property
    def overlay_open(self) -> bool:
        """Whether the shelf lies over the rest."""
        return self.has_class("-narrow") and self.has_class("-shelf-open")

    def show_shelf(self) -> None:
        """Open the shelf, at any width."""
        self.set_class(self.has_class("-narrow"), "-shelf-open")
        self.remove_class("-no-shelf")

    def go_to_shelf(self) -> None:
        """Open the shelf and stand in its list."""
        self.show_shelf()
        self.query_one(ShelfList).focus()

    def go_to_search(self) -> None:
        """Open the shelf and stand in its field."""
        self.show_shelf()
        self.query_one(ShelfSearch).focus()
