"""`aigc-tui quiz plan`: a lesson plan (教案) from a lesson and a quiz about it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aigc_tui.cli.errors import CommandError
from aigc_tui.cli.groups import Command
from aigc_tui.cli.output import data, say
from aigc_tui.cli.quiz_bench import Bench, open_bench
from aigc_tui.cli.target import check_target
from aigc_tui.cli.workspace import Workspace, pass_workspace

if TYPE_CHECKING:
    from aigc_tui.documents.write.printable import Document
    from aigc_tui.quiz.records import Quiz

SUFFIXES = (".md", ".docx", ".html")


@click.command(cls=Command)
@click.argument("source", metavar="LESSON")
@click.option(
    "--quiz", "quiz_name", metavar="QUIZ", help="The quiz that tests it; default: the newest about it."
)
@click.option(
    "--minutes", type=click.IntRange(1, 600), default=45, show_default=True, help="How long the class lasts."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="F",
    help="Write to this file: .md, .docx or .html; default: Markdown on stdout.",
)
@click.option("--force", is_flag=True, help="Overwrite the file.")
@pass_workspace
def plan(
    workspace: Workspace, source: str, quiz_name: str | None, minutes: int, output: Path | None, force: bool
) -> None:
    """Plan a class: objectives with the items that test them, key and hard points, steps, homework, board.

    Without a quiz about the lesson, one of ten items is made first. The plan speaks the lesson's language.
    """
    from aigc_tui.quiz.teaching.plan import make_plan
    from aigc_tui.quiz.teaching.plan_document import plan_document

    if output is not None:
        check_target(output, force=force)
    render = renderer(output)
    with open_bench(workspace) as bench:
        row = bench.lesson(source)
        quiz = _quiz(bench, row.id, quiz_name)
        lesson = bench.quiz.lesson(row.id)
    document = plan_document(make_plan(lesson, quiz, minutes), quiz)
    if output is None:
        data(render(document).decode().rstrip("\n"))
        return
    from aigc_tui.files import write_bytes

    write_bytes(output, render(document))
    say(workspace.t("quiz_cli.plan_written", file=str(output)))


def renderer(output: Path | None) -> Callable[[Document], bytes]:
    """What lays a document out for a file, by its suffix.

    Raises:
        CommandError: No plan can be written in such a file.
    """
    from aigc_tui.documents.write import docx, html, markdown

    suffix = output.suffix.lower() if output else ".md"
    if suffix == ".docx":
        return docx.render
    if suffix not in SUFFIXES:
        raise CommandError(
            "{path}: a lesson plan can be written as {formats}", path=output, formats=", ".join(SUFFIXES)
        )
    text = html.render if suffix == ".html" else markdown.render
    return lambda document: text(document).encode("utf-8", errors="replace")


def _quiz(bench: Bench, lesson: str, name: str | None) -> Quiz:
    """The quiz that was named, else the newest about the lesson, else one that is made now."""
    if name is not None:
        return bench.any_quiz(name)
    for row in bench.store.quizzes.page(lesson):
        if row.items:
            return bench.quiz.quiz(row.id)
    import asyncio

    from aigc_tui.cli.quiz_make import run
    from aigc_tui.quiz.records import QuizRequest

    return asyncio.run(run(bench, lesson, QuizRequest(), None))
