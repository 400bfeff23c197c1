"""Ids and times sort as they were made."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from aigc_tui.ids import utc_now, uuid7


def test_ids_are_uuids_of_version_seven() -> None:
    made = uuid.UUID(uuid7())
    assert made.version == 7
    assert made.variant == uuid.RFC_4122


def test_an_id_carries_the_time_it_was_made() -> None:
    milliseconds = uuid.UUID(uuid7()).int >> 80
    made = datetime.fromtimestamp(milliseconds / 1000, UTC)
    assert abs(datetime.now(UTC) - made) < timedelta(minutes=1)


def test_ids_made_later_sort_later() -> None:
    # Two ids may fall into the same 244 ns; the part that is time must never go back.
    made = [uuid7() for _ in range(2000)]
    clocks = [uuid.UUID(one).int >> 64 for one in made]
    assert clocks == sorted(clocks)
    assert len(set(made)) == len(made)


def test_times_are_utc_with_milliseconds() -> None:
    now = utc_now()
    assert len(now) == len("2026-11-23T18:56:11.042Z")
    assert datetime.fromisoformat(now).utcoffset() == timedelta(0)


def test_times_sort_as_strings() -> None:
    made = [utc_now() for _ in range(50)]
    assert made == sorted(made)
