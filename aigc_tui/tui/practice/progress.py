"""The plots of practice on a page: the days ahead, and what was remembered."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.widgets import Static

from aigc_tui.quiz.practice.records import DayLoad, DayRetention
from aigc_tui.tui.bindings import bindings
from aigc_tui.tui.footer import KeyFooter
from aigc_tui.tui.practice.base import PracticeBase
from aigc_tui.tui.practice.feedback import BLANK_LINE
from aigc_tui.tui.practice.plots import forecast_lines, retention_lines
from aigc_tui.tui.quiz.lines_page import LinesPage

if TYPE_CHECKING:
    from aigc_tui.tui.app import AigcApp

DAYS = 14
MOST_CELLS = 96
FRAME_CELLS = 6


class ProgressScreen(PracticeBase):
    """One page to scroll through.

    Args:
        app: The application.
    """

    BINDINGS = bindings("overlay")
    AUTO_FOCUS = "#progress-page"

    def __init__(self, app: AigcApp) -> None:
        super().__init__(app, "progress")
        self._loads: list[DayLoad] = []
        self._days: list[DayRetention] = []

    def compose(self) -> ComposeResult:
        """Title, page, keys."""
        yield Static(id="practice-head", markup=False)
        yield LinesPage(id="progress-page")
        yield Static(id="practice-note", markup=False)
        yield KeyFooter()

    def on_mount(self) -> None:
        """Read the log."""
        self.note("")
        self.work(self._read())

    def on_resize(self, _event: events.Resize) -> None:
        """Draw to the new width."""
        self._draw()

    def retranslate(self) -> None:
        """Show every text in the language that is on now."""
        super().retranslate()
        self._draw()

    async def _read(self) -> None:
        now = self.now()
        self._loads = await asyncio.to_thread(self.service.forecast, now, DAYS)
        self._days = await asyncio.to_thread(self.service.retention, now)
        self._draw()

    def _draw(self) -> None:
        cells = min(self.size.width - FRAME_CELLS, MOST_CELLS)
        self.head(self.t("practice.progress"))
        ahead = forecast_lines(self._loads, cells, self.t)
        page = self.query_one("#progress-page", LinesPage)
        page.show([*ahead, BLANK_LINE, *retention_lines(self._days, cells, self.t)])
