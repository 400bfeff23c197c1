"""Where a run stands, as a checkpoint keeps it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any


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
