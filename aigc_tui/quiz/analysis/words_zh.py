"""Chinese words and their parts of speech, by jieba's dictionary.

jieba finds words well but tags names badly (it takes 叶绿体 for a person), so only its nouns and places are
believed. Its cache is a marshalled file in a folder that all users share; the dictionary is therefore read
directly, once a process.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from aigc_tui.quiz.analysis.lexicon import RARE, word_list

_FUNCTION = set(
    "是的了在把被将从向对于以而与和及或但却都也又再很所越就才只不没有为这那其之指使让能会可要应先时到用受刚当由至"
)
_EDGE = set("上下中里内外前后间时等")
UNKNOWN = "?"
"""The tag of a word that the dictionary lacks: most are names or technical terms."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word with its place; `tag` is jieba's (n noun, v verb, ns place ...), or `UNKNOWN`."""

    start: int
    end: int
    text: str
    tag: str


class Segmenter:
    """jieba with a dictionary of its own and the tags of its words."""

    def __init__(self) -> None:
        import jieba

        jieba.setLogLevel("ERROR")
        self.folder = Path(jieba.__file__).parent
        frequency: dict[str, int] = {}
        self.tags: dict[str, str] = {}
        total = 0
        wrong = word_list("chinese_lists.txt", "notwords")
        for line in (self.folder / "dict.txt").read_text("utf-8").splitlines():
            word, count, tag = line.split(" ")
            frequency[word] = 0 if word in wrong else int(count)
            total += int(count)
            self.tags[word] = tag
            for size in range(1, len(word)):
                frequency.setdefault(word[:size], 0)
        tokenizer: Any = jieba.Tokenizer()
        tokenizer.FREQ, tokenizer.total, tokenizer.initialized = frequency, total, True
        self._tokenizer = tokenizer

    def words(self, text: str) -> list[Word]:
        """Cut a sentence into its words and marks; together they are the text."""
        words: list[Word] = []
        at = 0
        for piece in self._tokenizer.cut(text):
            tag = self.tags.get(piece) or self._guess(piece)
            words.append(Word(at, at + len(piece), piece, tag))
            at += len(piece)
        return words

    def _guess(self, piece: str) -> str:
        if piece[0].isdigit():
            return "m"
        if piece[0].isascii() and piece[0].isalpha():
            return "eng"
        if not "\u3400" <= piece[0] <= "\u9fff":
            return "x"
        # A guess that holds a function word, or ends with a word for a place, ran over the edge of a word.
        return "x" if _FUNCTION & set(piece) or (len(piece) == 2 and piece[-1] in _EDGE) else UNKNOWN


@cache
def segmenter() -> Segmenter:
    """The one segmenter of this process; loading it takes a second or two."""
    return Segmenter()


@cache
def _rarities() -> dict[str, float]:
    table: dict[str, float] = {}
    path = segmenter().folder / "analyse" / "idf.txt"
    for line in path.read_text("utf-8").splitlines():
        word, _, weight = line.partition(" ")
        table[word] = float(weight)
    return table


def rarity(word: str) -> float:
    """How rare a Chinese word is, 0 to `RARE`, by jieba's table of inverse document frequencies."""
    if word.isascii():
        return RARE * 0.8
    # The table counts news texts and ends at 13.9; technical words lie above 9 there.
    return min(RARE, 0.75 * _rarities().get(word, 11.0))
