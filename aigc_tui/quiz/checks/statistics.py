"""The little statistics that checks of a quiz, their calibration and item analysis need.

Why it exists: a share without its uncertainty misleads most where it is small, and shares of flaws are small.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

_Z95 = 1.959964


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """The 95 % interval of a share: honest near 0 and with few trials.

    Source: Wilson, "Probable inference", JASA 22 (1927).

    Raises:
        ValueError: No trials, or more hits than trials.
    """
    if trials <= 0 or not 0 <= hits <= trials:
        raise ValueError(f"{hits} of {trials} is no share")
    share, z2 = hits / trials, _Z95**2
    middle = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = _Z95 * math.sqrt(share * (1 - share) / trials + z2 / (4 * trials**2)) / (1 + z2 / trials)
    return max(0.0, middle - half), min(1.0, middle + half)


def chi_square(observed: Sequence[int]) -> float:
    """Pearson's chi-square of counts against an even spread; 0 when there is nothing to compare."""
    total = sum(observed)
    if len(observed) < 2 or total == 0:
        return 0.0
    expected = total / len(observed)
    return sum((count - expected) ** 2 / expected for count in observed)


def chi_square_tail(value: float, freedom: int) -> float:
    """The chance of a chi-square as large or larger, by the series of the incomplete gamma function.

    Args:
        value: The statistic, from 0.
        freedom: Degrees of freedom, from 1.
    """
    if value <= 0 or freedom < 1:
        return 1.0
    if value > 10 * freedom + 1_000:
        return 0.0
    half, shape = value / 2, freedom / 2
    term = math.exp(shape * math.log(half) - half - math.lgamma(shape + 1))
    total, step = 0.0, shape
    while term > 1e-12 or step < half:
        total += term
        step += 1
        term *= half / step
    return min(1.0, max(0.0, 1.0 - total))
