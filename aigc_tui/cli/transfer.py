"""What `history export` writes, and where."""

from __future__ import annotations

from pathlib import Path

from aigc_tui.cli.conversations import find_conversation
from aigc_tui.cli.output import data
from aigc_tui.cli.target import check_target
from aigc_tui.files import write_text
from aigc_tui.store import Store
from aigc_tui.store.records import Conversation
from aigc_tui.store.transfer import export_html, export_json, export_jsonl, export_md

PAGE = 200
WHOLE_TREE = ("json",)
"""Formats that keep sibling replies; the others hold the path on show."""
_WRITERS = {"md": export_md, "json": export_json, "jsonl": export_jsonl, "html": export_html}


def export_one(store: Store, name: str, form: str) -> str:
    """Word a conversation in a format.

    Raises:
        StoreError: None or several conversations match the name.
    """
    return _write(store, find_conversation(store, name), form)


def export_all(store: Store) -> str:
    """Word every conversation but the deleted ones, newest first, archived ones last: a JSON line each."""
    lines: list[str] = []
    for archived in (False, True):
        last: Conversation | None = None
        while page := store.conversations.page(archived=archived, limit=PAGE, before=last):
            lines += [_write(store, one, "jsonl").rstrip("\n") for one in page]
            last = page[-1]
    return "".join(f"{line}\n" for line in lines)


def _write(store: Store, one: Conversation, form: str) -> str:
    messages = store.messages.tree(one.id) if form in WHOLE_TREE else store.messages.path(one.id)
    return _WRITERS[form](one, messages)


def write_export(text: str, output: Path | None, *, force: bool) -> None:
    """Write an export to stdout, or atomically to a file.

    Raises:
        CommandError: The file exists and nobody said that it may be overwritten, or its folder does not.
        OSError: It cannot be written.
    """
    if output is None:
        data(text.rstrip("\n"))
        return
    check_target(output, force=force)
    write_text(output, text)
