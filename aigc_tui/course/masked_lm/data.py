"""Which tokens belong to one word, in English and in Chinese.

A word piece is easily guessed from the rest of its word ("Shang" + "##hai"), so a masked LM that sees half
a word learns to spell and not to read. Whole words are masked instead (google-research/bert, 2019, for
English; Cui et al., arXiv:1906.08101, for Chinese, where a token is often one character and the words have
to be found first: jieba does that).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from aigc_tui.corpora.records import CorpusError, Record
from aigc_tui.inference.tokens import special_id
from aigc_tui.training.data_loader import IGNORED

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


@dataclass(frozen=True, slots=True)
class MaskRule:
    """How much is hidden, and how.

    Args:
        mask_id: Id of [MASK].
        ordinary: Ids that a random token is drawn from: the vocabulary without special tokens.
        share: Share of a row's maskable tokens that has to be predicted.
        masked: Of those, the share that becomes [MASK].
        random: Of those, the share that becomes any token; the rest stays.
    """

    mask_id: int
    ordinary: Sequence[int]
    share: float = 0.15
    masked: float = 0.8
    random: float = 0.1


@dataclass(frozen=True, slots=True)
class MaskedRow:
    """What the model reads, and what it has to say: the token at chosen positions, IGNORED elsewhere."""

    ids: list[int]
    targets: list[int]


def mask_row(ids: Sequence[int], words: Sequence[Group], rule: MaskRule, random: Random) -> MaskedRow:
    """Hide whole words of a row.

    Args:
        ids: Token ids of the row.
        words: Positions of each word; a position in none of them (a special token) is never hidden.
        rule: How much, and how.
        random: Decides.
    """
    shown, targets = list(ids), [IGNORED] * len(ids)
    for position in choose_words(words, rule.share, random):
        targets[position] = ids[position]
        shown[position] = _disguise(ids[position], rule, random)
    return MaskedRow(shown, targets)


def choose_words(words: Sequence[Group], share: float, random: Random) -> list[int]:
    """Draw words until ``share`` of all tokens is reached; one too long for what is left is passed over."""
    budget = max(1, round(share * sum(map(len, words)))) if words else 0
    chosen: list[int] = []
    for word in random.sample(list(words), len(words)):
        if len(chosen) + len(word) <= budget:
            chosen += word
        if len(chosen) == budget:
            break
    return chosen


def _disguise(token: int, rule: MaskRule, random: Random) -> int:
    draw = random.random()
    if draw < rule.masked:
        return rule.mask_id
    return random.choice(rule.ordinary) if draw < rule.masked + rule.random else token


IS_NEXT, IS_RANDOM = 0, 1
_SENTENCE = re.compile(r"[^\n]+?(?:[。！？…]+[”’」』）]*|[.!?]+[\"'”’)\]]*(?=\s|$)|(?=\n)|$)")


@dataclass(frozen=True, slots=True)
class Encoded:
    """A piece of text: its token ids, and the words as groups of indices into them."""

    ids: tuple[int, ...] = ()
    words: tuple[Group, ...] = ()

    def __add__(self, other: Encoded) -> Encoded:
        return Encoded(self.ids + other.ids, self.words + shift(other.words, len(self.ids)))

    def cut(self, length: int) -> Encoded:
        """Keep the first ``length`` tokens; a word that does not fit whole is not maskable any more."""
        return Encoded(self.ids[:length], tuple(word for word in self.words if word[-1] < length))


@dataclass(frozen=True, slots=True)
class Pair:
    """Two pieces of text, and whether the second follows the first (IS_NEXT) or not (IS_RANDOM)."""

    first: Encoded
    second: Encoded
    label: int


Document = Sequence[Encoded]


def shift(words: Sequence[Group], by: int) -> tuple[Group, ...]:
    """Move groups of positions to the right."""
    return tuple(tuple(position + by for position in word) for word in words)


def split_sentences(record: Record) -> list[str]:
    """Return the sentences of a text, or the messages of a dialogue."""
    if record.messages:
        return [m.content.strip() for m in record.messages if m.role != "system" and m.content.strip()]
    return [found for match in _SENTENCE.finditer(record.text) if (found := match[0].strip())]


def make_pairs(documents: Sequence[Document], room: int, random: Random) -> Iterator[Pair]:
    """Make the pairs of one pass through documents, in random order.

    Args:
        documents: At least two; a document of one sentence only lends it to others.
        room: Most tokens of a pair, special tokens not counted.
        random: Decides.

    Raises:
        ValueError: There are fewer than two documents.
    """
    if len(documents) < 2:
        raise ValueError("next-sentence pairs need at least two documents")
    for number in random.sample(range(len(documents)), len(documents)):
        yield from _pairs_of(documents, number, room, random)


def _pairs_of(documents: Sequence[Document], number: int, room: int, random: Random) -> Iterator[Pair]:
    """Walk through one document; after a random partner, go on where the true one would have begun."""
    document, at = documents[number], 0
    while at < len(document) - 1:
        first, after = gather(document, at, random.randint(room // 4, room // 2))
        if after == len(document):  # keep one sentence, so that the coin decides and not the end
            first, after = gather(document[:-1], at, room // 2)
        left = room - len(first.ids)
        if random.random() < 0.5:
            second, at = gather(document, after, left)
            yield Pair(first, second, IS_NEXT)
        else:
            yield Pair(first, _elsewhere(documents, number, left, random), IS_RANDOM)
            at = after


def gather(document: Document, begin: int, room: int) -> tuple[Encoded, int]:
    """Join sentences from ``begin`` on while they fit (one at least, cut if need be); say where they end."""
    joined, at = document[begin].cut(room), begin + 1
    while at < len(document) and len(joined.ids) + len(document[at].ids) <= room:
        joined, at = joined + document[at], at + 1
    return joined, at


def _elsewhere(documents: Sequence[Document], number: int, room: int, random: Random) -> Encoded:
    other = random.randrange(len(documents) - 1)
    document = documents[other + (other >= number)]
    return gather(document, random.randrange(len(document)), room)[0]


PAD, UNKNOWN, CLS, SEP, MASK = SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def train_word_pieces(texts: Iterable[str], vocab_size: int) -> Tokenizer:
    """Learn a WordPiece vocabulary (Wu et al., arXiv:1609.08144, section 4.1).

    Args:
        texts: Sample texts.
        vocab_size: Number of ids wanted, special tokens included.
    """
    tokenizer = Tokenizer(models.WordPiece(unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True, handle_chinese_chars=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(
        vocab_size=vocab_size, special_tokens=list(SPECIAL_TOKENS), limit_alphabet=3000, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    cls, sep = ((token, special_id(tokenizer, token)) for token in (CLS, SEP))
    tokenizer.post_processor = processors.BertProcessing(sep, cls)
    return tokenizer


def save_word_pieces(tokenizer: Tokenizer, folder: Path, max_positions: int) -> None:
    """Write tokenizer.json and tokenizer_config.json, which transformers loads as a BERT tokenizer."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    names = {"pad": PAD, "unk": UNKNOWN, "cls": CLS, "sep": SEP, "mask": MASK}
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": max_positions,
        "model_input_names": ["input_ids", "token_type_ids", "attention_mask"],
        **{f"{role}_token": token for role, token in names.items()},
    }
    text = json.dumps(config, ensure_ascii=False, indent=2) + "\n"
    (folder / "tokenizer_config.json").write_text(text, encoding="utf-8")


