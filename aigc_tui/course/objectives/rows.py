"""Endless rows of a finite set, in a new order each pass, padded to the longest of a batch.

The place in the stream is two numbers, so a checkpoint keeps it exactly; what is random in a row depends on
the seed, the pass and the row alone. This is the ``Source`` that the training loop asks for (learner.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor

from aigc_tui.training.learner import Batch

Row = TypeVar("Row")
Made = TypeVar("Made", bound=Batch)

ALL = slice(None)


class Passes(Generic[Row, Made]):
    """Goes through rows again and again.

    Args:
        rows_of: Makes the rows of one pass, in their order; asked with that pass's random numbers.
        collate: Turns some rows into a batch; may draw too (masks, for one).
        seed: The same seed gives the same stream.
    """

    def __init__(
        self,
        rows_of: Callable[[Random], Sequence[Row]],
        collate: Callable[[Sequence[Row], Random], Made],
        seed: int,
    ) -> None:
        """Begin at the first row of the first pass."""
        self._rows_of, self._collate, self._seed = rows_of, collate, seed
        self._rows: Sequence[Row] = ()
        self._begin(0)

    def batch(self, rows: int, mine: slice = ALL) -> Made:
        """Draw the next rows and return those of ``mine``."""
        drawn: list[Row] = []
        random = Random(f"{self._seed}-{self._pass}-{self._at}")
        while len(drawn) < rows:
            if self._at == len(self._rows):
                self._begin(self._pass + 1)
            taken = self._rows[self._at : self._at + rows - len(drawn)]
            drawn += taken
            self._at += len(taken)
        return self._collate(drawn[mine], random)

    def state(self) -> dict[str, Any]:
        """Where the stream stands."""
        return {"pass": self._pass, "at": self._at}

    def restore(self, state: dict[str, Any]) -> None:
        """Go to where :meth:`state` was taken."""
        self._begin(int(state["pass"]))
        self._at = int(state["at"])

    def _begin(self, number: int) -> None:
        self._pass, self._at = number, 0
        self._rows = self._rows_of(Random(f"{self._seed}-{number}"))
        if not self._rows:
            raise ValueError("there are no rows to learn from")


def shuffled(rows: Sequence[Row]) -> Callable[[Random], Sequence[Row]]:
    """Let every pass see the same rows in an order of its own."""
    return lambda random: random.sample(rows, len(rows))


def padded(rows: Sequence[Sequence[int]], filler: int) -> Tensor:
    """Make one tensor (B, T) of rows, the shorter filled up on the right."""
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[filler] * (longest - len(row))] for row in rows])


def real_tokens(rows: Sequence[Sequence[int]]) -> Tensor:
    """Say which places of :func:`padded` are no padding (B, T)."""
    longest = max(map(len, rows))
    return torch.arange(longest) < torch.tensor([[len(row)] for row in rows])
