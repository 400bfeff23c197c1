"""Which tokens belong to one word, in English and in Chinese.

A word piece is easily guessed from the rest of its word ("Shang" + "##hai"), so a masked LM that sees half
a word learns to spell and not to read. Whole words are masked instead (google-research/bert, 2019, for
English; Cui et al., arXiv:1906.08101, for Chinese, where a token is often one character and the words have
to be found first: jieba does that).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from aigc_tui.corpora.records import CorpusError

_HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+(?:['’][^\W_{_HAN}]+)*|\S")

Span = tuple[int, int]
Group = tuple[int, ...]


def word_starts(text: str) -> frozenset[int]:
    """Return the offsets at which words begin; a punctuation mark is a word of its own.

    Raises:
        CorpusError: The text holds Chinese and jieba is not installed.
    """
    return frozenset(
        match.start() + offset
        for match in _WORD.finditer(text)
        for offset in (_chinese_starts(match[0]) if re.match(rf"[{_HAN}]", match[0]) else (0,))
    )


def group_words(text: str, spans: Sequence[Span]) -> tuple[Group, ...]:
    """Sort tokens into words.

    A word begins with a token only where a token begins with a word: a token that reaches over two words
    joins them, and the byte tokens of one character stay together.

    Args:
        text: What was encoded.
        spans: The characters (begin, end) of each token, as the tokenizer reports them.

    Returns:
        Groups of token indices, in order; each token is in one of them.
    """
    starts = word_starts(text)
    groups: list[list[int]] = []
    reached = 0
    for index, (begin, end) in enumerate(spans):
        begin = _after_space(text, begin, end)
        if not groups or (begin in starts and reached <= begin < end):
            groups.append([])
        groups[-1].append(index)
        reached = max(reached, end)
    return tuple(map(tuple, groups))


def _after_space(text: str, begin: int, end: int) -> int:
    """Skip the space that a byte-level token carries in front."""
    while begin < end and text[begin].isspace():
        begin += 1
    return begin


def _chinese_starts(run: str) -> Iterator[int]:
    if len(run) == 1:
        yield 0
        return
    try:
        import jieba
    except ImportError:
        raise CorpusError("Chinese words are found by jieba: pip install jieba") from None
    jieba.setLogLevel("WARNING")  # else it tells of its dictionary on stderr
    for _, begin, _ in jieba.tokenize(run):
        yield begin
