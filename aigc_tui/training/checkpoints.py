"""Checkpoints of a run: complete or absent, never half, and exact enough to go on bit by bit.

A checkpoint is written into ``run-tmp``, synced, renamed to ``step-00000123``, and then named in ``LATEST``.
Only folders whose manifest fits their files count (size and SHA-256 of each, and what the run is made of).
Weights, averages and optimizer state are safetensors, the rest is JSON: no pickle.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from aigc_tui.message import AppError, message
from aigc_tui.training.distributed import ProcessGroup, is_spread, like, whole
from aigc_tui.training.hardware import free_disk
from aigc_tui.training.loop import TrainingError
from aigc_tui.training.metrics import NAME, MetricsWriter
from aigc_tui.training.optim import EMA, Optimizers
from aigc_tui.training.train_state import Identity, TrainState

_MANIFEST = "manifest.json"
_LATEST = "LATEST"
_TEMPORARY = "run-tmp"
_REPLACED = ".old"
_KEPT = 2
_VERSION = 2

WEIGHTS, AVERAGES, OPTIMIZER, STATE = (
    "weights.safetensors",
    "averages.safetensors",
    "optimizer.safetensors",
    "state.json",
)


class ResumeError(AppError, RuntimeError):
    """There is no checkpoint to resume from, or it belongs to another model, recipe or data."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that a checkpoint holds, gathered in the memory of one process."""

    weights: Mapping[str, Tensor]
    averages: Mapping[str, Tensor]
    optimizer: Mapping[str, Tensor]
    state: Mapping[str, Any]

    @property
    def nbytes(self) -> int:
        groups = (self.weights, self.averages, self.optimizer)
        return sum(t.numel() * t.element_size() for group in groups for t in group.values())


def snapshot(
    model: nn.Module, optimizers: Optimizers, state: TrainState, averages: Mapping[str, Tensor] | None = None
) -> Snapshot:
    """Gather a checkpoint; with a sharded model every process has to call this."""
    tensors, scalars = _optimizer_state(optimizers)
    others: dict[str, Any] = {
        "position": state.to_json(),
        "optimizer": scalars,
        "torch_random": torch.get_rng_state().tolist(),
    }
    if torch.cuda.is_available():
        others["cuda_random"] = torch.cuda.get_rng_state().tolist()
    return Snapshot(
        {name: whole(weight) for name, weight in model.named_parameters()},
        {name: whole(weight) for name, weight in (averages or {}).items()},
        tensors,
        others,
    )


def write_checkpoint(root: Path, held: Snapshot, identity: Identity | None = None) -> Path:
    """Write a checkpoint under ``root``, then drop all but the two newest.

    Returns:
        The new folder, ``step-00000123``.
    """
    part = root / _TEMPORARY
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    groups = {WEIGHTS: held.weights, AVERAGES: held.averages, OPTIMIZER: held.optimizer}
    for name, tensors in groups.items():
        if tensors or name != AVERAGES:
            save_file(dict(tensors) or {"empty": torch.zeros(1)}, str(part / name))
    (part / STATE).write_text(json.dumps(held.state), encoding="utf-8")
    _write_manifest(part, identity or Identity())
    final = root / f"step-{held.state['position']['total_steps']:08}"
    _put_in_place(part, final)
    _point_to(root, final)
    for old in complete_checkpoints(root)[:-_KEPT]:
        shutil.rmtree(old)
    return final


def save_checkpoint(root: Path, model: nn.Module, optimizers: Optimizers, state: TrainState) -> Path:
    """Gather and write a checkpoint of a model that is not sharded."""
    return write_checkpoint(root, snapshot(model, optimizers, state))


def complete_checkpoints(root: Path) -> list[Path]:
    """Return the usable checkpoints, oldest first."""
    # A folder that was about to be replaced by one of the same step counts less than that one.
    named = [p for p in root.glob("step-*") if p.name.removesuffix(_REPLACED)[5:].isdigit()]
    order = sorted(named, key=lambda p: (int(p.name.removesuffix(_REPLACED)[5:]), p.suffix != _REPLACED))
    return [p for p in order if _is_complete(p)]


def newest_checkpoint(root: Path) -> Path:
    """Return the checkpoint that LATEST names, or where that is damaged the newest usable one.

    Raises:
        ResumeError: There is none.
    """
    try:
        named = root / (root / _LATEST).read_text(encoding="utf-8").strip()
        if named.parent == root and _is_complete(named):
            return named
    except (OSError, ValueError):
        pass
    if found := complete_checkpoints(root):
        return found[-1]
    raise ResumeError("no complete checkpoint under {folder}", folder=root)


