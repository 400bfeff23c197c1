"""The rules of Chinese behind `Reader`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from aigc_tui.quiz.analysis import aliases, definitions_zh, names_zh, numbers_zh, phrases_zh, worth_zh
from aigc_tui.quiz.analysis.names_zh import ChineseNames
from aigc_tui.quiz.analysis.records import TermKind
from aigc_tui.quiz.analysis.rules import Defined, SentenceFinds
from aigc_tui.quiz.analysis.words_zh import rarity, segmenter

_LONGEST = 9
"""Characters of a name; longer runs of nouns mostly hold a verb."""


class ChineseRules:
    """Reads Chinese lessons."""

    def __init__(self) -> None:
        self._names = ChineseNames()
        self._segmenter = segmenter()
        self._rarities: dict[str, float] = {}

    def learn(self, sentences: Sequence[str]) -> None:
        """Find out who is a person and which phrases come back."""
        self._names = ChineseNames()
        for text in sentences:
            words = self._segmenter.words(text)
            names_zh.learn_persons(text, words, self._names)
            phrases_zh.count_phrases(words, self._names)

    def read(self, text: str) -> SentenceFinds:
        """Find what stands in one sentence."""
        words = self._segmenter.words(text)
        names = names_zh.find_names(text, words, self._names, phrases_zh.NOUNS)
        fixed = phrases_zh.are_whole(words, (*numbers_zh.find_numbers(text), *names))
        chunks = [
            each
            for each in phrases_zh.chunks(words, self._names)
            if phrases_zh.is_whole(words, *each, TermKind.TERM) and not self._runs_on(text[slice(*each)])
        ]
        runs = [*chunks, *phrases_zh.quoted(text)]
        return SentenceFinds(
            fixed, tuple(each for each in runs if not phrases_zh.is_generic(text[slice(*each)]))
        )

    def _runs_on(self, phrase: str) -> bool:
        """Whether a phrase swallowed a verb: a person with one character before (召康义诚), or too much."""
        if len(phrase) > _LONGEST and not any(char.isascii() for char in phrase):
            return True
        return any(len(name) == len(phrase) - 1 and name in phrase for name in self._names.persons)

    def fault(self, text: str, listed: bool) -> str:
        """Why a sentence cannot carry an item; empty: it can."""
        return worth_zh.fault(text, listed)

    def definitions(self, text: str, listed: bool) -> Iterable[Defined]:
        """What a sentence defines."""
        return definitions_zh.find_definitions(text, listed)

    def aliases(self, text: str) -> Iterable[aliases.Pair]:
        """Which names a sentence introduces as meaning the same."""
        return aliases.chinese_aliases(text)

    def is_term(self, words: str) -> bool:
        """Whether words that the author set off can be an answer."""
        return (
            bool(re.fullmatch(r"[\w·\- ]{2,16}|[A-Za-z][A-Za-z0-9 '’\-]{2,60}", words))
            and not re.search(
                r"[的了是]|^\d|^(?:不|别|要|请|再|先|成|可以|必须)|[\u4e00-\u9fff]{2}[和与及][\u4e00-\u9fff]{2}",
                words,
            )
            and not phrases_zh.is_generic(words)
        )

    def key(self, phrase: str) -> str:
        """The phrase itself, Latin letters small."""
        return phrase.lower()

    def rarity(self, key: str) -> float:
        """How seldom other texts hold a phrase, 0 to 9."""
        if key not in self._rarities:
            self._rarities[key] = self._rarity(key)
        return self._rarities[key]

    def _rarity(self, key: str) -> float:
        words = [word.text for word in self._segmenter.words(key)]
        if not words:
            return 0.0
        rare = [rarity(word) if len(word) > 1 else 4.0 for word in words]
        return 0.6 * max(rare) + 0.4 * sum(rare) / len(rare)
