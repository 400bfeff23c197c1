"""A question as the teacher's review list shows it: the item, what was decided about it, what checks say.

Why it exists: `Item` is what travels in files; what a teacher said of it stays here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from aigc_tui.quiz.checks.records import Verdict
from aigc_tui.quiz.records import Item


class ItemState(StrEnum):
    """What the teacher said of an item."""

    NEW = "new"
    ACCEPTED = "accepted"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the review list.

    Args:
        locked: A re-make, a regeneration and a swap leave it alone.
        spares: Distractors that could take another's place, best first.
    """

    item: Item
    state: ItemState = ItemState.NEW
    locked: bool = False
    verdicts: tuple[Verdict, ...] = ()
    spares: tuple[str, ...] = ()
