"""English tokens and their parts of speech, by a table, endings and neighbours.

A statistical tagger would be larger and no more exact where it matters here: at the edges of noun phrases.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest

from aigc_tui.quiz.analysis.lexicon import RARE, WordEntry, english_words, word_list

_WORD = re.compile(
    r"(?:[A-Z]\.)+|(?:St|Mr|Mrs|Ms|Dr|Prof)\.|[A-Za-zÀ-ɏ0-9]+(?:[-‑&/][A-Za-zÀ-ɏ0-9]+)*|"
    r"n[’']t\b|[’'](?:s|re|ve|ll|d|m)\b|\S"
)
_ADJECTIVE = re.compile(r"(?:ous|al|ic|ive|able|ible|ary|ar|less|ful|ish|ian|ed)$")
_LIST = "english_lists.txt"
_CLOSERS = {"", ".", ",", ";", ")", "of", "is", "are", "was", "were"}
_OBJECT_STARTS = {"a", "an", "the", "his", "her", "its", "their", "that"}
_OPENERS = {'"', "“", "‘", ":", ".", ";", "?", "!"}


@dataclass(frozen=True, slots=True)
class Token:
    """A word or mark with its place in the sentence.

    `tag`: N noun, A adjective, P capitalised inside a sentence, V verb, R adverb, D determiner,
    O preposition, F any other function word, M number, S possessive mark, X punctuation.
    """

    start: int
    end: int
    text: str
    tag: str

    @property
    def lower(self) -> str:
        """The text in lower case."""
        return self.text.lower()


@cache
def _functions() -> dict[str, str]:
    tags: dict[str, str] = {}
    sections = (
        ("conjunction", "F"),
        ("modal", "T"),
        ("auxiliary", "B"),
        ("pronoun", "T"),
        ("preposition", "O"),
    )
    for section, tag in (*sections, ("determiner", "D")):
        tags |= dict.fromkeys(word_list(_LIST, section), tag)
    tags |= dict.fromkeys(word_list(_LIST, "numberword"), "M")
    tags |= dict.fromkeys(
        word_list(_LIST, "irregular")
        - {"set", "lay", "cut", "split", "spread", "left", "felt", "wound", "found"},
        "V",
    )
    return tags | {"to": "O", "that": "F", "which": "F", "n't": "T", "n’t": "T", "and/or": "F"}


def idf(word: str) -> float:
    """How rare an English word is, 0 to `RARE`; forms of a known word count as that word."""
    lower = word.lower()
    table = english_words()
    for form in (lower, lower.removesuffix("s"), lower.removesuffix("es"), f"{lower}s"):
        if form in table:
            return min(table[form].idf, RARE)
    return RARE


def _unknown(word: str, before: str, ahead: str = "") -> str:
    if word.endswith("ly"):
        return "R"
    if word.endswith("s") and before not in "DAO" and ahead in _OBJECT_STARTS:
        return "V"  # "she envisages a future"
    if is_compared(word):
        return "A"
    if word.endswith("ing"):
        return "N" if before in "DAO" else "V"
    if before in "NPT" and _is_verb(word):
        return "V"
    if word.endswith("ed"):
        return "A" if before == "D" else "V"
    return "A" if _ADJECTIVE.search(word) else "N"


def _is_verb(word: str) -> bool:
    table = english_words()
    stems = (f"{word[:-3]}y", word[:-2], word[:-1]) if word.endswith("s") else (word,)
    return any(stem in table and table[stem].tags == "v" for stem in stems)


def is_compared(word: str) -> bool:
    """Tell a comparative or superlative of a known adjective (`cheaper`, `wettest`)."""
    if not word.endswith(("er", "est")) or word in {
        "inner",
        "outer",
        "upper",
        "lower",
        "former",
        "latter",
        "proper",
    }:
        return False
    stem = word.removesuffix("est").removesuffix("er")
    table = english_words()
    stems = (
        stem,
        f"{stem}e",
        f"{stem[:-1]}y" if stem.endswith("i") else "",
        stem[:-1] if stem[-2:-1] == stem[-1:] else "",
    )
    return any("a" in table[each].tags for each in stems if each in table)


def _known(word: str, entry: WordEntry, before: str, last: str, ahead: str) -> str:
    """The tag of a table word, given the tag and the text of the word before, and the word after."""
    tags = entry.tags
    noun = "n" in tags or "N" in tags
    if not tags or (entry.headness <= 3 and is_compared(word)):
        return _unknown(word, before)
    if "r" in tags and (word.endswith("ly") or not noun):
        return "R"
    if noun and ("v" in tags or "d" in tags or "g" in tags):
        if before == "T" or last == "to":
            return "V"
        certain = before in "DAS" or (before == "O" and entry.nounness >= 3)
        # "IP addresses." but "muscles contract."; a plural subject takes a verb without -s.
        closed = ahead in _CLOSERS and word.endswith("s") and not last.endswith("s")
        if not certain and entry.nounness < (7 if before in "NP" and "g" not in tags and not closed else 5):
            return "V"
    if noun and "a" in tags and entry.headness <= 1:
        return "A"
    if noun:
        return "N"
    if "a" in tags and not ("d" in tags and before not in "D"):
        return "A"
    return "V" if set(tags) & set("vdg") else "A" if "a" in tags else "R"


def _starts(tokens: list[Token]) -> int:
    """0 at the start of a sentence or of quoted words in it, where capitals mean nothing; else -1."""
    last = next((at for at in range(len(tokens) - 1, -1, -1) if tokens[at].text in _OPENERS), -1)
    return 0 if all(not token.text[0].isalnum() for token in tokens[last + 1 :]) else -1


def _is_name(word: str, lower: str, functions: dict[str, str]) -> bool:
    return lower not in functions or (word.isupper() and len(word) > 1)


def tokenise(text: str, proper: frozenset[str] = frozenset()) -> list[Token]:
    """Cut an English sentence into tokens and tag each; spaces are none.

    `proper` are words known to be names: only these keep their capital's meaning at the sentence's start.
    """
    functions, table = _functions(), english_words()
    tokens: list[Token] = []
    before, last = "X", ""
    matches = list(_WORD.finditer(text))
    for match, after in zip_longest(matches, matches[1:]):
        word = match.group()
        lower = word.lower()
        if not word[0].isalnum():
            tag = "S" if lower in {"'s", "’s"} else "X" if len(word) == 1 else "T"
        elif word[0].isdigit():
            tag = "M"
        elif word[0].isupper() and (
            word in proper or (_starts(tokens) < 0 and _is_name(word, lower, functions))
        ):
            tag = "P"
        elif lower in functions:
            tag = functions[lower]
        else:
            entry = table.get(lower)
            tag = (
                _known(lower, entry, before, last, after.group() if after else "")
                if entry
                else _unknown(lower, before, after.group().lower() if after else "")
            )
        tokens.append(Token(match.start(), match.end(), word, tag))
        before, last = tag, lower
    return tokens
