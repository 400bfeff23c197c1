from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from aigc_tui.store import Conversation, Message, Store

Talk = Callable[..., list[Message]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "store.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path) as opened:
        yield opened


@pytest.fixture
def conversation(store: Store) -> Conversation:
    return store.conversations.create(title="A talk")


@pytest.fixture
def talk(store: Store, conversation: Conversation) -> Talk:
    """Append messages, user first, each under the one before."""

    def append(*texts: str) -> list[Message]:
        said: list[Message] = []
        for place, text in enumerate(texts):
            parent = said[-1].id if said else store.conversations.get(conversation.id).head
            role = "assistant" if place % 2 else "user"
            said.append(
                store.messages.add(conversation=conversation.id, parent=parent, role=role, content=text)
            )
        return said

    return append
