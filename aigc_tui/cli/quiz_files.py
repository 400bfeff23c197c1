"""`aigc-tui quiz import`, `check`, `export`, `plan`: files in, files out, and what the validators find."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aigc_tui.cli.errors import DONE, FAILED, CommandError, WrongUsage, check_target
from aigc_tui.cli.groups import Command
from aigc_tui.cli.output import data, emit_json, say
from aigc_tui.cli.quiz import FORMATS, Bench, open_bench
from aigc_tui.cli.workspace import Workspace, json_option, pass_workspace
from aigc_tui.message import listed
from aigc_tui.text import one_line

if TYPE_CHECKING:
    from aigc_tui.documents.write.printable import PrintDocument
    from aigc_tui.quiz.checks.quiz import Report
    from aigc_tui.quiz.checks.records import Verdict
    from aigc_tui.quiz.lesson.records import Lesson
    from aigc_tui.quiz.records import Quiz


@click.command("import", cls=Command)
@click.argument("source", metavar="LESSON")
@click.option("--conversation", is_flag=True, help="LESSON is a conversation's id, or `last`.")
@click.option("--questions", is_flag=True, help="LESSON is a file of questions: import it as a quiz.")
@json_option
@pass_workspace
def import_(workspace: Workspace, source: str, conversation: bool, questions: bool, as_json: bool) -> None:
    """Import a lesson (Markdown, text, HTML, PDF, docx, EPUB) and print its id.

    The same text is always the same lesson. --json prints the normalised text, to which all offsets in
    quizzes refer.
    """
    if conversation and questions:
        raise WrongUsage("--conversation and --questions exclude each other")
    with open_bench(workspace) as bench:
        if questions:
            _questions(bench, Path(source), as_json)
            return
        name = _conversation(bench, source) if conversation else bench.import_lesson(Path(source)).id
        lesson = bench.quiz.repository.lesson(name)
    if as_json:
        emit_json(shape(name, lesson))
        return
    say(workspace.t("quiz_cli.lesson_kept", title=lesson.title, sentences=len(lesson.sentences)))
    data(name)


def shape(name: str, lesson: Lesson) -> dict[str, Any]:
    """The shape that docs/cli.md promises for `quiz import --json`."""
    return {
        "lesson": name,
        "title": lesson.title,
        "language": lesson.language,
        "sha256": lesson.sha256,
        "text": lesson.text,
        "sections": [
            {"title": each.title, "start": each.start, "end": each.end, "level": each.level}
            for each in lesson.sections
        ],
        "source": lesson.source,
        "pages": list(lesson.pages),
        "notes": [str(note) for note in lesson.notes],
    }


def _conversation(bench: Bench, name: str) -> str:
    from aigc_tui.cli.dialogue import find_conversation

    return bench.quiz.repository.import_conversation(find_conversation(bench.store, name).id).id


def _questions(bench: Bench, path: Path, as_json: bool) -> None:
    row, read = bench.quiz.repository.import_questions(path)
    bench.tell_problems(read.problems)
    if as_json:
        problems = [{"where": str(each.where), "reason": str(each.reason)} for each in read.problems]
        emit_json({"quiz": row.id, "title": row.title, "items": row.items, "problems": problems})
        return
    say(bench.workspace.t("quiz_cli.questions_kept", title=row.title, count=row.items))
    data(row.id)


_STEM = 60


@click.command(cls=Command)
@click.argument("quiz", metavar="QUIZ")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), help="Output format; default: from the file's suffix."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="F",
    required=True,
    help="File to write.",
)
@click.option("--force", is_flag=True, help="Overwrite the file.")
@click.option(
    "--answers",
    type=click.Choice(["after", "end", "none"]),
    default="end",
    show_default=True,
    help="Worksheets: answers after each item, at the end, or none.",
)
@click.option("--deck", metavar="NAME", default="", help="Anki: name of the deck; default: the quiz's title.")
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
    """Export a quiz to a file: a stored quiz, or a question file in another format.

    An item that the format cannot hold is skipped and named on stderr; nothing is truncated.
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
        say(
            workspace.t(
                "quiz_cli.left_out", stem=one_line(each.stem, _STEM), reason=each.reason.text(workspace.t)
            )
        )
    if written.lost:
        lost_parts = listed(map(workspace.t, written.lost), workspace.t)
        say(workspace.t("quiz_cli.lost", format=name, parts=lost_parts))
    count = len(found.items) - len(written.left_out)
    if as_json:
        left = [{"id": each.id, "stem": each.stem, "reason": str(each.reason)} for each in written.left_out]
        lost = list(written.lost)
        emit_json({"file": str(output), "format": name, "items": count, "left_out": left, "lost": lost})
    else:
        say(workspace.t("quiz_cli.exported", count=count, file=str(output)))


