"""`aigc-tui quiz import`: a file or a conversation becomes a lesson; a question file becomes a quiz."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aigc_tui.cli.errors import WrongUsage
from aigc_tui.cli.groups import Command
from aigc_tui.cli.output import data, emit_json, say
from aigc_tui.cli.quiz_bench import Bench, open_bench
from aigc_tui.cli.workspace import Workspace, json_option, pass_workspace

if TYPE_CHECKING:
    from aigc_tui.quiz.lesson.records import Lesson


@click.command("import", cls=Command)
@click.argument("source", metavar="LESSON")
@click.option("--conversation", is_flag=True, help="LESSON is a conversation's id, or `last`.")
@click.option("--questions", is_flag=True, help="LESSON is a file of questions: keep it as a quiz.")
@json_option
@pass_workspace
def import_(workspace: Workspace, source: str, conversation: bool, questions: bool, as_json: bool) -> None:
    """Read a lesson, keep it, and print its id: Markdown, text, HTML, PDF, docx, EPUB.

    The same text again is the same lesson. With --json the normalised text is printed, into which all offsets
    of quizzes count.
    """
    if conversation and questions:
        raise WrongUsage("--conversation and --questions exclude each other")
    with open_bench(workspace) as bench:
        if questions:
            _questions(bench, Path(source), as_json)
            return
        name = _conversation(bench, source) if conversation else bench.import_lesson(Path(source)).id
        lesson = bench.quiz.lesson(name)
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
    from aigc_tui.cli.conversations import find_conversation

    return bench.quiz.import_conversation(find_conversation(bench.store, name).id).id


def _questions(bench: Bench, path: Path, as_json: bool) -> None:
    row, read = bench.quiz.import_questions(path)
    bench.tell_problems(read.problems)
    if as_json:
        problems = [{"where": each.where, "reason": each.reason} for each in read.problems]
        emit_json({"quiz": row.id, "title": row.title, "items": row.items, "problems": problems})
        return
    say(bench.workspace.t("quiz_cli.questions_kept", title=row.title, count=row.items))
    data(row.id)
