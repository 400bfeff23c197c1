"""`aigc-tui quiz practice`: the cards that are due, one by one, in plain lines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import click

from aigc_tui.cli.groups import Command
from aigc_tui.cli.output import data, emit_json, say
from aigc_tui.cli.quiz_bench import Bench, clock, open_bench
from aigc_tui.cli.quiz_lines import answer_lines
from aigc_tui.cli.quiz_session import SKIP, STOP, UNDO, Session
from aigc_tui.cli.workspace import Workspace, json_option, pass_workspace
from aigc_tui.locale import Translate
from aigc_tui.quiz.practice.clock import span
from aigc_tui.quiz.practice.records import ALL

if TYPE_CHECKING:
    from aigc_tui.quiz.practice.records import DueCard, Scheduled

_RATINGS = {"correct": 3, "partial": 2, "incorrect": 1}


@dataclass(slots=True)
class Tally:
    """What a sitting came to."""

    reviewed: int = 0
    again: int = 0


@click.command(cls=Command)
@click.argument("source", metavar="[LESSON]", required=False)
@click.option(
    "--limit", type=click.IntRange(min=1), help="At most this many cards; default: all that are due."
)
@json_option
@pass_workspace
def practice(workspace: Workspace, source: str | None, limit: int | None, as_json: bool) -> None:
    """Practise the cards that are due, of all lessons or of LESSON (an id): spaced repetition by FSRS.

    After your answer, Enter takes the rating offered; 1 to 4 say how well you knew it: again, hard, good,
    easy. /undo takes the last rating back, /stop or the end of the input leaves.
    """
    with open_bench(workspace) as bench:
        sitting = _Sitting(bench, bench.store.lessons.find(source).id if source else None, limit)
        tally = sitting.run()
        waiting = sitting.waiting(clock())
    if as_json:
        emit_json({"reviewed": tally.reviewed, "again": tally.again, "due": waiting})
    else:
        data(workspace.t("quiz_cli.practised", count=tally.reviewed, again=tally.again, waiting=waiting))


class _Sitting:
    """One sitting: asks what is due until nothing is, the limit is reached, or the learner leaves."""

    def __init__(self, bench: Bench, lesson: str | None, limit: int | None) -> None:
        self._bench, self._lesson, self._limit = bench, lesson, limit
        self._session = Session(bench.workspace, (STOP, SKIP, UNDO))
        self._t: Translate = bench.workspace.t
        self._tally = Tally()

    def run(self) -> Tally:
        """Go on until it ends; cards rated again come back in the same sitting."""
        while self._limit is None or self._tally.reviewed < self._limit:
            now = clock()
            due = self._bench.quiz.due(now, self._lesson, limit=1)
            if not due or not self._card(due[0], self.waiting(now)):
                break
        return self._tally

    def waiting(self, now: datetime) -> int:
        """How many cards wait, of the lesson or of all."""
        counts = self._bench.quiz.due_counts(now).get(self._lesson or ALL)
        return counts.total if counts else 0

    def _card(self, card: DueCard, waiting: int) -> bool:
        """Ask one card; returns whether to go on."""
        said = self._session.ask(card.item, self._tally.reviewed + 1, self._tally.reviewed + waiting)
        if said.command == UNDO:
            return self._undo()
        if said.command == STOP or (said.response is None and not said.command):
            return False
        rating = 1
        if said.command == SKIP:
            # Nothing came to mind: that is what the answer is shown for.
            say("\n".join(answer_lines(self._t, card.item)))
        else:
            from aigc_tui.quiz.grading.grade import grade

            judged = grade(card.item, said.response)
            self._session.graded(card.item, judged.verdict.value, judged.note)
            rating = _RATINGS[judged.verdict.value]
        return self._rate(card, rating)

    def _rate(self, card: DueCard, offered: int) -> bool:
        again, hard, good, easy = (span(seconds, self._t) for seconds in card.intervals)
        prompt = self._t("quiz_cli.rate", again=again, hard=hard, good=good, easy=easy, offered=offered)
        while (line := self._session.line(prompt)) is not None:
            if line == STOP:
                return False
            if line in ("", "1", "2", "3", "4"):
                self._review(card, int(line or offered))
                return True
        # The input ended after the answer: what was offered stands, so that nothing practised is lost.
        self._review(card, offered)
        return False

    def _review(self, card: DueCard, rating: int) -> None:
        now = clock()
        told: Scheduled = self._bench.quiz.review(card.item.id, rating, now)
        self._tally.reviewed += 1
        self._tally.again += rating == 1
        say(self._t("practice.comes_again", when=span((told.due - now).total_seconds(), self._t)))

    def _undo(self) -> bool:
        undone = self._bench.quiz.undo_review() if self._tally.reviewed else None
        if undone is None:
            say(self._t("quiz_cli.nothing_to_undo"))
        else:
            self._tally.reviewed -= 1
            self._tally.again -= undone.rating == 1
            say(self._t("practice.undone"))
        return True
