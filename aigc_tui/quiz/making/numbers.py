"""Other numbers of the same look: what a plausible wrong number, year or amount is.

Why it exists: a lesson with one date has no other date to offer. A made-up number must share the key's format
(digits, separators, unit, decimals), or the odd one out gives the key away.
"""

from __future__ import annotations

import random
import re
from decimal import Decimal, InvalidOperation

_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_YEAR = re.compile(r"(?<!\d)(1\d{3}|20\d{2})(?!\d)")
_OF_DECADE = re.compile(r"[’']?s\b|\s?年代")
_FACTORS = (Decimal("0.5"), Decimal("0.75"), Decimal("1.25"), Decimal("1.5"), Decimal(2), Decimal(3))
_EARLY = 3
"""Digits of a year before 1000, which only 年 tells from an amount."""
_OLDEST, _MONTHS = 99, 12
_LATEST_YEAR, _LATEST_CENTURY = 2026, 21
"""No clock: the same lesson makes the same quiz in every year."""


def shape(text: str) -> str:
    """A number's look: `1905` and `1811` agree, `1905` and `19th century` do not."""
    return re.sub(r"\d+", "9", _NUMBER.sub("9", text)).strip().casefold()


def variants(text: str, source: random.Random, wanted: int) -> list[str]:
    """Other numbers in the same format.

    Args:
        text: A mention that holds one number in digits, or one year beside a day.
        source: Where chance comes from.
        wanted: How many at most.

    Returns:
        Different from `text` and from each other; empty when it holds no number, or several.
    """
    found = list(_NUMBER.finditer(text))
    years = [each for each in found if _YEAR.fullmatch(each[0])]
    if (len(found) != 1 and len(years) != 1) or re.search(r"[亿万千百]\d", text):
        return []
    match = years[0] if years else found[0]
    if re.match(r"(?:st|nd|rd|th)\b|-", text[match.end() :]):
        return []
    share = "%" in text or "％" in text
    decade = bool(years) and bool(_OF_DECADE.match(text[match.end() :]))
    early = bool(re.match(" ?年(?!代|级|前|后|间)", text[match.end() :])) and len(match[0]) == _EARLY
    others = _years(match[0], source, decade) if years or early else _amounts(match[0], share, source)
    if text[match.end() :].startswith("世纪"):
        others = [other for other in others if int(other) <= _LATEST_CENTURY]
    if text[match.end() :].strip().startswith("月"):
        others = [other for other in others if int(other) <= _MONTHS]
    if text[match.end() :].strip().startswith("岁"):
        others = [other for other in others if float(other) <= _OLDEST]
    kept = [other for other in dict.fromkeys(others) if other != match[0]]
    return [text[: match.start()] + other + text[match.end() :] for other in kept[:wanted]]


def _years(text: str, source: random.Random, decade: bool) -> list[str]:
    """Years around one: near enough to be plausible, far enough not to be a quibble; of decades, decades."""
    year = int(text)
    steps = (-40, -30, -20, -10, 10, 20, 30) if decade else (-31, -23, -14, -9, -4, 8, 12, 19, 27)
    return [str(year + step) for step in source.sample(steps, len(steps)) if year + step <= _LATEST_YEAR]


def _amounts(text: str, share: bool, source: random.Random) -> list[str]:
    """Amounts of the same order (a share stays one), with the same decimals and separators."""
    try:
        value = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return []
    decimals = len(text.partition(".")[2])
    if not decimals and value <= 10:
        steps = [int(value) + step for step in (-3, -2, -1, 1, 2, 3, 4)]
        return [str(each) for each in source.sample(steps, len(steps)) if each > 1]
    grain = _grain(text)
    made = []
    for factor in source.sample(_FACTORS, len(_FACTORS)):
        other = (value * factor / grain).quantize(Decimal(1)) * grain
        if other > 0 and not (share and value <= 100 < other):
            made.append(f"{other:,.{decimals}f}" if "," in text else f"{other:.{decimals}f}")
    return made


def _grain(text: str) -> Decimal:
    """The last digit that the author wrote out: 300 was meant in hundreds, 1.25 in hundredths."""
    plain = text.replace(",", "")
    if "." in plain:
        return Decimal(1).scaleb(-len(plain.partition(".")[2]))
    zeros = len(plain) - len(plain.rstrip("0"))
    return Decimal(1).scaleb(max(0, min(zeros, len(plain) - 2)))
