"""xz as a language model: how many more bytes does the archive take when the held-out text is put behind?

bits per byte = 8 (len(xz(training sample + text)) - len(xz(training sample))) / len(text): the difference
lets xz use what it has seen of the source, as the other models do, and takes its headers out of the count.
"""

from __future__ import annotations

import lzma
import math
from collections.abc import Sequence

from aigc_tui.corpora.records import Record
from aigc_tui.evaluation.char_ngram import spoken
from aigc_tui.evaluation.scoring import Scored

_DICTIONARY = 2**23
"""Bytes that xz looks back: as much as its strongest preset would, of a sample of this size."""


def measure(training: Sequence[Record], held_out: Sequence[Record]) -> Scored:
    """Score the words of some records by compressing them behind a training sample.

    Line ends between messages are compressed, too, but not counted as text.

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
    return "".join(spoken(record).text + "\n" for record in records).encode("utf-8", "replace")


def _size(data: bytes) -> int:
    strongest = {"id": lzma.FILTER_LZMA2, "preset": 9, "dict_size": _DICTIONARY}
    return len(lzma.compress(data, lzma.FORMAT_XZ, check=lzma.CHECK_NONE, filters=[strongest]))
