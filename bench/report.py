"""How benchmarks report: ratios with their spread on the screen, and everything as JSON in a file."""

from __future__ import annotations

import dataclasses
import json
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aigc_tui.ids import utc_now

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times larger one thing was than another, over several rounds."""

    name: str
    median: float
    smallest: float
    largest: float

    @classmethod
    def of(cls, name: str, numerators: Sequence[float], denominators: Sequence[float]) -> Ratio:
        """Divide round by round.

        Raises:
            ValueError: no rounds, or not as many of one as of the other.
        """
        values = [above / below for above, below in zip(numerators, denominators, strict=True)]
        if not values:
            raise ValueError(f"{name}: nothing was measured")
        return cls(name, statistics.median(values), min(values), max(values))

    def __str__(self) -> str:
        return f"{self.name}: {self.median:.2f}x ({self.smallest:.2f} .. {self.largest:.2f})"


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` of 100 of the values do not exceed (nearest rank).

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("no values to take a percentile of")
    rank = max(1, -(-len(values) * percent // 100))
    return sorted(values)[int(rank) - 1]


def machine() -> dict[str, object]:
    """What the numbers were measured on."""
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
    }


def write_json(name: str, result: Mapping[str, object], out: Path | None = None) -> Path:
    """Write a benchmark's result; data classes inside become objects.

    Args:
        name: the benchmark's name.
        result: its numbers.
        out: the file; None: `bench/results/NAME.json`.

    Returns:
        The file written.
    """
    target = out or RESULTS / f"{name}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    whole = {"benchmark": name, "time": utc_now(), "machine": machine(), **result}
    target.write_text(
        json.dumps(whole, indent=1, ensure_ascii=False, default=_plain) + "\n", encoding="utf-8"
    )
    return target


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return str(value)
