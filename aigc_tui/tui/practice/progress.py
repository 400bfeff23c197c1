"""Plots of practice: the days ahead as bars, the share remembered as a curve."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from textual import events
from textual.content import Content

from aigc_tui.chart import Curve, chart
from aigc_tui.locale import Translate
from aigc_tui.quiz.practice.records import DayLoad, DayRetention
from aigc_tui.tui.markdown.document import Line
from aigc_tui.tui.practice.base import PagePane
from aigc_tui.tui.practice.feedback import BLANK_LINE
from aigc_tui.tui.widgets.text import LinesPage, plain

if TYPE_CHECKING:
    pass


DAYS = 14
MOST_CELLS = 96
FRAME_CELLS = 6


class ProgressScreen(PagePane):
    """What is due on the days ahead, and how much is remembered."""

    def __init__(self) -> None:
        super().__init__(classes="progress")
        self._loads: list[DayLoad] = []
        self._days: list[DayRetention] = []

    def on_mount(self) -> None:
        self.work(self._read())

    def on_resize(self, _event: events.Resize) -> None:
        self._draw()

    def retranslate(self) -> None:
        super().retranslate()
        self._draw()

    async def _read(self) -> None:
        now = self.now()
        self._loads = await asyncio.to_thread(lambda: self.service.reviews.forecast(now, DAYS))
        self._days = await asyncio.to_thread(lambda: self.service.reviews.retention(now))
        self._draw()

    def _draw(self) -> None:
        cells = min(self.size.width - FRAME_CELLS, MOST_CELLS)
        self.head(self.t("practice.progress"))
        ahead = forecast_lines(self._loads, cells, self.t)
        page = self.query_one("#progress-page", LinesPage)
        page.show([*ahead, BLANK_LINE, *retention_lines(self._days, cells, self.t)])


CURVE_LINES = 6
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_DATE_CELLS, _NUMBER_CELLS = 7, 8


def forecast_lines(loads: Sequence[DayLoad], cells: int, t: Translate) -> Iterator[Line]:
    """A bar a day: reviews that fall due, and new cards behind them.

    Args:
        loads: The days, today first.
        cells: The width there is.
        t: The catalogue.
    """
    yield Line(plain(t("practice.forecast"), "$primary bold"))
    most = max((load.due + load.new for load in loads), default=0)
    room = max(cells - _DATE_CELLS - _NUMBER_CELLS, 4)
    for load in loads:
        due, new = (bar(part, most, room) for part in (load.due, load.new))
        day = plain(f"{load.day:%m-%d}  ", "$text-muted")
        count = plain(f" {load.due + load.new}" if load.due + load.new else "", "$text-muted")
        yield Line(Content.assemble(day, plain(due, "$accent"), plain(new, "$text-muted"), count))


def bar(part: int, most: int, room: int) -> str:
    """A bar in eighths of a cell; what is not nothing shows at least one eighth."""
    if not part or not most:
        return ""
    eighths = max(round(8 * room * part / most), 1)
    return _EIGHTHS[8] * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def retention_lines(days: Sequence[DayRetention], cells: int, t: Translate) -> Iterator[Line]:
    """The share remembered, day by day, and over all of them.

    Args:
        days: The days with reviews, oldest first.
        cells: The width there is.
        t: The catalogue.
    """
    reviews = sum(day.reviews for day in days)
    yield Line(plain(t("practice.retention"), "$primary bold"))
    if not reviews:
        yield Line(plain(t("practice.no_retention"), "$text-muted"))
        return
    share = 100 * sum(day.remembered for day in days) / reviews
    yield Line(plain(t("practice.remembered", percent=round(share), reviews=reviews)))
    first = days[0].day
    points = [(float((day.day - first).days), 100 * day.rate) for day in days]
    for row in chart(t("practice.retention_axis"), [Curve(points)], cells, CURVE_LINES):
        yield Line(plain(row))
