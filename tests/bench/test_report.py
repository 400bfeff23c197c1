from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.report import Ratio, percentile, write_json


def test_a_ratio_is_taken_round_by_round_and_shows_its_spread() -> None:
    ratio = Ratio.of("a / b", [2.0, 9.0, 8.0], [1.0, 3.0, 2.0])
    assert (ratio.median, ratio.smallest, ratio.largest) == (3.0, 2.0, 4.0)
    assert str(ratio) == "a / b: 3.00x (2.00 .. 4.00)"


def test_nothing_measured_is_no_result() -> None:
    for call in (lambda: Ratio.of("a", [], []), lambda: percentile([], 50), lambda: Ratio.of("a", [1.0], [])):
        with pytest.raises(ValueError, match=r"."):
            call()


def test_a_percentile_is_one_of_the_values() -> None:
    values = [float(value) for value in range(1, 101)]
    assert [percentile(values, percent) for percent in (1, 50, 95, 100)] == [1.0, 50.0, 95.0, 100.0]
    assert percentile([7.0], 95) == 7.0


def test_a_result_is_written_with_the_machine_that_it_comes_from(tmp_path: Path) -> None:
    written = write_json("x", {"ratio": Ratio("r", 1.0, 0.5, 2.0)}, tmp_path / "deep" / "x.json")
    result = json.loads(written.read_text())
    assert result["benchmark"] == "x"
    assert result["ratio"] == {"name": "r", "median": 1.0, "smallest": 0.5, "largest": 2.0}
    assert {"python", "cores", "load"} <= set(result["machine"])
