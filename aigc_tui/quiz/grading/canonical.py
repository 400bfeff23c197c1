"""The canonical form of an answer: number words as digits, units as signs, one spelling."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from aigc_tui.quiz.normal import HAN_DIGITS, NUMBER_WORDS, pieces, simplified

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
    for size in range(len(ahead), 0, -1):
        name = "".join(ahead[:size])
        unit = name if name in UNITS else _BY_NAME.get(name)
        if unit:
            return [unit], size
    return [], 0


def _number(part: str) -> bool:
    return part[:1].isdigit()


def _numbered(listed: str) -> dict[str, int]:
    return {word: value for value, word in enumerate(listed.split())}


_SMALL = {word: value for value, word in enumerate(NUMBER_WORDS)}
_TENS = {
    word: 10 * value
    for word, value in _numbered("- - twenty thirty forty fifty sixty seventy eighty ninety").items()
}
_SCALES = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_ORDINALS = {
    "first": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
    "fifth": 5,
    "sixth": 6,
    "seventh": 7,
    "eighth": 8,
    "ninth": 9,
    "tenth": 10,
    "eleventh": 11,
    "twelfth": 12,
    "twentieth": 20,
}
_HAN_DIGITS = {char: value for value, char in enumerate(HAN_DIGITS)} | {"〇": 0, "两": 2}
_HAN_TENS = {"十": 10, "百": 100, "千": 1_000}
_HAN_SCALES = {"万": 10**4, "亿": 10**8}
_LONGEST_NUMBER_WORDS = 16
"""Words of one number that are read; a longer run is no number, and its value would fill pages."""
_KILO = "米克瓦帕赫焦卡"
"""Behind these 千 is a part of the unit: 三千米 are 3 km and 3,000 m; the first is meant more often."""
_HAN = {**_HAN_DIGITS, **_HAN_TENS, **_HAN_SCALES}


def with_digits(parts: Sequence[str]) -> tuple[str, ...]:
    """Write each run of number words, in simplified pieces, as digits; `1st` and `first` become `1`, `th`."""
    return tuple(_joined(list(parts)))


def _joined(parts: list[str]) -> Iterator[str]:
    at = 0
    while at < len(parts):
        for read in (_english, _chinese, _scaled):
            end, value = read(parts, at)
            if end > at:
                yield value
                at = end
                break
        else:
            seconds = parts[at] == "second" and at > 0 and parts[at - 1][:1].isdigit()
            yield from (parts[at],) if seconds else _ordinal(parts[at])
            at += 1


def _ordinal(part: str) -> tuple[str, ...]:
    if part in _ORDINALS:
        return (str(_ORDINALS[part]), "th")
    if part in ("st", "nd", "rd"):
        return ("th",)
    return (_plain(part),)


def _english(parts: list[str], at: int) -> tuple[int, str]:
    """A run of English number words; "and" only inside ("a hundred and one")."""
    total, group, start = 0, 0, at
    while at < min(len(parts), start + _LONGEST_NUMBER_WORDS):
        word = parts[at]
        if word in _SMALL or word in _TENS:
            group += _SMALL.get(word, _TENS.get(word, 0))
        elif word in _SCALES and at > start:
            group, total = (group * 100, total) if word == "hundred" else (0, total + group * _SCALES[word])
        elif not (word == "and" and start < at and parts[at - 1] in _SCALES and _follows(parts, at + 1)):
            break
        at += 1
    return at, str(total + group)


def _follows(parts: list[str], at: int) -> bool:
    return at < len(parts) and (parts[at] in _SMALL or parts[at] in _TENS)


def _chinese(parts: list[str], at: int) -> tuple[int, str]:
    """A run of Chinese numerals: by place (一九四九) or with 十百千万亿 (三百二十万)."""
    end = at
    while end < len(parts) and parts[end] in _HAN:
        end += 1
    if end - at > 1 and parts[end - 1] == "千" and parts[end : end + 1] and parts[end] in _KILO:
        end -= 1
    run = parts[at:end]
    if not run or len(run) > _LONGEST_NUMBER_WORDS or run[0] in _HAN_SCALES or run[0] in ("百", "千"):
        return at, ""
    if all(char in _HAN_DIGITS for char in run):
        return end, _plain("".join(str(_HAN_DIGITS[char]) for char in run))
    return end, str(_han_value(run))


def _han_value(run: list[str]) -> int:
    total, group, digit = 0, 0, 0
    for char in run:
        if char in _HAN_DIGITS:
            digit = _HAN_DIGITS[char]
        elif char in _HAN_TENS:
            group, digit = group + (digit or 1) * _HAN_TENS[char], 0
        else:
            total, group, digit = (total + group + digit) * _HAN_SCALES[char], 0, 0
    return total + group + digit


def _scaled(parts: list[str], at: int) -> tuple[int, str]:
    """Digits before a scale: 3万, 1.5 million."""
    scales = {**_SCALES, **_HAN_SCALES}
    if at + 1 >= len(parts) or parts[at + 1] not in scales or not _is_number(parts[at]):
        return at, ""
    if parts[at + 1] == "千" and parts[at + 2 : at + 3] and parts[at + 2] in _KILO:
        return at, ""
    value = float(parts[at]) * scales[parts[at + 1]]
    return at + 2, _plain(f"{value:.6f}")


def _is_number(part: str) -> bool:
    return len(part) < 15 and part.isascii() and part.replace(".", "", 1).isdigit()


def _plain(part: str) -> str:
    """A decimal without needless noughts: 25.0 and 025 are 25."""
    if not _is_number(part):
        return part
    whole, dot, rest = part.partition(".")
    rest = rest.rstrip("0")
    return (whole.lstrip("0") or "0") + (dot + rest if rest else "")


LONGEST = 4_000
"""Characters of an answer that are read."""
_ARTICLES = frozenset({"a", "an", "the"})
_PREPOSITIONS = frozenset({"in", "on", "at", "by", "around", "about", "from", "of", "to", "for", "with"})
"""Dropped at the beginning alone: "in 1949" is 1949."""
_IRREGULAR = {
    "men": "man",
    "women": "woman",
    "children": "child",
    "feet": "foot",
    "teeth": "tooth",
    "mice": "mouse",
    "people": "person",
    "leaves": "leaf",
    "wolves": "wolf",
    "lives": "life",
    "bacteria": "bacterium",
    "nuclei": "nucleus",
    "fungi": "fungus",
    "phenomena": "phenomenon",
    "hypotheses": "hypothesis",
}
_SHORTENED = {
    **{
        f"{verb}nt": (verb, "not")
        for verb in ("is", "are", "was", "were", "do", "does", "did", "has", "have")
    },
    **{
        "cant": ("can", "not"),
        "cannot": ("can", "not"),
        "wont": ("will", "not"),
        "couldnt": ("could", "not"),
    },
}
"""As normalisation leaves them, without their apostrophe."""
_POLITE = ("是", "为", "叫", "在", "于")
"""Chinese lead-ins: 是北京 answers as 北京."""


@lru_cache(maxsize=4096)
def canonical(text: str) -> tuple[str, ...]:
    """The canonical form of an answer, in pieces; empty for a text that says nothing."""
    text = text[:LONGEST]
    told = [word for part in pieces(simplified(text)) for word in _SHORTENED.get(part, (part,))]
    parts = [part for part in told if part not in _ARTICLES] or told
    while len(parts) > 1 and (parts[0] in _PREPOSITIONS or parts[0] in _POLITE):
        parts = parts[1:]
    return with_units([_singular(_spelling(part)) for part in with_digits(parts)])


def _singular(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4 or not word.isascii() or not word.isalpha() or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "xes", "sses", "zes", "oes")):
        return word[:-2]
    return word.removesuffix("s")


def _spelling(word: str) -> str:
    """British spelling in the American way, by ending."""
    if len(word) < 6 or not word.isascii():
        return word
    for ending, other in (
        ("isation", "ization"),
        ("ise", "ize"),
        ("ised", "ized"),
        ("our", "or"),
        ("ogue", "og"),
    ):
        if word.endswith(ending):
            return word.removesuffix(ending) + other
    return word.removesuffix("re") + "er" if word.endswith(("tre", "bre")) else word
