"""Options that are numbers, dates or ranges.

Why it exists: numbers out of order cost reading time and hide nothing; ranges that overlap have two right
answers (Haladyna, Downing & Rodriguez 2002: "place choices in logical or numerical order", "keep choices
independent").
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

from aigc_tui.quiz.checks.records import Context, Verdict
from aigc_tui.quiz.checks.verdicts import soft
from aigc_tui.quiz.records import Item, ItemType

_NUMBER = r"[-−]?\d[\d,]*(?:\.\d+)?"
_LEAD = (
    r"[^\w]{0,3}(?:(?:about|around|over|under|nearly|almost|approximately|circa|in|rs\.?"
    r"|约|約|大约|近|超过|不到|公元前?|前|第)\s*)?[^\w−-]{0,3}"
)
_ALONE = re.compile(rf"^{_LEAD}({_NUMBER})([^\d]{{0,16}})$", re.I)
_RANGE = re.compile(
    rf"^[^\d−-]{{0,12}}({_NUMBER})[^\d]{{0,6}}?\s*(?:-|–|—|~|～|to|and|至|到)\s*({_NUMBER})[^\d]{{0,12}}$",
    re.I,
)
_BEFORE_CHRIST = re.compile(r"\bB\.?C\.?(?:E\.?)?\b|公元前|前\d", re.I)
_UNITS = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "千": 1e3, "万": 1e4, "亿": 1e8}


def number_in(text: str) -> float | None:
    """The number that an option is, with a scale word (万, million) years B.C. below zero; None: none."""
    plain = unicodedata.normalize("NFKC", text).strip()
    found = _ALONE.match(plain)
    if found is None:
        return None
    value = float(found[1].replace(",", "").replace("−", "-"))
    scale = next((factor for word, factor in _UNITS.items() if word in found[2].casefold()), 1.0)
    return -value if _BEFORE_CHRIST.search(plain) else value * scale


def range_in(text: str) -> tuple[float, float] | None:
    """The range that an option is ("10-20 km", 18至25岁), lower end first; None: it is none."""
    found = _RANGE.match(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        return None
    low, high = (float(found[place].replace(",", "").replace("−", "-")) for place in (1, 2))
    return (low, high) if low <= high else None


def unsorted_numbers(item: Item, context: Context) -> Verdict | None:
    """Options that are all numbers stand in order, up or down."""
    values = [number_in(text) for text in item.options] if item.type is ItemType.MC else []
    known = [value for value in values if value is not None]
    if len(known) < 3 or len(known) < len(values):
        return None
    ordered = known == sorted(known) or known == sorted(known, reverse=True)
    return soft(
        "unsorted_numbers", "" if ordered else "the numbers stand in no order", ", ".join(item.options)
    )


def overlapping_ranges(item: Item, context: Context) -> Verdict | None:
    """Options that are ranges do not overlap beyond a shared end."""
    ranges = [found for text in item.options if (found := range_in(text))] if item.type is ItemType.MC else []
    if len(ranges) < 2:
        return None
    for one, other in pairwise(sorted(ranges)):
        if other[0] < one[1]:
            told = f"{one[0]:g}-{one[1]:g} and {other[0]:g}-{other[1]:g}"
            return soft("overlapping_ranges", f"two ranges overlap: {told}", told)
    return soft("overlapping_ranges")
