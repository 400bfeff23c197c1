"""The store: conversations, messages and their search in one SQLite file that survives crash and full disk.

Why it exists: whatever the user said or was told is kept here, whole, and found again; every other part of
the program reads and writes it through `Store`. The rows' classes come at once, what needs SQLite comes on
first use: the interface names messages before its first frame and opens the store after it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from aigc_tui.store.records import Conversation, Message, SearchHit, Status

if TYPE_CHECKING:
    from aigc_tui.store.errors import SchemaError, StoreBusyError, StoreError
    from aigc_tui.store.store import Store

__all__ = [
    "Conversation",
    "Message",
    "SchemaError",
    "SearchHit",
    "Status",
    "Store",
    "StoreBusyError",
    "StoreError",
]
_ON_FIRST_USE = {
    "SchemaError": "aigc_tui.store.errors",
    "Store": "aigc_tui.store.store",
    "StoreBusyError": "aigc_tui.store.errors",
    "StoreError": "aigc_tui.store.errors",
}


def __getattr__(name: str) -> object:
    if name not in _ON_FIRST_USE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_ON_FIRST_USE[name]), name)
