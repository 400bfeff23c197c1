"""A conversation as JSON: a line that training tools read, with everything else beside it for our own import.

Why it exists: `{"title", "messages": [{"role", "content"}]}` is the shape that chat datasets share, so the
path on show stands there alone. Siblings off that path stand under `branches`, and further keys carry the
rest, so that importing the file again loses nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from aigc_tui.store.records import Conversation, Message
from aigc_tui.store.transfer.label import ai_label, by_model, catalogue_for
from aigc_tui.store.transfer.path import shown_path

VERSION = 1


def export_json(conversation: Conversation, messages: Sequence[Message]) -> str:
    """Write a conversation as one indented JSON object.

    Args:
        conversation: the conversation.
        messages: its whole tree (nothing is lost) or a path, parents before children.
    """
    return json.dumps(_object(conversation, messages), ensure_ascii=False, indent=1) + "\n"


def export_jsonl(conversation: Conversation, messages: Sequence[Message]) -> str:
    """Write a conversation as one line, the same object as `export_json`; lines may be joined to a file."""
    return json.dumps(_object(conversation, messages), ensure_ascii=False) + "\n"


def _object(conversation: Conversation, messages: Sequence[Message]) -> dict[str, object]:
    path = shown_path(conversation, messages)
    on_path = {message.id for message in path}
    order = {message.id: place for place, message in enumerate(messages)}
    branches = [message for message in messages if message.id not in on_path]
    return {
        "title": conversation.title,
        "messages": [_message(message, order[message.id]) for message in path],
        **({"branches": [_message(message, order[message.id]) for message in branches]} if branches else {}),
        "kind": conversation.kind,
        "persona": conversation.persona,
        "model": conversation.model,
        "created": conversation.created,
        "updated": conversation.updated,
        "archived": conversation.archived,
        "head": path[-1].id if path else None,
        "label": ai_label(path, catalogue_for(path)),
        "aigc_tui": VERSION,
    }


def _message(message: Message, order: int) -> dict[str, object]:
    return {
        "role": message.role,
        "content": message.content,
        "id": message.id,
        "parent": message.parent,
        "order": order,
        "author": message.author,
        "status": message.status.value,
        "created": message.created,
        "rating": message.rating,
        "model": message.model,
        "adapter": message.adapter,
        "sampling": message.sampling,
        "prompt_tokens": message.prompt_tokens,
        "reused_tokens": message.reused_tokens,
        "new_tokens": message.new_tokens,
        "seconds": message.seconds,
        "prompt_hash": message.prompt_hash,
        "ai": by_model(message),
    }
