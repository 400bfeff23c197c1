"""Following a run: what is appended is seen, what was taken back is not, and half a line waits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from aigc_tui.training.live import Follower, Words, frame
from aigc_tui.training.metrics import append_metric, read_metrics

WORDS = Words("waiting", "loss", "held out", "speed", "rate", "{minutes} min", "ended")


def train(step: int, **more: Any) -> dict[str, Any]:
    row = {"kind": "train", "stage": "reading", "step": step, "tokens": step * 1000, "left": 90}
    return {**row, "loss": 5.0 / step, "factor": 1.0, "tokens_per_second": 3000.0, **more}


def test_it_reads_on_where_it_stopped_and_waits_for_the_end_of_a_line(tmp_path: Path) -> None:
    follower = Follower(tmp_path)
    assert not follower.look()
    append_metric(tmp_path, train(1))
    assert follower.look()
    assert not follower.look()
    whole = json.dumps(train(2)) + "\n"
    for part in (whole[:20], whole[20:]):
        with (tmp_path / "metrics.jsonl").open("a") as file:
            file.write(part)
        follower.look()
    assert [row["step"] for row in follower.rows] == [1, 2]


def test_steps_that_were_taken_again_count_once(tmp_path: Path) -> None:
    for row in (train(1), train(2), train(3), {"kind": "resume", "step": 1}, train(2, loss=9.0)):
        append_metric(tmp_path, row)
    follower = Follower(tmp_path)
    follower.look()
    assert follower.rows == read_metrics(tmp_path / "metrics.jsonl")
    assert [row["loss"] for row in follower.rows if row["kind"] == "train"] == [5.0, 9.0]


def test_a_new_run_in_the_same_folder_is_drawn_alone(tmp_path: Path) -> None:
    append_metric(tmp_path, train(1))
    follower = Follower(tmp_path)
    follower.look()
    (tmp_path / "metrics.jsonl").rename(tmp_path / "earlier.jsonl")
    append_metric(tmp_path, train(5))
    follower.look()
    assert [row["step"] for row in follower.rows] == [5]


def test_it_knows_when_the_run_is_over_and_when_it_goes_on(tmp_path: Path) -> None:
    follower = Follower(tmp_path)
    for row, ended in ((train(1), False), ({"kind": "end", "step": 1}, True), (train(2), False)):
        append_metric(tmp_path, row)
        follower.look()
        assert follower.ended is ended


def test_what_is_no_metric_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "metrics.jsonl").write_bytes(b'\xff\n[1]\n{"kind": 3}\n' + b"[" * 5000 + b"\n{}\n")
    follower = Follower(tmp_path)
    assert follower.look()
    assert follower.rows == []


def test_the_frame_shows_where_the_run_is_and_its_curves() -> None:
    rows = [train(step) for step in range(1, 30)]
    rows.append(
        {"kind": "held_out", "stage": "reading", "step": 29, "tokens": 29_000, "wiki": 0.4, "wiki.bpb": 1}
    )
    rows.append({"kind": "warning", "step": 29, "text": "loss jumped"})
    shown = frame(rows, WORDS, cells=60, lines=30)
    assert shown[0] == "reading · 29 · 0.03M · 0.172 · 3000/s · 2 min"
    assert shown[1] == "loss; o held out"
    assert any("o" in line.partition("|")[2] for line in shown[2:])
    assert {"speed", "rate", "! loss jumped"} <= set(shown)
    assert len(shown) <= 30
    assert all(len(line) <= 60 for line in shown)


def test_before_the_first_step_the_forecast_is_shown() -> None:
    assert frame([{"kind": "forecast", "text": "device: cpu"}], WORDS, 40, 20) == ["waiting", "device: cpu"]


def test_values_that_are_no_numbers_are_not_drawn() -> None:
    shown = frame([train(1), train(2, loss="high", tokens=None), train(3)], WORDS, 60, 20)
    assert shown[0].startswith("reading · 3")
