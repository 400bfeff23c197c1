"""`aigc-tui quiz check`: what the validators say of any question file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from aigc_tui.cli.errors import DONE, FAILED, CommandError
from aigc_tui.cli.groups import Command
from aigc_tui.cli.output import data, emit_json
from aigc_tui.cli.quiz_bench import Bench, open_bench
from aigc_tui.cli.workspace import Workspace, json_option, pass_workspace
from aigc_tui.text import one_line

if TYPE_CHECKING:
    from aigc_tui.quiz.checks.quiz import Report
    from aigc_tui.quiz.checks.records import Verdict
    from aigc_tui.quiz.records import Quiz


@click.command(cls=Command)
@click.argument("file", metavar="F")
@click.option("--lesson", metavar="LESSON", help="The lesson that the questions are about: a file or an id.")
@click.option("--all", "every", is_flag=True, help="Also list the checks that are satisfied.")
@json_option
@pass_workspace
def check(workspace: Workspace, file: str, lesson: str | None, every: bool, as_json: bool) -> None:
    """Say what the validators find in a quiz file: ours, or any that can be read; or in a kept quiz.

    Quotes are compared with the lesson where it is kept, or named by --lesson. The exit code is 1 when a hard
    check fails.
    """
    with open_bench(workspace) as bench:
        quiz = bench.any_quiz(file)
        if not quiz.items:
            raise CommandError("{path}: no question in it could be read", path=one_line(file))
        report = _judge(bench, quiz, lesson)
    if as_json:
        emit_json(shape(report))
    else:
        from aigc_tui.quiz.checks.quiz import table

        data(table(report, workspace.t, every=every))
    click.get_current_context().exit(FAILED if report.hard_failures else DONE)


def _judge(bench: Bench, quiz: Quiz, lesson: str | None) -> Report:
    from aigc_tui.quiz.checks.quiz import check_quiz

    if lesson is None:
        return bench.quiz.verdicts(quiz)
    return check_quiz(quiz, bench.quiz.lesson(bench.lesson(lesson).id))


def shape(report: Report) -> dict[str, Any]:
    """The shape that docs/cli.md promises for `quiz check --json`."""
    return {
        "items": [
            {
                "id": item.id,
                "type": item.type.value,
                "stem": item.stem,
                "checks": [_verdict(verdict) for verdict in verdicts],
            }
            for item, verdicts in report.items
        ],
        "quiz": [_verdict(verdict) for verdict in report.verdicts],
        "measures": dict(report.measures),
        "hard_failures": report.hard_failures,
        "soft_failures": report.soft_failures,
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    names = ("check", "passed", "hard", "reason", "found")
    return {name: getattr(verdict, name) for name in names}
