"""The result of an attempt, and the statistics of all attempts at a quiz.

A score alone helps nobody: every answer stands beside the right one, and what to reread is listed with
section and page. Statistics that need more attempts than there are are not shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual import on
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from aigc_tui.locale import Translate
from aigc_tui.quiz.practice.records import (
    ENOUGH_ATTEMPTS,
    ItemStatistics,
    Outcome,
    QuizStatistics,
    Reread,
    Result,
)
from aigc_tui.quiz.records import letter
from aigc_tui.tui.keys import bindings
from aigc_tui.tui.markdown.document import Line
from aigc_tui.tui.practice.base import OutcomesPane, PagePane
from aigc_tui.tui.practice.feedback import BLANK_LINE, answer_line, said_of, sign_of
from aigc_tui.tui.widgets.text import LinesPage, plain, plain_line, quoted

if TYPE_CHECKING:
    from aigc_tui.quiz.records import Item


class ResultsScreen(OutcomesPane):
    """The end of an attempt.

    Args:
        title: The quiz's title.
        result: How the attempt went.
    """

    BINDINGS = bindings("overlay", "results")

    def __init__(self, title: str, result: Result) -> None:
        super().__init__(classes="results")
        self._title = title
        self._result = result

    def on_mount(self) -> None:
        self._write()

    def retranslate(self) -> None:
        super().retranslate()
        self._write()

    @property
    def item(self) -> Item | None:
        """The item that is pointed at; None: the summary."""
        index = self.query_one(OptionList).highlighted
        return self._result.outcomes[index - 1].item if index else None

    def _write(self) -> None:
        self.head(
            Content.assemble(plain_line(self._title, 60, "bold"), plain(f"  {self._score()}", "$accent"))
        )
        rows = [Option(plain(self.t("practice.summary"), "bold"))]
        rows += [Option(self._row(numbered)) for numbered in enumerate(self._result.outcomes, 1)]
        options = self.query_one(OptionList)
        here = options.highlighted or 0
        options.set_options(rows)
        options.highlighted = here
        self.query_one("#outcome").border_title = plain_line(self.t("practice.results"))

    def _score(self) -> str:
        result = self._result
        return self.t("practice.score", percent=round(100 * result.score), right=result.correct,
                      total=len(result.outcomes))  # fmt: skip

    def _row(self, numbered: tuple[int, Outcome]) -> Content:
        number, outcome = numbered
        stem = plain_line(f"{number}. {outcome.item.stem}", 200)
        return Content.assemble(sign_of(outcome.verdict), stem)

    @on(OptionList.OptionHighlighted, "#outcomes")
    def _pointed(self, event: OptionList.OptionHighlighted) -> None:
        index = event.option_index
        lines = (
            summary(self._result, self.t) if index == 0 else detail(self._result.outcomes[index - 1], self.t)
        )
        self.query_one("#outcome", LinesPage).show(lines)
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "ask_tutor":
            return self.item is not None
        return super().check_action(action, parameters)

    def action_statistics(self) -> None:
        self.app.push_screen(StatisticsScreen(self._result.quiz))

    def action_again(self) -> None:
        self.post_message(self.TakeQuiz(self._result.quiz, replace=True))


def summary(result: Result, t: Translate) -> Iterator[Line]:
    """The figures, and what to read again."""
    yield Line(plain(t("practice.count_right", count=result.correct), "$text-success"))
    if result.partial:
        yield Line(plain(t("practice.count_partly", count=result.partial), "$text-warning"))
    if result.incorrect:
        yield Line(plain(t("practice.count_wrong", count=result.incorrect), "$text-error"))
    if result.unanswered:
        yield Line(plain(t("practice.count_passed", count=result.unanswered), "$text-muted"))
    yield Line(plain(t("practice.took", minutes=max(round(result.seconds / 60), 1)), "$text-muted"))
    yield BLANK_LINE
    if not result.reread:
        yield Line(plain(t("practice.nothing_to_reread")))
        return
    yield Line(plain(t("practice.reread"), "$primary bold"))
    for place in result.reread:
        yield from _reread(place, t)


def _reread(place: Reread, t: Translate) -> Iterator[Line]:
    where = place.section or t("practice.no_section")
    page = " · " + t("practice.page", number=place.page) if place.page else ""
    yield BLANK_LINE
    yield Line(plain_line(where + page, style="bold"))
    yield Line(plain(quoted(place.quote), "$accent italic"), plain(" "))


def detail(outcome: Outcome, t: Translate) -> Iterator[Line]:
    """One question with its answer and its key."""
    yield Line(plain(outcome.item.stem, "bold"))
    yield BLANK_LINE
    given = answer_line(outcome.item, outcome.response, t)
    yield Line(Content.assemble(plain(t("practice.your_answer"), "bold"), plain(given)))
    yield from said_of(
        outcome.item, outcome.response, outcome.verdict, t, by=outcome.by, note=outcome.note, spelled=True
    )


class StatisticsScreen(PagePane):
    """One page to scroll through.

    Args:
        quiz_id: Which quiz.
    """

    def __init__(self, quiz_id: str) -> None:
        super().__init__(classes="statistics")
        self._quiz_id = quiz_id

    def on_mount(self) -> None:
        self.work(self._read())

    def retranslate(self) -> None:
        super().retranslate()
        self.work(self._read())

    async def _read(self) -> None:
        found = await asyncio.to_thread(lambda: self.service.attempts.statistics(self._quiz_id))
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
        yield f"{letter(index)}{mark}  {round(100 * pick.rate)}%  {pick.option}"
    if item.difficulty is not None:
        yield t("practice.difficulty", value=f"{item.difficulty:.1f}", reviews=item.reviews)
    if item.wrong:
        yield t("practice.times_wrong", count=item.wrong)
