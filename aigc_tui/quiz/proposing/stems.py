"""Is what a model wrote a question about this sentence, for this answer, in this language?

Why it exists: a weak model writes fluent questions about nothing. The checks of `quiz.checks` judge any item;
these judge whether a stem belongs to its slot at all, which a program can tell from the words that it shares
with the sentence and with the lesson (quiz.md 4.1: small models fail by leaving the given answer). Each is
named, so that the model is told it and the yield shows it. The price of being strict is a rule-made item.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

from aigc_tui.quiz.analysis.records import TermKind
from aigc_tui.quiz.checks.duplicates import ALIKE, grams, jaccard
from aigc_tui.quiz.checks.normal import HAN, pieces
from aigc_tui.quiz.checks.words import FUNCTION_CHARS, FUNCTION_WORDS
from aigc_tui.quiz.making.words import content, occurrences, singular
from aigc_tui.quiz.proposing.forms import ASKING, STEM_LENGTH

LEAST_SHARED = {"en": 2, "zh": 2}
"""Content words (pairs of Han characters) that a stem shares with its sentence, the answer left out."""
LEAST_OF_SENTENCE = 0.5
"""The share of the stem's content that is the sentence's own."""
MOST_INVENTED = 0.25
"""The share of the stem's content that the passage does not hold at all."""


def _set(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_ANY_HAN = re.compile(rf"[{HAN}]")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_ENGLISH_OPENERS = re.compile(
    r"^(?:(?:in|at|on|by|to|from|for|of|with|under|into|after|before|during)\s+)?"
    r"(?:what|which|who|whom|whose|when|where|why|how)\b",
    re.I,
)
_EMPTY_HAN = _set("""
    请问 问题 答案 句子 课文 什么 哪个 哪些 哪一 一个 谁的 是谁 的是 是什 么是 个是 于哪 在哪 在什 么地
    地方 哪里 时候 么时 多少 如何 一年 哪年
""")
_EMPTY_WORDS = _set("""
    question answer sentence text word name called call thing happen type kind take place following many much
    long year used use made make lesson passage according main
""")
"""Words of every question: they tie it to no sentence."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a stem is held against.

    Args:
        language: The lesson's.
        quote: The cited sentence.
        passage: The sentence with what stands around it, headings included.
        key: The answer.
        kind: What sort of thing the answer is.
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
        return "too short"
    if not _is_in(stem, ground.language):
        return "wrong language"
    if not _is_question(stem, ground.language):
        return "not a question"
    if occurrences(ground.key, stem):
        return "stem_leak"
    if not _asks_for(stem, ground):
        return "wrong kind of question"
    if _stutters(stem) or _is_taken(stem, ground.taken):
        return "repeats"
    return _matter(stem, ground)


def _matter(stem: str, ground: Ground) -> str:
    asked = stem_content(stem, ground.language)
    sentence = content_of(ground.quote) - content_of(ground.key)
    shared = asked & sentence
    if len(shared) < LEAST_SHARED[ground.language] or len(shared) < LEAST_OF_SENTENCE * len(asked):
        return "off the sentence"
    known = content_of(ground.passage)
    if len(asked - known) > MOST_INVENTED * len(asked) or not _numbers(stem) <= _numbers(ground.passage):
        return "invented"
    return ""


def stem_content(stem: str, language: str) -> frozenset[str]:
    """What a stem speaks of, without the words that every question has."""
    return frozenset(
        part
        for part in content_of(stem)
        if part not in _EMPTY_WORDS and part not in _EMPTY_HAN and not (language == "zh" and _is_asking(part))
    )


def content_of(text: str) -> frozenset[str]:
    """The content of a text: C's content words, shorter ones that are no function words, word stems."""
    short = {word for word in pieces(text) if word not in FUNCTION_WORDS and word.isascii() and len(word) > 1}
    whole = {part for part in content(text) | short if part not in FUNCTION_WORDS}
    return frozenset(_stemmed(part) for part in whole if not all(char in FUNCTION_CHARS for char in part))


def _stemmed(word: str) -> str:
    """Cut English endings, so that `discovered` meets `discover` and `called` meets `call`."""
    if not word.isascii() or len(word) < 5:
        return word
    for ending in ("ing", "ed", "ly"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    return singular(word).rstrip("e")


def _is_asking(pair: str) -> bool:
    return any(char in "什么哪谁几吗呢请问" for char in pair)


def _is_in(stem: str, language: str) -> bool:
    han = len(_ANY_HAN.findall(stem))
    return han == 0 if language == "en" else han >= len(stem) / 2


def _is_question(stem: str, language: str) -> bool:
    """One sentence that ends with its only question mark."""
    mark = "？" if language == "zh" else "?"
    if not stem.endswith(mark) or sum(stem.count(each) for each in "?？") != 1:
        return False
    if re.search(r"[。！；]|(?<!\b[A-Z])[.!;](?=\s)", stem[:-1]):
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


def _stutters(stem: str) -> bool:
    """A word twice in a row, or two words (four characters) that come again."""
    parts = pieces(stem)
    step = 4 if _ANY_HAN.search(stem) else 2
    runs = [parts[at : at + step] for at in range(len(parts) - step + 1)]
    if len(set(runs)) < len(runs):
        return True
    return step == 2 and any(one == other for one, other in pairwise(parts))


def _is_taken(stem: str, taken: Collection[str]) -> bool:
    bag = grams(stem)
    return any(jaccard(bag, grams(other)) >= ALIKE for other in taken)


def _numbers(text: str) -> set[str]:
    return set(_NUMBER.findall(text))


def refuse_why(why: str, ground: Ground) -> str:
    """Find what is wrong with an explanation; empty: it may stand in front of the citation."""
    if not why or not _is_in(why.replace(ground.key, ""), ground.language):
        return "wrong language"
    said = content_of(why)
    if not said or len(said - content_of(ground.passage)) > MOST_INVENTED * len(said):
        return "invented"
    if not _numbers(why) <= _numbers(ground.passage) or _stutters(why):
        return "invented"
    ends = "。！" if ground.language == "zh" else ".!"
    if why[-1] not in ends or not content_of(ground.key) & said:
        return "not a reason"
    return ""
