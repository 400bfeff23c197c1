"""What every way of answering has in common: the message that carries the answer.

Why it exists: the question's owner does not care whether an answer was clicked, typed or put in order.
"""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from aigc_tui.quiz.practice.records import Response


@dataclass
class Given(Message):
    """An answer was given, in the shape of the item's own."""

    response: Response
