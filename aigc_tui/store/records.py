"""The rows of the store as data classes: what crosses the border between SQLite and everything else."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """The life of a message row. It exists before its first token."""

    QUEUED = "queued"
    STREAMING = "streaming"
    COMPLETE = "complete"
    STOPPED = "stopped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation, draft talk or quiz talk. Times are UTC ISO-8601."""

    id: str
    kind: str
    title: str
    persona: str
    model: str
    created: str
    updated: str
    archived: bool = False
    head: str | None = None
    """The leaf of the path on show; None: nothing was said yet."""
    messages: int = 0
    """How many messages the whole tree holds."""


@dataclass(frozen=True, slots=True)
class Message:
    """One node of a conversation's tree. `parent` None: a root (the greeting or the first question)."""

    id: str
    conversation: str
    parent: str | None
    role: str
    author: str
    content: str
    status: Status
    created: str
    rating: int = 0
    """-1, 0 or 1."""
    model: str = ""
    adapter: str = ""
    sampling: str = ""
    """The sampling settings as JSON, or empty."""
    prompt_tokens: int = 0
    reused_tokens: int = 0
    new_tokens: int = 0
    seconds: float = 0.0
    prompt_hash: str = ""
    siblings: int = 1
    """How many messages share its parent, itself included."""
    sibling_index: int = 0
    """Its place among them by time, from 0."""


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One message (or title) found by full-text search. `snippet` is plain text around the first match."""

    conversation: str
    message: str
    kind: str
    title: str
    snippet: str
