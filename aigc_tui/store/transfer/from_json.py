"""Import our own json and jsonl, and any file of `{"title", "messages": [{"role", "content"}]}`.

A broken line, message or value in a long file costs that one, and is reported with its line.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from aigc_tui.message import Message, message
from aigc_tui.store.records import Status
from aigc_tui.store.transfer.draft import (
    LARGEST_FILE,
    LARGEST_MESSAGE,
    Draft,
    DraftMessage,
    Found,
    Node,
    Place,
    Skipped,
    UnreadableFileError,
    as_messages,
    content_of,
    in_order,
    integer_of,
    parse_json,
    place_of,
    seconds_of,
    text_of,
    time_of,
    too_long,
)
from aigc_tui.text import one_line

_ROLES = {
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "ai": "assistant",
    "bot": "assistant",
    "gpt": "assistant",
    "model": "assistant",
    "system": "system",
    "developer": "system",
    "notice": "notice",
}
_BROKEN_OFF = {"queued": Status.INTERRUPTED, "streaming": Status.INTERRUPTED}
_KINDS = ("chat", "write", "quiz")


def read_jsonl(path: Path) -> Found:
    """Read a file with a conversation on every line; empty lines are allowed."""
    with path.open("rb") as file:
        number = 0
        while line := file.readline(LARGEST_FILE + 1):
            number += 1
            where = f"{one_line(path.name)}:{number}"
            if len(line) > LARGEST_FILE:
                raise UnreadableFileError(
                    "{place}: a line of more than {limit} MB", place=where, limit=LARGEST_FILE >> 20
                )
            if line.strip():
                yield from _read_line(line, where)


def read_object(value: object, where: Place) -> Found:
    """Read one conversation out of parsed JSON."""
    if not isinstance(value, dict):
        yield Skipped(
            message(
                "{place}: must be an object with `messages`, not {type}",
                place=where,
                type=type(value).__name__,
            )
        )
        return
    listed = value.get("messages")
    if not isinstance(listed, list):
        yield Skipped(message("{place}: no list of `messages`", place=where))
        return
    branches = value.get("branches")
    nodes: list[Node] = []
    seen: set[str] = set()
    for place, item in enumerate([*listed, *(branches if isinstance(branches, list) else [])]):
        problem = _take(nodes, seen, item, place)
        if problem:
            yield Skipped(
                message("{place}: message {name}: {problem}", place=where, name=place + 1, problem=problem)
            )
    ordered = in_order(nodes)
    if len(ordered) < len(nodes):
        yield Skipped(
            message(
                "{place}: {count} messages whose parents form a circle",
                place=where,
                count=len(nodes) - len(ordered),
            )
        )
    yield _draft(value, ordered)


def _read_line(line: bytes, where: Place) -> Found:
    try:
        value = parse_json(line, where)
    except UnreadableFileError as error:
        yield Skipped(error.message)
    else:
        yield from read_object(value, where)


def _draft(value: Mapping[str, object], nodes: list[Node]) -> Draft:
    kind = text_of(value, "kind")
    return Draft(
        title=text_of(value, "title"),
        messages=as_messages(nodes),
        head=place_of(nodes, text_of(value, "head")),
        kind=kind if kind in _KINDS else "chat",
        persona=one_line(text_of(value, "persona"), 100),
        model=one_line(text_of(value, "model")),
        created=time_of(value, "created"),
        updated=time_of(value, "updated"),
        archived=value.get("archived") is True,
    )


def _take(nodes: list[Node], seen: set[str], item: object, place: int) -> Message | None:
    """Append a message to the nodes; returns why it was not taken, or None."""
    if not isinstance(item, dict):
        return message("not an object")
    role = _ROLES.get(text_of(item, "role").lower())
    if role is None:
        return message("unknown role '{role}'", role=one_line(str(item.get("role")), 40))
    content = content_of(item.get("content"))
    if len(content) > LARGEST_MESSAGE:
        return too_long()
    name = text_of(item, "id") or f"\0{place}"
    if name in seen:
        return message("its id '{id}' occurred before", id=one_line(name, 60))
    # Without a word on its parent, a message answers the one before it.
    before = nodes[-1].id if nodes else ""
    parent = text_of(item, "parent") if "parent" in item else before
    order = integer_of(item, "order") if "order" in item else place
    nodes.append(Node(name, parent, order, _message(item, role, content)))
    seen.add(name)
    return None


def _message(item: Mapping[str, object], role: str, content: str) -> DraftMessage:
    status = text_of(item, "status")
    ended = [each.value for each in Status if each.value not in _BROKEN_OFF]
    rating = item.get("rating")
    return DraftMessage(
        parent=None,
        role=role,
        content=content,
        author=one_line(text_of(item, "author"), 100),
        status=_BROKEN_OFF.get(status, Status(status) if status in ended else Status.COMPLETE),
        created=time_of(item, "created"),
        rating=1 if rating == 1 else -1 if rating == -1 else 0,
        model=one_line(text_of(item, "model")),
        adapter=one_line(text_of(item, "adapter")),
        sampling=text_of(item, "sampling"),
        prompt_tokens=integer_of(item, "prompt_tokens"),
        reused_tokens=integer_of(item, "reused_tokens"),
        new_tokens=integer_of(item, "new_tokens"),
        seconds=seconds_of(item, "seconds"),
        prompt_hash=one_line(text_of(item, "prompt_hash")),
    )
