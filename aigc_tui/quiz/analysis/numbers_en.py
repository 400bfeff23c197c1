"""Dates, quantities and numbers in English sentences.

Rules read these reliably, and wrong options of the same form can be computed. About a fifth of the answers
that people choose hold a digit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from aigc_tui.quiz.analysis.records import Found, TermKind

_MONTHS = (
    "January|February|March|April|May|June|July|August|September|October|November|December|"
    "Jan\\.|Feb\\.|Mar\\.|Apr\\.|Jun\\.|Jul\\.|Aug\\.|Sept?\\.|Oct\\.|Nov\\.|Dec\\."
)
_ORDINALS = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
    "twenty-first",
]
_SMALL = [
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ERA = r"(?:\s?(?:BCE|BC|CE|AD|B\.C\.E?\.?|A\.D\.|C\.E\.))"

_CENTURY = re.compile(
    rf"\b(?:(?:early|late|mid)[\s-])?(?:\d{{1,2}}(?:st|nd|rd|th)|(?:{'|'.join(_ORDINALS)}))"
    rf"(?:[\s-](?:and|to)[\s-](?:early[\s-])?(?:\d{{1,2}}(?:st|nd|rd|th)|(?:{'|'.join(_ORDINALS)})))?"
    rf"[\s-]centur(?:y|ies)\b{_ERA}?",
    re.IGNORECASE,
)
_DAY = re.compile(
    rf"\b(?:(?:{_MONTHS})\s\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s(?P<y1>\d{{3,4}}))?|"
    rf"\d{{1,2}}(?:st|nd|rd|th)?\s(?:of\s)?(?:{_MONTHS})(?:,?\s(?P<y2>\d{{3,4}}))?|"
    rf"(?:{_MONTHS})(?:,|\sof)?\s(?P<y3>\d{{4}}))(?![\d-])"
)
_DECADE = re.compile(r"\b(?:(?:early|late|mid)[\s-])?(?P<y>1\d{3}|20\d{2})s\b", re.IGNORECASE)
_SPAN = re.compile(rf"\b(?P<y>1\d{{3}}|20\d{{2}})\s?[–—-]\s?(?:\d{{4}}|\d{{2}})\b(?!\s?%){_ERA}?")
_ANCIENT = re.compile(rf"\b(?:AD\s(?P<a>\d{{1,4}})|(?P<y>\d{{1,3}}(?:,?\d{{3}})?){_ERA})(?!\w)")
_YEAR = re.compile(r"(?<![\d,.$£€#/-])\b(?P<y>1[0-9]\d{2}|20\d{2})\b(?![,.]\d|[-–/%]|\s?%)")
_YEAR_BEFORE = re.compile(
    r"(?:\b(?:in|since|by|until|till|before|after|from|around|about|circa|c\.|during|year|"
    r"spring|summer|fall|autumn|"
    r"winter|early|late|mid|between|through|to|and|of|born|died|or)\s|[(\[,;–]\s?)$",
    re.IGNORECASE,
)
_YEAR_AFTER = re.compile(
    r"^(?:[,;.:)\]]|$|\s(?:[a-z]+ed|and|to|when|as|by|with|the|a|an|in|at|for|was|were|that|which|he|she|they|it|"
    r"after|from|until|while|because|on|under|but|or|also|is|had|has)\b)"
)

_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_HYPHENED = rf"(?:{'|'.join(_TENS)})-(?:one|{'|'.join(_SMALL[:8])})"
_WORDED = rf"(?:{_HYPHENED}|{'|'.join(sorted([*_SMALL, *_TENS], key=len, reverse=True))})"
_SCALE = r"(?:hundred|thousand|million|billion|trillion)"
_NUMBER = rf"(?:(?:{_DIGITS})(?:\s{_SCALE})*|(?:{_WORDED}|one|a)(?:\s(?:and\s)?{_SCALE})+|{_WORDED})"
_UNITS = (
    "%|percent|per cent|percentage points|°\\s?[CFK]|degrees(?: Celsius| Fahrenheit| "
    "centigrade| north| south| east| west)?|"
    "(?:square |cubic )?(?:kilo|centi|milli|micro|nano)?met(?:er|re)s?|(?:square |cubic "
    ")?(?:kilo|centi|milli)?feet|foot|"
    "square miles|miles?|inches|inch|yards?|acres?|hectares?|light[- ]years?|astronomical units?|"
    "km/h|km/s|m/s2?|m/s²|km²|m²|m³|cm³|km|cm|mm|nm|μm|µm|mph|kg|mg|µg|μg|mL|ml|kJ|kcal|kPa|"
    "mmHg|hPa|MHz|GHz|kHz|Hz|kW|MW|GW|GB|MB|KB|TB|"
    "(?:kilo|milli|micro)?grams?|kilograms?|kilos?|tons?|tonnes?|pounds?|ounces?|"
    "(?:milli|deci|centi)?lit(?:er|re)s?|gallons?|cups?|tablespoons?|teaspoons?|"
    "seconds?|minutes?|hours?|days?|weeks?|months?|years?|decades?|centuries|milliseconds?|nights?|"
    "dollars|euros|pounds sterling|yuan|yen|cents|"
    "(?:kilo|mega|giga)?(?:watts?|volts?|amperes?|amps?|ohms?|hertz|joules?|newtons?|pascals?|"
    "bytes?|bits?)|calories|kilocalories|"
    "kelvins?|atmospheres|moles?|decibels?|carats?|knots"
)
_QUANTITY = re.compile(
    rf"(?<![\w.,$£€¥-])(?P<n>{_NUMBER})(?:\s?(?:to|–|—|-|or|"
    rf"and)\s?(?:{_NUMBER}))?[\s-]?(?P<u>{_UNITS})(?![\w°])"
)
_MONEY = re.compile(rf"(?P<u>US\$|[$£€¥])\s?(?P<n>(?:{_DIGITS})(?:\s{_SCALE})?)(?!\w)")
_PLAIN = re.compile(rf"(?<![\w.,$£€¥°/-])(?P<n>{_NUMBER})(?![\w°%]|[,.:/]\d|-\w)")
_CLOCK = re.compile(r"\b\d{1,2}(?::\d{2})?\s?(?:a\.m\.|p\.m\.|AM|PM|o'clock|o’clock)(?!\w)")

_WORTHS = {word: float(at) for at, word in enumerate(_SMALL, 2)}
_WORTHS |= {word: 10.0 * at for at, word in enumerate(_TENS, 2)}
_WORTHS |= {"one": 1.0, "a": 1.0}
_SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}


def number_value(words: str) -> float | None:
    """The value of an English number: digits with commas, number words, `3.5 million`; None: it is none."""
    total, current = 0.0, 0.0
    for word in re.split(r"[\s-]+", words.lower().replace(",", "")):
        if word == "and":
            continue
        if word in _SCALES:
            current = max(current, 1.0) * _SCALES[word]
            total, current = (total + current, 0.0) if _SCALES[word] > 100 else (total, current)
        elif word in _WORTHS:
            current += _WORTHS[word]
        elif re.fullmatch(r"\d+(?:\.\d+)?", word):
            current += float(word)
        else:
            return None
    return total + current


def _year_of(match: re.Match[str]) -> float | None:
    digits = next((found for found in match.groupdict().values() if found), None)
    if digits is None:
        return None
    before = re.search(r"B\.?C", match.group())
    return -float(digits.replace(",", "")) if before else float(digits.replace(",", ""))


def _century_of(words: str) -> float | None:
    digits = re.search(r"\d+", words)
    if digits:
        number = int(digits.group())
    else:
        lowered = words.lower()
        number = next((at for at, word in reversed(list(enumerate(_ORDINALS, 1))) if word in lowered), 0)
    if not number:
        return None
    return -100.0 * number if re.search(r"B\.?C", words) else 100.0 * (number - 1)


def _dates(text: str) -> Iterator[Found]:
    for match in _CENTURY.finditer(text):
        yield Found(
            match.start(), match.end(), TermKind.DATE, "century", _century_of(match.group()), firm=True
        )
    for pattern, unit in ((_DAY, "day"), (_SPAN, "span"), (_DECADE, "decade"), (_ANCIENT, "year")):
        for match in pattern.finditer(text):
            sort = "month" if unit == "day" and match.group("y3") else unit
            yield Found(match.start(), match.end(), TermKind.DATE, sort, _year_of(match), firm=True)
    for match in _YEAR.finditer(text):
        before, after = text[: match.start()], text[match.end() :]
        led = before in {"In ", "Since ", "By "} and re.match(r"\s[A-Z][a-z]", after)  # "In 1476 William ..."
        if led or (_YEAR_BEFORE.search(before) and _YEAR_AFTER.match(after)):
            yield Found(match.start(), match.end(), TermKind.DATE, "year", float(match.group("y")))


def _quantities(text: str) -> Iterator[Found]:
    for match in _CLOCK.finditer(text):
        yield Found(match.start(), match.end(), TermKind.QUANTITY, "o'clock")
    for pattern in (_MONEY, _QUANTITY):
        for match in pattern.finditer(text):
            value = number_value(match.group("n"))
            yield Found(match.start(), match.end(), TermKind.QUANTITY, match.group("u"), value)
    for match in _PLAIN.finditer(text):
        yield Found(match.start(), match.end(), TermKind.NUMBER, "", number_value(match.group("n")))


def find_numbers(text: str) -> list[Found]:
    """Find the dates, quantities and numbers of an English sentence; they may overlap.

    Years count as dates only where the words around say so: "1800 soldiers" is a number.
    """
    return [*_dates(text), *_quantities(text)]
