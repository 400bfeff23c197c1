"""Next-sentence prediction: half of the pairs follow each other in a document, half do not.

To tell which, the first token has to gather what both sentences are about; that is what makes it useful
for classification later (Devlin et al., arXiv:1810.04805, section 3.1, task 2). A dialogue is a document
whose sentences are its messages: does this reply belong to that question?
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from aigc_tui.corpora.records import Record
from aigc_tui.course.objectives.words import Group

IS_NEXT, IS_RANDOM = 0, 1
_SENTENCE = re.compile(r"[^\n]+?(?:[。！？…]+[”’」』）]*|[.!?]+[\"'”’)\]]*(?=\s|$)|(?=\n)|$)")


@dataclass(frozen=True, slots=True)
class Encoded:
    """A piece of text: its token ids, and the words as groups of indices into them."""

    ids: tuple[int, ...] = ()
    words: tuple[Group, ...] = ()

    def __add__(self, other: Encoded) -> Encoded:
        """Put two pieces one after the other."""
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
    """Take a piece of any other document, from anywhere in it."""
    other = random.randrange(len(documents) - 1)
    document = documents[other + (other >= number)]
    return gather(document, random.randrange(len(document)), room)[0]
