"""Units under one name, so that km, kilometres and 公里 are the same answer.

Why it exists: a lesson writes a unit in one of its ways, a learner in another; that is no mistake. Nothing is
converted: 1,000 m for 1 km may be right, but a person should look.
"""

from __future__ import annotations

from collections.abc import Sequence

from aigc_tui.quiz.checks.normal import pieces

_NAMES = {
    "km": "kilometer kilometre 公里 千米",
    "m": "meter metre 米 公尺",
    "cm": "centimeter centimetre 厘米 公分",
    "mm": "millimeter millimetre 毫米",
    "nm": "nanometer nanometre 纳米",
    "kg": "kilogram kilogramme kilo 公斤 千克",
    "g": "gram gramme 克",
    "mg": "milligram 毫克",
    "l": "liter litre 升",
    "ml": "milliliter millilitre 毫升",
    "s": "second sec 秒",
    "min": "minute 分钟",
    "h": "hour hr 小时",
    "hz": "hertz 赫兹",
    "j": "joule 焦耳",
    "w": "watt 瓦特",
    "v": "volt 伏特",
    "n": "newton 牛顿",
    "pa": "pascal 帕斯卡",
    "%": "percent 百分之",
    "°c": "degreescelsius degreecelsius celsius 摄氏度 度",
    "$": "dollar usd 美元",
    "€": "euro eur 欧元",
    "£": "pound gbp 英镑",
    "year": "yr 年",
    "day": "天 日",
    "month": "月 个月",
    "century": "世纪",
}
_BY_NAME = {name: unit for unit, names in _NAMES.items() for name in names.split()}
UNITS = frozenset(_NAMES)
_LONGEST = 4
"""Pieces that a unit's name takes at most: 百分之, 摄氏度."""


def with_units(parts: Sequence[str]) -> tuple[str, ...]:
    """Name the unit after each number in one way, and put a unit written before its number behind it.

    Only beside a number: 米 in 玉米 and "second" in "the second try" are no units.

    Args:
        parts: Normalised pieces with numbers in digits, singular.
    """
    found: list[str] = []
    at = 0
    while at < len(parts):
        if parts[at] in ("$", "€", "£") and at + 1 < len(parts) and _number(parts[at + 1]):
            found += [parts[at + 1], parts[at]]
            at += 2
        elif tuple(parts[at : at + 3]) == ("百", "分", "之"):
            found += [*parts[at + 3 : at + 4], "%"]
            at += 4
        else:
            found.append(parts[at])
            at += 1
            if _number(parts[at - 1]):
                unit, taken = _unit(parts[at : at + _LONGEST])
                found += unit
                at += taken
    return tuple(found)


def names_unit(text: str, unit: str) -> bool:
    """Whether a text (a stem) names a unit in any of its ways."""
    words = {word for part in pieces(text) for word in (part, part.removesuffix("s"))}
    names = (unit, *_NAMES.get(unit, "").split())
    return any(name in words if name.isascii() else name in text for name in names)


def _unit(ahead: Sequence[str]) -> tuple[list[str], int]:
    """The unit at the head of some pieces, by its one name, and how many pieces it takes."""
    for size in range(len(ahead), 0, -1):
        name = "".join(ahead[:size])
        unit = name if name in UNITS else _BY_NAME.get(name)
        if unit:
            return [unit], size
    return [], 0


def _number(part: str) -> bool:
    return part[:1].isdigit()
