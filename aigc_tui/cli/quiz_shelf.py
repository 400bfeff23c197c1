"""`aigc-tui quiz list`, `show`, `search`, `delete`, `undelete`: what is on the shelf."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from aigc_tui.cli.groups import Command
from aigc_tui.cli.output import data, emit_json, say, table
from aigc_tui.cli.quiz import Bench, clock, open_bench
from aigc_tui.cli.workspace import Workspace, json_option, pass_workspace
from aigc_tui.text import one_line

if TYPE_CHECKING:
    from aigc_tui.store.records import LessonRow, QuizRow


@click.command("list", cls=Command)
@click.option("--lessons", is_flag=True, help="List lessons instead of quizzes.")
@click.option("--deleted", is_flag=True, help="Deleted ones; `quiz undelete` restores them.")
@json_option
@pass_workspace
def list_(workspace: Workspace, lessons: bool, deleted: bool, as_json: bool) -> None:
    """List quizzes, or lessons with their due cards; newest first."""
    with open_bench(workspace) as bench:
        if lessons:
            _list_lessons(bench, deleted, as_json)
        else:
            _list_quizzes(bench, deleted, as_json)


def _list_lessons(bench: Bench, deleted: bool, as_json: bool) -> None:
    rows = bench.store.lessons.trashed() if deleted else bench.quiz.repository.lessons()
    counts = bench.quiz.reviews.counts(clock())
    due = {row.id: counts[row.id].total if row.id in counts else 0 for row in rows}
    if as_json:
        emit_json([{**asdict(row), "due": due[row.id]} for row in rows])
    else:
        table([_lesson_cells(bench, row, due[row.id]) for row in rows])


def _lesson_cells(bench: Bench, row: LessonRow, due: int) -> tuple[str, ...]:
    waiting = bench.workspace.t("quiz_cli.due", count=due) if due else ""
    quizzes = bench.workspace.t("quiz_cli.quizzes", count=row.quizzes)
    return row.id, row.created[:10], row.language, quizzes, waiting, row.title


def _list_quizzes(bench: Bench, deleted: bool, as_json: bool) -> None:
    rows = bench.store.quizzes.trashed() if deleted else bench.quiz.repository.quizzes()
    if as_json:
        emit_json([asdict(row) for row in rows])
    else:
        table([_quiz_cells(bench, row) for row in rows])


def _quiz_cells(bench: Bench, row: QuizRow) -> tuple[str, ...]:
    items = bench.workspace.t("quiz_cli.items", count=row.items)
    return row.id, row.updated[:16].replace("T", " "), row.language, items, row.title


@click.command(cls=Command)
@click.argument("quiz", metavar="QUIZ")
@click.option("--answers", is_flag=True, help="Include the answers, explanations and sources.")
@json_option
@pass_workspace
def show(workspace: Workspace, quiz: str, answers: bool, as_json: bool) -> None:
    """Print a quiz as it would be asked, or as JSON."""
    from aigc_tui.cli.quiz_lines import answer_lines, question_lines
    from aigc_tui.quiz.codec import quiz_to_json

    with open_bench(workspace) as bench:
        found = bench.any_quiz(quiz)
    if as_json:
        emit_json(quiz_to_json(found))
        return
    say(found.title)
    for number, item in enumerate(found.items, 1):
        told = answer_lines(workspace.t, item) if answers else []
        data("\n".join([*question_lines(item, number), *told]) + "\n")


@click.command(cls=Command)
@click.argument("query")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="At most this many.")
@json_option
@pass_workspace
def search(workspace: Workspace, query: str, limit: int, as_json: bool) -> None:
    """Find items and lessons that contain every word of QUERY, best match first."""
    with open_bench(workspace) as bench:
        hits = bench.quiz.repository.search(query, limit)
    if as_json:
        emit_json([_hit(*(hit.kind, hit.conversation, hit.message, hit.title, hit.snippet)) for hit in hits])
    else:
        t = workspace.t
        table([(hit.conversation, t(hit.kind), one_line(hit.title, 24), hit.snippet) for hit in hits])


def _hit(kind: str, owner: str, part: str, title: str, snippet: str) -> dict[str, Any]:
    """A hit by what it is: an item of a quiz, or a section of a lesson by its number from 0."""
    if kind == "item":
        return {"kind": kind, "quiz": owner, "item": part, "title": title, "snippet": snippet}
    return {"kind": kind, "lesson": owner, "section": int(part), "title": title, "snippet": snippet}


@click.command(cls=Command)
@click.argument("name", metavar="ID")
@click.option("--lesson", is_flag=True, help="ID is a lesson's; its quizzes are deleted, too.")
@click.option("--forever", is_flag=True, help="Delete permanently; it cannot be restored.")
@json_option
@pass_workspace
def delete(workspace: Workspace, name: str, lesson: bool, forever: bool, as_json: bool) -> None:
    """Delete a quiz or a lesson. `quiz undelete` restores it unless --forever was given.

    The quizzes of a lesson that was deleted forever stay: they quote it and can still be taken.
    """
    with open_bench(workspace) as bench:
        shelf = bench.store.lessons if lesson else bench.store.quizzes
        row = shelf.find(name)
        if forever:
            shelf.purge(row.id)
        else:
            shelf.trash(row.id)
    if as_json:
        emit_json({"deleted": row.id, "forever": forever})
    elif forever:
        say(workspace.t("cli.purged", title=row.title))
    else:
        say(workspace.t("quiz_cli.deleted", title=row.title, id=row.id))


@click.command(cls=Command)
@click.argument("name", metavar="ID")
@pass_workspace
def undelete(workspace: Workspace, name: str) -> None:
    """Restore a deleted quiz or lesson. ID is its full id; see `quiz list --deleted`."""
    with open_bench(workspace) as bench:
        row = next((each for each in bench.store.lessons.trashed() if each.id == name), None)
        title = row.title if row else bench.store.quizzes.get(name).title
        if row:
            bench.quiz.repository.restore_lesson(name)
        else:
            bench.quiz.repository.restore_quiz(name)
    say(workspace.t("cli.undeleted", title=title))