def read_identity(checkpoint: Path) -> Identity:
    """Return what the run of a complete checkpoint was made of."""
    return Identity.from_json(_manifest(checkpoint).get("identity"))


def read_train_state(checkpoint: Path) -> TrainState:
    """Return where the run of a complete checkpoint stood."""
    return TrainState.from_json(_state(checkpoint)["position"])


def load_checkpoint(root: Path, model: nn.Module, optimizers: Optimizers) -> TrainState:
    """Load the newest complete checkpoint into model and optimizers.

    Raises:
        ResumeError: There is none, or its weights are of another shape, its optimizers of another kind.
    """
    newest = newest_checkpoint(root)
    load_weights(newest, model)
    state = _state(newest)
    _restore_optimizers(optimizers, load_file(str(newest / OPTIMIZER)), state["optimizer"], newest)
    torch.set_rng_state(torch.tensor(state["torch_random"], dtype=torch.uint8))
    if torch.cuda.is_available() and "cuda_random" in state:
        torch.cuda.set_rng_state(torch.tensor(state["cuda_random"], dtype=torch.uint8))
    return TrainState.from_json(state["position"])


def load_weights(checkpoint: Path, model: nn.Module, averages: bool = False) -> None:
    """Copy a checkpoint's weights into ``model``, or with ``averages`` their running means if it has them.

    Raises:
        ResumeError: Names or shapes differ.
    """
    name = AVERAGES if averages and (checkpoint / AVERAGES).exists() else WEIGHTS
    copy_weights(load_file(str(checkpoint / name)), dict(model.named_parameters()), checkpoint)


def load_averages(checkpoint: Path, averages: dict[str, Tensor]) -> None:
    """Copy a checkpoint's running means; a run that only now begins to average starts from its weights."""
    name = AVERAGES if (checkpoint / AVERAGES).exists() else WEIGHTS
    copy_weights(load_file(str(checkpoint / name)), averages, checkpoint)


@torch.no_grad()
def copy_weights(stored: Mapping[str, Tensor], own: Mapping[str, Tensor], where: Path) -> None:
    """Copy tensors by name.

    Raises:
        ResumeError: Names or shapes differ.
    """
    if {n: t.shape for n, t in stored.items()} != {n: p.shape for n, p in own.items()}:
        raise ResumeError("{path} belongs to a model of another shape; start without --resume", path=where)
    for name, weight in own.items():
        weight.copy_(like(weight, stored[name]))


def _optimizer_state(optimizers: Optimizers) -> tuple[dict[str, Tensor], list[list[dict[str, Any]]]]:
    tensors: dict[str, Tensor] = {}
    scalars: list[list[dict[str, Any]]] = []
    for part, optimizer in enumerate(optimizers.parts):
        state = optimizer.state_dict()["state"]
        scalars.append([])
        for index in sorted(state):
            numbers = {}
            for key, value in state[index].items():
                if isinstance(value, Tensor):
                    tensors[f"{part}.{index}.{key}"] = whole(value)
                else:
                    numbers[key] = value
            scalars[-1].append(numbers)
    return tensors, scalars


def _restore_optimizers(
    optimizers: Optimizers, tensors: dict[str, Tensor], scalars: list[list[dict[str, Any]]], where: Path
) -> None:
    if len(scalars) != len(optimizers.parts):
        raise ResumeError(
            "{path} was trained with other optimizers; keep matrix_learning_rate as it was", path=where
        )
    for part, optimizer in enumerate(optimizers.parts):
        weights = [w for group in optimizer.param_groups for w in group["params"]]
        state: dict[int, dict[str, Any]] = {i: dict(numbers) for i, numbers in enumerate(scalars[part])}
        for name, tensor in tensors.items():
            owner, _, rest = name.partition(".")
            if owner == str(part):
                index, _, key = rest.partition(".")
                weight = weights[int(index)]
                state[int(index)][key] = like(weight, tensor) if tensor.shape == weight.shape else tensor
        optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})


