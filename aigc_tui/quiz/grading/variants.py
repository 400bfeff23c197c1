"""One canonical form for all the ways to write one answer.

Why it exists: script, number words, units, articles, plural and spelling by country are not what a lesson is
about (quiz.md 3.6). Two answers count as the same when their canonical forms are equal; both sides go through
the same rules, so a rule that mangles a word mangles it on both.
"""

from __future__ import annotations

from functools import lru_cache

from aigc_tui.quiz.checks.normal import pieces, simplified
from aigc_tui.quiz.grading.number_words import with_digits
from aigc_tui.quiz.grading.units import with_units

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
    """The canonical form of an answer.

    Args:
        text: Anything.

    Returns:
        Pieces; empty for a text that says nothing.
    """
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
