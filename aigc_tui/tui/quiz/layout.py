"""The layout of the quiz pane; its controllers see this much of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical
from textual.widgets import Static

from aigc_tui.quiz.rows import Entry
from aigc_tui.quiz.service import QuizService
from aigc_tui.tui.footer import KeyFooter
from aigc_tui.tui.markdown.document import Line
from aigc_tui.tui.quiz.item_list import Filter, ItemList, filter_bar
from aigc_tui.tui.quiz.library_list import LibrarySidebar
from aigc_tui.tui.sidebar import SidebarPane
from aigc_tui.tui.widgets.text import LinesPage, plain_line

Part = Literal["lesson", "quiz"]


class QuizLayout(SidebarPane):
    """The widgets of the quiz pane.

    Attributes:
        generating: Whether a quiz is being made.
    """

    AUTO_FOCUS = "#rows"

    def __init__(self) -> None:
        super().__init__(id="quiz")
        self.generating = False

    def compose(self) -> ComposeResult:
        with Horizontal(id="quiz-body"):
            yield LibrarySidebar(id="sidebar")
            with Vertical(id="quiz-column"):
                yield Static(id="head", markup=False)
                yield Static(id="quiz-yield", markup=False)
                yield LinesPage(id="lesson-page")
                with Vertical(id="review"):
                    yield Static(id="filters", markup=False)
                    with Container(id="review-parts"):
                        yield ItemList(id="items")
                        yield LinesPage(id="item-page")
                yield Static(id="note", markup=False)
        yield KeyFooter()

    @property
    def service(self) -> QuizService:
        """The quiz service."""
        return self.services.quiz

    @property
    def sidebar(self) -> LibrarySidebar:
        return self.query_one(LibrarySidebar)

    @property
    def page(self) -> LinesPage:
        """What is said of the open lesson, or how to begin."""
        return self.query_one("#lesson-page", LinesPage)

    @property
    def items(self) -> ItemList:
        """The questions of the open quiz."""
        return self.query_one(ItemList)

    def show_yield(self, line: str) -> None:
        """Tell how many questions were made, and what became of the others."""
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
        """Let the lesson's page or the review have the room beside the sidebar."""
        self.set_class(part == "quiz", "-quiz")
