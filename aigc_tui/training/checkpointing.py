"""Checkpoints of a run: complete or absent, never half, and exact enough to go on bit by bit.

A checkpoint is written into a temporary folder, synced, and renamed; only folders with a manifest
that fits their files count. Weights and optimizer state are safetensors, the rest is JSON: no pickle.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from aigc_tui.training.optim import Optimizers

_MANIFEST = "manifest.json"


class ResumeError(RuntimeError):
    """There is no checkpoint to resume from, or it belongs to another model."""


@dataclass(slots=True)
class Position:
    """Where a run stands; plain JSON values."""

    stage: int = 0
    stage_steps: int = 0
    stage_seconds: float = 0.0
    total_steps: int = 0
    tokens: int = 0
    seconds: float = 0.0
    mixer: dict[str, Any] | None = None


def save_checkpoint(root: Path, model: nn.Module, optimizers: Optimizers, position: Position) -> Path:
    """Write a checkpoint under ``root``, then drop all but the two newest.

    Returns:
        The new folder, ``step-00000123``.
    """
    final = root / f"step-{position.total_steps:08}"
    part = root / f"{final.name}.part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    save_file(
        {n: p.detach().contiguous() for n, p in model.named_parameters()}, str(part / "weights.safetensors")
    )
    tensors, scalars = _optimizer_state(optimizers)
    save_file(tensors, str(part / "optimizer.safetensors"))
    state = {
        "position": vars_of(position),
        "optimizer": scalars,
        "torch_random": torch.get_rng_state().tolist(),
    }
    (part / "state.json").write_text(json.dumps(state), encoding="utf-8")
    _write_manifest(part)
    shutil.rmtree(final, ignore_errors=True)
    os.rename(part, final)
    _sync(root)
    for old in complete_checkpoints(root)[:-2]:
        shutil.rmtree(old)
    return final


def complete_checkpoints(root: Path) -> list[Path]:
    """Return the usable checkpoints, oldest first."""
    return [p for p in sorted(root.glob("step-*")) if p.suffix != ".part" and _is_complete(p)]


def newest_checkpoint(root: Path) -> Path:
    """Return the newest usable checkpoint.

    Raises:
        ResumeError: There is none.
    """
    found = complete_checkpoints(root)
    if not found:
        raise ResumeError(f"no complete checkpoint under {root}")
    return found[-1]


def load_checkpoint(root: Path, model: nn.Module, optimizers: Optimizers) -> Position:
    """Load the newest complete checkpoint into model and optimizers.

    Raises:
        ResumeError: There is none, or its weights are of another shape.
    """
    newest = newest_checkpoint(root)
    load_weights(newest, model)
    state = json.loads((newest / "state.json").read_text(encoding="utf-8"))
    _restore_optimizers(optimizers, load_file(str(newest / "optimizer.safetensors")), state["optimizer"])
    torch.set_rng_state(torch.tensor(state["torch_random"], dtype=torch.uint8))
    return Position(**state["position"])


@torch.no_grad()
def load_weights(checkpoint: Path, model: nn.Module) -> None:
    """Copy a checkpoint's weights into ``model``.

    Raises:
        ResumeError: Names or shapes differ.
    """
    stored = load_file(str(checkpoint / "weights.safetensors"))
    own = dict(model.named_parameters())
    if {n: t.shape for n, t in stored.items()} != {n: p.shape for n, p in own.items()}:
        raise ResumeError(f"{checkpoint} belongs to a model of another shape; start without --resume")
    for name, weight in own.items():
        weight.copy_(stored[name])


def vars_of(position: Position) -> dict[str, Any]:
    """Return the fields of a position by name."""
    return {name: getattr(position, name) for name in Position.__slots__}


def _optimizer_state(optimizers: Optimizers) -> tuple[dict[str, Tensor], list[list[dict[str, Any]]]]:
    """Split optimizer state into tensors by name and numbers by parameter."""
    tensors: dict[str, Tensor] = {}
    scalars: list[list[dict[str, Any]]] = []
    for part, optimizer in enumerate(optimizers.parts):
        state = optimizer.state_dict()["state"]
        scalars.append([])
        for index in sorted(state):
            numbers = {}
            for key, value in state[index].items():
                if isinstance(value, Tensor):
                    tensors[f"{part}.{index}.{key}"] = value.contiguous()
                else:
                    numbers[key] = value
            scalars[-1].append(numbers)
    return tensors or {"empty": torch.zeros(1)}, scalars


def _restore_optimizers(
    optimizers: Optimizers, tensors: dict[str, Tensor], scalars: list[list[dict[str, Any]]]
) -> None:
    for part, optimizer in enumerate(optimizers.parts):
        state: dict[int, dict[str, Any]] = {i: dict(numbers) for i, numbers in enumerate(scalars[part])}
        for name, tensor in tensors.items():
            owner, _, rest = name.partition(".")
            if owner == str(part):
                index, _, key = rest.partition(".")
                state[int(index)][key] = tensor
        optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})


def _write_manifest(folder: Path) -> None:
    files = {path.name: _digest(path) for path in sorted(folder.iterdir())}
    (folder / _MANIFEST).write_text(json.dumps({"files": files}), encoding="utf-8")
    for path in folder.iterdir():
        _sync(path)
    _sync(folder)


def _is_complete(folder: Path) -> bool:
    try:
        files = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))["files"]
        return all(_digest(folder / name) == digest for name, digest in files.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
