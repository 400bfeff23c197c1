"""A character 5-gram with Witten-Bell smoothing: what counting alone can do.

p(c | h) = (count(h c) + T(h) p(c | h')) / (N(h) + T(h)), where h' is the context h without its oldest
character, N(h) counts what followed h and T(h) how many different characters did: a context that has gone on
in many ways is trusted less. Below the empty context stands the uniform guess. (Witten & Bell, IEEE Trans.
Inf. Theory 37(4), 1991, method C; Chen & Goodman, ACL 1996, section 2.4.)

Counting is by sorting: each gram gets the number of its context and its last character as one integer, so a
few megabytes take seconds in numpy and not minutes in dictionaries.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aigc_tui.corpora.records import Record
from aigc_tui.evaluation.scoring import Scored

ORDER = 5
_UNKNOWN, _EDGE, _FIRST = 0, 1, 2

Ids = NDArray[np.int64]
Chances = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A record as one text, and which of its characters are words and not the line ends between them."""

    text: str
    counted: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class _Level:
    """Counts for contexts of one length; a gram's code is context number * symbols + last symbol."""

    codes: Ids
    counts: Chances
    totals: Chances
    kinds: Chances


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
        contexts = np.zeros_like(ids)
        for _ in range(order):
            level, grams = _count(contexts, ids, self._size)
            self._levels.append(level)
            contexts = np.concatenate([[0], grams[:-1]])

    def chances(self, text: str) -> Chances:
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
        """Score the words of a record."""
        said = spoken(record)
        costs = -np.log(self.chances(said.text)) if said.text else np.zeros(0)
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


def spoken(record: Record) -> Spoken:
    """Put what a dialogue's speakers say on lines; exactly the words count that a model is scored on."""
    parts = [message.content.strip() for message in record.messages] or [record.text]
    counted: list[bool] = []
    for place, part in enumerate(parts):
        counted += [False] * bool(place) + [True] * len(part)
    return Spoken("\n".join(parts), tuple(counted))


def _count(contexts: Ids, ids: Ids, size: int) -> tuple[_Level, Ids]:
    """Count one level; return it and the number of the gram that ends at each place."""
    codes, grams = np.unique(contexts * size + ids, return_inverse=True)
    counts = np.bincount(grams, weights=ids != _EDGE, minlength=len(codes)).astype(np.float64)
    owners = codes // size
    length = int(owners.max(initial=0)) + 1
    totals = np.bincount(owners, weights=counts, minlength=length).astype(np.float64)
    kinds = np.bincount(owners, weights=counts > 0, minlength=length).astype(np.float64)
    return _Level(codes, counts, totals, kinds), grams.astype(np.int64).reshape(-1)


def _smoothed(level: _Level, contexts: Ids, ids: Ids, size: int, lower: Chances) -> tuple[Chances, Ids]:
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
