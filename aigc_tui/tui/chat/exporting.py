"""Writes a conversation to a file under the user's exports folder.

Why it exists: the name comes from a title, which may be anything, and an export must never overwrite another.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from aigc_tui.text import one_line

if TYPE_CHECKING:
    from aigc_tui.tui.services import Services

FORMATS = ("md", "html", "json", "jsonl")
"""The first is taken when none is named."""
STEM_LIMIT = 40
_NOT_IN_NAMES = re.compile(r"[^\w\-]+")


def write_export(services: Services, conversation: str, form: str) -> Path:
    """Write one conversation.

    Args:
        services: The open store and paths.
        conversation: Its id.
        form: One of `FORMATS`.

    Returns:
        The new file.

    Raises:
        StoreError: There is no such conversation.
        OSError: The file cannot be written.
    """
    from aigc_tui.files import write_text
    from aigc_tui.store import transfer

    writers = {
        "md": transfer.export_md,
        "html": transfer.export_html,
        "json": transfer.export_json,
        "jsonl": transfer.export_jsonl,
    }
    found = services.store.conversations.get(conversation)
    # The whole tree: each format takes the path on show, or all branches, as it can hold them.
    text = writers[form](found, services.store.messages.tree(conversation))
    path = free_name(services.paths.make(services.paths.exports), found.title, form)
    write_text(path, text)
    return path


def free_name(folder: Path, title: str, form: str) -> Path:
    """A name made from a title that no file in the folder has yet."""
    stem = _NOT_IN_NAMES.sub("-", one_line(title, STEM_LIMIT).rstrip("…")).strip("-") or "chat"
    path, number = folder / f"{stem}.{form}", 2
    while path.exists():
        path, number = folder / f"{stem}-{number}.{form}", number + 1
    return path
