"""The store: conversations, messages, quizzes and their search in one SQLite file that survives a crash.

The rows' classes are imported at once, what needs SQLite on first use: the interface names messages before
its first frame and opens the store after it.
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
