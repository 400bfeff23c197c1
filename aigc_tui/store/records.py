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
    """One thing found by full-text search. `snippet` is plain text around the first match.

    Args:
        conversation: The conversation's id; kind `lesson`: the lesson's; kind `item`: the quiz's.
        message: The message's id, empty: the title was found; kind `lesson`: the number of the section,
            from 0; kind `item`: the item's id.
        kind: `chat`, `write` or `quiz`; or `lesson`, `item`.
        title: The title of the conversation, lesson or quiz.
    """

    conversation: str
    message: str
    kind: str
    title: str
    snippet: str


@dataclass(frozen=True, slots=True)
class LessonRow:
    """A lesson on the shelf. The text itself is `quiz.lesson.records.Lesson`."""

    id: str
    title: str
    language: str
    source: str
    """The file's name, or what else it came from, for people."""
    sha256: str
    sections: int
    sentences: int
    pages: int
    """0: the source has no pages."""
    characters: int
    created: str
    quizzes: int = 0


@dataclass(frozen=True, slots=True)
class SectionRow:
    """A section of a lesson. Joined in order, the contents of all sections are the lesson's text."""

    title: str
    level: int
    start: int
    stop: int
    path: str
    """The titles from the outermost down, as a JSON list."""
    content: str


@dataclass(frozen=True, slots=True)
class SentenceRow:
    """A sentence by its offsets into the lesson's text. `listed` is its place in a numbered list, or 0."""

    start: int
    stop: int
    section: int
    paragraph: int
    kind: str
    listed: int


@dataclass(frozen=True, slots=True)
class QuizRow:
    """A quiz on the shelf. `lesson` is a lesson's id; empty: no lesson that is kept here backs it."""

    id: str
    title: str
    lesson: str
    language: str
    requested: int
    items: int
    """How many are in it, deleted ones not counted."""
    accepted: int
    created: str
    updated: str


@dataclass(frozen=True, slots=True)
class ItemRow:
    """A question's row: the item as JSON, and what the teacher said of it. The journal keeps such rows.

    Args:
        state: `new`, `accepted` or `deleted`.
        sentence: The number of the lesson's sentence that it cites; None: none.
        verdicts: What the validators said when it was last changed, as JSON.
        spares: Distractors that may take another's place, as a JSON list.
    """

    id: str
    quiz: str
    position: int
    state: str
    locked: bool
    sentence: int | None
    payload: str
    verdicts: str = "[]"
    spares: str = "[]"
    words: str = ""
    """What a search looks through: stem, options, answer, explanation as plain text."""


@dataclass(frozen=True, slots=True)
class QuizHead:
    """What a quiz is, without its items: the columns that a quiz file has too, some of them as JSON."""

    title: str
    lesson_title: str
    lesson_sha256: str
    language: str
    requested: int
    seed: int
    rejected: str = "[]"
    aliases: str = "[]"


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """A run through a quiz. `items` are ids as a JSON list; `finished` None: it goes on."""

    id: str
    quiz: str
    items: str
    started: str
    finished: str | None = None


@dataclass(frozen=True, slots=True)
class ResponseRow:
    """An answer, with the question as it was when it was asked."""

    attempt: str
    item: str
    payload: str
    answer: str
    """As JSON."""
    verdict: str
    judge: str
    suggested: bool
    note: str
    answered: str


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One review: the rating, the state before (0: new) and the card after it, by FSRS's numbers."""

    item: str
    rating: int
    reviewed: str
    was: int
    state: int
    step: int | None
    stability: float
    difficulty: float
    due: str


@dataclass(frozen=True, slots=True)
class CardRow:
    """A card as its last review left it."""

    seq: int
    item: str
    state: int
    step: int | None
    stability: float
    difficulty: float
    due: str
    reviewed: str
    reviews: int
    lapses: int
