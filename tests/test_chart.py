"""Charts: known points give known text, and no point however strange ends the drawing."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from aigc_tui.chart import Curve, chart, thinned
from aigc_tui.text import width

POINTS = st.lists(st.tuples(st.floats(), st.floats()), max_size=30)


def test_a_falling_line_is_drawn_from_the_upper_left_to_the_lower_right() -> None:
    assert chart("loss", [Curve([(0, 3), (100, 1)])], cells=20, lines=3) == [
        "loss",
        "       3 |⠑⠢⢄⡀",
        "         |   ⠈⠒⠤⡀",
        "       1 |      ⠈⠑⠢⢄",
        "         +0------100",
    ]


def test_marks_stand_over_the_line_where_their_points_are() -> None:
    drawn = chart(
        "t", [Curve([(0, 0), (4, 0)]), Curve([(0, 0), (2, 1), (4, 0)], mark="o")], cells=15, lines=2
    )
    assert drawn[1:3] == ["       1 |  o", "       0 |o⣀⣀⣀o"]


def test_large_numbers_on_the_axes_are_short() -> None:
    drawn = chart("t", [Curve([(0, 1), (25_000_000, 12_345)])], cells=30, lines=2)
    assert drawn[1].startswith("  12.35k |")
    assert drawn[-1].endswith("25M")


def test_without_points_there_is_only_the_title() -> None:
    assert chart("loss", [Curve([])], 20, 3) == ["loss"]
    assert chart("loss", [Curve([(math.nan, 1.0), (1.0, math.inf)])], 20, 3) == ["loss"]


def test_one_point_and_a_level_line_are_drawn() -> None:
    assert "⡀" in "".join(chart("t", [Curve([(1, 1)])], 20, 2))
    assert len(chart("t", [Curve([(0, 5), (9, 5)])], 20, 2)) == 4


@given(POINTS, st.integers(0, 60), st.integers(0, 8))
def test_every_line_fits_whatever_the_points_are(
    points: list[tuple[float, float]], cells: int, lines: int
) -> None:
    for line in chart("a title that is long", [Curve(points), Curve(points[:3], "o")], cells, lines):
        assert width(line) <= max(cells, 0)


def test_thinning_averages_neighbours_and_keeps_the_last_place() -> None:
    points = [(float(i), float(i % 2)) for i in range(10)]
    assert thinned(points, 5) == [(1.0, 0.5), (3.0, 0.5), (5.0, 0.5), (7.0, 0.5), (9.0, 0.5)]
    assert thinned(points, 100) == points
