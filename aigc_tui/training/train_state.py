"""What a checkpoint keeps beside tensors: how far the run came, and what it is made of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from aigc_tui.message import Message, message
from aigc_tui.training.data_loader import TokenFile
from aigc_tui.training.recipe import CAUSAL_LM, Recipe


@dataclass(slots=True)
class TrainState:
    """Where a run stands; plain JSON values.

    Args:
        stage: Number of the stage, from 0.
        stage_steps: Steps taken in it.
        stage_seconds: Time spent in it.
        total_steps: Steps since the start of the run.
        tokens: Tokens seen since then.
        seconds: Time since then.
        mixer: Where the source of rows stands; None at the start of a stage.
    """

    stage: int = 0
    stage_steps: int = 0
    stage_seconds: float = 0.0
    total_steps: int = 0
    tokens: int = 0
    seconds: float = 0.0
    mixer: dict[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> TrainState:
        """Read :meth:`to_json`; what another version of this program added is left out."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in raw.items() if name in known})


_PIECE = 1 << 24


@dataclass(frozen=True, slots=True)
class Identity:
    """Hashes by name.

    Args:
        recipe: ``model``, ``tokenizer``, ``optimizer``, ``seed`` and ``stage 1`` ... as far as the run came.
        data: Source name -> hash of its training tokens, for the present stage.
    """

    recipe: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, dict[str, str]]:
        return {"recipe": dict(self.recipe), "data": dict(self.data)}

    @classmethod
    def from_json(cls, raw: Any) -> Identity:
        """Read :meth:`to_json`; a checkpoint from before there were identities gives an empty one."""
        if not isinstance(raw, Mapping):
            return cls()
        return cls(*(dict(raw.get(name) or {}) for name in ("recipe", "data")))

    def difference(self, now: Identity) -> Message | None:
        """Say what of this identity differs ``now``; None if nothing does."""
        for name, value in self.recipe.items():
            if now.recipe.get(name) != value:
                return message("the recipe's {name} is not what the checkpoint was made with", name=name)
        for name, value in self.data.items():
            if now.data.get(name) != value:
                return message(
                    "the data of source {name} is not what the checkpoint was made with", name=name
                )
        return None


def identify(recipe: Recipe, stage: int, data: Mapping[str, str]) -> Identity:
    """Identify a run that stands in stage number ``stage`` (from 0) and reads ``data`` (source -> hash)."""
    tokenizer = (recipe.tokenizer.folder / "tokenizer.json").read_bytes()
    parts = {
        "model": _hash([dict(recipe.model), recipe.init is not None, *_objective(recipe)]),
        "tokenizer": hashlib.sha256(tokenizer).hexdigest(),
        "seed": _hash(recipe.seed),
        "optimizer": _hash([recipe.matrix_learning_rate > 0, recipe.ema_decay]),
    }
    for number, one in enumerate(recipe.stages[: stage + 1], 1):
        parts[f"stage {number}"] = _hash(asdict(one))
    return Identity(parts, dict(data))


def _objective(recipe: Recipe) -> list[object]:
    """Return what of the objective counts; nothing for causal-lm: its checkpoints are older than the key."""
    return [] if recipe.objective == CAUSAL_LM else [recipe.objective, recipe.next_sentence]


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


def hash_tokens(file: TokenFile) -> str:
    """Hash the ids, masks and document boundaries of a token file."""
    found = hashlib.sha256(file.starts.tobytes())
    for begin in range(0, len(file.ids), _PIECE):
        found.update(file.ids[begin : begin + _PIECE].tobytes())
        found.update(file.loss_mask[begin : begin + _PIECE].tobytes())
    return found.hexdigest()
