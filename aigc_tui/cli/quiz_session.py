"""`aigc-tui quiz take` and `practice`: a quiz or due cards in plain lines, from a keyboard or a pipe.

Questions go to stderr, results to stdout; commands begin with a slash.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from aigc_tui.cli.groups import Command
from aigc_tui.cli.output import data, emit_json, say
from aigc_tui.cli.quiz import Bench, clock, open_bench, open_bench_with_model
from aigc_tui.cli.quiz_lines import NoAnswerError, answer_lines, hint, question_lines, read_answer
from aigc_tui.cli.terminal import LineReader
from aigc_tui.cli.workspace import Workspace, json_option, pass_workspace
from aigc_tui.locale import Translate
from aigc_tui.message import error_text
from aigc_tui.quiz.grading.records import Response, worded
from aigc_tui.quiz.practice.clock import span
from aigc_tui.quiz.practice.records import ALL, SUGGESTED
from aigc_tui.quiz.records import Item
from aigc_tui.text import one_line

if TYPE_CHECKING:
    from aigc_tui.engine.protocol import ModelSpec
    from aigc_tui.quiz.grading.records import Grade
    from aigc_tui.quiz.practice.records import Attempt, DueCard, Reread, Result, Scheduled
    from aigc_tui.quiz.records import Item

STOP, SKIP, RIGHT, WRONG, UNDO = "/stop", "/skip", "/right", "/wrong", "/undo"
_VERDICTS: Mapping[str, str] = {
    "correct": "quiz_cli.correct",
    "partial": "quiz_cli.partial",
    "incorrect": "quiz_cli.incorrect",
}


@dataclass(frozen=True, slots=True)
class Said:
    """What a line was: an answer, or a command. The end of the input is `command` empty and no answer."""

    response: Response = None
    command: str = ""


class Session:
    """The learner's side of a quiz; `commands` are those that may be typed."""

    def __init__(self, workspace: Workspace, commands: tuple[str, ...]) -> None:
        self.t = workspace.t
        self._commands = commands
        self._reader = LineReader("> ", self.t("quiz_cli.how_to_stop"))

    @property
    def watched(self) -> bool:
        return sys.stdin.isatty()

    def ask(self, item: Item, number: int, total: int) -> Said:
        say("")
        say("\n".join(question_lines(item, number)))
        say(f"   ({number}/{total}) {hint(self.t, item)}")
        while (line := self._reader.read()) is not None:
            word = line.strip()
            if word in self._commands:
                return Said(command=word)
            if not word:
                return Said(command=SKIP)
            try:
                return Said(read_answer(item, word))
            except NoAnswerError as problem:
                say(self.t(problem.key))
        return Said()

    def line(self, prompt: str) -> str | None:
        say(prompt)
        line = self._reader.read()
        return None if line is None else line.strip()

    def graded(self, item: Item, verdict: str, note: str = "", suggested: bool = False) -> None:
        say(self.t(_VERDICTS[verdict]) + (f" ({self.t('quiz_cli.suggested')})" if suggested else ""))
        if note:
            say(f"   {one_line(worded(note, self.t))}")
        say("\n".join(answer_lines(self.t, item)))


_OVERRIDES = {RIGHT: "correct", WRONG: "incorrect"}


@click.command(cls=Command)
@click.argument("quiz", metavar="QUIZ")
@click.option("--seed", metavar="N", type=click.IntRange(0), help="Shuffle the questions with this seed.")
@click.option("--new", "afresh", is_flag=True, help="Start over instead of continuing the last attempt.")
@click.option(
    "-m", "--model", metavar="MODEL", help="Let this model suggest a grade where the rules cannot decide."
)
@json_option
@pass_workspace
def take(
    workspace: Workspace, quiz: str, seed: int | None, afresh: bool, model: str | None, as_json: bool
) -> None:
    """Take a quiz: questions one by one on stderr, the result on stdout. Answers may come from a pipe.

    An empty line skips a question. /right and /wrong override the last grade; /stop leaves, and the next
    `quiz take` continues. Each answer is saved at once. A file of questions is imported as a quiz first.
    """
    with open_bench_with_model(workspace, model) as (bench, spec, runner):
        row = bench.kept_quiz(quiz)
        attempt = _attempt(bench, row.id, seed, afresh)
        session = Session(workspace, (STOP, SKIP, RIGHT, WRONG))
        advice = _Advice(bench, attempt, spec, runner) if spec else None
        if not _Sitting(bench, session, attempt, advice).run():
            say(workspace.t("quiz_cli.left_open", quiz=row.id))
            return
        result = bench.quiz.attempts.finish(attempt.id, clock())
    if as_json:
        emit_json(shape(result))
    else:
        _tell(workspace, result)


