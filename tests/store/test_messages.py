from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from aigc_tui.ids import uuid7
from aigc_tui.store import Conversation, Message, Status, Store, StoreError
from tests.store.conftest import Talk


def contents(messages: list[Message]) -> list[str]:
    return [message.content for message in messages]


def add(store: Store, conversation: Conversation, parent: str | None, text: str) -> Message:
    return store.messages.add(conversation=conversation.id, parent=parent, role="user", content=text)


def test_an_added_message_is_the_head(store: Store, conversation: Conversation, talk: Talk) -> None:
    said = talk("one", "two")
    assert store.conversations.get(conversation.id).head == said[-1].id
    assert contents(store.messages.path(conversation.id)) == ["one", "two"]


def test_an_empty_conversation_has_an_empty_path(store: Store, conversation: Conversation) -> None:
    assert store.messages.path(conversation.id) == []
    assert store.messages.path("no such conversation") == []


def test_siblings_stand_in_the_order_in_which_they_were_made(
    store: Store, conversation: Conversation, talk: Talk
) -> None:
    asked, first = talk("question", "first answer")
    second = add(store, conversation, asked.id, "second answer")
    siblings = store.messages.siblings(first.id)
    assert contents(siblings) == ["first answer", "second answer"]
    assert [(message.siblings, message.sibling_index) for message in siblings] == [(2, 0), (2, 1)]
    assert second.sibling_index == 1


def test_roots_are_siblings_of_each_other_in_their_conversation_only(
    store: Store, conversation: Conversation, talk: Talk
) -> None:
    (root,) = talk("root")
    edited = add(store, conversation, None, "edited root")
    other = store.conversations.create()
    add(store, other, None, "another talk")
    assert contents(store.messages.siblings(root.id)) == ["root", "edited root"]
    assert (edited.siblings, edited.sibling_index) == (2, 1)


def test_a_path_leads_to_any_leaf(store: Store, conversation: Conversation, talk: Talk) -> None:
    asked, first = talk("question", "first answer")
    second = add(store, conversation, asked.id, "second answer")
    assert contents(store.messages.path(conversation.id)) == ["question", "second answer"]
    assert contents(store.messages.path(conversation.id, first.id)) == ["question", "first answer"]
    store.conversations.set_head(conversation.id, first.id)
    assert contents(store.messages.path(conversation.id)) == ["question", "first answer"]
    assert contents(store.messages.tree(conversation.id)) == ["question", "first answer", "second answer"]
    assert second.parent == asked.id


def test_a_path_is_read_in_pages_from_the_leaf(store: Store, conversation: Conversation, talk: Talk) -> None:
    texts = [str(number) for number in range(25)]
    talk(*texts)
    page = store.messages.path(conversation.id, limit=10)
    assert contents(page) == texts[15:]
    page = store.messages.path(conversation.id, limit=10, before=page[0].id)
    assert contents(page) == texts[5:15]
    page = store.messages.path(conversation.id, limit=10, before=page[0].id)
    assert contents(page) == texts[:5]
    assert store.messages.path(conversation.id, limit=10, before=page[0].id) == []
    assert store.messages.path(conversation.id, limit=0) == []


def test_a_page_of_a_long_conversation_reads_no_more_than_the_page(
    store: Store, conversation: Conversation
) -> None:
    with store.database.write():
        parent = None
        for number in range(3000):
            parent = add(store, conversation, parent, f"message {number}").id
    with store.database.read() as connection:
        steps = 0

        def count() -> int:
            nonlocal steps
            steps += 1
            return 0

        connection.set_progress_handler(count, 100)
    store.messages.path(conversation.id, limit=30)
    page_steps, steps = steps, 0
    store.messages.path(conversation.id)
    assert page_steps * 20 < steps
    with store.database.read() as connection:
        connection.set_progress_handler(None, 0)


def test_the_newest_leaf_is_the_youngest_message_of_the_branch(
    store: Store, conversation: Conversation, talk: Talk
) -> None:
    asked, first = talk("question", "first")
    second = add(store, conversation, asked.id, "second")
    below = add(store, conversation, first.id, "below the first")
    assert store.messages.newest_leaf(asked.id) == store.messages.newest_leaf(first.id) == below
    assert store.messages.newest_leaf(second.id) == second


def test_a_reply_lives_from_its_row_to_its_end(store: Store, conversation: Conversation, talk: Talk) -> None:
    (asked,) = talk("question")
    reply = store.messages.add(
        conversation=conversation.id, parent=asked.id, role="assistant", status=Status.QUEUED, model="starter"
    )
    store.messages.note_prompt(reply.id, "abc", '{"seed": 1}')
    store.messages.flush(reply.id, "half", 2)
    flushed = store.messages.get(reply.id)
    assert (flushed.status, flushed.content, flushed.new_tokens) == (Status.STREAMING, "half", 2)
    done = store.messages.finish(
        reply.id, "half and half", Status.STOPPED, prompt_tokens=9, reused_tokens=4, new_tokens=5, seconds=0.5
    )
    assert done == replace(
        flushed, content="half and half", status=Status.STOPPED, prompt_tokens=9, reused_tokens=4,
        new_tokens=5, seconds=0.5, prompt_hash="abc", sampling='{"seed": 1}',
    )  # fmt: skip


