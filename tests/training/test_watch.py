"""Early warnings: said once, in one line, and kept as a row."""

from __future__ import annotations

from pathlib import Path

import pytest

from aigc_tui.training.loop import RunMonitor
from aigc_tui.training.metrics import MetricsWriter, read_metrics


def rows(folder: Path) -> list[dict[str, object]]:
    path = folder / "metrics.jsonl"
    return read_metrics(path) if path.exists() else []


def test_a_jump_of_the_loss_is_told_and_a_rise_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    watch = RunMonitor(available=lambda: None)
    for step, loss in enumerate([4.0, 4.1, 3.9, 5.0, 12.0, 4.0]):
        watch.look(MetricsWriter(tmp_path, speaks=True), step, loss, due=True)
    assert [(row["what"], row["step"], row["loss"]) for row in rows(tmp_path)] == [("spike", 4, 12.0)]
    assert capsys.readouterr().err.count("warning: the loss jumped to 12.00 at step 4") == 1


def test_scarce_memory_is_told_once_until_there_was_enough_again(tmp_path: Path) -> None:
    free = iter([50, 1, 1, 50, 1])
    watch = RunMonitor(available=lambda: next(free) * 2**20, total=lambda: 100 * 2**20)
    for step in range(5):
        watch.look(MetricsWriter(tmp_path), step, 1.0, due=True)
    assert [row["step"] for row in rows(tmp_path)] == [1, 4]


def test_memory_is_looked_at_only_when_due() -> None:
    def never() -> int:
        raise AssertionError("asked")

    RunMonitor(available=never).look(MetricsWriter(), 1, 1.0, due=False)