def _attempt(bench: Bench, quiz: str, seed: int | None, afresh: bool) -> Attempt:
    attempt = None if afresh else bench.quiz.attempts.unfinished(quiz)
    if attempt is not None:
        answered = len(attempt.answered)
        say(bench.workspace.t("quiz_cli.going_on", answered=answered, total=len(attempt.items)))
    attempt = attempt or bench.quiz.attempts.begin(quiz, clock())
    if seed is None:
        return attempt
    items = list(attempt.items)
    random.Random(seed).shuffle(items)
    return replace(attempt, items=tuple(items))


class _Advice:
    """A model's suggestions; once it fails it is not asked again, since rules grade without it."""

    def __init__(self, bench: Bench, attempt: Attempt, spec: ModelSpec, runner: asyncio.Runner) -> None:
        self._bench, self._attempt, self._spec, self._runner = bench, attempt, spec, runner
        self._works = True

    def on(self, item: Item) -> Grade | None:
        """What the model suggests for the answer just given; None: nothing."""
        from aigc_tui.quiz.llm_items.asking import ModelFailedError

        if not self._works:
            return None
        try:
            return self._runner.run(self._bench.quiz.attempts.suggest(self._attempt.id, item.id, self._spec))
        except ModelFailedError as error:
            self._works = False
            say(error_text(error, self._bench.workspace.t))
            return None


class _Sitting:
    def __init__(self, bench: Bench, session: Session, attempt: Attempt, advice: _Advice | None) -> None:
        self._bench, self._session, self._attempt = bench, session, attempt
        self._advice = advice
        self._last: Item | None = None

    def run(self) -> bool:
        """Ask what is not answered yet; returns whether the attempt is done."""
        for number, item in enumerate(self._attempt.items, 1):
            if item.id in self._attempt.answered:
                continue
            said = self._ask(item, number)
            if said.command == STOP:
                return False
            if said.response is None and not said.command:
                # A pipe that ends has said all; a person at a keyboard (ctrl-d) means to leave.
                return not self._session.watched
            if said.response is not None:
                self._answer(item, said)
        return True

    def _ask(self, item: Item, number: int) -> Said:
        """Ask until it is an answer or a way on; overruling leaves the question standing."""
        while True:
            said = self._session.ask(item, number, len(self._attempt.items))
            if said.command not in _OVERRIDES:
                return said
            self._overrule(_OVERRIDES[said.command])

    def _answer(self, item: Item, said: Said) -> None:
        grade = self._bench.quiz.attempts.answer(self._attempt.id, item.id, said.response, clock())
        told = self._advice.on(item) if self._advice else None
        self._last = item
        shown = told or grade
        self._session.graded(item, shown.verdict.value, grade.note, suggested=told is not None)

    def _overrule(self, verdict: str) -> None:
        if self._last is None:
            say(self._session.t("quiz_cli.nothing_to_overrule"))
            return
        self._bench.quiz.attempts.override(self._attempt.id, self._last.id, verdict)
        say(self._session.t("quiz_cli.overruled"))


