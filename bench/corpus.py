"""Generated messages in English, Chinese and both, with the word frequencies of real language.

Words follow Zipf's law, so some occur in every second message and most are rare, as in real chats.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator

_SYLLABLES = [c + v for c in "bdfghklmnprstvw" for v in ("a", "e", "i", "o", "u", "ar", "en", "ing")]
_FIRST_HAN = 0x4E00
_HAN = 2500
_WORDS = 30_000


class Corpus:
    """A source of messages; the same seed makes the same ones.

    Attributes:
        english: the English-like words, the most frequent first.
        chinese: the two-character Chinese-like words, the most frequent first.
    """

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)
        self.english = self._vocabulary(self._english_word)
        self.chinese = self._vocabulary(self._chinese_word)
        self._cumulative = list(itertools.accumulate(1 / (rank + 2) for rank in range(_WORDS)))

    def messages(self, count: int) -> Iterator[str]:
        """Make messages: of ten, about five English, four Chinese, one mixed; 25 words or so each."""
        for _ in range(count):
            kind = self._random.random()
            length = min(400, 3 + int(self._random.lognormvariate(3, 0.8)))
            if kind < 0.5:
                yield " ".join(self._draw(self.english, length))
            elif kind < 0.9:
                yield "".join(self._draw(self.chinese, length))
            else:
                chinese = "".join(self._draw(self.chinese, length // 2))
                yield f"{chinese} {' '.join(self._draw(self.english, length // 2))}"

    def word(self, vocabulary: list[str], first: int = 50, last: int = 20_000) -> str:
        """Draw a word to search for by its rank in frequency, each order of magnitude alike often."""
        return vocabulary[int(first * (last / first) ** self._random.random())]

    def _draw(self, vocabulary: list[str], count: int) -> list[str]:
        return self._random.choices(vocabulary, cum_weights=self._cumulative, k=count)

    def _vocabulary(self, make: Callable[[], str]) -> list[str]:
        words: dict[str, None] = {}
        while len(words) < _WORDS:
            words[make()] = None
        return list(words)

    def _english_word(self) -> str:
        return "".join(self._random.choices(_SYLLABLES, k=self._random.randint(2, 4)))

    def _chinese_word(self) -> str:
        return chr(_FIRST_HAN + self._random.randrange(_HAN)) + chr(_FIRST_HAN + self._random.randrange(_HAN))
