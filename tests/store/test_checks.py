from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from aigc_tui.store import Conversation, Status, Store, StoreError
from aigc_tui.store.checks import check_file, check_store, repair
from tests.store.conftest import Talk


def failed(store: Store) -> set[str]:
    return {check.name for check in check_store(store) if not check.ok} - {"store-disk"}


def tamper(store: Store, *statements: str) -> None:
    """Change the file as no code of ours would."""
    with store.database.exclusive() as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        for statement in statements:
            connection.execute(statement)
        connection.execute("PRAGMA foreign_keys = ON")


def test_a_sound_store_passes_every_check(store: Store, talk: Talk) -> None:
    talk("hello", "你好")
    checks = check_store(store)
    assert failed(store) == set()
    assert len({check.name for check in checks}) == len(checks) == 9
    assert all(str(check.detail) and "\n" not in str(check.detail) for check in checks)
    assert repair(store) == []


def test_an_index_that_drifted_is_noticed_and_rebuilt(store: Store, talk: Talk) -> None:
    (message,) = talk("the otter")
    tamper(
        store,
        "INSERT INTO message_search (message_search, rowid, words, chars)"
        " VALUES ('delete', 1, 'the otter', '')",
    )
    assert store.search("otter") == []
    assert failed(store) == {"store-search"}
    assert [str(line) for line in repair(store)] == ["rebuilt the search index"]
    assert [hit.message for hit in store.search("otter")] == [message.id]
    assert failed(store) == set()


def test_an_index_of_titles_that_drifted_is_noticed_and_rebuilt(store: Store) -> None:
    store.conversations.create(title="otter")
    tamper(store, "INSERT INTO title_search (title_search) VALUES ('delete-all')")
    assert failed(store) == {"store-search"}
    repair(store)
    assert len(store.search("otter")) == 1


def test_messages_without_a_conversation_get_one(
    store: Store, conversation: Conversation, talk: Talk
) -> None:
    talk("lost", "words")
    tamper(store, f"DELETE FROM conversation WHERE id = '{conversation.id}'")
    assert failed(store) >= {"store-integrity", "store-messages"}
    repair(store)
    assert failed(store) == set()
    (found,) = store.conversations.page()
    assert found.title == "Recovered"
    assert [message.content for message in store.messages.path(found.id)] == ["lost", "words"]


def test_messages_without_their_parent_become_roots(
    store: Store, conversation: Conversation, talk: Talk
) -> None:
    first, second, third = talk("one", "two", "three")
    other = store.conversations.create()
    tamper(
        store,
        f"DELETE FROM message WHERE id = '{first.id}'",
        f"UPDATE message SET conversation = '{other.id}' WHERE id = '{third.id}'",
    )
    assert failed(store) >= {"store-integrity", "store-messages", "store-heads"}
    repair(store)
    assert failed(store) == set()
    assert store.messages.get(second.id).parent is store.messages.get(third.id).parent is None
    assert store.conversations.get(conversation.id).head == second.id
    assert store.conversations.get(other.id).head == third.id


def test_a_tree_with_a_loop_is_readable_and_mended(
    store: Store, conversation: Conversation, talk: Talk
) -> None:
    first, second = talk("one", "two")
    tamper(store, f"UPDATE message SET parent = '{second.id}' WHERE id = '{first.id}'")
    assert [message.content for message in store.messages.path(conversation.id)] == ["one", "two"]
    assert store.messages.newest_leaf(first.id).id == second.id
    assert failed(store) == {"store-messages"}
    repair(store)
    assert store.messages.get(first.id).parent is None
    assert failed(store) == set()


def test_heads_and_counts_are_mended(store: Store, conversation: Conversation, talk: Talk) -> None:
    said = talk("one", "two")
    tamper(store, "UPDATE conversation SET head = 'nowhere', messages = 77")
    assert failed(store) == {"store-heads"}
    assert len(repair(store)) == 2
    mended = store.conversations.get(conversation.id)
    assert (mended.head, mended.messages) == (said[-1].id, 2)


def test_what_a_dead_process_left_is_noticed_and_marked(store: Store, conversation: Conversation) -> None:
    reply = store.messages.add(
        conversation=conversation.id, parent=None, role="assistant", status=Status.STREAMING
    )
    assert failed(store) == set()
    tamper(store, "UPDATE message SET owner = '999999999:'")
    assert failed(store) == {"store-unfinished"}
    assert [str(line) for line in repair(store)] == ["marked 1 unfinished replies as interrupted"]
    assert store.messages.get(reply.id).status == Status.INTERRUPTED


def test_a_foreign_trigger_is_noticed(store: Store) -> None:
    tamper(store, "CREATE TRIGGER spy AFTER INSERT ON message BEGIN SELECT 1; END")
    (schema,) = [check for check in check_store(store) if check.name == "store-schema"]
    assert not schema.ok
    assert "trigger spy" in str(schema.detail)


def test_a_missing_index_is_noticed(store: Store) -> None:
    tamper(store, "DROP INDEX message_parent")
    assert failed(store) == {"store-schema"}


def test_a_file_that_cannot_be_opened_is_an_answer(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(b"garbage" * 1000)
    (check,) = check_file(path)
    assert (check.name, check.ok) == ("store-open", False)
    assert all(check.ok for check in check_file(tmp_path / "new.db") if check.name != "store-disk")


def test_damage_beyond_repair_is_said_in_one_line(path: Path) -> None:
    with Store.open(path) as store:
        conversation = store.conversations.create(title="x")
        for number in range(300):
            text = f"{number} some words " * 20
            store.messages.add(conversation=conversation.id, parent=None, role="user", content=text)
    with closing(sqlite3.connect(path)) as connection:
        root = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'message'").fetchone()[0]
    data = bytearray(path.read_bytes())
    data[(root - 1) * 4096 : root * 4096] = b"\xff" * 4096
    path.write_bytes(data)
    with Store.open(path) as store:
        assert "store-integrity" in failed(store)
        with pytest.raises(StoreError, match=r"restore|damaged") as caught:
            repair(store)
        assert "\n" not in str(caught.value)
