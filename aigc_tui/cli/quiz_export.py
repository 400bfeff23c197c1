"""`aigc-tui quiz export`: a quiz in the format that a class's own program takes."""

from __future__ import annotations

from pathlib import Path

import click

from aigc_tui.cli.groups import Command
from aigc_tui.cli.output import emit_json, say
from aigc_tui.cli.quiz_bench import FORMATS, open_bench
from aigc_tui.cli.target import check_target
from aigc_tui.cli.workspace import Workspace, json_option, pass_workspace
from aigc_tui.text import one_line

_STEM = 60


@click.command(cls=Command)
@click.argument("quiz", metavar="QUIZ")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), help="The format; default: by the file's suffix."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="F",
    required=True,
    help="The file to write.",
)
@click.option("--force", is_flag=True, help="Overwrite the file.")
@click.option(
    "--answers",
    type=click.Choice(["after", "end", "none"]),
    default="end",
    show_default=True,
    help="Worksheets: the answers after each item, at the end, or not at all.",
)
@click.option("--deck", metavar="NAME", default="", help="Anki: the deck; default: the quiz's title.")
@json_option
@pass_workspace
def export(
    workspace: Workspace,
    quiz: str,
    form: str | None,
    output: Path,
    force: bool,
    answers: str,
    deck: str,
    as_json: bool,
) -> None:
    """Write a quiz to a file: a kept one by its id, or a file of questions in another format.

    An item that the format cannot hold is named on stderr and left out; nothing is cut.
    """
    from aigc_tui.quiz.formats.records import Options
    from aigc_tui.quiz.formats.registry import format_for
    from aigc_tui.quiz.repository import write_quiz

    check_target(output, force=force)
    name = format_for(output, form).name
    with open_bench(workspace) as bench:
        found = bench.any_quiz(quiz)
    written = write_quiz(found, name, output, Options(found.lesson.language, answers, deck))
    for each in written.left_out:
        say(workspace.t("quiz_cli.left_out", stem=one_line(each.stem, _STEM), reason=each.reason))
    if written.lost:
        say(workspace.t("quiz_cli.lost", format=name, parts=", ".join(written.lost)))
    count = len(found.items) - len(written.left_out)
    if as_json:
        left = [{"id": each.id, "stem": each.stem, "reason": each.reason} for each in written.left_out]
        lost = list(written.lost)
        emit_json({"file": str(output), "format": name, "items": count, "left_out": left, "lost": lost})
    else:
        say(workspace.t("quiz_cli.exported", count=count, file=str(output)))
