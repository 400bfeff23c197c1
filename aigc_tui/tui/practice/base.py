"""The base of the practice screens: a title line, their parts, the note, the keys."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Static

from aigc_tui.engine.protocol import Stage
from aigc_tui.quiz.service import QuizService
from aigc_tui.tui.footer import KeyFooter
from aigc_tui.tui.pane import Pane

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
    def service(self) -> QuizService:
        """The quiz service."""
        return self.services.quiz

    @property
    def engine_stage(self) -> Stage:
        """What the engine is doing now."""
        return self.services.engine.stage
