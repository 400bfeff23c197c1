"""Times of practice: days in the learner's zone, stamps in the store, and spans in words."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from aigc_tui.locale import Translate
from aigc_tui.quiz.records import QuizError


def stamp(now: datetime) -> str:
    """A time with its zone as the store keeps it; such strings sort as times do."""
    if now.tzinfo is None:
        raise QuizError("the time has no zone; pass datetime.now().astimezone()")
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


_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_MONTH, _YEAR = 30.4 * _DAY, 365 * _DAY


def span(seconds: float, t: Translate) -> str:
    """A length of time, rounded to one unit, at least a minute."""
    if seconds < _HOUR:
        return t("practice.minutes", number=max(round(seconds / _MINUTE), 1))
    if seconds < _DAY:
        return t("practice.hours", number=round(seconds / _HOUR))
    if seconds < _MONTH:
        return t("practice.days", number=round(seconds / _DAY))
    if seconds < _YEAR:
        return t("practice.months", number=round(seconds / _MONTH, 1))
    return t("practice.years", number=round(seconds / _YEAR, 1))
