"""Baselines that are no language models: a character 5-gram with Witten-Bell smoothing, and xz.

Both learn from the suite's training samples. p(c | h) = (count(h c) + T(h) p(c | h')) / (N(h) + T(h)), where
h' is the context h without its oldest character, N(h) counts what followed h and T(h) how many different
characters did. Below the empty context stands the uniform guess. (Witten & Bell, IEEE Trans. Inf. Theory
37(4), 1991, method C; Chen & Goodman, ACL 1996, section 2.4.)
"""

from __future__ import annotations

import lzma
import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from aigc_tui.corpora.records import Record
from aigc_tui.evaluation.model import Progress
from aigc_tui.evaluation.report import LANGUAGES, ModelReport, SourceScore
from aigc_tui.evaluation.scoring import Scored
from aigc_tui.evaluation.suite import QUESTIONS, Source, records, train_records
from aigc_tui.message import message

ORDER = 5
_UNKNOWN, _EDGE, _FIRST = 0, 1, 2

Ids = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Utterances:
    """A record as one text, and which of its characters are words and not the line ends between them."""

    text: str
    counted: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class _Level:
    """Counts for contexts of one length; a gram's code is context number * symbols + last symbol."""

    codes: Ids
    counts: Floats
    totals: Floats
    kinds: Floats


class CharNgram:
    """Counts of a training text."""

    def __init__(self, texts: Iterable[str], order: int = ORDER) -> None:
        """Count.

        Args:
            texts: Training texts; each begins in an empty context.
            order: Characters in the longest gram.
        """
        rows = list(texts)
        letters = sorted(set().union(*rows)) if rows else []
        self._order = order
        self._symbols = {letter: number for number, letter in enumerate(letters, _FIRST)}
        self._size = len(letters) + _FIRST
        ids = self._encode(rows)
        self._levels: list[_Level] = []
        # By sorting: each gram gets the number of its context and its last character as one integer, so a few
        # megabytes take seconds in numpy and not minutes in dictionaries.
        contexts = np.zeros_like(ids)
        for _ in range(order):
            level, grams = _count(contexts, ids, self._size)
            self._levels.append(level)
            contexts = np.concatenate([[0], grams[:-1]])

    def probabilities(self, text: str) -> Floats:
        """Return p of each character (T,) after those before it; an unknown one also pays for its bytes."""
        ids = self._encode([text])
        chance = np.full(len(ids), 1.0 / (self._size - 1))
        contexts = np.zeros_like(ids)
        for level in self._levels:
            chance, grams = _smoothed(level, contexts, ids, self._size, chance)
            contexts = np.concatenate([[-1], grams[:-1]])
        found = chance[self._order - 1 :]
        spelled = [8 * len(c.encode("utf-8", "replace")) if c not in self._symbols else 0 for c in text]
        return found * np.exp2(-np.array(spelled, dtype=np.float64))

    def score(self, record: Record) -> Scored:
        said = utterances(record)
        costs = -np.log(self.probabilities(said.text)) if said.text else np.zeros(0)
        kept = np.array(said.counted, dtype=bool)
        words = "".join(c for c, counts in zip(said.text, said.counted, strict=True) if counts)
        return Scored(float(costs[kept].sum()), int(kept.sum()), len(words.encode("utf-8", "replace")))

    def _encode(self, texts: Sequence[str]) -> Ids:
        """Number the characters, with edges before each text so that no gram spans two of them."""
        edge = [_EDGE] * (self._order - 1)
        known = self._symbols
        return np.array(
            [i for text in texts for i in (*edge, *(known.get(c, _UNKNOWN) for c in text))], dtype=np.int64
        )


def utterances(record: Record) -> Utterances:
    """Put what a dialogue's speakers say on lines; exactly the words count that a model is scored on."""
    parts = [message.content.strip() for message in record.messages] or [record.text]
    counted: list[bool] = []
    for place, part in enumerate(parts):
        counted += [False] * bool(place) + [True] * len(part)
    return Utterances("\n".join(parts), tuple(counted))


def _count(contexts: Ids, ids: Ids, size: int) -> tuple[_Level, Ids]:
    """Count one level; return it and the number of the gram that ends at each place."""
    codes, grams = np.unique(contexts * size + ids, return_inverse=True)
    counts = np.bincount(grams, weights=ids != _EDGE, minlength=len(codes)).astype(np.float64)
    owners = codes // size
    length = int(owners.max(initial=0)) + 1
    totals = np.bincount(owners, weights=counts, minlength=length).astype(np.float64)
    kinds = np.bincount(owners, weights=counts > 0, minlength=length).astype(np.float64)
    return _Level(codes, counts, totals, kinds), grams.astype(np.int64).reshape(-1)


