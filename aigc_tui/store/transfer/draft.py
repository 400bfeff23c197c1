"""What an importer reads out of a file before anything is stored, and how it reads values from outside.

Foreign formats become one shape, which is checked and stored in one place. Positions in the list stand for
ids, since ids from outside mean nothing here; a value of the wrong type costs that value, not the
conversation.
"""

from __future__ import annotations

import heapq
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from aigc_tui.message import AppError, Message, message, reason_of
from aigc_tui.store.records import Status
from aigc_tui.text import one_line


@dataclass(frozen=True, slots=True)
class DraftMessage:
    """A message to be stored. `parent` is an earlier place in `Draft.messages`; None: a root."""

    parent: int | None
    role: str
    content: str
    author: str = ""
    status: Status = Status.COMPLETE
    created: str = ""
    rating: int = 0
    model: str = ""
    adapter: str = ""
    sampling: str = ""
    prompt_tokens: int = 0
    reused_tokens: int = 0
    new_tokens: int = 0
    seconds: float = 0.0
    prompt_hash: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A conversation to be stored. `head` is a place in `messages`; None: the last one."""

    title: str
    messages: Sequence[DraftMessage]
    head: int | None = None
    kind: str = "chat"
    persona: str = ""
    model: str = ""
    created: str = ""
    updated: str = ""
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something in a file that was not taken, and why, in one line that names the place."""

    reason: Message


Place = str | Message
"""Where in a file: its name, perhaps with a line or the number of a conversation."""
Found = Iterator[Draft | Skipped]


class UnreadableFileError(AppError):
    """Nothing of the file can be imported; the message says why in one line."""


LARGEST_FILE = 256 << 20
LARGEST_MESSAGE = 4 << 20
_LARGEST_INTEGER = 1 << 53
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z")
_NOTES = {
    "image_asset_pointer": "[image]",
    "image_url": "[image]",
    "input_audio": "[audio]",
    "file": "[file]",
}


def parse_json(text: str | bytes, where: Place) -> object:
    """Parse JSON under our caps; UnreadableFileError: broken, nested too deeply or not UTF-8."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise UnreadableFileError(
            "{place}: not JSON: {problem} at line {line}, column {column}",
            place=where,
            problem=error.msg,
            line=error.lineno,
            column=error.colno,
        ) from error
    except RecursionError as error:
        raise UnreadableFileError("{place}: nested too deeply", place=where) from error
    except ValueError as error:
        raise UnreadableFileError(
            "{place}: not readable as JSON: {problem}", place=where, problem=one_line(str(error))
        ) from error


def too_long() -> Message:
    """Why a message was not taken."""
    return message("longer than {limit} characters", limit=f"{LARGEST_MESSAGE:,}")


def read_capped(path: Path) -> bytes:
    """Read a whole file; UnreadableFileError: too large, or not readable."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise UnreadableFileError(
            "{path}: cannot be read: {reason}", path=path.name, reason=reason_of(error)
        ) from error
    if len(data) > LARGEST_FILE:
        raise UnreadableFileError(
            "{path}: larger than {limit} MB; split it", path=path.name, limit=LARGEST_FILE >> 20
        )
    return data


def text_of(source: Mapping[str, object], key: str) -> str:
    """A string, or empty."""
    value = source.get(key)
    return value if isinstance(value, str) else ""


def integer_of(source: Mapping[str, object], key: str) -> int:
    """A count between 0 and 2**53, or 0."""
    value = source.get(key)
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and isinstance(value, int) and 0 <= value <= _LARGEST_INTEGER else 0


def seconds_of(source: Mapping[str, object], key: str) -> float:
    """A finite duration, or 0."""
    value = source.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.0
    return float(value) if 0 <= value <= _LARGEST_INTEGER and math.isfinite(value) else 0.0


def time_of(source: Mapping[str, object], key: str) -> str:
    """A time of ours as it is, seconds since 1970 as a time of ours, or empty."""
    value = source.get(key)
    if isinstance(value, str):
        return value if _TIME.fullmatch(value) else ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    try:
        moment = datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        return ""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def content_of(value: object) -> str:
    """The text of a message: a string, or a list of parts of which those that are no text become a note."""
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        return ""
    return "\n".join(filter(None, map(_part, value)))


def _part(part: object) -> str:
    if isinstance(part, str):
        return part
    if not isinstance(part, dict):
        return ""
    kind = text_of(part, "type") or text_of(part, "content_type")
    return text_of(part, "text") or _NOTES.get(kind, f"[{kind[:40] or 'attachment'}]")


@dataclass(frozen=True, slots=True)
class Node:
    """A message with the file's own ids. A parent that no node bears makes it a root."""

    id: str
    parent: str
    order: int
    message: DraftMessage


def in_order(nodes: Sequence[Node]) -> list[Node]:
    """Sort nodes by their order, but none before its parent; those in a circle are left out.

    Of the nodes whose parents have been placed, the one of smallest order comes next (Kahn's algorithm).
    """
    known = {node.id for node in nodes}
    waiting: dict[str, list[int]] = {}
    ready: list[tuple[int, int]] = []
    for place, node in enumerate(nodes):
        if node.parent in known:
            waiting.setdefault(node.parent, []).append(place)
        else:
            ready.append((node.order, place))
    heapq.heapify(ready)
    ordered: list[Node] = []
    while ready:
        node = nodes[heapq.heappop(ready)[1]]
        ordered.append(node)
        for place in waiting.pop(node.id, ()):
            heapq.heappush(ready, (nodes[place].order, place))
    return ordered


def as_messages(nodes: Sequence[Node]) -> list[DraftMessage]:
    """Turn ordered nodes into messages that name their parents by place."""
    places: dict[str, int] = {}
    messages: list[DraftMessage] = []
    for node in nodes:
        messages.append(replace(node.message, parent=places.get(node.parent)))
        places[node.id] = len(messages) - 1
    return messages


def place_of(nodes: Sequence[Node], node_id: str) -> int | None:
    """Where a node stands, or None."""
    return next((place for place, node in enumerate(nodes) if node.id == node_id), None)
