"""What an importer reads out of a file before anything is stored.

Why it exists: three foreign shapes become one, which is checked and stored in one place. Places in the list
stand for ids, since ids from outside mean nothing here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aigc_tui.message import AppError, Message
from aigc_tui.store.records import Status


@dataclass(frozen=True, slots=True)
class DraftMessage:
    """A message to be stored. `parent` is an earlier place in `Draft.messages`; None: a root."""

    parent: int | None
    role: str
    content: str
    author: str = ""
    status: Status = Status.COMPLETE
    created: str = ""
    rating: int = 0
    model: str = ""
    adapter: str = ""
    sampling: str = ""
    prompt_tokens: int = 0
    reused_tokens: int = 0
    new_tokens: int = 0
    seconds: float = 0.0
    prompt_hash: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A conversation to be stored. `head` is a place in `messages`; None: the last one."""

    title: str
    messages: Sequence[DraftMessage]
    head: int | None = None
    kind: str = "chat"
    persona: str = ""
    model: str = ""
    created: str = ""
    updated: str = ""
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something in a file that was not taken, and why, in one line that names the place."""

    reason: Message


Place = str | Message
"""Where in a file: its name, perhaps with a line or the number of a conversation."""
Found = Iterator[Draft | Skipped]


class UnreadableFileError(AppError):
    """Nothing of the file can be imported; the message says why in one line."""
