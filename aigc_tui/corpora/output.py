"""What a build writes: JSON lines in compressed members, and the folder in which it works until it is done.

gzip, xz and Zstandard files may be strung together and are still one file. A member is ended at each
checkpoint; continuing means cutting the file there and beginning another member.
``F.jsonl.zst.partial/`` holds ``state.json`` (written atomically at each checkpoint), the parts as far as
they are made, and a log of the fingerprints of kept documents.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import os
import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from aigc_tui.corpora.document import CorporaError
from aigc_tui.corpora.report import Report
from aigc_tui.corpora.unpack import shown
from aigc_tui.documents.blocks import needs_package
from aigc_tui.files import sync_folder, write_text
from aigc_tui.text import one_line

ENDINGS = (".jsonl", ".jsonl.gz", ".jsonl.xz", ".jsonl.zst")
_ZSTD_LEVEL = 9
_XZ_LEVEL = 4
_GZIP_LEVEL = 6


class Packer(Protocol):
    """A member being made."""

    def compress(self, data: bytes, /) -> bytes:
        """Take data, give what is ready."""

    def flush(self) -> bytes:
        """End the member."""


class _Plain:
    def compress(self, data: bytes, /) -> bytes:
        return data

    def flush(self) -> bytes:
        return b""


def ending_of(path: Path) -> str:
    """The ending that decides how a file is written.

    Raises:
        CorporaError: It is none that is known.
    """
    found = next((ending for ending in ENDINGS if path.name.endswith(ending)), "")
    if not found or path.name == found:
        raise CorporaError(
            "{path}: the output's name must end in {endings}",
            path=one_line(path.name),
            endings=tuple(ENDINGS),
        )
    return found


def packer(ending: str) -> Packer:
    """Begin a member.

    Raises:
        CorporaError: A package is missing.
    """
    match ending:
        case ".jsonl.gz":
            return zlib.compressobj(_GZIP_LEVEL, wbits=31)
        case ".jsonl.xz":
            return lzma.LZMACompressor(preset=_XZ_LEVEL)
        case ".jsonl.zst":
            try:
                import zstandard
            except ImportError:
                raise CorporaError(needs_package(".zst", "zstandard")) from None
            made: Packer = zstandard.ZstdCompressor(level=_ZSTD_LEVEL, write_checksum=True).compressobj()
            return made
        case _:
            return _Plain()


class Writer:
    """A file of compressed lines that is cut at `size`, where it was whole, and continued from there."""

    def __init__(self, path: Path, ending: str, size: int = 0) -> None:
        self._ending = ending
        self._file = path.open("r+b" if path.exists() else "w+b")
        self._file.truncate(size)
        self._file.seek(size)
        self._packer: Packer | None = None

    def write(self, data: bytes) -> None:
        if self._packer is None:
            self._packer = packer(self._ending)
        self._file.write(self._packer.compress(data))

    def end_member(self) -> int:
        """End the member, see it onto the disk, and say how long the file is."""
        if self._packer is not None:
            self._file.write(self._packer.flush())
            self._packer = None
        self._file.flush()
        os.fsync(self._file.fileno())
        return self._file.tell()

    def close(self) -> None:
        self._file.close()


PARTS = ("train", "dev", "test")
LOG = "seen"
_VERSION = 1


@dataclass(slots=True)
class State:
    """A checkpoint.

    Args:
        key: Stands for sources and options; another key is another build.
        report: What was read, kept and dropped until here.
        source: Index of the source being read.
        records: How many of its records are done.
        sizes: Bytes of the parts and of the log that are whole.
        finished: Whether all is written and only the names are missing.
    """

    key: str
    report: Report
    source: int = 0
    records: int = 0
    sizes: dict[str, int] = field(default_factory=dict)
    finished: bool = False


@dataclass(frozen=True, slots=True)
class Workplace:
    """The files of a build that is under way."""

    output: Path
    ending: str

    @property
    def folder(self) -> Path:
        return self.output.with_name(self.output.name + ".partial")

    def part(self, name: str) -> Path:
        return self.folder / name

    def final(self, part: str) -> Path:
        """Where a part goes in the end: F.jsonl.zst, F.dev.jsonl.zst, F.test.jsonl.zst."""
        stem = self.output.name.removesuffix(self.ending)
        return self.output if part == "train" else self.output.with_name(f"{stem}.{part}{self.ending}")

    @property
    def report(self) -> Path:
        return self.output.with_name(self.output.name + ".report.json")

    @property
    def products(self) -> tuple[Path, ...]:
        return tuple(self.final(part) for part in PARTS)

    def owns(self, path: Path) -> bool:
        """Whether a file is one that a build makes: the output may lie in the folder that is read."""
        own = {each.absolute() for each in (*self.products, self.report)}
        return path.absolute() in own or self.folder.absolute() in path.absolute().parents

    def load(self, key: str) -> State | None:
        """Read the last checkpoint.

        Returns:
            ``None``: there is none.

        Raises:
            CorporaError: It belongs to another build, or is damaged.
        """
        path = self.folder / "state.json"
        if not path.exists():
            return None
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            state = State(**{**raw["state"], "report": Report.from_json(raw["state"]["report"])})
        except (OSError, ValueError, KeyError, TypeError):
            raise CorporaError(
                "{path}: the checkpoint of an earlier build is damaged; --restart starts again",
                path=shown(self.folder),
            ) from None
        if raw.get("version") != _VERSION or state.key != key:
            raise CorporaError(
                "{path}: an unfinished build has other sources or options; --restart starts again",
                path=shown(self.folder),
            )
        return state

    def save(self, state: State) -> None:
        """Write a checkpoint; the files that it speaks of must be on the disk already."""
        plain: dict[str, Any] = {name: getattr(state, name) for name in State.__dataclass_fields__}
        plain["report"] = state.report.to_json()
        write_text(self.folder / "state.json", json.dumps({"version": _VERSION, "state": plain}))

    def publish(self, state: State) -> None:
        """Give the finished files their names; may be repeated when it was cut short."""
        write_text(
            self.report, json.dumps(state.report.to_json(), ensure_ascii=False, indent=1) + "\n", 0o644
        )
        for name in reversed(PARTS):
            if self.part(name).exists():
                self.part(name).chmod(0o644)
                os.replace(self.part(name), self.final(name))
        sync_folder(self.output.parent)
        shutil.rmtree(self.folder)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a build's folder, made if need be, so that no two processes write into it.

    Raises:
        CorporaError: Another process does already.
    """
    import fcntl

    folder.mkdir(mode=0o700, exist_ok=True)
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CorporaError(
                "{path}: another process is building this corpus", path=shown(folder)
            ) from None
        yield


def key_of(parts: object) -> str:
    """A name for sources and options together, the same in every process."""
    plain = json.dumps(parts, sort_keys=True)
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()
