"""Early warnings: a loss that jumps, and memory that runs out, while there is still time to do something."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from aigc_tui.training.machine import available_memory, total_memory
from aigc_tui.training.metrics import Journal

_SPIKE = 2.0  # batches of a mix differ; a jump is more than another source
_WEIGHT = 0.05  # of a new loss in the running mean: about the last 20 steps
_SCARCE = 0.04  # share of all memory below which the machine is about to swap or to kill


@dataclass(slots=True)
class Watch:
    """Keeps a running mean of the loss and looks at the machine's memory.

    Args:
        available: Bytes of memory that are free to use, or None where nobody knows.
        total: Bytes of memory in all.
    """

    available: Callable[[], int | None] = available_memory
    total: Callable[[], int | None] = total_memory
    average: float | None = field(default=None, init=False)
    _scarce: bool = field(default=False, init=False)

    def look(self, journal: Journal, step: int, loss: float, due: bool) -> None:
        """Take note of a step's loss; where ``due``, look at the memory, too."""
        mean = self.average
        if mean is not None and loss > _SPIKE * mean:
            line = (
                f"loss jumped to {loss:.2f} at step {step} (mean of late {mean:.2f}); if it stays there, "
                "go back to the last checkpoint with a smaller learning rate"
            )
            journal.warn(step, "spike", line, loss=loss, mean=mean)
        self.average = loss if mean is None else (1 - _WEIGHT) * mean + _WEIGHT * loss
        if due:
            self._look_at_memory(journal, step)

    def _look_at_memory(self, journal: Journal, step: int) -> None:
        free, total = self.available(), self.total()
        if free is None or total is None:
            return
        scarce = free < _SCARCE * total
        if scarce and not self._scarce:
            line = (
                f"only {free / 2**20:.0f} MiB of {total / 2**30:.1f} GiB memory are left; before the machine "
                "swaps, stop (a checkpoint is saved) and resume with smaller micro_rows"
            )
            journal.warn(step, "memory", line, free=free)
        self._scarce = scarce
