"""One face for the rules of both languages.

Why it exists: `analyse` runs the same steps on every lesson; which patterns they use is decided here, once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from aigc_tui.quiz.analysis import (
    definitions_chinese,
    definitions_english,
    numbers_chinese,
    numbers_english,
    worth_chinese,
    worth_english,
)
from aigc_tui.quiz.analysis.definitions_english import Defined
from aigc_tui.quiz.analysis.found import Found


@dataclass(frozen=True, slots=True)
class Grammar:
    """The rules of one language; every offset counts from the start of the sentence given."""

    fault: Callable[[str, bool], str]
    """Why a sentence (and whether it is a list's) cannot carry an item; empty: it can."""
    numbers: Callable[[str], list[Found]]
    definitions: Callable[[str, bool], Iterable[Defined]]
    is_term: Callable[[str], bool]
    """Whether words that the author set off can be an answer."""


def _english_term(words: str) -> bool:
    return bool(re.fullmatch(r"[A-Za-z][\w'’ -]{2,40}", words)) and words.count(" ") < 4


def _chinese_term(words: str) -> bool:
    return bool(re.fullmatch(r"[\w·\-]{2,12}", words)) and not re.search(r"[的了是]", words)


def grammar_of(language: str) -> Grammar:
    """The rules for `en` or `zh`; anything else is read as English."""
    if language == "zh":
        return Grammar(
            worth_chinese.fault,
            numbers_chinese.find_numbers,
            definitions_chinese.find_definitions,
            _chinese_term,
        )
    return Grammar(
        worth_english.fault, numbers_english.find_numbers, definitions_english.find_definitions, _english_term
    )
