"""Which messages an export shows: the path on show, out of whatever part of the tree was handed over."""

from __future__ import annotations

from collections.abc import Sequence

from aigc_tui.store.records import Conversation, Message


def shown_path(conversation: Conversation, messages: Sequence[Message]) -> list[Message]:
    """Pick the messages from the root to the head of a conversation, in the order of talk.

    Args:
        conversation: the conversation; without a head among `messages`, the last of these counts as the head.
        messages: the path itself or the whole tree, parents before children.
    """
    by_id = {message.id: message for message in messages}
    current = by_id.get(conversation.head or "") or (messages[-1] if messages else None)
    path: list[Message] = []
    while current is not None:
        path.append(current)
        # Taken out, so that a damaged tree with a loop ends too.
        del by_id[current.id]
        current = by_id.get(current.parent or "")
    return path[::-1]
