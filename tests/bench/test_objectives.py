"""The bench of objectives: what counts as beaten, and that its fallback text runs it anywhere."""

from __future__ import annotations

import pytest

from bench import objectives
from bench.objectives import Result, Sizes, masked


def result(accuracies: tuple[float, ...], baselines: tuple[float, ...]) -> Result:
    return Result("a", "b", accuracies, baselines, judged=100, seconds=1.0)


def test_every_seed_must_beat_its_baseline_clearly() -> None:
    assert str(result((0.5, 0.6), (0.4, 0.5))).endswith("ok")
    assert str(result((0.9, 0.52), (0.5, 0.5))).endswith("NOT BEATEN")


def test_a_row_tells_mean_and_spread() -> None:
    assert "55.0 (50.0 .. 60.0)" in str(result((0.5, 0.6), (0.4, 0.5)))


def test_generated_talk_is_enough_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objectives, "_GRAMMAR_DIALOGUES", 40)
    words, pairs = masked(None, [0], Sizes(masked_steps=2))
    assert 0 < words.baselines[0] < 0.3
    assert pairs.baselines[0] >= 0.5
    assert words.judged > 300
    assert len(words.accuracies) == len(pairs.accuracies) == 1
