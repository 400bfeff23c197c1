"""The learning rate over warm-up and stages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aigc_tui.training.loop import progress, rate_factor, warmup_steps_of
from aigc_tui.training.recipe import Stage

FALLING = Stage("s", {}, steps=100, minutes=10, peak=1.0, end=0.2)


def test_progress_is_the_larger_of_steps_and_minutes_and_ends_at_one() -> None:
    assert progress(FALLING, 10, 0) == pytest.approx(0.1)
    assert progress(FALLING, 10, 300) == pytest.approx(0.5)
    assert progress(FALLING, 500, 0) == 1.0


def test_the_rate_rises_linearly_and_then_falls_from_peak_to_end() -> None:
    assert rate_factor(FALLING, 0.0, 0, 10) == pytest.approx(0.1)
    assert rate_factor(FALLING, 0.0, 9, 10) == pytest.approx(1.0)
    assert rate_factor(FALLING, 0.5, 99, 10) == pytest.approx(0.6)
    assert rate_factor(FALLING, 1.0, 99, 10) == pytest.approx(0.2)


@pytest.mark.parametrize(("steps", "expected"), [(100, 10), (5_000, 50), (10**6, 200)])
def test_warmup_is_a_hundredth_of_the_run_within_bounds(steps: int, expected: int) -> None:
    assert warmup_steps_of((Stage("s", {}, steps=steps),), 0) == expected


def test_a_given_warmup_is_taken() -> None:
    assert warmup_steps_of((FALLING,), 7) == 7


def test_a_cosine_falls_slowly_at_both_ends() -> None:
    stage = replace(FALLING, schedule="cosine", end=0.0)
    factors = [rate_factor(stage, done, 99, 10) for done in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert factors == pytest.approx([1.0, (2 + 2**0.5) / 4, 0.5, (2 - 2**0.5) / 4, 0.0])


def test_wsd_stays_at_the_peak_and_falls_in_its_last_part() -> None:
    stage = replace(FALLING, schedule="wsd", decay_share=0.2)
    factors = [rate_factor(stage, done, 99, 10) for done in (0.0, 0.5, 0.8, 0.9, 1.0)]
    assert factors == pytest.approx([1.0, 1.0, 1.0, 0.6, 0.2])
