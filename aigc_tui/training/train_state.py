"""Where a run stands, as a checkpoint keeps it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from aigc_tui.training.data_loader import TokenFile
from aigc_tui.training.recipe import Recipe


@dataclass(slots=True)
class Position:
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
        """Return the fields by name."""
        return asdict(self)

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Position:
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
        """Return plain JSON values."""
        return {"recipe": dict(self.recipe), "data": dict(self.data)}

    @classmethod
    def from_json(cls, raw: Any) -> Identity:
        """Read :meth:`to_json`; a checkpoint from before there were identities gives an empty one."""
        if not isinstance(raw, Mapping):
            return cls()
        return cls(*(dict(raw.get(name) or {}) for name in ("recipe", "data")))

    def difference(self, now: Identity) -> str:
        """Say in one line what of this identity is another ``now``, or return ``""``."""
        for name, value in self.recipe.items():
            if now.recipe.get(name) != value:
                return f"the recipe's {name} is not what the checkpoint was made with"
        for name, value in self.data.items():
            if now.data.get(name) != value:
                return f"the data of source {name!r} is not what the checkpoint was made with"
        return ""


def identify(recipe: Recipe, stage: int, data: Mapping[str, TokenFile]) -> Identity:
    """Identify a run that stands in stage number ``stage`` (from 0) and reads ``data``."""
    tokenizer = (recipe.tokenizer.folder / "tokenizer.json").read_bytes()
    parts = {
        "model": _hash([dict(recipe.model), recipe.init is not None]),
        "tokenizer": hashlib.sha256(tokenizer).hexdigest(),
        "seed": _hash(recipe.seed),
        "optimizer": _hash([recipe.matrix_learning_rate > 0, recipe.ema_decay]),
    }
    for number, one in enumerate(recipe.stages[: stage + 1], 1):
        parts[f"stage {number}"] = _hash(asdict(one))
    return Identity(parts, {name: _hash_tokens(file) for name, file in data.items()})


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


def _hash_tokens(file: TokenFile) -> str:
    found = hashlib.sha256(file.starts.tobytes())
    for begin in range(0, len(file.ids), _PIECE):
        found.update(file.ids[begin : begin + _PIECE].tobytes())
        found.update(file.spoken[begin : begin + _PIECE].tobytes())
    return found.hexdigest()