def test_a_flush_that_comes_late_changes_nothing(store: Store, talk: Talk) -> None:
    _, reply = talk("question", "the whole answer")
    store.messages.flush(reply.id, "the whole", 2)
    assert store.messages.get(reply.id) == reply


def test_a_reply_cannot_end_as_streaming(store: Store, talk: Talk) -> None:
    _, reply = talk("question", "answer")
    with pytest.raises(StoreError, match="cannot end as 'streaming'"):
        store.messages.finish(reply.id, "answer", Status.STREAMING)


def test_hostile_characters_are_made_visible_on_the_way_in(store: Store, talk: Talk) -> None:
    (message,) = talk("a\x00b\x1b]52;c;x\x07\ud800\u202e")
    stored = store.messages.get(message.id).content
    assert stored == message.content
    assert not set("\x00\x1b\x07\ud800\u202e") & set(stored)


def test_a_rating_is_up_down_or_none(store: Store, talk: Talk) -> None:
    (message,) = talk("hello")
    for value in (1, -1, 0):
        store.messages.rate(message.id, value)
        assert store.messages.get(message.id).rating == value
    with pytest.raises(StoreError, match="-1, 0 or 1"):
        store.messages.rate(message.id, 5)


def test_what_does_not_fit_is_refused_and_changes_nothing(
    store: Store, conversation: Conversation, talk: Talk
) -> None:
    (message,) = talk("hello")
    other = store.conversations.create()
    before = store.conversations.get(conversation.id)
    for place, parent, role in (
        ("nowhere", None, "user"),
        (other.id, message.id, "user"),
        (conversation.id, "nobody", "user"),
        (conversation.id, None, "pope"),
    ):
        with pytest.raises(StoreError):
            store.messages.add(conversation=place, parent=parent, role=role, content="x")
    for call in (
        store.messages.get,
        store.messages.newest_leaf,
        store.messages.siblings,
        store.messages.reopen,
    ):
        with pytest.raises(StoreError, match="no message"):
            call("nothing")
    assert store.conversations.get(conversation.id) == before


def test_an_inserted_message_keeps_its_id_and_time(store: Store, conversation: Conversation) -> None:
    message = Message(
        uuid7(), conversation.id, None, "user", "me", "old words", Status.STOPPED, "2001-01-01T00:00:00Z", 1
    )
    store.messages.insert(message)
    assert store.messages.get(message.id) == message
    with pytest.raises(StoreError, match="cannot be stored"):
        store.messages.insert(message)


def test_replies_of_a_dead_process_become_interrupted(store: Store, conversation: Conversation) -> None:
    script = (
        "import sys, pathlib\n"
        "from aigc_tui.store import Status, Store\n"
        "store = Store.open(pathlib.Path(sys.argv[1]))\n"
        "add = store.messages.add\n"
        "reply = add(conversation=sys.argv[2], parent=None, role='assistant', status=Status.STREAMING)\n"
        "store.messages.flush(reply.id, 'half a walrus', 3)\n"
        "add(conversation=sys.argv[2], parent=None, role='assistant', status=Status.QUEUED)\n"
    )
    command = [sys.executable, "-c", script, str(store.database.path), conversation.id]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    mine = store.messages.add(
        conversation=conversation.id, parent=None, role="assistant", status=Status.STREAMING
    )
    assert store.recover() == 2
    assert store.recover() == 0
    left, queued, streaming = store.messages.tree(conversation.id)
    assert (left.status, left.content) == (Status.INTERRUPTED, "half a walrus")
    assert queued.status == Status.INTERRUPTED
    assert (streaming.id, streaming.status) == (mine.id, Status.STREAMING)
    assert [hit.message for hit in store.search("walrus")] == [left.id]


def test_an_interrupted_reply_can_be_continued_in_place(store: Store, talk: Talk) -> None:
    _, reply = talk("question", "half")
    store.messages.reopen(reply.id)
    assert store.messages.get(reply.id).status == Status.STREAMING
    store.messages.flush(reply.id, "half and more", 3)
    assert store.messages.finish(reply.id, "half and more.", Status.COMPLETE).content == "half and more."


def test_a_reply_that_another_process_writes_cannot_be_reopened(
    store: Store, conversation: Conversation
) -> None:
    reply = store.messages.add(
        conversation=conversation.id, parent=None, role="assistant", status=Status.STREAMING
    )
    parent = f"{os.getppid()}:"
    with store.database.write() as connection:
        connection.execute("UPDATE message SET owner = ? WHERE id = ?", (parent, reply.id))
    with pytest.raises(StoreError, match="another aigc-tui"):
        store.messages.reopen(reply.id)


def test_the_speed_of_a_model_is_the_median_of_its_latest_replies(
    store: Store, conversation: Conversation
) -> None:
    def reply(model: str, tokens: int, seconds: float) -> None:
        added = store.messages.add(
            conversation=conversation.id, parent=None, role="assistant", model=model, status=Status.STREAMING
        )
        store.messages.finish(added.id, "text", Status.COMPLETE, new_tokens=tokens, seconds=seconds)

    assert store.messages.speeds() == {}
    for tokens in (100, 200, 900):
        reply("qwen", tokens, 10.0)
    reply("qwen", 3, 10.0)  # too short to tell
    reply("remote", 50, 0.0)  # nobody timed it
    reply("starter", 40, 1.0)
    assert store.messages.speeds() == {"qwen": 20.0, "starter": 40.0}
