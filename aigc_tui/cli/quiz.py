"""`aigc-tui quiz`: its commands, and what they share: the open store, and what LESSON and QUIZ mean.

Every command takes a file where it takes an id; an error says which of the two was looked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aigc_tui.cli.errors import CommandError
from aigc_tui.cli.groups import Group
from aigc_tui.cli.output import say
from aigc_tui.cli.terminal import Narrator
from aigc_tui.cli.workspace import Workspace

if TYPE_CHECKING:
    from aigc_tui.engine.protocol import Engine, ModelSpec
    from aigc_tui.quiz.formats.records import Problem
    from aigc_tui.quiz.records import Quiz
    from aigc_tui.quiz.service import QuizService
    from aigc_tui.store import Store
    from aigc_tui.store.records import LessonRow, QuizRow

COMMANDS = {
    "import": "aigc_tui.cli.quiz_files:import_",
    "make": "aigc_tui.cli.quiz_make:make",
    "check": "aigc_tui.cli.quiz_files:check",
    "export": "aigc_tui.cli.quiz_files:export",
    "take": "aigc_tui.cli.quiz_session:take",
    "practice": "aigc_tui.cli.quiz_session:practice",
    "plan": "aigc_tui.cli.quiz_files:plan",
    "list": "aigc_tui.cli.quiz_shelf:list_",
    "show": "aigc_tui.cli.quiz_shelf:show",
    "search": "aigc_tui.cli.quiz_shelf:search",
    "delete": "aigc_tui.cli.quiz_shelf:delete",
    "undelete": "aigc_tui.cli.quiz_shelf:undelete",
}


@click.group(cls=Group, lazy=COMMANDS)
def quiz() -> None:
    """Lessons and quizzes: import, make, check, export, take, practice.

    LESSON is a file or the id of an imported lesson; QUIZ is the id of a quiz or a file of questions. An id
    may be given by its beginning or end (4 characters or more), or as `last`.
    """


FORMATS = (
    *("gift", "aiken", "moodle-xml", "qti", "anki", "anki-text", "quizlet", "kahoot"),
    *("csv", "json", "markdown", "docx", "html"),
)
"""The formats by name, so that `--help` need not import them; a test compares them with the registry."""


def clock() -> datetime:
    """The time now, in the user's zone: the one place where the quiz commands ask for it."""
    return datetime.now().astimezone()


@dataclass(frozen=True, slots=True)
class Bench:
    """The open store and the quiz service over it."""

    workspace: Workspace
    store: Store
    quiz: QuizService

    def lesson(self, name: str) -> LessonRow:
        """The lesson that a name means: a file is imported (once), else it is an id."""
        path = Path(name)
        if path.exists():
            return self.import_lesson(path)
        must_not_be_a_path(name)
        return self.store.lessons.find(name)

    def import_lesson(self, path: Path) -> LessonRow:
        narrator = Narrator(self.workspace.t, plain=self.workspace.settings.plain)
        what = self.workspace.t("quiz_cli.reading", name=path.name)
        try:
            row = self.quiz.repository.import_lesson(
                path, tell=lambda done, total: narrator.step(what, done, total)
            )
        finally:
            narrator.quiet()
        for note in self.quiz.repository.lesson(row.id).notes:
            say(note.text(self.workspace.t))
        return row

    def kept_quiz(self, name: str) -> QuizRow:
        """The quiz that a name means; a file of questions is imported."""
        path = Path(name)
        if not path.exists():
            must_not_be_a_path(name)
            return self.store.quizzes.find(name)
        row, read = self.quiz.repository.import_questions(path)
        self.tell_problems(read.problems)
        return row

    def any_quiz(self, name: str) -> Quiz:
        """The quiz that a name means; a file is read but not imported."""
        from aigc_tui.quiz.repository import read_quiz

        path = Path(name)
        if not path.exists():
            must_not_be_a_path(name)
            return self.quiz.repository.quiz(self.store.quizzes.find(name).id)
        found, read = read_quiz(path)
        self.tell_problems(read.problems)
        return found

    def tell_problems(self, problems: Sequence[Problem]) -> None:
        t = self.workspace.t
        for problem in problems:
            say(t("quiz_cli.unread", where=problem.where.text(t), reason=problem.reason.text(t)))


@contextmanager
def open_bench(workspace: Workspace, engine: Engine | None = None) -> Iterator[Bench]:
    """Open the store for one command."""
    from aigc_tui.quiz.service import QuizService

    with workspace.store() as store:
        yield Bench(workspace, store, QuizService(store, engine, workspace.sampling))


@contextmanager
def open_bench_with_model(
    workspace: Workspace, name: str | None
) -> Iterator[tuple[Bench, ModelSpec | None, asyncio.Runner]]:
    """Open the store, and the engine if a model is named."""
    from aigc_tui.engine.client import EngineSwitch

    spec = workspace.models.resolve(workspace.model_name(name)) if name else None
    engine = EngineSwitch(workspace.paths, workspace.settings) if spec else None
    with open_bench(workspace, engine) as bench, asyncio.Runner() as runner:
        try:
            yield bench, spec, runner
        finally:
            if engine is not None:
                runner.run(engine.close())


def must_not_be_a_path(name: str) -> None:
    """Raise CommandError where the name can only be that of a file: there is none."""
    if "/" in name or "\\" in name or "." in name:
        raise CommandError("{path}: no such file", path=name)
