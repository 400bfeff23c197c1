"""Read training records from files and turn each into a text or a dialogue.

It exists so that everything after it (tokenizer, packing, evaluation) sees two shapes only, whatever
the corpus: plain text, or messages with roles.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import lzma
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from aigc_tui.message import AppError

ROLES = ("system", "user", "assistant")
RECORD_ENDINGS = (".jsonl", ".jsonl.gz", ".jsonl.xz", ".jsonl.zst")
"""Names of files that hold one record a line, as `corpus build` writes them."""


class CorpusError(AppError, ValueError):
    """A training file cannot be read; the message names file, line and what would be right."""


@dataclass(frozen=True, slots=True)
class DialogueMessage:
    """One turn of a dialogue; ``role`` is system, user or assistant."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Record:
    """One training example: a text, or a dialogue (exactly one of both is filled)."""

    text: str = ""
    messages: tuple[DialogueMessage, ...] = ()


def read_records(path: Path) -> Iterator[Record]:
    """Stream the records of a ``.jsonl`` file, also packed (``.gz``, ``.xz``, ``.zst``), or a plain text.

    Args:
        path: A line of JSON must hold ``text``, ``messages`` (with an optional ``system``), or be one of
            the pairs that :func:`to_record` knows. Any other file name is one plain text.

    Raises:
        CorpusError: The file is missing or broken, or a line is not such a record.
    """
    try:
        if not path.name.endswith(RECORD_ENDINGS):
            yield Record(text=path.read_text(encoding="utf-8"))
            return
        with _open_lines(path) as lines:
            yield from _parse_lines(lines, path)
    except (OSError, lzma.LZMAError, zlib.error, UnicodeDecodeError, EOFError) as error:
        raise CorpusError("cannot read {path}: {problem}", path=path, problem=error) from error


def read_rows(path: Path) -> Iterator[Mapping[str, Any]]:
    """Stream the objects of a ``.jsonl`` file, packed or not, as they are.

    Raises:
        CorpusError: The file is missing or broken, or a line is no JSON object.
    """
    try:
        with _open_lines(path) as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _object(line, f"{path.name} line {number}")
    except (OSError, lzma.LZMAError, zlib.error, UnicodeDecodeError, EOFError) as error:
        raise CorpusError("cannot read {path}: {problem}", path=path, problem=error) from error


def _open_lines(path: Path) -> TextIO:
    match path.suffix:
        case ".xz":
            return lzma.open(path, "rt", encoding="utf-8-sig")
        case ".gz":
            return gzip.open(path, "rt", encoding="utf-8-sig")
        case ".zst":
            return _open_zstd(path)
        case _:
            return path.open(encoding="utf-8-sig")


def _open_zstd(path: Path) -> TextIO:
    try:
        import zstandard
    except ImportError:
        raise CorpusError("{name}: reading .zst needs the package zstandard (pip)", name=path.name) from None
    # `corpus build` ends a frame at each of its checkpoints; zstandard stops at the first unless told.
    unpacker = zstandard.ZstdDecompressor(max_window_size=1 << 31)
    pieces = unpacker.stream_reader(path.open("rb"), read_across_frames=True, closefd=True)
    return io.TextIOWrapper(pieces, encoding="utf-8-sig")


def read_texts(path: Path) -> Iterator[Record]:
    """Stream the records of a file of the user's, which may have any name.

    Args:
        path: JSON lines when the first line that holds anything is an object with ``text`` or ``messages``,
            or when the name says so; else one plain text, taken byte for byte but for a byte order mark.

    Raises:
        CorpusError: The file is missing or broken, or a line is not such a record.
    """
    if path.name.endswith(RECORD_ENDINGS):
        yield from read_records(path)
        return
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            if _begins_as_records(file):
                file.seek(0)
                yield from _parse_lines(file, path)
            else:
                file.seek(0)
                yield Record(text=file.read())
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError("cannot read {path}: {problem}", path=path, problem=error) from error


def _begins_as_records(lines: Iterable[str]) -> bool:
    first = next((line for line in lines if line.strip()), "")
    try:
        raw = json.loads(first)
    except (ValueError, RecursionError):
        return False
    return isinstance(raw, dict) and bool({"text", "messages"} & set(raw))


def _parse_lines(lines: Iterable[str], path: Path) -> Iterator[Record]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _parse(line, f"{path.name} line {number}")


def to_record(raw: Mapping[str, Any], where: str) -> Record:
    """Turn one JSON object into a record.

    Raises:
        CorpusError: It holds neither text nor messages, or a message is malformed.
    """
    if isinstance(raw.get("messages"), list):
        system = raw.get("system")
        opening = (DialogueMessage("system", system),) if isinstance(system, str) and system.strip() else ()
        return Record(messages=opening + tuple(_message(item, where) for item in raw["messages"]))
    if isinstance(raw.get("text"), str):
        return Record(text=raw["text"])
    if isinstance(raw.get("riddle"), str):
        return Record(text=f"{raw['riddle']}——{raw.get('answer', '')}")
    raise CorpusError("{where}: a record needs 'text' or 'messages'", where=where)


def is_development(record: Record, share: float = 0.01) -> bool:
    """Say whether a record belongs to the held-out split.

    The choice depends on the record's content alone, so it survives re-ordering and copying of files.
    """
    digest = hashlib.sha256(record_key(record).encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") < share * 2**64


def record_key(record: Record) -> str:
    """Return one string that stands for the record's content."""
    return record.text or "\n".join(f"{m.role}:{m.content}" for m in record.messages)


def _parse(line: str, where: str) -> Record:
    return to_record(_object(line, where), where)


def _object(line: str, where: str) -> dict[str, Any]:
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise CorpusError("{where}: not JSON ({problem})", where=where, problem=error) from None
    if not isinstance(raw, dict):
        raise CorpusError("{where}: a record must be a JSON object", where=where)
    return raw


def _message(item: object, where: str) -> DialogueMessage:
    if not isinstance(item, dict) or not isinstance(item.get("content"), str):
        raise CorpusError("{where}: a message needs 'role' and 'content'", where=where)
    if item.get("role") not in ROLES:
        raise CorpusError(
            "{where}: role must be one of {known}, not {get!r}",
            where=where,
            known=tuple(ROLES),
            get=item.get("role"),
        )
    return DialogueMessage(item["role"], item["content"])
