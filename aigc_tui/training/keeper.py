"""Keeps a run: saves checkpoints when there is room for them, and goes back to one that fits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from torch import Tensor

from aigc_tui.training.checkpointing import (
    ResumeError,
    Snapshot,
    copy_weights,
    load_averages,
    load_checkpoint,
    newest_checkpoint,
    read_identity,
    snapshot,
    write_checkpoint,
)
from aigc_tui.training.ema import RunningMean
from aigc_tui.training.identity import Identity
from aigc_tui.training.loop import TrainingError
from aigc_tui.training.machine import free_disk
from aigc_tui.training.metrics import NAME, Journal
from aigc_tui.training.optim import Optimizers
from aigc_tui.training.position import Position
from aigc_tui.training.sharding import is_spread, whole
from aigc_tui.training.team import Team
from aigc_tui.transformer.causal_lm import CausalLM

CHECKPOINTS = "checkpoints"

_ROOM = 3.0  # times a checkpoint: the new one, the two kept, and something for everybody else
_ROOM_AT_THE_END = 1.1  # the last one is worth trying for


class DiskError(TrainingError):
    """There is no room for the last checkpoint of a run."""


def set_aside(work: Path) -> Path | None:
    """Move checkpoints and metrics of an earlier run out of the way of a new one.

    Returns:
        Where they are now, or None if there were none.
    """
    found = [work / name for name in (CHECKPOINTS, NAME) if (work / name).exists()]
    if not found:
        return None
    numbers = [int(p.suffix[1:]) for p in work.glob("earlier.*") if p.suffix[1:].isdigit()]
    folder = work / f"earlier.{max(numbers, default=0) + 1}"
    folder.mkdir()
    for path in found:
        path.rename(folder / path.name)
    return folder


class Keeper:
    """Reads and writes the checkpoints of one run."""

    def __init__(
        self, root: Path, model: CausalLM, optimizers: Optimizers, mean: RunningMean | None, team: Team
    ) -> None:
        """Keep checkpoints of these under ``root``; :attr:`identity` goes into each."""
        self.root, self.identity = root, Identity()
        self._model, self._optimizers, self._mean, self._team = model, optimizers, mean, team

    def save(self, position: Position, final: bool, journal: Journal) -> str:
        """Write a checkpoint if there is room.

        Args:
            position: Where the run stands.
            final: Whether the run goes no further: then lack of room is no warning but an error.
            journal: For the warning.

        Returns:
            The new folder, or ``""`` if none was written.

        Raises:
            DiskError: It was the last chance, and there is no room.
        """
        averages = self._mean.tensors if self._mean is not None else None
        held = snapshot(self._model, self._optimizers, position, averages)
        made = self._write(held, final, journal) if self._team.leads else ""
        self._team.wait()
        return made

    def require_same(self) -> None:
        """Compare recipe and data with those of the newest checkpoint.

        Raises:
            ResumeError: There is no checkpoint, or it was made with others.
        """
        newest = newest_checkpoint(self.root)
        if changed := read_identity(newest).difference(self.identity):
            raise ResumeError(
                f"{newest}: {changed}; give it back what it had, or go on all the same with --accept-changes"
            )

    def load(self) -> Position:
        """Go back to the newest checkpoint.

        Raises:
            ResumeError: There is none, or it is of another model.
        """
        newest = newest_checkpoint(self.root)
        position = load_checkpoint(self.root, self._model, self._optimizers)
        if self._mean is not None:
            load_averages(newest, self._mean.tensors)
        return position

    def gathered(self, fresh: Callable[[], CausalLM], averages: bool) -> CausalLM:
        """Return a model to export, with whole weights or with their averages.

        Args:
            fresh: Makes a model of the same shape, for weights that are not the model's own.
            averages: Whether to take the running mean.
        """
        weights: Mapping[str, Tensor] = dict(self._model.named_parameters())
        if averages and self._mean is not None:
            weights = self._mean.tensors
        elif not any(map(is_spread, weights.values())):
            return self._model
        made = fresh()
        copy_weights({n: whole(w) for n, w in weights.items()}, dict(made.named_parameters()), self.root)
        return made

    def _write(self, held: Snapshot, final: bool, journal: Journal) -> str:
        step = held.state["position"]["total_steps"]
        needed = int(held.nbytes * (_ROOM_AT_THE_END if final else _ROOM))
        free = free_disk(self.root)
        if free >= needed:
            return str(write_checkpoint(self.root, held, self.identity))
        line = (
            f"no checkpoint at step {step}: it needs {needed / 2**20:.0f} MiB of disk under {self.root}, "
            f"there are {free / 2**20:.0f}"
        )
        if final:
            raise DiskError(f"{line}; make room and resume from the checkpoint before")
        journal.warn(step, "disk", f"{line}; make room, the next try comes by itself", free=free)
        return ""
