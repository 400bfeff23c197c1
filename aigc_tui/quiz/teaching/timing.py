"""Minutes shared out among the steps of a lesson, so that they add up exactly.

Why it exists: a plan whose steps do not fill the period is the first thing that a colleague notices.
"""

from __future__ import annotations

from collections.abc import Sequence


def share(total: int, weights: Sequence[float]) -> list[int]:
    """Split whole minutes by weight, at least one each, by largest remainders.

    Args:
        total: Minutes; at least as many as there are weights.
        weights: Positive numbers.

    Raises:
        ValueError: There are fewer minutes than parts.
    """
    if total < len(weights):
        raise ValueError(f"{total} minutes cannot be shared by {len(weights)} steps")
    free = total - len(weights)
    whole = sum(weights)
    wanted = [free * weight / whole for weight in weights]
    minutes = [int(part) for part in wanted]
    by_remainder = sorted(range(len(weights)), key=lambda index: minutes[index] - wanted[index])
    for index in by_remainder[: free - sum(minutes)]:
        minutes[index] += 1
    return [part + 1 for part in minutes]
