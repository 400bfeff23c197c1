"""The base of the practice screens: a title line, their parts, the note, the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import OptionList, Static

from aigc_tui.engine.protocol import Stage
from aigc_tui.quiz.service import QuizService
from aigc_tui.tui.footer import KeyFooter
from aigc_tui.tui.keys import bindings
from aigc_tui.tui.pane import Pane
from aigc_tui.tui.widgets.text import LinesPage

if TYPE_CHECKING:
    from aigc_tui.quiz.records import Item

NARROW = 100
"""Cells below which a list stands above what it explains."""


class PracticePane(Pane[None]):
    """A screen of practice; several of a kind may be open in different panes."""

    CSS_PATH = "practice.tcss"
    ONE_AT_A_TIME = True

    def compose(self) -> ComposeResult:
        yield Static(id="head", markup=False)
        yield from self.parts()
        yield Static(id="note", markup=False)
        yield KeyFooter()

    def parts(self) -> ComposeResult:
        """What stands between the title and the note."""
        yield from ()

    @property
    def item(self) -> Item | None:
        """The item that the tutor can be asked about."""
        return None

    @property
    def service(self) -> QuizService:
        """The quiz service."""
        return self.services.quiz

    @property
    def engine_stage(self) -> Stage:
        """What the engine is doing now."""
        return self.services.engine.stage

    def action_ask_tutor(self) -> None:
        """Open a chat with the tutor about the item; an attempt waits meanwhile."""
        if self.item is not None:
            self.post_message(self.AskTutor(self.item))


class OutcomesPane(PracticePane):
    """A list, and beside or below it what is known of the row that is pointed at."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (NARROW, "-wide")]  # noqa: RUF012 - Textual's own declaration
    AUTO_FOCUS = "#outcomes"

    def parts(self) -> ComposeResult:
        with Horizontal(id="practice-body"):
            yield OptionList(id="outcomes", markup=False)
            yield LinesPage(id="outcome")


class PagePane(PracticePane):
    """One page to scroll through."""

    BINDINGS: ClassVar = bindings("overlay")
    AUTO_FOCUS = "#progress-page"

    def parts(self) -> ComposeResult:
        yield LinesPage(id="progress-page")
