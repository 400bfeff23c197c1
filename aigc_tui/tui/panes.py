"""The panes: what each is called, and how it is made when it is opened first.

A pane is a mode of Textual: a stack of screens of its own, which keeps its screens and their work while
another one is shown. None but the chat is imported before it is opened, so that the first frame does not
wait for them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from textual.screen import Screen

CHAT = "chat"
"""The pane that is there from the start; the application makes it itself."""


def _quiz() -> Screen[Any]:
    from aigc_tui.tui.quiz.screen import QuizScreen

    return QuizScreen()


def _practice() -> Screen[Any]:
    from aigc_tui.tui.practice.screen import PracticeScreen

    return PracticeScreen()


PANES: Mapping[str, Callable[[], Screen[Any]]] = {"quiz": _quiz, "practice": _practice}
"""By the name that `app.pane('...')` has in the list of actions."""
