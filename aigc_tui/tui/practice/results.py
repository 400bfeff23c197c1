"""What came of an attempt: the score, every answer beside its key, and what to read again.

Why it exists: a score alone helps nobody. The sentences that went wrong are listed with their section and
page, and any of the items leads on: to its explanation, or to the tutor.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from aigc_tui.locale import Translate
from aigc_tui.quiz.practice.records import Outcome, Reread, Result
from aigc_tui.tui.bindings import bindings
from aigc_tui.tui.footer import KeyFooter
from aigc_tui.tui.markdown.document import Line
from aigc_tui.tui.plain import plain, plain_line
from aigc_tui.tui.practice.base import PracticeBase
from aigc_tui.tui.practice.feedback import BLANK_LINE, answer_line, said_of, sign_of
from aigc_tui.tui.quiz.lines_page import LinesPage

if TYPE_CHECKING:
    from aigc_tui.quiz.records import Item
    from aigc_tui.tui.app import AigcApp

NARROW = 100


class ResultsScreen(PracticeBase):
    """The end of an attempt.

    Args:
        app: The application.
        title: The quiz's title.
        result: How the attempt went.
    """

    BINDINGS = bindings("overlay", "results")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (NARROW, "-wide")]  # noqa: RUF012 - Textual's own declaration
    AUTO_FOCUS = "#outcomes"

    def __init__(self, app: AigcApp, title: str, result: Result) -> None:
        super().__init__(app, "results")
        self._title = title
        self._result = result

    def compose(self) -> ComposeResult:
        """The answers at the left; the one that is pointed at, or the whole, at the right."""
        yield Static(id="practice-head", markup=False)
        with Horizontal(id="practice-body"):
            yield OptionList(id="outcomes", markup=False)
            yield LinesPage(id="outcome")
        yield Static(id="practice-note", markup=False)
        yield KeyFooter()

    def on_mount(self) -> None:
        """Show the whole."""
        self.note("")
        self._write()

    def retranslate(self) -> None:
        """Show every text in the language that is on now."""
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
        """The tutor is asked about an item."""
        if action == "ask_tutor":
            return self.item is not None
        return super().check_action(action, parameters)

    def action_ask_tutor(self) -> None:
        """Open a chat with the tutor about the item."""
        if self.item is not None:
            self.ask_tutor(self.item)

    def action_statistics(self) -> None:
        """Show what all attempts at the quiz say of its items."""
        from aigc_tui.tui.practice.statistics import StatisticsScreen

        self._shell.push_screen(StatisticsScreen(self._shell, self._result.quiz))

    def action_again(self) -> None:
        """Take the same quiz once more."""
        from aigc_tui.tui.practice.take import TakeScreen

        again = TakeScreen(self._shell, self._result.quiz)
        self._shell.call_later(self._shell.switch_screen, again)


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
    yield Line(plain(f"“{place.quote}”", "$accent italic"), plain(" "))


def detail(outcome: Outcome, t: Translate) -> Iterator[Line]:
    """One question with its answer and its key."""
    yield Line(plain(outcome.item.stem, "bold"))
    yield BLANK_LINE
    given = answer_line(outcome.item, outcome.response, t)
    yield Line(Content.assemble(plain(t("practice.your_answer"), "bold"), plain(given)))
    yield from said_of(
        outcome.item, outcome.response, outcome.verdict, t, by=outcome.by, note=outcome.note, spelled=True
    )
