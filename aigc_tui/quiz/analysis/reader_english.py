"""The rules of English behind `Reader`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from aigc_tui.quiz.analysis import (
    aliases,
    characters_english,
    definitions_english,
    numbers_english,
    phrases_english,
    worth_english,
)
from aigc_tui.quiz.analysis.definitions import Defined
from aigc_tui.quiz.analysis.english_words import Token, idf, tokenise
from aigc_tui.quiz.analysis.lexicon import english_words
from aigc_tui.quiz.analysis.reader import Reading

_WORD = re.compile(r"[\w'’-]+")


def singular(word: str) -> str:
    """The singular of a regular English plural; other words stay."""
    if word.endswith(("ss", "us", "is")) or len(word) < 4 or not word.endswith("s"):
        return word
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    table = english_words()
    if word.endswith("es") and word[:-2] in table and word[:-1] not in table:
        return word[:-2]
    return word[:-2] if word.endswith(("sses", "xes", "ches", "shes")) else word[:-1]


class EnglishReader:
    """Reads English lessons."""

    def __init__(self) -> None:
        self._names = phrases_english.Names()
        self._characters: frozenset[str] = frozenset()

    def learn(self, sentences: Sequence[str]) -> None:
        """Find out which capitalised words are names, and whose last names are persons'."""
        self._names = phrases_english.learn_names(sentences)
        whole = " \n".join(sentences)
        if characters_english.tells_a_story(whole, len(sentences)):
            self._characters = characters_english.find_characters(whole)
        for text in sentences:
            if re.search(r"[a-z,.] [A-Z]|^[A-Z]\w+ [A-Z]", text):
                phrases_english.find_names(text, self._tokens(text), self._names)

    def _tokens(self, text: str) -> list[Token]:
        return phrases_english.read_sentence(text, self._names)

    def read(self, text: str) -> Reading:
        """Find what stands in one sentence."""
        tokens = self._tokens(text)
        names = phrases_english.find_names(text, tokens, self._names)
        phrases = [
            each
            for each in phrases_english.chunks(tokens, self._names)
            if not phrases_english.is_generic(text[slice(*each)])
        ]
        persons = characters_english.mark_characters(tokens, self._characters) if self._characters else ()
        return Reading(
            (*numbers_english.find_numbers(text), *names, *persons),
            tuple(phrases),
            tuple((token.start, token.end) for token in tokens),
        )

    def fault(self, text: str, listed: bool) -> str:
        """Why a sentence cannot carry an item; empty: it can."""
        return worth_english.fault(text, listed)

    def definitions(self, text: str, listed: bool) -> Iterable[Defined]:
        """What a sentence defines."""
        return definitions_english.find_definitions(text, listed)

    def aliases(self, text: str) -> Iterable[aliases.Pair]:
        """Which names a sentence introduces as meaning the same."""
        yield from aliases.english_aliases(text)
        for match in characters_english.NAMED.finditer(text) if self._characters else ():
            if match["n"] in self._characters:
                yield match["k"].split()[-1], match["n"]

    def is_term(self, words: str) -> bool:
        """Whether words that the author set off can be an answer."""
        return (
            bool(re.fullmatch(r"[A-Za-z][\w'’ -]{2,40}", words))
            and words.count(" ") < 5
            and not self._odd(words)
        )

    def _odd(self, words: str) -> bool:
        tags = [token.tag for token in tokenise(f"the {words}", self._names.proper)][1:]
        return phrases_english.is_generic(words) or tags[-1] not in "NPV" or tags[0] in "DOF"

    def key(self, phrase: str) -> str:
        """The phrase in small letters, its last word in the singular."""
        words = _WORD.findall(phrase.lower())
        return " ".join([*words[:-1], singular(words[-1])]) if words else ""

    def rarity(self, key: str) -> float:
        """How seldom other texts hold a phrase, 0 to 9."""
        rare = [idf(word) for word in key.split()]
        if not rare:
            return 0.0
        # Words that are common alone seldom stand together: each further word makes a phrase rarer.
        return min(9.0, 0.6 * max(rare) + 0.4 * sum(rare) / len(rare) + 0.6 * (len(rare) - 1))
