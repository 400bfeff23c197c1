"""What the analysis finds in a lesson, and the interface that the rules of each language implement."""

from __future__ import annotations

import re
from collections import abc
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from aigc_tui.quiz.analysis.aliases import Pair
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


RANKS = {
    TermKind.WORK: 9,
    TermKind.DATE: 8,
    TermKind.QUANTITY: 7,
    TermKind.PERSON: 6,
    TermKind.PLACE: 5,
    TermKind.NAME: 4,
    TermKind.TERM: 3,
    TermKind.NUMBER: 2,
}
"""Which kind wins where two overlap: what is written in a fixed form before what is guessed."""


_GUESSED = {TermKind.PLACE, TermKind.NAME, TermKind.NUMBER}


@dataclass(frozen=True, slots=True)
class Found:
    """A stretch, by offsets into the text that the finder was given."""

    start: int
    end: int
    kind: TermKind
    unit: str = ""
    value: float | None = None
    firm: bool = False
    """The author marked it (bold, quoted, defined): it wins against guesses of the same place."""

    def moved(self, by: int) -> Found:
        """The same stretch, `by` characters further on."""
        return Found(self.start + by, self.end + by, self.kind, self.unit, self.value, self.firm)


def _inside(one: Found, wide: list[Found]) -> bool:
    """Whether a longer phrase holds this stretch ("Krebs" in "Krebs cycle")."""
    return any(
        other.start <= one.start and one.end <= other.end and other.end - other.start > one.end - one.start
        for other in wide
    )


def settle(found: Iterable[Found]) -> list[Found]:
    """Leave of overlapping finds the strongest: marked ones, then by kind, the longer, the first."""
    every = list(found)
    wide = [one for one in every if one.kind is TermKind.TERM and not one.firm]
    every = [one for one in every if one.firm or one.kind not in _GUESSED or not _inside(one, wide)]
    order = sorted(every, key=lambda one: (-one.firm, -RANKS[one.kind], one.start - one.end, one.start))
    taken: list[Found] = []
    for one in order:
        if all(one.end <= other.start or one.start >= other.end for other in taken):
            taken.append(one)
    return sorted(taken, key=lambda one: one.start)


@dataclass(frozen=True, slots=True)
class Defined:
    """A term and its defining words, by offsets into the sentence."""

    term: tuple[int, int]
    meaning: tuple[int, int]
    sure: float
    """1: the author says that it is a definition; less: the form only suggests it."""


def span(match: re.Match[str], name: str) -> tuple[int, int]:
    """Where a group stands, without spaces and marks around it."""
    words = match.group(name)
    left = len(words) - len(words.lstrip(" ,，"))
    right = len(words.rstrip(" ,，"))
    return match.start(name) + left, match.start(name) + right


@dataclass(frozen=True, slots=True)
class SentenceFinds:
    """What one sentence holds, by offsets into it."""

    fixed: tuple[Found, ...] = ()
    """Dates, quantities, numbers, names."""
    phrases: tuple[tuple[int, int], ...] = ()
    """Noun phrases, some of which will be terms."""
    words: tuple[tuple[int, int], ...] = ()
    """Every word and mark."""


class LanguageRules(Protocol):
    """The rules of one language, with what one lesson taught them."""

    def learn(self, sentences: abc.Sequence[str]) -> None:
        """Look through the lesson once, before it is read sentence by sentence."""

    def read(self, text: str) -> SentenceFinds:
        """Find what stands in one sentence."""

    def fault(self, text: str, listed: bool) -> str:
        """Why a sentence cannot carry an item; empty: it can."""

    def definitions(self, text: str, listed: bool) -> Iterable[Defined]:
        """What a sentence defines."""

    def aliases(self, text: str) -> Iterable[Pair]:
        """Which names a sentence introduces as meaning the same."""

    def is_term(self, words: str) -> bool:
        """Whether words that the author set off can be an answer."""

    def key(self, phrase: str) -> str:
        """The normal form of a phrase: forms of one term share it."""

    def rarity(self, key: str) -> float:
        """How seldom other texts hold a phrase, 0 to 9."""
