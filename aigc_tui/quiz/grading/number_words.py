"""Number words to digits, in both languages: "twenty-one", "three million", 二十一, 一九四九, 3万.

Why it exists: a learner who writes "seven" where the key says 7 is right, and which of the
two a lesson uses is chance.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def _numbered(listed: str) -> dict[str, int]:
    return {word: value for value, word in enumerate(listed.split())}


_SMALL = _numbered(
    """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen
    """
)
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
_HAN_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_HAN_TENS = {"十": 10, "百": 100, "千": 1_000}
_HAN_SCALES = {"万": 10**4, "亿": 10**8}
_LONGEST = 16
"""Words of one number that are read; a longer run is no number, and its value would fill pages."""
_KILO = "米克瓦帕赫焦卡"
"""Behind these 千 is a part of the unit: 三千米 are 3 km and 3,000 m; the first is meant more often."""
_HAN = {**_HAN_DIGITS, **_HAN_TENS, **_HAN_SCALES}


def with_digits(parts: Sequence[str]) -> tuple[str, ...]:
    """Write every number of a text in digits.

    Args:
        parts: The text's normalised pieces (`checks.normal.pieces`), simplified.

    Returns:
        The pieces, with each run of number words as one piece; `1st` and `first` become `1` and `th`.
    """
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
    while at < min(len(parts), start + _LONGEST):
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
    if not run or len(run) > _LONGEST or run[0] in _HAN_SCALES or run[0] in ("百", "千"):
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
