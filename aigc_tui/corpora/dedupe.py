"""Leave out what was there before: the same words again, or nearly the same ones.

Exact: a hash of the normalised text. Near: MinHash (Broder 1997, "On the resemblance and containment of
documents") with one permutation in 128 bins (Li, Owen and Zhang 2012), empty bins filled by rotation
(Shrivastava and Li 2014), eight bits kept of each minimum (Li and König 2010). The 128 bytes read as 16
numbers of 64 bits are the 16 bands of 8 rows for locality-sensitive hashing: documents that share one are
compared.

Memory is fixed from the beginning: tables of ``capacity`` entries, in which the newest overwrite the oldest.
Beyond that many documents an old duplicate may go unseen; nothing ever grows.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from aigc_tui.text import guess_language

BINS = 128
BANDS = 16
RECORD_BYTES = 8 + BINS
DEFAULT_CAPACITY = 1 << 18
_WAYS = 8
_ODD = np.uint64(0x9E3779B97F4A7C15)
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_BIN_SHIFT = np.uint64(64 - 7)
_EMPTY = np.uint64(0xFFFFFFFFFFFFFFFF)
_NOT_WORDS = re.compile(r"[\W_]+")
_FEWEST_SHINGLES = 48
_REPLAYED = 1 << 14

Signature = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What stands for a document among those seen.

    Args:
        exact: Hash of its normalised text.
        near: ``(BINS,)`` bytes of MinHash; ``None`` where it is too short for likeness to mean anything.
    """

    exact: int
    near: Signature | None

    def to_bytes(self) -> bytes:
        near = bytes(BINS) if self.near is None else self.near.tobytes()
        return self.exact.to_bytes(8, "little") + near

    @classmethod
    def from_bytes(cls, record: bytes) -> Fingerprint:
        near = np.frombuffer(record, dtype=np.uint8, offset=8)
        return cls(int.from_bytes(record[:8], "little"), near if near.any() else None)


def normalised(text: str) -> str:
    """The words of a text; case, spaces and punctuation make no difference."""
    return _NOT_WORDS.sub(" ", text.lower()).strip()


def exact_hash(normal: str) -> int:
    """64 bits that stand for a normalised text."""
    digest = hashlib.blake2b(normal.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def fingerprint(text: str, near: bool = True) -> Fingerprint:
    """Make the fingerprint of a text."""
    normal = normalised(text)
    doublings = 2 if guess_language(text[:2000]) == "zh" else 4
    return Fingerprint(exact_hash(normal), minhash(normal, doublings) if near else None)


def minhash(text: str, doublings: int) -> Signature | None:
    """The MinHash of a text's shingles of ``2 ** doublings`` characters.

    Sixteen characters are about three English words, four about two Chinese ones.

    Returns:
        ``(BINS,)``; ``None`` for a text of few shingles.
    """
    hashes = np.frombuffer(text.encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.uint64)
    if len(hashes) < _FEWEST_SHINGLES + 2**doublings:
        return None
    power, step = int(_ODD), 1
    for _ in range(doublings):
        # The hash of 2n characters from the hashes of its halves: h(ab) = h(a) * p^n + h(b).
        hashes = hashes[:-step] * np.uint64(power) + hashes[step:]
        power, step = power * power % 2**64, 2 * step
    hashes = _mixed(hashes)
    least = np.full(BINS, _EMPTY)
    np.minimum.at(least, (hashes >> _BIN_SHIFT).astype(np.intp), hashes)
    return (_mixed(_filled(least)) >> np.uint64(56)).astype(np.uint8)


def _mixed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The finaliser of splitmix64: every bit of the result depends on every bit of the value."""
    values = (values ^ (values >> np.uint64(30))) * _MIX[0]
    values = (values ^ (values >> np.uint64(27))) * _MIX[1]
    return values ^ (values >> np.uint64(31))


def _filled(least: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Give an empty bin the minimum of the next full one, around the end, and how far that was."""
    full = np.flatnonzero(least != _EMPTY)
    places = np.arange(BINS)
    index = np.searchsorted(full, places)
    source = full[index % len(full)]
    distance = ((source - places) % BINS).astype(np.uint64)
    return least[source] + distance * _ODD


class Seen:
    """The documents that were kept so far, as far as memory goes.

    Args:
        capacity: How many are remembered; rounded up to a power of two.
        threshold: The estimated share of common shingles (Jaccard) from which two are the same.
    """

    def __init__(self, capacity: int = DEFAULT_CAPACITY, threshold: float = 0.8) -> None:
        size = 1 << max(6, (capacity - 1).bit_length())
        # Filled at once, so that memory is taken at the beginning and not bit by bit.
        self._exact = np.full((2 * size // _WAYS, _WAYS), _EMPTY)
        self._signatures = np.full((size, BINS), 1, dtype=np.uint8)
        self._slots = np.full((BANDS, size), -1, dtype=np.int32)
        self._shift = np.uint64(64 - (size.bit_length() - 1))
        self._bands = np.arange(BANDS)
        self._next = 0
        # A byte of eight bits is equal by chance once in 256.
        self._needed = threshold + (1 - threshold) / 256

    def find(self, mark: Fingerprint) -> str:
        """Say whether a document was there before: ``""``, ``"exact"`` or ``"near"``."""
        if (self._exact[mark.exact % len(self._exact)] == np.uint64(mark.exact)).any():
            return "exact"
        if mark.near is None:
            return ""
        slots = self._slots[self._bands, self._places(mark.near)]
        slots = slots[slots >= 0]
        if len(slots) and (self._signatures[slots] == mark.near).mean(axis=1).max() >= self._needed:
            return "near"
        return ""

    def add(self, mark: Fingerprint) -> None:
        """Remember a document, in the place of the oldest if need be."""
        row = self._exact[mark.exact % len(self._exact)]
        row[1:] = row[:-1].copy()
        row[0] = np.uint64(mark.exact)
        if mark.near is None:
            return
        self._signatures[self._next] = mark.near
        self._slots[self._bands, self._places(mark.near)] = self._next
        self._next = (self._next + 1) % len(self._signatures)

    def replay(self, log: Path) -> None:
        """Remember the documents of a log of fingerprints, as a build that goes on must."""
        with log.open("rb") as file:
            while block := file.read(RECORD_BYTES * _REPLAYED):
                for at in range(0, len(block) - RECORD_BYTES + 1, RECORD_BYTES):
                    self.add(Fingerprint.from_bytes(block[at : at + RECORD_BYTES]))

    def _places(self, near: Signature) -> npt.NDArray[np.intp]:
        keys = np.ascontiguousarray(near).view(np.uint64)
        return (_mixed(keys) >> self._shift).astype(np.intp)


def split_of(exact: int, dev: float, test: float) -> str:
    """Choose the part that a document belongs to by its words alone: ``train``, ``dev`` or ``test``.

    The choice survives another order of files, another machine, and growing corpora.
    """
    place = float(_mixed(np.array([exact], dtype=np.uint64))[0] >> np.uint64(11)) / 2.0**53
    if place < test:
        return "test"
    return "dev" if place < test + dev else "train"
