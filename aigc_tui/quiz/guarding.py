"""Asking the guarded child to parse a stranger's file, and its failures in one line.

Why it exists: lessons and question files alike come from anywhere. A parser that such a file can keep busy or
fill up must not run in the process that draws the screen (`aigc_tui.corpora.guard`).
"""

from __future__ import annotations

from aigc_tui.corpora.guard import TOO_HEAVY, TOO_SLOW, Guard, ParserError
from aigc_tui.text import one_line

SECONDS = 120.0
MEMORY = 2 << 30


class UnparsedError(ValueError):
    """The file was not parsed; the message is one line for people."""


def parsed(task: str, question: bytes) -> bytes:
    """Let the guarded child answer one question.

    Args:
        task: Its name in `aigc_tui.corpora.guarded.TASKS`.
        question: What the task reads.

    Raises:
        UnparsedError: The parser refused it, was too slow, or needed too much memory.
    """
    try:
        with Guard(task, SECONDS, MEMORY) as guard:
            return guard.ask(question)
    except ParserError as failure:
        raise UnparsedError(_said(failure)) from None


def _said(failure: ParserError) -> str:
    if failure.reason == TOO_SLOW:
        return f"reading it takes longer than {SECONDS:.0f} s; give a part of it"
    if failure.reason == TOO_HEAVY:
        return "reading it needs too much memory or time: broken, or built to do so"
    return one_line(failure.detail)
