"""Speed and time left, from bytes and a clock."""

from __future__ import annotations

import pytest

from aigc_tui.engine.meter import WINDOW_SECONDS, Meter


def run(meter: Meter, seconds: float, speed: float, start: float = 0.0, done: float = 0.0) -> float:
    """Feed it a steady transfer; return the bytes at its end."""
    steps = int(seconds * 20)
    for step in range(steps + 1):
        meter.at(start + step / 20, int(done + step / 20 * speed))
    return done + seconds * speed


def test_a_steady_transfer_has_its_speed_and_its_time_left() -> None:
    meter = Meter(1_000_000)
    run(meter, 4, 100_000)
    assert meter.speed == pytest.approx(100_000, rel=0.02)
    assert meter.left == pytest.approx(6, rel=0.05)


def test_before_there_is_time_to_measure_nobody_guesses() -> None:
    meter = Meter(1000)
    assert (meter.speed, meter.left) == (0, None)
    meter.at(0.0, 0)
    meter.at(0.3, 500)
    assert (meter.speed, meter.left) == (0, None)


def test_what_was_here_at_the_start_is_no_speed() -> None:
    meter = Meter(1000)
    meter.at(10.0, 900)
    meter.at(12.0, 920)
    assert meter.speed == pytest.approx(10)
    assert meter.left == pytest.approx(8)


def test_a_connection_that_slows_down_is_believed_after_the_window() -> None:
    meter = Meter(10**9)
    done = run(meter, 20, 1_000_000)
    run(meter, WINDOW_SECONDS + 1, 1000, 20, done)
    assert meter.speed == pytest.approx(1000, rel=0.1)


def test_a_stalled_transfer_has_no_time_left() -> None:
    meter = Meter(10**6)
    done = run(meter, 3, 1000)
    run(meter, WINDOW_SECONDS + 1, 0, 3, done)
    assert (meter.speed, meter.left) == (0, None)


def test_a_transfer_that_begins_anew_is_measured_anew() -> None:
    meter = Meter(10**6)
    run(meter, 3, 100_000)
    meter.at(3.1, 0)
    assert meter.speed == 0
    run(meter, 2, 500, 3.2)
    assert meter.speed == pytest.approx(500, rel=0.1)


def test_without_a_total_there_is_a_speed_but_no_time_left() -> None:
    meter = Meter(0)
    run(meter, 2, 1000)
    assert meter.speed == pytest.approx(1000, rel=0.1)
    assert meter.left is None


def test_it_keeps_few_samples_however_often_it_is_told() -> None:
    meter = Meter(10**9)
    for step in range(100_000):
        meter.at(step / 1000, step)
    assert len(meter._seen) < 100