@click.command(cls=Command)
@click.argument("file", metavar="F")
@click.option("--lesson", metavar="LESSON", help="Lesson that the questions are about: a file or an id.")
@click.option("--all", "every", is_flag=True, help="Also list the checks that passed.")
@json_option
@pass_workspace
def check(workspace: Workspace, file: str, lesson: str | None, every: bool, as_json: bool) -> None:
    """Check a quiz: a stored one, or a question file in any readable format.

    Quotes are compared with the stored lesson or the one named by --lesson. The exit code is 1 if a hard
    check fails.
    """
    with open_bench(workspace) as bench:
        quiz = bench.any_quiz(file)
        if not quiz.items:
            raise CommandError("{path}: no question in it could be read", path=one_line(file))
        report = _judge(bench, quiz, lesson)
    if as_json:
        emit_json(check_shape(report))
    else:
        from aigc_tui.quiz.checks.quiz import table

        data(table(report, workspace.t, every=every))
    click.get_current_context().exit(FAILED if report.hard_failures else DONE)


def _judge(bench: Bench, quiz: Quiz, lesson: str | None) -> Report:
    from aigc_tui.quiz.checks.quiz import check_quiz

    if lesson is None:
        return bench.quiz.repository.verdicts(quiz)
    return check_quiz(quiz, bench.quiz.repository.lesson(bench.lesson(lesson).id))


def check_shape(report: Report) -> dict[str, Any]:
    """The check_shape that docs/cli.md promises for `quiz check --json`."""
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


SUFFIXES = (".md", ".docx", ".html")


@click.command(cls=Command)
@click.argument("source", metavar="LESSON")
@click.option(
    "--quiz", "quiz_name", metavar="QUIZ", help="Quiz to use; default: the newest about the lesson."
)
@click.option(
    "--minutes", type=click.IntRange(1, 600), default=45, show_default=True, help="Length of the class."
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
    """Write a lesson plan: objectives with the items that test them, key points, steps, homework, board.

    Without a quiz about the lesson, one of ten items is made first. The plan is in the lesson's language.
    """
    from aigc_tui.quiz.teaching.plan import make_plan
    from aigc_tui.quiz.teaching.plan_document import plan_document

    if output is not None:
        check_target(output, force=force)
    render = renderer(output)
    with open_bench(workspace) as bench:
        row = bench.lesson(source)
        quiz = _planned_quiz(bench, row.id, quiz_name)
        lesson = bench.quiz.repository.lesson(row.id)
    document = plan_document(make_plan(lesson, quiz, minutes), quiz)
    if output is None:
        data(render(document).decode().rstrip("\n"))
        return
    from aigc_tui.files import write_bytes

    write_bytes(output, render(document))
    say(workspace.t("quiz_cli.plan_written", file=str(output)))


def renderer(output: Path | None) -> Callable[[PrintDocument], bytes]:
    """Choose the writer of a lesson plan by the file's suffix."""
    from aigc_tui.documents.write import docx, html, markdown

    suffix = output.suffix.lower() if output else ".md"
    if suffix == ".docx":
        return docx.render
    if suffix not in SUFFIXES:
        raise CommandError(
            "{path}: a lesson plan can be written as {formats}", path=output, formats=tuple(SUFFIXES)
        )
    text = html.render if suffix == ".html" else markdown.render
    return lambda document: text(document).encode("utf-8", errors="replace")


def _planned_quiz(bench: Bench, lesson: str, name: str | None) -> Quiz:
    if name is not None:
        return bench.any_quiz(name)
    for row in bench.store.quizzes.page(lesson):
        if row.items:
            return bench.quiz.repository.quiz(row.id)
    import asyncio

    from aigc_tui.cli.quiz_make import run
    from aigc_tui.quiz.records import QuizRequest

    return asyncio.run(run(bench, lesson, QuizRequest(), None))
