"""What all readers of corpora yield: a document, or the reason why a record gave none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from aigc_tui.corpora.records import DialogueMessage
from aigc_tui.message import AppError
from aigc_tui.text import clean

Value: TypeAlias = str | int | float
_NOTHING: Mapping[str, Value] = MappingProxyType({})


class CorporaError(AppError, ValueError):
    """A source cannot be read, or no further; one line that says which and why."""


class StoppedError(AppError, RuntimeError):
    """The build was asked to stop and did; the same command continues it."""


@dataclass(frozen=True, slots=True)
class Caps:
    """What a hostile or odd source may cost at most.

    Args:
        record_bytes: Bytes of one record (page, line, response); a longer one is dropped unread.
        expansion: How many times its size a compressed stretch may grow. Real dumps stay below 60.
        seconds: Wall-clock seconds that a parser may take for one page.
        document_seconds: The same for a whole PDF or Word file.
        memory: Bytes of address space of a process that parses.
        pages: Pages read of one PDF.
    """

    record_bytes: int = 8 << 20
    expansion: int = 400
    seconds: float = 10.0
    document_seconds: float = 120.0
    memory: int = 2 << 30
    pages: int = 3000


@dataclass(frozen=True, slots=True)
class Document:
    """One training example: a text or a dialogue (exactly one of both is filled).

    Args:
        id: Names it within all corpora: format, then the source's own number or address.
        text: Plain text; paragraphs are separated by an empty line.
        messages: A dialogue.
        meta: What is known of it: title, address, language, score.
    """

    id: str
    text: str = ""
    messages: tuple[DialogueMessage, ...] = ()
    meta: Mapping[str, Value] = field(default_factory=lambda: _NOTHING)

    def body(self) -> str:
        """All its words as one string, for filters and fingerprints."""
        return self.text or "\n".join(message.content for message in self.messages)

    def cleaned(self) -> Document:
        """The same without control characters, bidi tricks and lone surrogates, whatever they came from."""
        turns = tuple(DialogueMessage(turn.role, clean(turn.content).strip()) for turn in self.messages)
        return Document(clean(self.id), clean(self.text).strip(), turns, _cleaned(self.meta))

    def to_json(self) -> str:
        """One line of JSON, as :func:`aigc_tui.corpora.records.read_records` reads it."""
        body: dict[str, object] = {"text": self.text}
        if self.messages:
            body = {"messages": [{"role": turn.role, "content": turn.content} for turn in self.messages]}
        return json.dumps({"id": self.id, **body, "meta": dict(self.meta)}, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Dropped:
    """A record that gave no document.

    Args:
        reason: A short fixed word, counted in the report.
        where: Which one it was; the report keeps a few examples.
    """

    reason: str
    where: str = ""


Item: TypeAlias = Document | Dropped


def _cleaned(meta: Mapping[str, Value]) -> Mapping[str, Value]:
    return {clean(key): clean(value) if isinstance(value, str) else value for key, value in meta.items()}
