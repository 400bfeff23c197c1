"""Learning rate over a run: a short warm-up, then per stage a curve from ``peak`` to ``end``.

``linear`` is a straight line, ``cosine`` half a wave (arXiv:1608.03983), ``wsd`` stays at the peak and falls
in the last part only (warm-up, stable, decay; arXiv:2404.06395), which lets the best data be read while the
rate falls. Progress is the larger of the shares of steps and of minutes used, so that the fall ends in time
however fast the machine turns out to be.
"""

from __future__ import annotations

import math

from aigc_tui.training.recipe import Stage


def progress(stage: Stage, steps: int, seconds: float) -> float:
    """Share of the stage that is done, 0 to 1."""
    by_steps = steps / stage.steps if stage.steps else 0.0
    by_time = seconds / (60 * stage.minutes) if stage.minutes else 0.0
    return min(1.0, max(by_steps, by_time))


def rate_factor(stage: Stage, done: float, total_steps: int, warmup_steps: int) -> float:
    """Factor on the peak learning rates.

    Args:
        stage: The current stage.
        done: Its :func:`progress`.
        total_steps: Steps since the start of the run, all stages together.
        warmup_steps: Steps of linear warm-up at the start of the run.
    """
    warm = min(1.0, (total_steps + 1) / warmup_steps) if warmup_steps else 1.0
    return warm * (stage.peak + (stage.end - stage.peak) * fallen(stage, done))


def fallen(stage: Stage, done: float) -> float:
    """Share of the way from peak to end that the rate has gone when ``done`` of the stage is over."""
    match stage.schedule:
        case "cosine":
            return (1 - math.cos(math.pi * done)) / 2
        case "wsd":
            return max(0.0, (done - (1 - stage.decay_share)) / stage.decay_share)
        case _:
            return done


def derived_warmup(stages: tuple[Stage, ...], given: int) -> int:
    """Warm-up steps: as given, or a hundredth of the planned steps, between 10 and 200."""
    return given or max(10, min(200, sum(stage.steps for stage in stages) // 100))
