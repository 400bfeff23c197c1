"""Asking the guarded child to parse a stranger's file, and its failures in one line.

Why it exists: lessons and question files alike come from anywhere. A parser that such a file can keep busy or
fill up must not run in the process that draws the screen (`aigc_tui.corpora.guard`).
"""

from __future__ import annotations

from aigc_tui.corpora.guard import TOO_HEAVY, TOO_SLOW, Guard, ParserError
from aigc_tui.message import AppError, Message, message

SECONDS = 120.0
MEMORY = 2 << 30


class UnparsedError(AppError, ValueError):
    """The file was not parsed."""


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


def _said(failure: ParserError) -> Message:
    if failure.reason == TOO_SLOW:
        return message(
            "reading takes longer than {seconds} s; use a part of the file", seconds=round(SECONDS)
        )
    if failure.reason == TOO_HEAVY:
        return message("reading needs too much memory or time; the file is damaged or hostile")
    return failure.detail