def shape(result: Result) -> dict[str, Any]:
    """The shape that docs/cli.md promises for `quiz take --json`."""
    return {
        "attempt": result.attempt,
        "quiz": result.quiz,
        "score": round(result.score, 4),
        "correct": result.correct,
        "partial": result.partial,
        "incorrect": result.incorrect,
        "unanswered": result.unanswered,
        "seconds": round(result.seconds, 1),
        "items": [
            {
                "id": each.item.id,
                "stem": each.item.stem,
                "response": json.loads(json.dumps(each.response)),
                "verdict": each.verdict,
                "by": each.by,
                "note": each.note,
            }
            for each in result.outcomes
        ],
        "reread": [_reread(each) for each in result.reread],
    }


def _reread(each: Reread) -> dict[str, Any]:
    names = ("section", "page", "start", "end", "quote", "items")
    return {name: getattr(each, name) for name in names}


def _tell(workspace: Workspace, result: Result) -> None:
    t = workspace.t
    percent, total = round(100 * result.score), len(result.outcomes)
    data(t("quiz_cli.score", correct=result.correct, total=total, percent=percent))
    if result.partial:
        data(t("quiz_cli.partly", count=result.partial))
    if result.unanswered:
        data(t("quiz_cli.unanswered", count=result.unanswered))
    if result.reread:
        data(t("quiz_cli.reread"))
    for each in result.reread:
        where = one_line(each.section)
        if each.page is not None:
            where = t("quiz_cli.on_page", section=where, page=each.page)
        data(f"  {where}{t('quiz_cli.colon')}{one_line(each.quote)}")


@dataclass(slots=True)
class Tally:
    """Counts of one practice session."""

    reviewed: int = 0
    again: int = 0


@click.command(cls=Command)
@click.argument("source", metavar="[LESSON]", required=False)
@click.option("--limit", type=click.IntRange(min=1), help="At most this many cards; default: all due cards.")
@json_option
@pass_workspace
def practice(workspace: Workspace, source: str | None, limit: int | None, as_json: bool) -> None:
    """Practice the due cards of all lessons or of LESSON (an id), scheduled by FSRS.

    After your answer, Enter accepts the suggested rating; 1 to 4 rate it as again, hard, good, easy. /undo
    reverts the last rating; /stop or the end of input leaves.
    """
    with open_bench(workspace) as bench:
        sitting = _PracticeSitting(bench, bench.store.lessons.find(source).id if source else None, limit)
        tally = sitting.run()
        waiting = sitting.waiting(clock())
    if as_json:
        emit_json({"reviewed": tally.reviewed, "again": tally.again, "due": waiting})
    else:
        data(workspace.t("quiz_cli.practised", count=tally.reviewed, again=tally.again, waiting=waiting))


class _PracticeSitting:
    def __init__(self, bench: Bench, lesson: str | None, limit: int | None) -> None:
        self._bench, self._lesson, self._limit = bench, lesson, limit
        self._session = Session(bench.workspace, (STOP, SKIP, UNDO))
        self._t: Translate = bench.workspace.t
        self._tally = Tally()

    def run(self) -> Tally:
        """Go on until it ends; cards rated again come back in the same sitting."""
        while self._limit is None or self._tally.reviewed < self._limit:
            now = clock()
            due = self._bench.quiz.reviews.due(now, self._lesson, limit=1)
            if not due or not self._card(due[0], self.waiting(now)):
                break
        return self._tally

    def waiting(self, now: datetime) -> int:
        counts = self._bench.quiz.reviews.counts(now).get(self._lesson or ALL)
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
            rating = SUGGESTED[judged.verdict.value]
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
        told: Scheduled = self._bench.quiz.reviews.review(card.item.id, rating, now)
        self._tally.reviewed += 1
        self._tally.again += rating == 1
        say(self._t("practice.comes_again", when=span((told.due - now).total_seconds(), self._t)))

    def _undo(self) -> bool:
        undone = self._bench.quiz.reviews.undo() if self._tally.reviewed else None
        if undone is None:
            say(self._t("quiz_cli.nothing_to_undo"))
        else:
            self._tally.reviewed -= 1
            self._tally.again -= undone.rating == 1
            say(self._t("practice.undone"))
        return True
