from __future__ import annotations

import pytest

from aigc_tui.store import Conversation, Store, StoreError
from tests.store.conftest import Talk


def test_a_new_conversation_is_empty_and_on_top(store: Store) -> None:
    store.conversations.create(title="old")
    new = store.conversations.create(title="new", persona="tutor", model="starter")
    assert (new.messages, new.head, new.kind, new.archived) == (0, None, "chat", False)
    assert store.conversations.page()[0] == store.conversations.get(new.id) == new


def test_the_list_is_paged_newest_first_without_gaps(store: Store) -> None:
    made = [store.conversations.create(title=str(number)).id for number in range(23)]
    pages: list[Conversation] = []
    while page := store.conversations.page(limit=5, before=pages[-1] if pages else None):
        pages += page
    assert [conversation.id for conversation in pages] == made[::-1]


def test_talking_moves_a_conversation_to_the_top(
    store: Store, conversation: Conversation, talk: Talk
) -> None:
    store.conversations.create(title="newer")
    talk("hello", "hi")
    top = store.conversations.page()[0]
    assert (top.id, top.messages) == (conversation.id, 2)


def test_the_latest_of_a_kind_is_the_one_touched_last(store: Store) -> None:
    assert store.conversations.latest() is None
    chat = store.conversations.create()
    store.conversations.create(kind="quiz")
    assert store.conversations.latest("chat") == chat


def test_an_unknown_kind_is_refused_in_one_line(store: Store) -> None:
    with pytest.raises(StoreError, match="chat, write, quiz"):
        store.conversations.create(kind="song")


def test_archived_conversations_have_a_list_of_their_own(store: Store, conversation: Conversation) -> None:
    store.conversations.archive(conversation.id)
    assert store.conversations.page() == []
    assert [one.id for one in store.conversations.page(archived=True)] == [conversation.id]
    store.conversations.archive(conversation.id, on=False)
    assert len(store.conversations.page()) == 1


def test_a_delete_can_be_undone(store: Store, conversation: Conversation, talk: Talk) -> None:
    talk("hello")
    store.conversations.trash(conversation.id)
    assert store.conversations.page() == []
    assert store.conversations.latest() is None
    assert [one.id for one in store.conversations.trashed()] == [conversation.id]
    store.conversations.untrash(conversation.id)
    assert store.conversations.trashed() == []
    assert [message.content for message in store.messages.path(conversation.id)] == ["hello"]


def test_a_title_is_one_clean_line(store: Store, conversation: Conversation) -> None:
    store.conversations.rename(conversation.id, "  two\nlines \x1b[31m\x00 and \ud800 ")
    title = store.conversations.get(conversation.id).title
    assert title.startswith("two lines ")
    assert "\x1b" not in title
    assert "\x00" not in title


def test_persona_model_and_head_can_be_changed(store: Store, conversation: Conversation, talk: Talk) -> None:
    first, _ = talk("one", "two")
    store.conversations.set_persona(conversation.id, "npc")
    store.conversations.set_model(conversation.id, "qwen")
    store.conversations.set_head(conversation.id, first.id)
    changed = store.conversations.get(conversation.id)
    assert (changed.persona, changed.model, changed.head) == ("npc", "qwen", first.id)


def test_a_head_must_be_of_the_conversation(store: Store, talk: Talk) -> None:
    (message,) = talk("hello")
    other = store.conversations.create()
    with pytest.raises(StoreError, match="belongs to another conversation"):
        store.conversations.set_head(other.id, message.id)


def test_a_conversation_is_found_by_the_beginning_or_end_of_its_id(store: Store) -> None:
    one, _ = store.conversations.create(), store.conversations.create()
    assert store.conversations.find(one.id.upper()) == one
    assert store.conversations.find(one.id[-8:]) == one
    with pytest.raises(StoreError, match="more than one conversation"):
        store.conversations.find(one.id[:4])
    for unknown in ("ffffffff", "", "%", "abc"):
        with pytest.raises(StoreError, match="no conversation"):
            store.conversations.find(unknown)


def test_what_does_not_exist_is_named_in_one_line(store: Store) -> None:
    for call in (
        lambda: store.conversations.get("nothing\n\x1b"),
        lambda: store.conversations.rename("nothing\n\x1b", "x"),
        lambda: store.conversations.purge("nothing\n\x1b"),
    ):
        with pytest.raises(StoreError, match="no conversation 'nothing") as caught:
            call()
        assert "\n" not in str(caught.value)
        assert "\x1b" not in str(caught.value)


def test_purged_words_are_in_no_file_of_the_store(
    store: Store, conversation: Conversation, talk: Talk
) -> None:
    talk("the secretword zyzzyva", "秘密：紫藤萝瀑布")
    store.conversations.rename(conversation.id, "secrettitle zyzzyva")
    kept = store.conversations.create(title="kept")
    store.messages.add(conversation=kept.id, parent=None, role="user", content="kept words")
    store.conversations.purge(conversation.id)
    assert store.search("zyzzyva") == store.search("紫藤") == []
    assert len(store.search("kept")) == 2
    raw = b"".join(file.read_bytes() for file in store.database.path.parent.glob("store.db*"))
    for secret in ("secretword", "zyzzyva", "secrettitl", "紫藤", "瀑"):
        assert secret.encode() not in raw
    assert b"kept words" in raw
