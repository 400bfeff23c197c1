"""Judge a stem that a model wrote: form, language, what it asks for, whether the passage answers it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

from aigc_tui.quiz.analysis.records import TermKind
from aigc_tui.quiz.checks.duplicates import ALIKE, grams, jaccard
from aigc_tui.quiz.llm_items.asking import (
    INVENTED,
    LEAK,
    NOT_A_QUESTION,
    OFF_THE_SENTENCE,
    REPEATS,
    TOO_SHORT,
    WRONG_KIND,
    WRONG_LANGUAGE,
)
from aigc_tui.quiz.llm_items.prompts import ASKING, STEM_LENGTH
from aigc_tui.quiz.normal import FUNCTION_CHARS, FUNCTION_WORDS, HAN, pieces
from aigc_tui.quiz.planning.words import occurrences, singular

LEAST_SHARED = {"en": 2, "zh": 4}
"""Content words (characters) that a stem shares with its sentence, the answer left out."""
LEAST_OF_SENTENCE = {"en": 0.4, "zh": 0.5}
"""The share of the stem's content that is the sentence's own. On questions that people wrote about passages
(docs/quiz-models.md) all rules here together keep a third of the English ones, from stories full of pronouns,
and more than half of the Chinese ones; of the same questions held against another sentence of their passage,
a twentieth."""
MOST_INVENTED = {"en": 0.4, "zh": 0.35}
"""The share of the stem's content that the passage does not hold at all."""
_RUN = {"en": 3, "zh": 6}
"""Words (characters) in a row that do not come again in one question."""


NOT_A_REASON = "not_a_reason"
"""Of explanations; they are dropped without a word."""


def _set(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_ANY_HAN = re.compile(rf"[{HAN}]")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_ENGLISH_OPENERS = re.compile(
    r"^(?:(?:in|at|on|by|to|from|for|of|with|under|into|after|before|during)\s+)?"
    r"(?:what|which|who|whom|whose|when|where|why|how)\b",
    re.I,
)
_EMPTY_HAN = frozenset("什么哪谁几吗呢请问多少个位时候何如怎样年种")
_EMPTY_WORDS = _set("""
    question answer sentence text word name called call thing happen type kind take place following many much
    long year used use made make lesson passage according main
""")
"""Words of every question: they tie it to no sentence."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a stem is held against.

    Args:
        passage: The sentence with what stands around it, headings included.
        taken: Stems that are there already.
    """

    language: str
    quote: str
    passage: str
    key: str
    kind: TermKind
    taken: Collection[str] = ()


def refuse_stem(stem: str, ground: Ground) -> str:
    """Find the first thing that is wrong with a stem; empty: it belongs to its slot."""
    if len(stem) < STEM_LENGTH[ground.language][0]:
        return TOO_SHORT
    if not _is_in(stem, ground.language):
        return WRONG_LANGUAGE
    if not _is_question(stem, ground.language):
        return NOT_A_QUESTION
    if occurrences(ground.key, stem):
        return LEAK
    if not _asks_for(stem, ground):
        return WRONG_KIND
    if _stutters(stem, ground.language) or _is_taken(stem, ground.taken):
        return REPEATS
    return _matter(stem, ground)


def _matter(stem: str, ground: Ground) -> str:
    asked = stem_content(stem, ground.language)
    sentence = content_of(ground.quote) - content_of(ground.key)
    shared = asked & sentence
    least = max(LEAST_SHARED[ground.language], LEAST_OF_SENTENCE[ground.language] * len(asked))
    if len(shared) < least or _is_one_name(shared, ground.quote):
        return OFF_THE_SENTENCE
    return INVENTED if _invents(asked, stem, ground) else ""


def _is_one_name(shared: frozenset[str], quote: str) -> bool:
    """Whether all that is shared are two words side by side: "What is the plain loaf?" asks nothing of it."""
    words = [_stemmed(piece) for piece in pieces(quote)]
    return len(shared) == 2 and any({one, other} == shared for one, other in pairwise(words))


def _invents(said: frozenset[str], text: str, ground: Ground) -> bool:
    """Whether too much of a text, or any number in it, stands nowhere around the sentence."""
    new = said - content_of(ground.passage)
    return len(new) > MOST_INVENTED[ground.language] * len(said) or not (
        _numbers(text) <= _numbers(ground.passage)
    )


def stem_content(stem: str, language: str) -> frozenset[str]:
    """What a stem speaks of, without the words that every question has."""
    empty = _EMPTY_HAN if language == "zh" else _EMPTY_WORDS
    return frozenset(part for part in content_of(stem) if part not in empty)


def content_of(text: str) -> frozenset[str]:
    """The content of a text: single Chinese characters, words cut to their stems, numbers.

    Characters and not words: a question turns the sentence round, which breaks pairs of characters.
    """
    return frozenset(
        _stemmed(piece)
        for piece in pieces(text)
        if piece not in FUNCTION_WORDS and piece not in FUNCTION_CHARS and not _is_mark(piece)
    )


def _is_mark(piece: str) -> bool:
    return len(piece) == 1 and not _ANY_HAN.match(piece) and not piece.isdigit()


def _stemmed(word: str) -> str:
    """Cut English endings, so that `discovered` meets `discover` and `called` meets `call`."""
    if not word.isascii() or len(word) < 5:
        return word
    for ending in ("ing", "ed", "ly"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    return singular(word).rstrip("e")


def _is_in(stem: str, language: str) -> bool:
    han = len(_ANY_HAN.findall(stem))
    return han == 0 if language == "en" else han >= len(stem) / 2


def _is_question(stem: str, language: str) -> bool:
    mark = "？" if language == "zh" else "?"
    if not stem.endswith(mark) or sum(stem.count(each) for each in "?？") != 1:
        return False
    if re.search(r"[。！；]|(?<!\b[A-Z])(?<!\b[MD]r)(?<!\bMrs)(?<!\bSt)[.!;](?=\s)", stem[:-1]):
        return False
    return language == "zh" or bool(_ENGLISH_OPENERS.match(stem))


def _asks_for(stem: str, ground: Ground) -> bool:
    """Its question word fits the answer: nobody asks "when" for a person."""
    words = ASKING[ground.language][ground.kind]
    if ground.language == "zh":
        return any(word in stem for word in words) and not re.search(r"为什么|怎么|怎样|如何|吗？$", stem)
    wanted = stem.casefold()
    return any(wanted.startswith(word.casefold() + " ") for word in words) and not re.match(
        r"how (?:do|does|did|can|could|is|are|was|were|will|would)\b", wanted
    )


def _stutters(text: str, language: str) -> bool:
    parts = pieces(text)
    size = _RUN[language]
    runs = [parts[at : at + size] for at in range(len(parts) - size + 1)]
    if len(set(runs)) < len(runs):
        return True
    return language == "en" and any(one == other for one, other in pairwise(parts))


def _is_taken(stem: str, taken: Collection[str]) -> bool:
    bag = grams(stem)
    return any(jaccard(bag, grams(other)) >= ALIKE for other in taken)


def _numbers(text: str) -> set[str]:
    return set(_NUMBER.findall(text))


def refuse_why(why: str, ground: Ground) -> str:
    """Find what is wrong with an explanation; empty: it may stand in front of the citation."""
    if not why or not _is_in(why.replace(ground.key, ""), ground.language):
        return WRONG_LANGUAGE
    said = content_of(why)
    if not said or _stutters(why, ground.language) or _invents(said, why, ground):
        return INVENTED
    ends = "。！" if ground.language == "zh" else ".!"
    if why[-1] not in ends or not content_of(ground.key) & said:
        return NOT_A_REASON
    return ""
