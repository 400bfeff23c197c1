"""The interface that the rules of each language implement, and the finds that they return."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from aigc_tui.quiz.analysis.aliases import Pair
from aigc_tui.quiz.analysis.records import TermKind

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

    def learn(self, sentences: Sequence[str]) -> None:
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
