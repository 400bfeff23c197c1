"""Make a suite from a corpus: of each file what the held-out split holds, and a sample of the rest.

What is held out is decided by :func:`aigc_tui.corpora.records.is_development`, exactly as in training, so no
model of ours was trained on it. Questions are held out by their passage, as training does. Both samples are
those with the smallest hashes and so spread evenly over a file of any size, in flat memory.
"""

from __future__ import annotations

import hashlib
import heapq
import json
import lzma
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aigc_tui.corpora.records import CorpusError, Record, is_development, record_key, to_record
from aigc_tui.evaluation.model import EvaluationError
from aigc_tui.evaluation.suite import TRAIN, is_question, json_objects

HELD_OUT_BYTES = 160_000
TRAIN_BYTES = 1_000_000
_FIELDS = ("text", "messages", "system", "riddle", "answer", "context", "question")


@dataclass(slots=True)
class _Sample:
    """The records with the smallest hashes that fit into so many bytes."""

    room: int
    used: int = 0
    _heap: list[tuple[int, str]] = field(default_factory=list)

    def add(self, key: str, line: str) -> None:
        digest = int.from_bytes(hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()[8:16], "big")
        heapq.heappush(self._heap, (-digest, line))
        self.used += len(line.encode("utf-8", "replace"))
        while self.used > self.room and len(self._heap) > 1:
            self.used -= len(heapq.heappop(self._heap)[1].encode("utf-8", "replace"))

    def lines(self) -> list[str]:
        return [line for _, line in sorted(self._heap, reverse=True)]


def make_suite(corpus: Path, folder: Path, tell: Callable[[str, int, int], None]) -> list[str]:
    """Write a suite.

    Args:
        corpus: A folder of ``.jsonl`` and ``.jsonl.xz`` files.
        folder: Made if missing; files of the same names in it are replaced.
        tell: Told which file is read, how many are done and how many there are.

    Returns:
        Names of the sources written.

    Raises:
        EvaluationError: There is nothing to hold out, or the suite cannot be written.
        CorpusError: A file cannot be read.
    """
    files = sorted(path for path in corpus.glob("*.jsonl*") if path.name.endswith((".jsonl", ".jsonl.xz")))
    written = []
    for place, path in enumerate(files):
        tell(path.name, place, len(files))
        held_out, train = _split(path)
        if lines := held_out.lines():
            name = path.name.removesuffix(".xz")
            _write(folder / name, _text(lines))
            if not is_question(json.loads(lines[0])):  # the baselines read text and cannot answer
                _write(folder / TRAIN / f"{name}.xz", lzma.compress(_text(train.lines())))
            written.append(name.removesuffix(".jsonl"))
    if not written:
        raise EvaluationError(f"{corpus} holds no .jsonl file with text, messages or questions")
    return written


def _split(path: Path) -> tuple[_Sample, _Sample]:
    held_out, train = _Sample(HELD_OUT_BYTES), _Sample(TRAIN_BYTES)
    for key, line, record in _lines(path):
        (held_out if is_development(record) else train).add(key, line)
    return held_out, train


def _lines(path: Path) -> Iterator[tuple[str, str, Record]]:
    """Stream what can be measured: the key of the sample, the line to write, what decides of the split."""
    for raw in json_objects(path):
        kept = {name: raw[name] for name in _FIELDS if name in raw}
        line = json.dumps(kept, ensure_ascii=False)
        if is_question(raw):
            yield line, line, Record(text=str(raw["context"]).strip())
        elif (record := _record(kept, path)) is not None and record_key(record).strip():
            yield record_key(record), line, record


def _record(raw: Mapping[str, Any], path: Path) -> Record | None:
    """Read a text or dialogue; None: a record of another kind, like a dictionary's."""
    try:
        return to_record(raw, path.name)
    except CorpusError:
        return None


def _text(lines: list[str]) -> bytes:
    return "".join(line + "\n" for line in lines).encode("utf-8", "replace")


def _write(path: Path, data: bytes) -> None:
    """Write so that a reader sees the old file or the new one, never half."""
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as error:
        raise EvaluationError(f"cannot write {path}: {error.strerror}") from None
