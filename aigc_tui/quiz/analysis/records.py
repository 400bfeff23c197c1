"""What the analysis finds in a lesson: stretches that can be answers, and each sentence's worth."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from aigc_tui.quiz.lesson.records import Lesson


class TermKind(StrEnum):
    """What sort of thing a stretch names. Distractors are drawn from the same kind."""

    TERM = "term"
    """A concept of the lesson: a key phrase, a defined or emphasised word."""
    PERSON = "person"
    PLACE = "place"
    WORK = "work"
    """A book, film or poem: 《…》 or a title in italics."""
    NAME = "name"
    """A proper name of unknown sort (organisations, peoples, species)."""
    DATE = "date"
    """A year, a day, a century, a dynasty."""
    QUANTITY = "quantity"
    """A number with its unit."""
    NUMBER = "number"
    """A number without one."""


@dataclass(frozen=True, slots=True)
class Mention:
    """One stretch that can be an answer, on word boundaries: `lesson.text[start:end]`."""

    start: int
    end: int
    sentence: int
    """Index into `Lesson.sentences`."""
    kind: TermKind
    text: str
    weight: float = 0.0
    """How much it matters in this lesson, 0 to 1 (key-phrase rank, heading, emphasis)."""
    unit: str = ""
    """quantity: the unit as written; date: what sort (`year`, `day`, `century`, ...)."""
    value: float | None = None
    """quantity, number, date: as a number where that is possible (years for dates)."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A sentence that says what a term is: "X is (defined as|called) Y", "X 是指 Y", "Y 称为 X"."""

    term: Mention
    start: int
    """The defining words, without the term and without the copula."""
    end: int
    sentence: int
    text: str
    """The defining words, fit to stand alone as the right side of a matching item."""


@dataclass(frozen=True, slots=True)
class Alias:
    """Two names of one thing, as the lesson introduces them: "X (Y)", "X, also called Y", "X 又称 Y"."""

    first: str
    second: str
    sentence: int


@dataclass(frozen=True, slots=True)
class Sequence:
    """Things with a natural order: the items of a numbered list, dated events, steps ("first ... then")."""

    steps: tuple[str, ...]
    """Each step as short words of the lesson (verbatim), in the right order."""
    starts: tuple[int, ...]
    """Where each step begins in the text."""
    start: int
    end: int
    """The stretch of the text that holds all steps: the citation."""
    dated: bool = False
    """True: ordered by their dates, which the steps themselves do not show."""


@dataclass(frozen=True, slots=True)
class Worth:
    """Whether a sentence can carry an item. `reason` says why not: pronoun-led, fragment, caption ..."""

    usable: bool
    score: float
    """0 to 1; higher asks first."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Analysis:
    """All that was found. `worth[i]` belongs to `lesson.sentences[i]`; mentions are in order of `start`."""

    lesson: Lesson
    worth: tuple[Worth, ...]
    mentions: tuple[Mention, ...]
    definitions: tuple[Definition, ...] = ()
    aliases: tuple[Alias, ...] = ()
    sequences: tuple[Sequence, ...] = ()
