"""Times of practice: as the store keeps them, and as days of the learner's zone.

Why it exists: FSRS wants UTC, a learner lives in a zone, and a day must begin at their midnight. Microseconds
are kept, so that a card read back is the card that was written.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from aigc_tui.quiz.records import QuizError


def stamp(now: datetime) -> str:
    """A time as the store keeps it; such strings sort as times do.

    Raises:
        QuizError: The time does not say in which zone it is.
    """
    if now.tzinfo is None:
        raise QuizError("a time without a zone; pass datetime.now().astimezone()")
    return now.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def moment(text: str) -> datetime:
    """A kept time, in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def day_of(text: str, zone: tzinfo | None) -> date:
    """The day of a kept time in a zone; None: the system's."""
    return moment(text).astimezone(zone).date()


def day_begin(now: datetime, days: int = 0) -> datetime:
    """The midnight with which the day of `now`, or one so many days later, begins in the zone of `now`."""
    stamp(now)
    return datetime.combine(now.date() + timedelta(days=days), time(), tzinfo=now.tzinfo)
