"""Checks for clues: words or grammar that single out the key, and stems or options that give it away.

Word repeats, convergence and grammatical cues are the flaws that writers see least in their own items and
that test-wise learners use first (Haladyna, Downing & Rodriguez 2002; Moore 2023).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

from aigc_tui.message import message
from aigc_tui.quiz.checks.records import Context, Verdict, hard, shortly, soft
from aigc_tui.quiz.normal import FUNCTION_CHARS, FUNCTION_WORDS, HAN, contains, normal, pieces, simplified
from aigc_tui.quiz.records import (
    BLANK,
    WORDED,
    Item,
    ItemType,
    before_blank,
    distractors,
    key_of,
    pairs,
    steps,
    without_blank,
)

_HAN = re.compile(rf"[{HAN}]")
_ARTICLE = re.compile(r"\b(an?)\s*[:.…]?\s*$", re.I)
_VOWEL = re.compile(r"^\W*(?:[aeio]|u(?!ni|s[aeiu]|r[aio]|ti|biq|k\b)|hour|hono|heir|honest)", re.I)
_PERSON_PLACE = {
    "位": re.compile(r"(?:省|市|县|国|洲|洋|海|江|河|湖|山|岛|城|村|区|战争|条约)$"),
    "座": re.compile(r"(?:人|家|者|师|员|王|帝|公|条约|法)$"),
    "条": re.compile(r"(?:人|家|者|师|员|王|帝|城|市|国|书)$"),
    "本": re.compile(r"(?:人|家|者|师|员|王|帝|城|市|国|河|山)$"),
}
"""A measure word, and the endings of nouns that cannot follow it."""
_MEASURE = re.compile(rf"(?:[一二两三几每这那哪某])([{''.join(_PERSON_PLACE)}])$")


_ASKS_PLURAL = (
    "are",
    "were",
    "have",
    "these",
    "those",
    "many",
    "several",
    "few",
    "two",
    "three",
    "four",
    "five",
)
_ASKS_SINGULAR = ("is", "was", "has", "each", "every", "one")
_MOST_OPTIONS = 12
_PHRASE = 8
"""Words with content of an option that is a phrase; whole sentences share words for good reasons."""


def word_repeat(item: Item, context: Context) -> Verdict | None:
    """No word with content stands in the stem and in the key, but in no distractor."""
    wrong = distractors(item)
    if not wrong:
        return None
    shared = _content(item.stem) & _content(key_of(item))
    elsewhere = set().union(*map(_content, wrong))
    cue = sorted(shared - elsewhere, key=lambda word: (-len(word), word))
    return soft(
        "word_repeat",
        message('only the key repeats the word "{text}" of the stem', text=shortly(cue[0])) if cue else None,
        "".join(cue[:1]),
    )


def convergence(item: Item, context: Context) -> Verdict | None:
    """The key is not the option that shares most with all the others.

    Writers vary the key to make distractors, so that the option made of the commonest parts is the key. A
    vote: each option scores, for every word of its own, how many other options have the word too.
    """
    if not 3 <= len(item.options) <= _MOST_OPTIONS or not key_of(item):
        return None
    bags = [_content(text) for text in item.options]
    if max(map(len, bags)) > _PHRASE:
        return None
    counts = Counter(word for bag in bags for word in bag)
    votes = [sum(counts[word] - 1 for word in bag) for bag in bags]
    key = votes[int(item.answer)] if isinstance(item.answer, int) else 0
    rest = sorted((vote for at, vote in enumerate(votes) if at != item.answer), reverse=True)
    stands_out = key > rest[0] and _from_two(bags, item)
    told = message("the key shares most words with the other options") if stands_out else None
    return soft("convergence", told, key_of(item))


def grammar_cue(item: Item, context: Context) -> Verdict | None:
    """The words before the gap do not fit the key alone: a/an, or a Chinese measure word."""
    wrong = distractors(item)
    if not wrong:
        return None
    before = before_blank(item.stem)
    lead = (item.stem if before is None else before).rstrip().rstrip("?？:：")
    article, measure = _ARTICLE.search(lead), _MEASURE.search(lead)
    cue = ""
    if article is not None and _only_key(item, lambda text: _fits_article(article[1], text)):
        cue = article[1]
    if measure is not None:
        ending = _PERSON_PLACE[measure[1]]
        if _only_key(item, lambda text: ending.search(text.strip()) is None):
            cue = measure[0]
    agreement = _agreement(item)
    if agreement and _only_key(item, lambda text: _plural(text) == (agreement in _ASKS_PLURAL)):
        cue = agreement
    return soft(
        "grammar_cue",
        message('after "{text}" only the key is grammatical', text=shortly(cue)) if cue else None,
        cue,
    )


def _content(text: str) -> set[str]:
    """The words with content: English ones without their plural s, Chinese ones as pairs of characters."""
    parts = pieces(text)
    words = {part.removesuffix("s") for part in parts if len(part) > 2 and part.isalpha()} - FUNCTION_WORDS
    solid = [part if _HAN.fullmatch(part) and part not in FUNCTION_CHARS else "" for part in parts]
    return words | {one + other for one, other in pairwise(solid) if one and other}


def _from_two(bags: list[set[str]], item: Item) -> bool:
    """Whether two distractors share different words with the key; one alone proves no convergence."""
    at = int(item.answer) if isinstance(item.answer, int) else 0
    shares = [bag & bags[at] for place, bag in enumerate(bags) if place != at]
    return any(one - other and other - one for one in shares for other in shares)


def _fits_article(article: str, text: str) -> bool:
    vowel = _VOWEL.match(text) is not None
    return vowel if article.casefold() == "an" else not vowel


def _only_key(item: Item, fits: Callable[[str], bool]) -> bool:
    return fits(key_of(item)) and not any(fits(text) for text in distractors(item))


def _agreement(item: Item) -> str:
    parts = item.stem.split(BLANK)
    if len(parts) != 2:
        return ""
    before, after = parts[0].split()[-1:], parts[1].split()[:1]
    beside = [word.strip(".,;").casefold() for word in (*before, *after)]
    return next((word for word in beside if word in (*_ASKS_PLURAL, *_ASKS_SINGULAR)), "")


def _plural(text: str) -> bool:
    word = text.strip().casefold()
    return word.endswith("s") and not word.endswith(("ss", "us", "is"))


_ONE_HAN = re.compile(rf"[{HAN}]")


def stem_leak(item: Item, context: Context) -> Verdict | None:
    """The key does not stand in the stem.

    A question that names several of its options ("Which is heavier, gold or lead?") leaks nothing.
    """
    if item.type not in WORDED:
        return None
    stem = simplified(without_blank(item.stem))
    if any(_shows(stem, text) for text in distractors(item)):
        return hard("stem_leak")
    for answer in (key_of(item), *(item.accepted if item.type is not ItemType.MC else ())):
        if _shows(stem, answer):
            return hard(
                "stem_leak", message('the stem contains the answer "{text}"', text=shortly(answer)), answer
            )
    return hard("stem_leak")


def match_giveaway(item: Item, context: Context) -> Verdict | None:
    """No side of a pair holds the other: "Boiling point = the boiling point of water" matches itself."""
    for left, right in pairs(item):
        if _shows(simplified(right), left) or _shows(simplified(left), right):
            return hard(
                "match_giveaway",
                message('one side of a pair contains the other: "{text}"', text=shortly(left)),
                left,
            )
    return hard("match_giveaway") if pairs(item) else None


def order_giveaway(item: Item, context: Context) -> Verdict | None:
    """The steps do not carry numbers or dates that already stand in order."""
    found = steps(item)
    if len(found) < 2:
        return None
    marks = [_mark(step) for step in found]
    known = [mark for mark in marks if mark is not None]
    told = len(known) == len(marks) and (known == sorted(known) or known == sorted(known, reverse=True))
    return hard("order_giveaway", message("numbers in the steps give the order away") if told else None)


_LEADING = re.compile(
    r"^\W*(?:第|step|stage|phase|day)?\s*(\d{1,4}|[一二三四五六七八九十])(?=\W|[步年世月阶、]|$)", re.I
)
_YEAR = re.compile(r"(?<!\d)(1\d{3}|20\d{2})(?!\d)")
_NUMERALS = {char: value for value, char in enumerate("一二三四五六七八九十", 1)}


def _mark(step: str) -> int | None:
    found = _LEADING.match(step) or _YEAR.search(step)
    if found is None:
        return None
    return _NUMERALS.get(found[1]) or int(found[1])


def _shows(text: str, answer: str) -> bool:
    """One Chinese character is part of many words (水 in 水果): it counts only where it stands alone."""
    answer = simplified(answer)
    if len(pieces(answer)) == 1 and _ONE_HAN.fullmatch(normal(answer)):
        return re.search(rf"(?<![{HAN}]){normal(answer)}(?![{HAN}])", text) is not None
    return contains(text, answer)
