from __future__ import annotations

import random
import resource
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from aigc_tui.store import Conversation, Status, Store, StoreError
from aigc_tui.store.checks import check_store
from tests.store.processes import STREAMER, WRITER, start


def assert_whole(store: Store) -> None:
    failed = [check for check in check_store(store) if not check.ok and check.name != "store-disk"]
    assert failed == []


def test_a_killed_writer_loses_nothing_that_it_had_flushed(path: Path) -> None:
    chance = random.Random(5)
    for _ in range(12):
        child = start(STREAMER, path)
        assert child.stdout is not None
        flushed: dict[str, int] = {}
        for _ in range(chance.randint(1, 90)):
            reply, number = child.stdout.readline().split()
            flushed[reply.decode()] = int(number)
        child.send_signal(signal.SIGKILL)
        child.communicate()
        with Store.open(path) as store:
            assert store.recover() <= 1
            assert_whole(store)
            for name, words in flushed.items():
                kept = store.messages.get(name)
                assert f"word{words} 词语{words}" in kept.content
                assert kept.status in (Status.COMPLETE, Status.INTERRUPTED)
            assert len(store.search("词语0", limit=5)) > 0


def test_two_processes_write_side_by_side(path: Path) -> None:
    children = [start(WRITER, path, name, "60") for name in ("alpha", "beta")]
    with Store.open(path) as store:
        mine = store.conversations.create(title="mine")
        for number in range(60):
            store.messages.add(conversation=mine.id, parent=None, role="user", content=f"mine {number}")
        for child in children:
            _, errors = child.communicate(timeout=120)
            assert child.returncode == 0, errors.decode()
        assert [one.messages for one in store.conversations.page()] == [60, 60, 60]
        assert len(store.search("alpha", limit=100)) == 61
        assert_whole(store)


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond a size: what a full disk looks like, without root."""
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_refuses_new_words_and_keeps_the_old(path: Path) -> None:
    with Store.open(path) as store:
        conversation = store.conversations.create(title="before")
        kept = store.messages.add(
            conversation=conversation.id, parent=None, role="user", content="kept words"
        )
        full = path.with_name("store.db-wal").stat().st_size + 100_000

        def fill_up() -> None:
            text = "more words " * 200
            for _ in range(1000):
                store.messages.add(conversation=conversation.id, parent=kept.id, role="user", content=text)

        with largest_file(full), pytest.raises(StoreError) as caught:
            fill_up()
        assert "\n" not in str(caught.value)
        count = store.conversations.get(conversation.id).messages
        assert count == len(store.messages.tree(conversation.id)) >= 1
        after = store.messages.add(conversation=conversation.id, parent=kept.id, role="user", content="after")
        assert store.messages.get(kept.id) == kept
        assert store.conversations.get(conversation.id).head == after.id
        assert_whole(store)
    with Store.open(path) as store:
        assert_whole(store)


class Fault(sqlite3.OperationalError):
    """Stands for whatever a disk may say."""


class Faulty(sqlite3.Connection):
    """Fails at the n-th statement, and as SQLite does on an I/O error, at times with the transaction gone."""

    fail_at = -1
    forget_transaction = False
    statements = 0

    def execute(self, sql: str, *arguments: Any) -> sqlite3.Cursor:
        if not sql.startswith(("PRAGMA", "ROLLBACK")):
            Faulty.statements += 1
            if Faulty.statements == Faulty.fail_at:
                if Faulty.forget_transaction and self.in_transaction:
                    super().execute("ROLLBACK")
                raise Fault("disk I/O error")
        return super().execute(sql, *arguments)


def use_cases(store: Store, conversation: Conversation) -> dict[str, Callable[[], object]]:
    question, reply = store.messages.tree(conversation.id)[:2]

    def add(parent: str, text: str, status: Status = Status.COMPLETE) -> str:
        return store.messages.add(
            conversation=conversation.id, parent=parent, role="user", content=text, status=status
        ).id

    streaming = add(question.id, "half", Status.STREAMING)
    spare = store.conversations.create(title="spare")
    return {
        "create": lambda: store.conversations.create(title="new"),
        "add": lambda: add(reply.id, "new words"),
        "flush": lambda: store.messages.flush(streaming, "half and more", 2),
        "finish": lambda: store.messages.finish(streaming, "whole", Status.COMPLETE),
        "reopen": lambda: store.messages.reopen(reply.id),
        "rename": lambda: store.conversations.rename(conversation.id, "renamed"),
        "set_head": lambda: store.conversations.set_head(conversation.id, reply.id),
        "purge": lambda: store.conversations.purge(spare.id),
        "recover": store.recover,
        "search": lambda: store.search("words"),
    }


@pytest.mark.parametrize("forget_transaction", [False, True])
@pytest.mark.parametrize(
    "name", ["create", "add", "flush", "finish", "reopen", "rename", "set_head", "purge", "recover", "search"]
)
def test_a_fault_at_any_statement_changes_all_or_nothing(
    path: Path, name: str, forget_transaction: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(path, factory=Faulty) as store:
        conversation = store.conversations.create(title="talk")
        first = store.messages.add(conversation=conversation.id, parent=None, role="user", content="words")
        store.messages.add(
            conversation=conversation.id, parent=first.id, role="assistant", content="more words"
        )
        monkeypatch.setattr(Faulty, "forget_transaction", forget_transaction)
        for at in range(1, 100):
            case = use_cases(store, conversation)[name]
            before = dump(path)
            failure = failure_of(case, at, monkeypatch)
            assert_whole(store)
            if not failure:
                break
            assert "\n" not in failure
            assert dump(path) == before
        assert 1 < at < 99


def failure_of(case: Callable[[], object], at: int, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let the statement of that number fail; returns what the store said of it, "" where there were fewer."""
    monkeypatch.setattr(Faulty, "statements", 0)
    monkeypatch.setattr(Faulty, "fail_at", at)
    try:
        case()
    except StoreError as error:
        return str(error)
    finally:
        monkeypatch.setattr(Faulty, "fail_at", -1)
    return ""


def dump(path: Path) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    rows = [
        *connection.execute("SELECT * FROM conversation ORDER BY seq"),
        *connection.execute("SELECT * FROM message ORDER BY seq"),
    ]
    connection.close()
    return rows
