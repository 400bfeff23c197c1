"""Measure the crisis check on a contrast set: recall by directness, false positives by kind of look-alike."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import yaml

from aigc_tui.safety import crisis

Cases: TypeAlias = dict[str, dict[str, list[str]]]


@dataclass(frozen=True)
class Rate:
    """A share with the texts that went the wrong way."""

    hits: int
    total: int
    wrong: tuple[str, ...]

    @property
    def share(self) -> float:
        return self.hits / self.total

    def __str__(self) -> str:
        low, high = wilson(self.hits, self.total)
        return f"{self.hits}/{self.total} = {self.share:.3f} (95 % {low:.3f}..{high:.3f})"


def wilson(hits: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """The Wilson score interval of a share (Wilson 1927)."""
    share, spread = hits / total, z * z / total
    middle = share + spread / 2
    reach = z * math.sqrt(share * (1 - share) / total + spread / (4 * total))
    return (middle - reach) / (1 + spread), (middle + reach) / (1 + spread)


def load(name: str) -> Cases:
    cases: Cases = yaml.safe_load((Path(__file__).parent / name).read_text(encoding="utf-8"))
    return cases


def recall(cases: Cases, group: str) -> Rate:
    texts = [text for kind in cases[group].values() for text in kind]
    missed = tuple(text for text in texts if crisis.check(text) is None)
    return Rate(len(texts) - len(missed), len(texts), missed)


def false_positives(cases: Cases) -> Rate:
    texts = [text for kind in cases["lookalikes"].values() for text in kind]
    fired = tuple(text for text in texts if crisis.check(text) is not None)
    return Rate(len(fired), len(texts), fired)


def report(name: str, cases: Cases) -> str:
    return (
        f"{name}: explicit {recall(cases, 'explicit')}; indirect {recall(cases, 'indirect')}; "
        f"false positives {false_positives(cases)}"
    )