def _write_manifest(folder: Path, identity: Identity) -> None:
    files = {p.name: {"sha256": _digest(p), "bytes": p.stat().st_size} for p in sorted(folder.iterdir())}
    manifest = {"version": _VERSION, "files": files, "identity": identity.to_json()}
    (folder / _MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    for path in folder.iterdir():
        _sync(path)
    _sync(folder)


def _put_in_place(part: Path, final: Path) -> None:
    """Rename ``part``; one of the same step stays usable until the new one has its name."""
    replaced = final.with_name(final.name + _REPLACED)
    shutil.rmtree(replaced, ignore_errors=True)
    if final.exists():
        final.rename(replaced)
    part.rename(final)
    _sync(final.parent)
    shutil.rmtree(replaced, ignore_errors=True)


def _point_to(root: Path, final: Path) -> None:
    part = root / f"{_LATEST}.part"
    part.write_text(final.name + "\n", encoding="utf-8")
    _sync(part)
    os.replace(part, root / _LATEST)
    _sync(root)


def _is_complete(folder: Path) -> bool:
    try:
        files = _manifest(folder)["files"]
        return bool(files) and all(_fits(folder / name, given) for name, given in files.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _fits(path: Path, given: Any) -> bool:
    """Compare a file with its entry: a bare digest in version 1, digest and size since."""
    if isinstance(given, str):
        return _digest(path) == given
    return bool(path.stat().st_size == given["bytes"] and _digest(path) == given["sha256"])


def _manifest(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / _MANIFEST).read_text(encoding="utf-8")))


def _state(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / STATE).read_text(encoding="utf-8")))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


CHECKPOINTS = "checkpoints"

_ROOM = 3.0  # times a checkpoint: the new one, the two kept, and something for everybody else
_ROOM_AT_THE_END = 1.1  # the last one is worth trying for


class DiskError(TrainingError):
    """There is no room for the last checkpoint of a run."""


def archive_earlier_run(work: Path) -> Path | None:
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


class CheckpointManager:
    """Writes a run's checkpoints when there is room for them, and goes back to one that fits."""

    def __init__(
        self, root: Path, model: nn.Module, optimizers: Optimizers, mean: EMA | None, group: ProcessGroup
    ) -> None:
        self.root, self.identity = root, Identity()
        self._model, self._optimizers, self._mean, self._group = model, optimizers, mean, group

    def save(self, state: TrainState, final: bool, writer: MetricsWriter) -> str:
        """Write a checkpoint if there is room.

        Args:
            state: Where the run stands.
            final: Whether the run goes no further: then lack of room is no warning but an error.
            writer: For the warning.

        Returns:
            The new folder, or ``""`` if none was written.

        Raises:
            DiskError: It was the last chance, and there is no room.
        """
        averages = self._mean.tensors if self._mean is not None else None
        held = snapshot(self._model, self._optimizers, state, averages)
        made = self._write(held, final, writer) if self._group.is_main else ""
        self._group.barrier()
        return made

    def require_same(self) -> None:
        """Compare recipe and data with those of the newest checkpoint.

        Raises:
            ResumeError: There is no checkpoint, or it was made with others.
        """
        newest = newest_checkpoint(self.root)
        if changed := read_identity(newest).difference(self.identity):
            raise ResumeError(
                "{path}: {changed}; restore it, or resume all the same with --accept-changes",
                path=newest,
                changed=changed,
            )

    def load(self) -> TrainState:
        """Go back to the newest checkpoint.

        Raises:
            ResumeError: There is none, or it is of another model.
        """
        newest = newest_checkpoint(self.root)
        state = load_checkpoint(self.root, self._model, self._optimizers)
        if self._mean is not None:
            load_averages(newest, self._mean.tensors)
        return state

    def gathered(self, fresh: Callable[[], nn.Module], averages: bool) -> nn.Module:
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

    def _write(self, held: Snapshot, final: bool, writer: MetricsWriter) -> str:
        step = held.state["position"]["total_steps"]
        needed = int(held.nbytes * (_ROOM_AT_THE_END if final else _ROOM))
        free = free_disk(self.root)
        if free >= needed:
            return str(write_checkpoint(self.root, held, self.identity))
        lacking = message(
            "no checkpoint at step {step}: it needs {needed} MiB of disk under {folder}, {free} are free",
            step=step,
            needed=needed >> 20,
            folder=self.root,
            free=free >> 20,
        )
        if final:
            raise DiskError("{lacking}; make room and resume from the checkpoint before", lacking=lacking)
        writer.warn(
            step,
            "disk",
            message("{lacking}; make room before the next one is due", lacking=lacking),
            free=free,
        )
        return ""
