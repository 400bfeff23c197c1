"""The record of a run as Markdown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aigc_tui.training.metrics import read_metrics
from aigc_tui.training.record import held_out_table, loss_curve, main, summary

TRAIN: list[dict[str, Any]] = [
    {"kind": "train", "stage": "a", "step": i, "tokens": i * 1000, "seconds": i * 2.0, "loss": 4.0 / (1 + i)}
    for i in range(8)
]


def held(stage: str, step: int, source: str, bits: float) -> dict[str, Any]:
    found = {source: 1.0, f"{source}.bpb": bits}
    return {
        "kind": "held_out",
        "stage": stage,
        "step": step,
        "tokens": step * 1000,
        "seconds": step * 2,
    } | found


HELD = [held("a", 1, "wiki", 1.5), held("a", 8, "wiki", 1.25), held("b", 9, "talk", 0.5)]


def test_the_curve_has_the_points_asked_for_and_the_first_bar_is_longest() -> None:
    lines = loss_curve(TRAIN, points=4).splitlines()[1:]
    bars = [line.count("#") for line in lines]
    assert len(lines) == 4
    assert bars == sorted(bars, reverse=True)


def test_the_table_shows_each_stages_last_measurement() -> None:
    assert held_out_table(HELD).splitlines() == [
        "| source | a | b |",
        "|---|---|---|",
        "| wiki | 1.250 |  |",
        "| talk |  | 0.500 |",
    ]


def test_the_summary_counts_tokens_steps_and_time() -> None:
    assert summary(HELD) == "0.01M tokens in 9 steps and 0 minutes (500 tokens/s)"
    assert summary([]) == "nothing was recorded"


def test_a_line_cut_off_by_a_crash_is_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in TRAIN) + '\n{"kind": "tr', encoding="utf-8")
    assert len(read_metrics(path)) == len(TRAIN)
    assert main([str(path)]) == 0
    assert "```" in capsys.readouterr().out


def test_a_missing_file_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "no.jsonl")]) == 1
    assert capsys.readouterr().err.count("\n") == 1
