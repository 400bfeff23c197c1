"""Other wordings of an answer that count as right.

Why it exists: a learner who writes "12" for "twelve", "km" for "kilometres" or the full name for its
letters is right, and a grader that says otherwise is not believed again.
"""

from __future__ import annotations

import re

from aigc_tui.quiz.analysis.records import Mention, TermKind
from aigc_tui.quiz.making.material import Material
from aigc_tui.quiz.making.words import name_of

_ENGLISH = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
            "twelve")  # fmt: skip
_CHINESE = "零一二三四五六七八九十"
_UNITS = (
    ("km", "kilometres", "kilometers", "公里", "千米"),
    ("m", "metres", "meters", "米"),
    ("cm", "centimetres", "centimeters", "厘米"),
    ("mm", "millimetres", "millimeters", "毫米"),
    ("kg", "kilograms", "千克", "公斤"),
    ("g", "grams", "克"),
    ("%", "per cent", "percent", "％"),
    ("°C", "degrees Celsius", "℃", "摄氏度"),
)
_SIGN = 2
"""Letters of a unit's sign at most: km, °C."""
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3})")
_ARTICLE = re.compile(r"^(?:the|an?)\s+", re.IGNORECASE)


def accepted_answers(answer: Mention, material: Material) -> tuple[str, ...]:
    """Find what else counts as right for a blank or a short answer.

    Args:
        answer: The key.
        material: The lesson: its aliases count.
    """
    key = " ".join(answer.text.split())
    found = [_ARTICLE.sub("", key), _THOUSANDS.sub("", key)]
    if answer.kind in (TermKind.NUMBER, TermKind.QUANTITY):
        found += _numbers(key)
        found += _units(key, answer.unit, material.wording.language)
    if answer.kind is TermKind.DATE and key.endswith("年"):
        found.append(key.removesuffix("年"))
    if answer.kind is TermKind.PERSON and key.isascii():
        found += key.split()[-1:]
    found += _spelled_aliases(key, material)
    return tuple(other for other in dict.fromkeys(map(str.strip, found)) if other and other != key)


def _spelled_aliases(key: str, material: Material) -> list[str]:
    """The lesson's other names of the key, as the lesson spells them."""
    names = material.aliases(key)
    spelled = [name for alias in material.analysis.aliases for name in (alias.first, alias.second)]
    return [" ".join(name.split()) for name in spelled if name_of(name) in names]


def _numbers(key: str) -> list[str]:
    found = []
    for value, word in enumerate(_ENGLISH):
        found += [re.sub(rf"\b{word}\b", str(value), key, flags=re.IGNORECASE)]
        found += [re.sub(rf"(?<![\d.,]){value}(?![\d.,])", word, key)] if key.isascii() else []
    for value, char in enumerate(_CHINESE):
        if re.search(rf"(?<![{_CHINESE}百千万亿]){char}(?![{_CHINESE}百千万亿])", key):
            found.append(key.replace(char, str(value)))
    return found


def _units(key: str, unit: str, language: str) -> list[str]:
    """The same amount with its unit written in another way: signs always, words in the lesson's language."""
    for group in _UNITS:
        if unit in group:
            known = [other for other in group if len(other) <= _SIGN or other.isascii() == (language == "en")]
            return [key.replace(unit, other) for other in known]
    return []
