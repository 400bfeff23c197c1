"""What attempts say of a quiz's items: honest figures, and none where attempts are too few.

Why it exists: a discrimination index of five attempts is noise, and a screen that shows it lies. One learner
alone never has item statistics; what there is then is how hard each card proves to be.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.widgets import Static

from aigc_tui.locale import Translate
from aigc_tui.quiz.parts import letter
from aigc_tui.quiz.practice.records import ENOUGH_ATTEMPTS, ItemStatistics, QuizStatistics
from aigc_tui.tui.bindings import bindings
from aigc_tui.tui.footer import KeyFooter
from aigc_tui.tui.markdown.document import Line
from aigc_tui.tui.plain import plain, plain_line
from aigc_tui.tui.practice.base import PracticeBase
from aigc_tui.tui.practice.feedback import BLANK_LINE
from aigc_tui.tui.quiz.lines_page import LinesPage

if TYPE_CHECKING:
    from aigc_tui.tui.app import AigcApp


class StatisticsScreen(PracticeBase):
    """One page to scroll through.

    Args:
        app: The application.
        quiz_id: Which quiz.
    """

    BINDINGS = bindings("overlay")
    AUTO_FOCUS = "#progress-page"

    def __init__(self, app: AigcApp, quiz_id: str) -> None:
        super().__init__(app, "statistics")
        self._quiz_id = quiz_id

    def compose(self) -> ComposeResult:
        """Title, page, keys."""
        yield Static(id="practice-head", markup=False)
        yield LinesPage(id="progress-page")
        yield Static(id="practice-note", markup=False)
        yield KeyFooter()

    def on_mount(self) -> None:
        """Count."""
        self.note("")
        self.work(self._read())

    def retranslate(self) -> None:
        """Show every text in the language that is on now."""
        super().retranslate()
        self.work(self._read())

    async def _read(self) -> None:
        found = await asyncio.to_thread(self.service.quiz_statistics, self._quiz_id)
        self.head(self.t("practice.statistics"))
        self.query_one("#progress-page", LinesPage).show(statistics_lines(found, self.t))


def statistics_lines(found: QuizStatistics, t: Translate) -> Iterator[Line]:
    """The quiz as a whole, then every item."""
    yield Line(plain(t("practice.attempts", count=found.attempts), "bold"))
    if found.mean is not None:
        yield Line(plain(t("practice.mean", percent=round(100 * found.mean))))
    if found.kr20 is not None:
        yield Line(plain(t("practice.kr20", value=f"{found.kr20:.2f}")))
    if found.attempts < ENOUGH_ATTEMPTS:
        too_few = t("practice.too_few", count=found.attempts, enough=ENOUGH_ATTEMPTS)
        yield Line(plain(too_few, "$text-warning"))
    for number, item in enumerate(found.items, 1):
        yield BLANK_LINE
        yield Line(plain_line(f"{number}. {item.item.stem}", style="bold"))
        for line in _figures(item, t):
            yield Line(plain("   " + line))


def _figures(item: ItemStatistics, t: Translate) -> Iterator[str]:
    if item.facility is not None and item.interval is not None:
        low, high = (round(100 * edge) for edge in item.interval)
        yield t("practice.facility", percent=round(100 * item.facility), low=low, high=high)
    if item.discrimination is not None:
        yield t("practice.discrimination", value=f"{item.discrimination:.2f}")
    if item.point_biserial is not None:
        yield t("practice.point_biserial", value=f"{item.point_biserial:.2f}")
    for index, pick in enumerate(item.picks):
        mark = " ✓" if pick.key else ""
        yield f"{letter(index)}{mark}  {round(100 * pick.rate)} %  {pick.option}"
    if item.difficulty is not None:
        yield t("practice.difficulty", value=f"{item.difficulty:.1f}", reviews=item.reviews)
    if item.wrong:
        yield t("practice.times_wrong", count=item.wrong)