def _smoothed(level: _Level, contexts: Ids, ids: Ids, size: int, lower: Floats) -> tuple[Floats, Ids]:
    """Mix a level's counts with the level below; -1 numbers contexts and grams that were never seen."""
    if not len(level.codes):
        return lower, np.full_like(ids, -1)
    wanted = np.where(contexts < 0, -1, contexts * size + ids)
    places = np.searchsorted(level.codes, wanted).clip(max=len(level.codes) - 1)
    seen = level.codes[places] == wanted
    counts = np.where(seen, level.counts[places], 0.0)
    known = (contexts >= 0) & (contexts < len(level.totals))
    owners = np.where(known, contexts, 0)
    totals = np.where(known, level.totals[owners], 0.0)
    kinds = np.where(known, level.kinds[owners], 0.0)
    whole = totals + kinds
    mixed = np.where(whole > 0, (counts + kinds * lower) / np.where(whole > 0, whole, 1.0), lower)
    return mixed, np.where(seen, places, -1)


_DICTIONARY = 2**23
"""Bytes that xz looks back: as much as its strongest preset would, of a sample of this size."""


def compress(training: Sequence[Record], held_out: Sequence[Record]) -> Scored:
    """Score the words of some records by compressing them behind a training sample.

    Bits per byte = 8 (len(xz(sample + text)) - len(xz(sample))) / len(text): the difference lets xz use what
    it has seen of the source, without its headers. Line ends between messages are compressed, not counted.

    Args:
        training: A sample of the training part of the source.
        held_out: What is scored.
    """
    before, after = _joined(training), _joined(held_out)
    bits = 8 * (_size(before + after) - _size(before))
    words = [message.content.strip() for record in held_out for message in record.messages]
    words += [record.text for record in held_out if not record.messages]
    size = sum(len(text.encode("utf-8", "replace")) for text in words)
    return Scored(bits * math.log(2), size, size)


def _joined(records: Sequence[Record]) -> bytes:
    return "".join(utterances(record).text + "\n" for record in records).encode("utf-8", "replace")


def _size(data: bytes) -> int:
    strongest = {"id": lzma.FILTER_LZMA2, "preset": 9, "dict_size": _DICTIONARY}
    return len(lzma.compress(data, lzma.FORMAT_XZ, check=lzma.CHECK_NONE, filters=[strongest]))


NGRAM_NAME, XZ_NAME = f"character {ORDER}-gram", "xz"
ENGINE = "baseline"
_Measure = Callable[[Source, list[Record]], Scored]


def measure_ngram(
    sources: Sequence[Source],
    held_out_bytes: int,
    train_bytes: int,
    tell: Progress,
) -> ModelReport:
    """Count one 5-gram a language on the training samples of all its sources, and score each source.

    Args:
        sources: A suite.
        held_out_bytes: Scored of each source: as many as of the models.
        train_bytes: Read of each source's training sample.
        tell: Told how far it is.
    """
    begun, models = time.monotonic(), {}
    for place, language in enumerate(LANGUAGES):
        tell(message("{name}: counting", name=NGRAM_NAME), place, len(LANGUAGES))
        usable = [one for one in sources if one.language == language and one.kind != QUESTIONS]
        read = [train_records(source, train_bytes) for source in usable]
        models[language] = CharNgram(utterances(record).text for found in read for record in found)

    def score(source: Source, held_out: list[Record]) -> Scored:
        return sum(map(models[source.language].score, held_out), Scored())

    report = _report(NGRAM_NAME, sources, held_out_bytes, score, tell)
    return replace(report, seconds=time.monotonic() - begun)


def measure_xz(
    sources: Sequence[Source],
    held_out_bytes: int,
    train_bytes: int,
    tell: Progress,
) -> ModelReport:
    """Compress each source behind its own training sample; arguments as of :func:`measure_ngram`."""

    def score(source: Source, held_out: list[Record]) -> Scored:
        return compress(train_records(source, train_bytes), held_out)

    return _report(XZ_NAME, sources, held_out_bytes, score, tell)


def _report(
    name: str,
    sources: Sequence[Source],
    held_out_bytes: int,
    score: _Measure,
    tell: Progress,
) -> ModelReport:
    begun, found, missing = time.monotonic(), [], []
    usable = [source for source in sources if source.kind != QUESTIONS]
    for place, source in enumerate(usable):
        tell(message("{name}: {what}", name=name, what=source.name), place, len(usable))
        if source.train is None:
            missing.append(source.name)
            continue
        scored = score(source, records(source, held_out_bytes))
        found.append(SourceScore(source.name, source.language, source.kind, scored=scored))
    report = ModelReport(name, ENGINE, tuple(found), seconds=time.monotonic() - begun)
    note = f"{name}: no training sample of {', '.join(missing)}; --make-suite makes them"
    return replace(report, skipped=(note,)) if missing else report
