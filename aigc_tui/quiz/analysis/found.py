"""What the finders hand to each other: a stretch of one sentence with its kind, and how clashes are settled.

Why it exists: finders look for one sort of thing each (dates, names, terms) and know nothing of each
other, yet no answer may cut a longer name or chunk. So all finds of a sentence meet here, and only the
stronger survive.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

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
    """Leave of overlapping finds the strongest: marked ones, then by kind, then the longer, then the first.

    Args:
        found: Finds of one sentence, in any order.

    Returns:
        Finds that do not overlap, in order of `start`.
    """
    every = list(found)
    wide = [one for one in every if one.kind is TermKind.TERM and not one.firm]
    every = [one for one in every if one.firm or one.kind not in _GUESSED or not _inside(one, wide)]
    order = sorted(every, key=lambda one: (-one.firm, -RANKS[one.kind], one.start - one.end, one.start))
    taken: list[Found] = []
    for one in order:
        if all(one.end <= other.start or one.start >= other.end for other in taken):
            taken.append(one)
    return sorted(taken, key=lambda one: one.start)
