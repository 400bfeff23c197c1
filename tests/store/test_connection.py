from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from subprocess import PIPE

import pytest

from aigc_tui.store import Store, StoreBusyError, StoreError
from aigc_tui.store.connection import Database
from aigc_tui.store.lock import WriteLock, current_owner, is_alive
from tests.store.processes import child_environment


def count(store: Store) -> int:
    with store.database.read() as connection:
        return int(connection.execute("SELECT count(*) FROM conversation").fetchone()[0])


def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    def fail() -> None:
        with store.database.write():
            store.conversations.create()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert count(store) == 0


def test_a_nested_transaction_joins_the_outer_one(store: Store) -> None:
    def fail() -> None:
        with store.database.write():
            with store.database.write():
                store.conversations.create()
            assert count(store) == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert count(store) == 0


def test_other_threads_read_what_was_committed_last(store: Store) -> None:
    seen: list[int] = []
    with store.database.write():
        store.conversations.create()
        reader = threading.Thread(target=lambda: seen.append(count(store)))
        reader.start()
        reader.join(20)
    assert seen == [0]
    assert count(store) == 1


def test_threads_take_turns_at_writing(store: Store) -> None:
    def work() -> None:
        for _ in range(20):
            store.conversations.create()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert count(store) == 80


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(StoreError), store.database.read() as connection:
        connection.execute("DELETE FROM conversation")


def test_a_closed_store_says_so(store: Store) -> None:
    store.close()
    store.close()
    for call in (store.conversations.page, store.conversations.create, store.recover):
        with pytest.raises(StoreError, match="closed"):
            call()


def test_two_stores_on_one_file_see_each_others_words(path: Path, store: Store) -> None:
    with Store.open(path) as other:
        made = other.conversations.create(title="from the other")
        assert store.conversations.get(made.id).title == "from the other"
        store.conversations.rename(made.id, "renamed")
        assert other.conversations.get(made.id).title == "renamed"


def test_the_last_one_out_leaves_a_single_file(path: Path) -> None:
    with Store.open(path) as store:
        store.conversations.create()
        assert path.with_name("store.db-wal").exists()
    assert not path.with_name("store.db-wal").exists()


def test_a_lock_held_too_long_elsewhere_is_reported(tmp_path: Path) -> None:
    lock, other = WriteLock(tmp_path / "lock"), WriteLock(tmp_path / "lock", timeout=0.05)
    with lock.held(), pytest.raises(StoreBusyError, match="another aigc-tui"), other.held():
        pass
    with other.held():
        pass
    lock.close()
    other.close()


def test_every_write_holds_the_lock_file(path: Path, store: Store) -> None:
    other = WriteLock(path.with_name("store.db.lock"), timeout=0.05)
    with store.database.write(), pytest.raises(StoreBusyError), other.held():
        pass
    with other.held():
        pass
    other.close()


def test_the_lock_file_is_held_to_the_end_of_the_outermost_step(path: Path, store: Store) -> None:
    other = WriteLock(path.with_name("store.db.lock"), timeout=0.05)
    with store.database.exclusive():
        store.conversations.create()
        with pytest.raises(StoreBusyError), other.held():
            pass
    with other.held():
        pass
    other.close()


def test_closing_does_not_wait_for_a_neighbour(path: Path) -> None:
    store = Store.open(path)
    store.conversations.create(title="kept")
    neighbour = WriteLock(path.with_name("store.db.lock"))
    with neighbour.held():
        store.close()
    neighbour.close()
    with Store.open(path) as again:
        assert [one.title for one in again.conversations.page()] == ["kept"]


def test_a_store_that_cannot_be_opened_leaves_no_descriptor_open(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        with pytest.raises(StoreError):
            Database(tmp_path)
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_file_is_set_up_for_safety(store: Store) -> None:
    with store.database.exclusive() as connection:
        settings = {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")
        }
    assert settings == {
        "journal_mode": "wal",
        "synchronous": 1,
        "foreign_keys": 1,
        "secure_delete": 1,
        "busy_timeout": 5000,
    }


def test_this_process_is_alive_and_others_are_told_apart() -> None:
    mine = current_owner()
    pid, _, start = mine.partition(":")
    assert is_alive(mine)
    assert is_alive(f"{pid}:")
    assert not is_alive(f"{pid}:{start}0")
    for owner in ("", ":", "x", "-1:", "0:", "999999999:", "99999999999999999999:"):
        assert not is_alive(owner), owner


def test_an_ended_process_is_not_alive_even_before_its_parent_has_noticed() -> None:
    script = "from aigc_tui.store.lock import current_owner as me; print(me(), flush=True); input()"
    child = subprocess.Popen([sys.executable, "-c", script], stdin=PIPE, stdout=PIPE, env=child_environment())
    assert child.stdin is not None
    assert child.stdout is not None
    owner = child.stdout.readline().decode().strip()
    assert is_alive(owner)
    child.stdin.close()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert not is_alive(owner)
    child.wait()
    child.stdout.close()
    assert not is_alive(f"{child.pid}:")


def test_a_lock_of_another_program_is_worded_for_people(tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir()
    path = tmp_path / "locked" / "store.db"
    with Store.open(path) as store:
        blocker = sqlite3.connect(path, isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
        with store.database.exclusive() as connection:
            connection.execute("PRAGMA busy_timeout = 1")
        with pytest.raises(StoreError, match="another program keeps the file locked"):
            store.conversations.create()
        blocker.close()
        store.conversations.create()
