"""One face for the rules of both languages.

Why it exists: `analyse` takes the same steps on every lesson; what a name, a term or a whole sentence looks
like is each language's own affair, behind these few methods.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from aigc_tui.quiz.analysis.aliases import Pair
from aigc_tui.quiz.analysis.definitions import Defined
from aigc_tui.quiz.analysis.found import Found


@dataclass(frozen=True, slots=True)
class Reading:
    """What one sentence holds, by offsets into it."""

    fixed: tuple[Found, ...] = ()
    """Dates, quantities, numbers, names."""
    phrases: tuple[tuple[int, int], ...] = ()
    """Noun phrases, some of which will be terms."""
    words: tuple[tuple[int, int], ...] = ()
    """Every word and mark."""


class Reader(Protocol):
    """The rules of one language, with what one lesson taught them."""

    def learn(self, sentences: Sequence[str]) -> None:
        """Look through the lesson once, before it is read sentence by sentence."""

    def read(self, text: str) -> Reading:
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
