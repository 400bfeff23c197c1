"""`import_file`: find out what a file is, read it, and store each conversation in a transaction of its own.

An import that breaks off keeps every conversation before the break whole, and says what was left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from aigc_tui.ids import utc_now, uuid7
from aigc_tui.message import Message, message, reason_of
from aigc_tui.store.errors import StoreError
from aigc_tui.store.records import Message as MessageRow
from aigc_tui.store.store import Store
from aigc_tui.store.transfer.draft import (
    Draft,
    DraftMessage,
    Found,
    Skipped,
    UnreadableFileError,
    parse_json,
    read_capped,
)
from aigc_tui.store.transfer.from_chatgpt import read_mapping, read_zip
from aigc_tui.store.transfer.from_json import read_jsonl, read_object
from aigc_tui.store.transfer.from_markdown import read_markdown
from aigc_tui.text import one_line

_ZIP = b"PK\x03\x04"
_TITLE_LENGTH = 60


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did."""

    conversations: int
    messages: int
    skipped: tuple[Message, ...]
    """What was left out: one line each, with the place in the file and the reason."""


def import_file(store: Store, path: Path) -> ImportReport:
    """Import our json or jsonl, ChatGPT's export (zip or conversations.json) or a Markdown transcript.

    Imported conversations are new ones: importing a file twice gives two copies.

    Args:
        store: where to.
        path: the file; its content decides what it is, then its suffix.

    Raises:
        StoreError: nothing of the file could be read, or the store refused; one line says why.
    """
    conversations = messages = 0
    skipped: list[Message] = []
    try:
        for found in _reader(path)(path):
            if isinstance(found, Skipped):
                skipped.append(found.reason)
            elif not found.messages:
                skipped.append(
                    message(
                        "{place}: '{title}' holds no messages",
                        place=one_line(path.name),
                        title=one_line(found.title, 60),
                    )
                )
            else:
                _save(store, found)
                conversations += 1
                messages += len(found.messages)
    except UnreadableFileError as error:
        if not conversations:
            raise StoreError(error.message) from error
        skipped.append(message("{problem}; the rest was not read", problem=error))
    return ImportReport(conversations, messages, tuple(skipped))


def _reader(path: Path) -> Callable[[Path], Found]:
    try:
        with path.open("rb") as file:
            start = file.read(4096)
    except OSError as error:
        raise UnreadableFileError(
            "{path}: cannot be read: {reason}", path=path, reason=reason_of(error)
        ) from error
    if start.startswith(_ZIP):
        return read_zip
    if path.suffix.lower() == ".jsonl":
        return read_jsonl
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    return _read_json if path.suffix.lower() == ".json" or text.startswith(b"{") else read_markdown


def _read_json(path: Path) -> Found:
    """Read one object of ours, a list of them, or ChatGPT's list; a file of lines passes too."""
    where = one_line(path.name)
    data = read_capped(path)
    try:
        value = parse_json(data, where)
    except UnreadableFileError:
        first, _, rest = data.strip().partition(b"\n")
        if not rest or not _is_json(first):
            raise
        yield from read_jsonl(path)
        return
    items = value if isinstance(value, list) else [value]
    for number, item in enumerate(items, start=1):
        place = _numbered(where, number) if isinstance(value, list) else where
        foreign = isinstance(item, dict) and "mapping" in item
        yield from read_mapping(item, place) if foreign else read_object(item, place)


def _numbered(where: str, number: int) -> Message:
    return message("{file}: conversation {number}", file=where, number=number)


def _is_json(line: bytes) -> bool:
    try:
        parse_json(line, "")
    except UnreadableFileError:
        return False
    return True


def _save(store: Store, draft: Draft) -> None:
    now = utc_now()
    with store.database.write():
        conversation = store.conversations.create(
            kind=draft.kind,
            title=draft.title or _title(draft),
            persona=draft.persona,
            model=draft.model,
            created=draft.created or now,
        )
        ids: list[str] = []
        for each in draft.messages:
            ids.append(uuid7())
            store.messages.insert(_row(conversation.id, ids, each, draft.created or now))
        head = ids[-1 if draft.head is None else draft.head]
        store.conversations.settle(
            conversation.id, head, draft.updated or draft.created or now, draft.archived
        )


def _row(conversation: str, ids: list[str], message: DraftMessage, now: str) -> MessageRow:
    values: dict[str, Any] = {field.name: getattr(message, field.name) for field in fields(DraftMessage)}
    values["parent"] = None if message.parent is None else ids[message.parent]
    values["created"] = message.created or now
    return MessageRow(id=ids[-1], conversation=conversation, **values)


def _title(draft: Draft) -> str:
    first = next((message.content for message in draft.messages if message.role == "user"), "")
    return one_line(first, _TITLE_LENGTH)
