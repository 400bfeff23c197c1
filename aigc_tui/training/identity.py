"""What a run is made of, so that a resume with another recipe or other data is refused and not mixed up.

Only what the past of a run depends on is compared: later stages may be added or changed at any time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from aigc_tui.training.packing import TokenFile
from aigc_tui.training.recipe import Recipe

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
