"""Bits per byte: -log2 p(text) / bytes of the text, the one measure that any two models share.

A loss per token cannot be compared between tokenizers: whoever has longer tokens has fewer and harder
ones. Bytes are the same for everybody, for the n-gram and for xz, too (Gao et al., arXiv:2101.00027,
section 3.1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from aigc_tui.corpora.records import Record
from aigc_tui.evaluation.model import EvaluatedModel
from aigc_tui.evaluation.scoring import Scored


def measure(model: EvaluatedModel, records: Iterable[Record], tell: Callable[[], None]) -> Scored:
    """Score every word of some records.

    Args:
        model: The model.
        records: Texts and dialogues; of dialogues only the words count, not the template's marks.
        tell: Called after each record.
    """
    total = Scored()
    for record in records:
        total += model.score(record)
        tell()
    return total
