"""The store: conversations, messages and their search in one SQLite file that survives crash and full disk.

Why it exists: whatever the user said or was told is kept here, whole, and found again; every other part of
the program reads and writes it through `Store`.
"""

from __future__ import annotations

from aigc_tui.store.errors import SchemaError, StoreBusyError, StoreError
from aigc_tui.store.records import Conversation, Message, SearchHit, Status
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
