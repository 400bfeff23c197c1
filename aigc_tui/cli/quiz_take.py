"""`aigc-tui quiz take`: a quiz in plain lines, graded as it goes, with what to read again at the end."""

from __future__ import annotations

import asyncio
import json
import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from aigc_tui.cli.groups import Command
from aigc_tui.cli.output import data, emit_json, say
from aigc_tui.cli.quiz_bench import Bench, clock, open_bench_with_model
from aigc_tui.cli.quiz_session import RIGHT, SKIP, STOP, WRONG, Said, Session
from aigc_tui.cli.workspace import Workspace, json_option, pass_workspace
from aigc_tui.text import one_line

if TYPE_CHECKING:
    from aigc_tui.engine.protocol import ModelSpec
    from aigc_tui.quiz.grading.records import Grade
    from aigc_tui.quiz.practice.records import Attempt, Reread, Result
    from aigc_tui.quiz.records import Item

_OVERRIDES = {RIGHT: "correct", WRONG: "incorrect"}


@click.command(cls=Command)
@click.argument("quiz", metavar="QUIZ")
@click.option("--seed", metavar="N", type=click.IntRange(0), help="Ask in an order drawn from this number.")
@click.option("--new", "afresh", is_flag=True, help="Begin anew, although an attempt was broken off.")
@click.option("-m", "--model", metavar="MODEL", help="Let it suggest a grade where rules leave it open.")
@json_option
@pass_workspace
def take(
    workspace: Workspace, quiz: str, seed: int | None, afresh: bool, model: str | None, as_json: bool
) -> None:
    """Take a quiz: questions one by one on stderr, the result on stdout. Answers may come through a pipe.

    An empty line passes a question over. /right and /wrong overrule the last verdict; /stop leaves, and the
    next `quiz take` goes on. Each answer is kept at once. A file of questions is kept as a quiz first.
    """
    with open_bench_with_model(workspace, model) as (bench, spec, runner):
        row = bench.kept_quiz(quiz)
        attempt = _attempt(bench, row.id, seed, afresh)
        session = Session(workspace, (STOP, SKIP, RIGHT, WRONG))
        advice = _Advice(bench, attempt, spec, runner) if spec else None
        if not _Sitting(bench, session, attempt, advice).run():
            say(workspace.t("quiz_cli.left_open", quiz=row.id))
            return
        result = bench.quiz.finish(attempt.id, clock())
    if as_json:
        emit_json(shape(result))
    else:
        _tell(workspace, result)


def _attempt(bench: Bench, quiz: str, seed: int | None, afresh: bool) -> Attempt:
    """The attempt to go on with, or a new one; asked in the order that the seed draws."""
    attempt = None if afresh else bench.quiz.open_attempt(quiz)
    if attempt is not None:
        answered = len(attempt.answered)
        say(bench.workspace.t("quiz_cli.going_on", answered=answered, total=len(attempt.items)))
    attempt = attempt or bench.quiz.begin_attempt(quiz, clock())
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
        from aigc_tui.quiz.llm_items.records import ModelFailedError

        if not self._works:
            return None
        try:
            return self._runner.run(self._bench.quiz.suggest(self._attempt.id, item.id, self._spec))
        except ModelFailedError as error:
            self._works = False
            say(str(error))
            return None


class _Sitting:
    """One sitting over an attempt."""

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
        grade = self._bench.quiz.answer(self._attempt.id, item.id, said.response, clock())
        told = self._advice.on(item) if self._advice else None
        self._last = item
        shown = told or grade
        self._session.graded(item, shown.verdict.value, grade.note, suggested=told is not None)

    def _overrule(self, verdict: str) -> None:
        if self._last is None:
            say(self._session.t("quiz_cli.nothing_to_overrule"))
            return
        self._bench.quiz.override(self._attempt.id, self._last.id, verdict)
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
