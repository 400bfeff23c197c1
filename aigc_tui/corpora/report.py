"""What a build read, kept and dropped, and why: as JSON for programs and as rows for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aigc_tui.message import Message
from aigc_tui.text import one_line

_EXAMPLES = 3


@dataclass(slots=True)
class SourceReport:
    """What became of one source; `problem` says why reading ended early, None: it did not."""

    path: str
    kind: str
    read: int = 0
    kept: int = 0
    text_bytes: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    problem: Message | None = None

    def drop(self, reason: str, where: str) -> None:
        self.read += 1
        self.dropped[reason] += 1
        names = self.examples.setdefault(reason, [])
        if where and len(names) < _EXAMPLES:
            names.append(one_line(where, 120))

    def keep(self, size: int) -> None:
        self.read += 1
        self.kept += 1
        self.text_bytes += size

    def to_json(self) -> dict[str, Any]:
        return {
            "path": one_line(self.path, 300),
            "kind": self.kind,
            "read": self.read,
            "kept": self.kept,
            "text_bytes": self.text_bytes,
            "dropped": dict(self.dropped.most_common()),
            "examples": self.examples,
            "problem": str(self.problem or ""),
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> SourceReport:
        problem = Message.from_json(raw["problem"]) if raw["problem"] else None
        return cls(**{**raw, "dropped": Counter(raw["dropped"]), "problem": problem})


@dataclass(slots=True)
class Report:
    """What became of all sources; `parts` counts documents by train, dev and test."""

    sources: list[SourceReport]
    parts: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    sessions: int = 0

    @property
    def kept(self) -> int:
        return sum(source.kept for source in self.sources)

    @property
    def dropped(self) -> Counter[str]:
        return sum((source.dropped for source in self.sources), Counter())

    def to_json(self) -> dict[str, Any]:
        return {
            "version": 1,
            "read": sum(source.read for source in self.sources),
            "kept": self.kept,
            "text_bytes": sum(source.text_bytes for source in self.sources),
            "dropped": dict(self.dropped.most_common()),
            "parts": dict(self.parts),
            "seconds": round(self.seconds, 2),
            "sessions": self.sessions,
            "sources": [source.to_json() for source in self.sources],
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Report:
        sources = [SourceReport.from_json(each) for each in raw["sources"]]
        return cls(sources, Counter(raw["parts"]), raw["seconds"], raw["sessions"])

    def rows(self) -> list[tuple[str, str, str, str]]:
        """A table: source, format, number, what became of so many of its records."""
        rows = []
        for source in self.sources:
            name = source.path.rpartition("/")[2]
            rows.append((name, source.kind, str(source.kept), "kept"))
            rows += [
                (name, source.kind, str(count), reason) for reason, count in source.dropped.most_common()
            ]
        return rows