def load_word_pieces(folder: Path) -> Tokenizer:
    """Load the tokenizer of a BERT folder.

    Raises:
        CorpusError: It is missing, damaged, or lacks the special tokens of BERT.
    """
    path = folder / "tokenizer.json"
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises a bare Exception for anything
        raise CorpusError("{path} cannot be used: {problem}", path=path, problem=error) from None
    if lacking := [token for token in SPECIAL_TOKENS if tokenizer.token_to_id(token) is None]:
        raise CorpusError("{path} lacks {known}: is it a BERT tokenizer?", path=path, known=tuple(lacking))
    return tokenizer


def mask_rule(tokenizer: Tokenizer) -> MaskRule:
    """Make the masking rule of a tokenizer: its [MASK], and random tokens that are not special."""
    special = {special_id(tokenizer, token) for token in SPECIAL_TOKENS}
    ordinary = [token for token in range(tokenizer.get_vocab_size()) if token not in special]
    return MaskRule(special_id(tokenizer, MASK), ordinary)


def encode_sentences(tokenizer: Tokenizer, texts: Sequence[str]) -> list[Encoded]:
    """Encode sentences with their words; what has no tokens is left out.

    The names of special tokens in a text are text: "[MASK]" in a corpus must not become one.
    """
    tokenizer.encode_special_tokens = True
    encoded = tokenizer.encode_batch(list(texts), add_special_tokens=False)
    return [
        Encoded(tuple(found.ids), group_words(text, found.offsets))
        for text, found in zip(texts, encoded, strict=True)
        if found.ids
    ]
