"""Bars and curves of practice fit their width and hide nothing."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from aigc_tui.locale import Catalogue
from aigc_tui.quiz.practice.clock import span
from aigc_tui.quiz.practice.records import DayLoad, DayRetention
from aigc_tui.text import width
from aigc_tui.tui.practice.progress import bar, forecast_lines, retention_lines

T = Catalogue.load("en").text
DAY = date(2026, 3, 1)


@given(st.integers(0, 10_000), st.integers(0, 10_000), st.integers(1, 80))
def test_a_bar_is_never_longer_than_its_room_and_never_hides_a_card(part: int, rest: int, room: int) -> None:
    drawn = bar(part, part + rest, room)
    assert width(drawn) <= room
    assert bool(drawn) == bool(part)


def test_each_day_has_its_count() -> None:
    loads = [DayLoad(DAY + timedelta(days), due, 2) for days, due in enumerate([3, 0, 12])]
    rows = [line.text.plain for line in forecast_lines(loads, 60, T)]
    assert [row[:5] for row in rows[1:]] == ["03-01", "03-02", "03-03"]
    assert [row.rsplit(" ", 1)[1] for row in rows[1:]] == ["5", "2", "14"]


def test_retention_is_counted_over_reviews_not_over_days() -> None:
    days = [DayRetention(DAY, 10, 10), DayRetention(DAY + timedelta(3), 30, 20)]
    text = "\n".join(line.text.plain for line in retention_lines(days, 60, T))
    assert "75% of 40 reviews" in text
    assert "No reviews of known cards yet." in "\n".join(
        line.text.plain for line in retention_lines([], 60, T)
    )


def test_spans_are_said_in_one_unit() -> None:
    said = [span(seconds, T) for seconds in (5, 600, 7200, 86400 * 4, 86400 * 45, 86400 * 800)]
    assert said == ["1 min", "10 min", "2 h", "4 d", "1.5 mo", "2.2 y"]
