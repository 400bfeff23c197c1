"""The held-out data that models are measured on: a folder with one JSONL file a source.

``DIR/NAME.jsonl`` holds what is scored; its first line tells its kind: ``text``, ``messages`` (a dialogue),
or ``context``, ``question`` and ``answer``. ``DIR/train/NAME.jsonl.xz`` may hold a sample of the training
part of the same source, from which the n-gram and xz learn; without it they cannot be compared.
"""

from __future__ import annotations

import hashlib
import heapq
import itertools
import json
import lzma
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aigc_tui.config import shipped
from aigc_tui.corpora.records import (
    CorpusError,
    Record,
    is_development,
    read_records,
    read_texts,
    record_key,
    to_record,
)
from aigc_tui.evaluation.model import EvaluationError, Progress
from aigc_tui.evaluation.passage_qa import Question
from aigc_tui.message import reason_of
from aigc_tui.text import guess_language

TEXT, DIALOGUE, QUESTIONS = "text", "dialogue", "questions"
TRAIN = "train"
_ENDINGS = (".jsonl", ".jsonl.xz")
_LANGUAGE_SAMPLE = 4000
_QUESTION_FIELDS = ("context", "question", "answer")
_PASSAGE = {"en": 1400, "zh": 450}
"""Characters of the longest passage: a small window has to hold it with question and answer."""


@dataclass(frozen=True, slots=True)
class Source:
    """One source of a suite: what kind of data, in which language, from which files."""

    name: str
    kind: str
    language: str
    held_out: Path
    train: Path | None = None


def open_suite(folder: Path) -> list[Source]:
    """List the sources of a suite, by name.

    Raises:
        EvaluationError: There is none.
        CorpusError: A file cannot be read.
    """
    files = sorted(path for path in _listed(folder) if path.name.endswith(_ENDINGS))
    if not files:
        raise EvaluationError("{folder} is no suite: it holds no .jsonl file", folder=folder)
    return [open_source(path, _train_part(folder, path)) for path in files]


def built_in() -> list[Source]:
    """List the project's own small suite, which needs no corpus."""
    return open_suite(shipped("data") / "evaluation")


def open_source(path: Path, train: Path | None = None) -> Source:
    """Look into one file of any name: what kind it is, and in which language.

    Raises:
        CorpusError: It cannot be read.
    """
    name = path.name.removesuffix(".xz").removesuffix(".jsonl")
    if path.name.endswith(_ENDINGS) and is_question(next(json_objects(path), {})):
        asked = next(json_objects(path))
        return Source(name, QUESTIONS, guess_language(str(asked["question"])), path, train)
    sample = "".join(record_key(one)[:_LANGUAGE_SAMPLE] for one in itertools.islice(read_texts(path), 5))
    first = next(read_texts(path), Record())
    return Source(name, DIALOGUE if first.messages else TEXT, guess_language(sample), path, train)


def records(source: Source, most_bytes: int) -> list[Record]:
    """Read records until they hold so many bytes; at least one.

    Raises:
        CorpusError: The file cannot be read.
    """
    return list(capped(read_texts(source.held_out), most_bytes))


def train_records(source: Source, most_bytes: int) -> list[Record]:
    """Read the sample of the source's training part; empty where the suite has none.

    Raises:
        CorpusError: The file cannot be read.
    """
    return [] if source.train is None else list(capped(read_records(source.train), most_bytes))


def capped(found: Iterable[Record], most_bytes: int) -> Iterator[Record]:
    """Stop before the record that would exceed so many bytes, but give one at least."""
    used = 0
    for record in found:
        size = len(record_key(record).encode("utf-8", "replace"))
        if used and used + size > most_bytes:
            return
        used += size
        yield record


def questions(source: Source, most: int) -> list[Question]:
    """Read questions whose answer is a span of a passage of moderate length, evenly over the passages.

    Raises:
        CorpusError: The file cannot be read.
    """
    passages: dict[str, list[Question]] = {}
    for raw in json_objects(source.held_out):
        if not is_question(raw):
            raise CorpusError(
                "{held_out}: a question needs 'context', 'question' and 'answer'", held_out=source.held_out
            )
        asked = Question(*(str(raw[key]).strip() for key in _QUESTION_FIELDS))
        if is_askable(asked, source.language):
            passages.setdefault(asked.context, []).append(asked)
    rounds = itertools.zip_longest(*passages.values())
    return [asked for one in rounds for asked in one if asked is not None][:most]


def is_askable(asked: Question, language: str) -> bool:
    """Say whether the answer can be pointed at and the passage fits a small window."""
    return bool(asked.answer) and asked.answer in asked.context and len(asked.context) <= _PASSAGE[language]


def is_question(raw: Any) -> bool:
    """Say whether an object is a question about a passage."""
    return isinstance(raw, dict) and all(isinstance(raw.get(key), str) for key in _QUESTION_FIELDS)


def json_objects(path: Path) -> Iterator[dict[str, Any]]:
    """Stream the JSON objects of a .jsonl or .jsonl.xz file."""
    try:
        with (
            lzma.open(path, "rt", encoding="utf-8-sig")
            if path.suffix == ".xz"
            else path.open(encoding="utf-8-sig") as lines
        ):
            for line in lines:
                if line.strip():
                    value = json.loads(line)
                    yield value if isinstance(value, dict) else {}
    except (OSError, lzma.LZMAError, EOFError, ValueError, RecursionError) as error:
        raise CorpusError("cannot read {path}: {problem}", path=path, problem=error) from error


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError as error:
        raise EvaluationError(
            "{folder} is no suite: {reason}", folder=folder, reason=reason_of(error)
        ) from None


def _train_part(folder: Path, path: Path) -> Path | None:
    stem = path.name.removesuffix(".xz")
    found = [folder / TRAIN / name for name in (stem, f"{stem}.xz")]
    return next((one for one in found if one.is_file()), None)


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


def make_suite(corpus: Path, folder: Path, tell: Progress) -> list[str]:
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
        raise EvaluationError("{corpus} holds no .jsonl file with text, messages or questions", corpus=corpus)
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
        raise EvaluationError("cannot write {path}: {reason}", path=path, reason=reason_of(error)) from None
