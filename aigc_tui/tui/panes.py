"""The panes beside the chat: what each is called, and how it is made when it is opened first.

Why it exists: a pane keeps its screens, and whatever is under way on them, while another one is on show; and
none is imported before somebody opens it, so that the first frame is as quick with five panes as with one.
Each pane is a mode of Textual: a stack of screens of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

if TYPE_CHECKING:
    from aigc_tui.tui.app import AigcApp

CHAT = "chat"
"""The pane that is there from the start."""
QUIZ = "quiz"
PRACTICE = "practice"


def _chat(app: AigcApp) -> Screen[Any]:
    return app.chat


def _quiz(app: AigcApp) -> Screen[Any]:
    from aigc_tui.tui.quiz.screen import QuizScreen

    return QuizScreen(app.t)


def _practice(app: AigcApp) -> Screen[Any]:
    from aigc_tui.tui.practice.screen import PracticeScreen

    return PracticeScreen(app)


PANES: Mapping[str, Callable[[AigcApp], Screen[Any]]] = {CHAT: _chat, QUIZ: _quiz, PRACTICE: _practice}
"""By the name that `app.pane('...')` has in the table of bindings."""


def leave(screen: Screen[Any]) -> None:
    """Close a screen: back to what it lies on; from the lowest screen of a pane, to the quiz pane."""
    if len(screen.app.screen_stack) > 1:
        screen.dismiss()
    else:
        screen.app.call_later(screen.app.run_action, f"app.pane('{QUIZ}')")
