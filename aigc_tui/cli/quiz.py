"""`aigc-tui quiz`: lessons and quizzes on the command line, one small file a command."""

from __future__ import annotations

import click

from aigc_tui.cli.groups import Group

COMMANDS = {
    "import": "aigc_tui.cli.quiz_import:import_",
    "make": "aigc_tui.cli.quiz_make:make",
    "check": "aigc_tui.cli.quiz_check:check",
    "export": "aigc_tui.cli.quiz_export:export",
    "take": "aigc_tui.cli.quiz_take:take",
    "practice": "aigc_tui.cli.quiz_practice:practice",
    "plan": "aigc_tui.cli.quiz_plan:plan",
    "list": "aigc_tui.cli.quiz_shelf:list_",
    "show": "aigc_tui.cli.quiz_shelf:show",
    "search": "aigc_tui.cli.quiz_shelf:search",
    "delete": "aigc_tui.cli.quiz_shelf:delete",
    "undelete": "aigc_tui.cli.quiz_shelf:undelete",
}


@click.group(cls=Group, lazy=COMMANDS)
def quiz() -> None:
    """Lessons and quizzes: import, make, check, export, take, practise.

    LESSON is a file, or the id of a lesson that was imported; QUIZ is the id of a quiz, or a file of
    questions. An id may be its beginning or its end (4 characters or more), or `last`.
    """
