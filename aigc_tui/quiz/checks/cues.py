"""Cues: does the key give itself away by words or grammar that the distractors lack?

Why it exists: "word repeats", "convergence" and "grammatical cues" are the flaws that writers see least in
their own items, and that test-wise learners use first (Haladyna, Downing & Rodriguez 2002; Moore 2023).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

from aigc_tui.quiz.checks.normal import HAN, pieces
from aigc_tui.quiz.checks.parts import before_blank, distractors, key_of
from aigc_tui.quiz.checks.records import Context, Verdict
from aigc_tui.quiz.checks.verdicts import quoted, soft
from aigc_tui.quiz.checks.words import FUNCTION_CHARS, FUNCTION_WORDS
from aigc_tui.quiz.records import BLANK, Item

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
        "word_repeat", f"the stem and the key alone say {quoted(cue[0])}" if cue else "", "".join(cue[:1])
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
    told = "the key shares most words with the other options" if stands_out else ""
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
    return soft("grammar_cue", f"with {quoted(cue)} only the key is good grammar" if cue else "", cue)


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
    """The English word beside the blank that wants a singular or a plural; empty: none does."""
    parts = item.stem.split(BLANK)
    if len(parts) != 2:
        return ""
    before, after = parts[0].split()[-1:], parts[1].split()[:1]
    beside = [word.strip(".,;").casefold() for word in (*before, *after)]
    return next((word for word in beside if word in (*_ASKS_PLURAL, *_ASKS_SINGULAR)), "")


def _plural(text: str) -> bool:
    word = text.strip().casefold()
    return word.endswith("s") and not word.endswith(("ss", "us", "is"))
