"""The folder beside the output in which a build lives until it is done, and from which it goes on.

``F.jsonl.zst.partial/`` holds ``state.json`` (written atomically at each checkpoint), the parts as far as
they are made, and a log of the fingerprints of kept documents. What lies behind the noted sizes is thrown
away.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aigc_tui.corpora.container import shown
from aigc_tui.corpora.document import CorporaError
from aigc_tui.corpora.report import Report
from aigc_tui.files import sync_folder, write_text

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
    """The files of a build that is under way.

    Args:
        output: The file that is to be made.
        ending: How it is compressed.
    """

    output: Path
    ending: str

    @property
    def folder(self) -> Path:
        """Where the work lies until it is done."""
        return self.output.with_name(self.output.name + ".partial")

    def part(self, name: str) -> Path:
        """A part while it is being made; or the log."""
        return self.folder / name

    def final(self, part: str) -> Path:
        """Where a part goes in the end: F.jsonl.zst, F.dev.jsonl.zst, F.test.jsonl.zst."""
        stem = self.output.name.removesuffix(self.ending)
        return self.output if part == "train" else self.output.with_name(f"{stem}.{part}{self.ending}")

    @property
    def report(self) -> Path:
        """Where the report goes in the end."""
        return self.output.with_name(self.output.name + ".report.json")

    @property
    def products(self) -> tuple[Path, ...]:
        """The parts' names in the end."""
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
        advice = f"{shown(self.folder)}: {{}}; --restart begins anew"
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            state = State(**{**raw["state"], "report": Report.from_json(raw["state"]["report"])})
        except (OSError, ValueError, KeyError, TypeError):
            raise CorporaError(advice.format("the checkpoint of an earlier build is damaged")) from None
        if raw.get("version") != _VERSION or state.key != key:
            raise CorporaError(advice.format("an earlier build of other sources or options is unfinished"))
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
            raise CorporaError(f"{shown(folder)}: another process is building this corpus") from None
        yield


def key_of(parts: object) -> str:
    """A name for sources and options together, the same in every process."""
    plain = json.dumps(parts, sort_keys=True)
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()
