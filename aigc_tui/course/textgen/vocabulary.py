r"""Tokenizers by character and by word, learnt from the texts: the two levels that textgenrnn has.

Both are ordinary ``tokenizer.json`` files. Neither knows "unknown": a character that was never seen is
written as its UTF-8 bytes, a word that was never seen as its characters, and decoding gives back the very
text. (textgenrnn's word level loses spacing and drops unknown words.)

The model behind both is a Unigram one (Kudo, arXiv:1804.10959) whose weights say only this: as few pieces as
possible, and among those the frequent ones. For a word of an alphabet that is the word itself if it is known.
For Chinese, which is written without spaces, jieba finds the words while the vocabulary is learnt; later the
path of fewest words finds them again in any text, so that using a model does not need jieba.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers

from aigc_tui.message import AppError
from aigc_tui.transformer.tokenizer import END_OF_TEXT, PAD

CHARACTERS = "char"
WORDS = "word"
LEVELS = (CHARACTERS, WORDS)

_CHARACTER = r"[\s\S]"
_PIECES = r" ?[\p{L}\p{M}&&[^\p{Han}]]+|\p{Han}+|[\s\S]"
_WORD = re.compile(r" ?[^\W\d_]+")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]+")
_KNOWN_ANYWAY = [*map(chr, range(0x20, 0x7F)), "\n"]
_WORD_COST, _CHARACTER_COST, _BYTE_COST = -1.0, -10.0, -1000.0
"""One word is cheaper than two; spelling is dearer than any words; bytes are the last resort."""


class VocabularyError(AppError, ValueError):
    """No vocabulary can be learnt; the message says why."""


def learn(texts: Iterable[str], level: str, size: int) -> Tokenizer:
    """Learn a vocabulary.

    Args:
        texts: The training texts.
        level: ``"char"`` or ``"word"``.
        size: Most words (or characters) to keep, the most frequent first.

    Raises:
        VocabularyError: The level is unknown, the size is not positive, or jieba is needed and missing.
    """
    if level not in LEVELS:
        raise VocabularyError(
            "the level must be one of {known}, not {level!r}", known=tuple(LEVELS), level=level
        )
    if size < 1:
        raise VocabularyError("a vocabulary needs at least 1 entry, not {size}", size=size)
    characters: Counter[str] = Counter()
    words: Counter[str] = Counter()
    for text in texts:
        characters.update(text)
        if level == WORDS:
            words.update(cut_words(text))
    return _tokenizer(characters, words, level, size)


def prepared(tokenizer: Tokenizer) -> Tokenizer:
    """Let the names of special tokens in a text be text. No file stores this, so each load sets it."""
    tokenizer.encode_special_tokens = True
    return tokenizer


def byte_ids(tokenizer: Tokenizer) -> list[int]:
    """Return the ids of the byte tokens: they spell what is read, and a generator never writes them."""
    found = (tokenizer.token_to_id(f"<0x{byte:02X}>") for byte in range(256))
    return [id_ for id_ in found if id_ is not None]


def cut_words(text: str) -> Iterator[str]:
    """Yield the words of a text, each with the space before it; runs of Chinese are cut by jieba.

    Raises:
        VocabularyError: The text has Chinese in it and jieba is not installed.
    """
    for match in _WORD.finditer(text):
        word = match.group()
        if not _HAN.search(word):
            yield word
            continue
        at = 0
        for run in _HAN.finditer(word):
            if run.start() > at and word[at : run.start()].strip():
                yield word[at : run.start()]
            yield from _chinese(run.group())
            at = run.end()
        if at < len(word):
            yield word[at:]


def _chinese(run: str) -> list[str]:
    try:
        import jieba
    except ImportError:
        raise VocabularyError(
            "Chinese words need the package jieba: pip install jieba, or use the level char"
        ) from None
    jieba.setLogLevel(60)  # it reports the building of its dictionary on stderr
    return [str(word) for word in jieba.cut(run)]


def _tokenizer(characters: Counter[str], words: Counter[str], level: str, size: int) -> Tokenizer:
    """Put the vocabulary together: special tokens, bytes, characters, words."""
    kept = [c for c, _ in characters.most_common(None if level == WORDS else size)]
    single = dict.fromkeys([*_KNOWN_ANYWAY, *sorted(kept)])
    pieces = [(END_OF_TEXT, 0.0), (PAD, 0.0)]
    pieces += [(f"<0x{byte:02X}>", _BYTE_COST) for byte in range(256)]
    cost = _costs(words.most_common(size), words.total())
    pieces += [(c, cost.get(c, _CHARACTER_COST)) for c in single]
    pieces += [(word, price) for word, price in cost.items() if word not in single]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=0, byte_fallback=True))
    pattern = _CHARACTER if level == CHARACTERS else _PIECES
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(pattern), behavior="isolated")
    tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in (END_OF_TEXT, PAD)])
    return prepared(tokenizer)


def _costs(counted: list[tuple[str, int]], total: int) -> dict[str, float]:
    """Nearly the same for every word: its frequency decides only between paths of equally many words."""
    return {word: _WORD_COST + 1e-3 * math.log(count / total) for word, count in counted}
