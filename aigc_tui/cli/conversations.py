"""Find the conversation that an argument names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aigc_tui.cli.errors import CommandError

if TYPE_CHECKING:
    from aigc_tui.store import Store
    from aigc_tui.store.records import Conversation

LAST = "last"


def find_conversation(store: Store, name: str) -> Conversation:
    """Find a conversation by its id, the beginning or end of it, or `last`: the chat touched last.

    Raises:
        CommandError: There is no conversation yet.
        StoreError: None or several match.
    """
    if name != LAST:
        return store.conversations.find(name)
    found = store.conversations.latest("chat")
    if found is None:
        raise CommandError("no conversation yet; `aigc-tui chat` starts one")
    return found
