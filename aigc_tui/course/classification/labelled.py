"""Labelled texts from JSON lines: ``{"text": "...", "label": "..."}``, checked line by line.

The file is a user's: a line that is wrong is named with its number and what would be right, texts lose
control characters, and sizes are bounded.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from aigc_tui.corpora.records import CorpusError, Record, is_development
from aigc_tui.text import clean, one_line

MOST_LABELS = 200
_LONGEST_LINE = 1_000_000
_LONGEST_LABEL = 100
_MOST_EXAMPLES = 1_000_000


@dataclass(frozen=True, slots=True)
class Example:
    """A text and what it is."""

    text: str
    label: str


@dataclass(frozen=True, slots=True)
class Split:
    """Examples to learn from, examples to judge by, and the labels of the first in order."""

    train: tuple[Example, ...]
    held_out: tuple[Example, ...]
    labels: tuple[str, ...]


def read_labelled(path: Path) -> Iterator[Example]:
    """Stream the examples of a file.

    Raises:
        CorpusError: It cannot be read, or a line is not an example; the message names the line.
    """
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as lines:
            for number in range(1, _MOST_EXAMPLES + 1):
                line = lines.readline(_LONGEST_LINE + 1)
                if not line:
                    return
                if line.strip():
                    yield _parse(line, f"{one_line(path.name)} line {number}")
    except OSError as error:
        raise CorpusError("cannot read {path}: {reason}", path=path, reason=error.strerror or error) from None
    raise CorpusError(
        "{name} holds more than {most_examples} lines", name=one_line(path.name), most_examples=_MOST_EXAMPLES
    )


def split(examples: Sequence[Example], share: float = 0.1) -> Split:
    """Part examples by the hash of their text, so that the same text is never on both sides.

    Held-out examples whose label was never seen in training are left out: nobody could know them.

    Raises:
        CorpusError: There are fewer than two labels, too many, or nothing is left to judge by.
    """
    unique = list(dict.fromkeys(examples))
    train = tuple(e for e in unique if not is_development(Record(text=e.text), share))
    labels = tuple(sorted({e.label for e in train}))
    if not 2 <= len(labels) <= MOST_LABELS:
        raise CorpusError(
            "a classifier needs 2 to {most_labels} labels, the examples have {count}",
            most_labels=MOST_LABELS,
            count=len(labels),
        )
    held_out = tuple(e for e in unique if is_development(Record(text=e.text), share) and e.label in labels)
    if not held_out:
        raise CorpusError(
            "{count} examples are too few: none fell into the held-out tenth", count=len(unique)
        )
    return Split(train, held_out, labels)


def majority_accuracy(parts: Split) -> float:
    """Accuracy on the held-out part of always saying the most frequent label of training."""
    most = Counter(e.label for e in parts.train).most_common(1)[0][0]
    return sum(e.label == most for e in parts.held_out) / len(parts.held_out)


def _parse(line: str, where: str) -> Example:
    if len(line) > _LONGEST_LINE:
        raise CorpusError(
            "{where}: longer than {longest_line} characters", where=where, longest_line=_LONGEST_LINE
        )
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError):
        raise CorpusError(
            '{where}: not JSON; expected {{"text": "...", "label": "..."}}', where=where
        ) from None
    if not isinstance(raw, dict):
        raise CorpusError("{where}: an example must be a JSON object", where=where)
    return Example(_string(raw, "text", where), one_line(_string(raw, "label", where), _LONGEST_LABEL))


def _string(raw: dict[str, object], key: str, where: str) -> str:
    value = raw.get(key)
    cleaned = clean(value).strip() if isinstance(value, str) else ""
    if not cleaned:
        raise CorpusError("{where}: {key!r} must be a text that is not empty", where=where, key=key)
    return cleaned
