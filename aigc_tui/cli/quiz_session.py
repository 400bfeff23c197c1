"""What taking and practising share: a question is asked, a line is read, and commands begin with a slash.

Why it exists: both are dialogues over plain lines that a pipe can hold as well as a person; what they do with
an answer differs. Questions go to stderr, results to stdout.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass

from aigc_tui.cli.lines import LineReader
from aigc_tui.cli.output import say
from aigc_tui.cli.quiz_lines import NoAnswerError, answer_lines, hint, question_lines, read_answer
from aigc_tui.cli.workspace import Workspace
from aigc_tui.quiz.grading.records import worded
from aigc_tui.quiz.practice.records import Response
from aigc_tui.quiz.records import Item
from aigc_tui.text import one_line

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
    """The learner's side of a quiz.

    Args:
        workspace: Words and settings.
        commands: Which commands may be said.
    """

    def __init__(self, workspace: Workspace, commands: tuple[str, ...]) -> None:
        self.t = workspace.t
        self._commands = commands
        self._reader = LineReader("> ", self.t("quiz_cli.how_to_stop"))

    @property
    def watched(self) -> bool:
        """Whether a person sits at it; else a pipe."""
        return sys.stdin.isatty()

    def ask(self, item: Item, number: int, total: int) -> Said:
        """Show a question and read until a line is an answer or a command."""
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
        """Read one line after telling what is wanted; None: the input has ended."""
        say(prompt)
        line = self._reader.read()
        return None if line is None else line.strip()

    def graded(self, item: Item, verdict: str, note: str = "", suggested: bool = False) -> None:
        """Say how an answer was judged, and what the right one is."""
        say(self.t(_VERDICTS[verdict]) + (f" ({self.t('quiz_cli.suggested')})" if suggested else ""))
        if note:
            say(f"   {one_line(worded(note, self.t))}")
        say("\n".join(answer_lines(self.t, item)))
