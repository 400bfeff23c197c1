"""Spans of time in few characters: 10 min, 4 d, 3 mo, as people say them.

Why it exists: the four ratings, on buttons or in one line of a prompt, have room for little more; and both
front ends must say the same of one card.
"""

from __future__ import annotations

from aigc_tui.locale import Translate

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_MONTH, _YEAR = 30.4 * _DAY, 365 * _DAY


def span(seconds: float, t: Translate) -> str:
    """A length of time, rounded to one unit.

    Args:
        seconds: How long; less than a minute counts as one.
        t: The catalogue.
    """
    if seconds < _HOUR:
        return t("practice.minutes", number=max(round(seconds / _MINUTE), 1))
    if seconds < _DAY:
        return t("practice.hours", number=round(seconds / _HOUR))
    if seconds < _MONTH:
        return t("practice.days", number=round(seconds / _DAY))
    if seconds < _YEAR:
        return t("practice.months", number=round(seconds / _MONTH, 1))
    return t("practice.years", number=round(seconds / _YEAR, 1))
