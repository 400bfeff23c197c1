from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aigc_tui.store import Store, StoreBusyError, StoreError
from aigc_tui.store.backup import backup, backup_daily, kept, restore
from tests.store.conftest import Talk
from tests.store.history import build_v1


def titles(path: Path) -> list[str]:
    with Store.open(path) as store:
        return [conversation.title for conversation in store.conversations.page()]


def test_a_store_in_use_is_copied_whole(store: Store, path: Path, talk: Talk, tmp_path: Path) -> None:
    talk("otter", "海獭")
    copy = backup(path, tmp_path / "deep" / "copy.db")
    assert sorted(file.name for file in copy.parent.iterdir()) == ["copy.db"]
    assert copy.stat().st_mode & 0o777 == 0o600
    with Store.open(copy) as opened:
        assert len(opened.search("海獭")) == 1


def test_words_of_an_open_transaction_are_not_in_the_copy(store: Store, path: Path, tmp_path: Path) -> None:
    with store.database.write():
        store.conversations.create(title="not yet")
        backup(path, tmp_path / "copy.db")
    assert titles(tmp_path / "copy.db") == []


def test_a_copy_of_nothing_or_onto_itself_is_refused(store: Store, path: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no store to copy"):
        backup(tmp_path / "none.db", tmp_path / "copy.db")
    with pytest.raises(StoreError, match="the store itself"):
        backup(path, path)
    (tmp_path / "file").touch()
    with pytest.raises(StoreError):
        backup(path, tmp_path / "file" / "copy.db")


def test_a_damaged_store_does_not_replace_a_good_copy(path: Path, tmp_path: Path) -> None:
    with Store.open(path) as store:
        for number in range(200):
            store.conversations.create(title=f"title {number}")
    copy = backup(path, tmp_path / "copy.db")
    good = copy.read_bytes()
    data = bytearray(path.read_bytes())
    data[8192:20480] = b"\xff" * 12288
    path.write_bytes(data)
    with pytest.raises(StoreError):
        backup(path, copy)
    assert copy.read_bytes() == good
    assert [file.name for file in tmp_path.glob(".*")] == []


def test_a_copy_can_be_put_back_and_the_old_store_is_kept(path: Path, tmp_path: Path) -> None:
    with Store.open(path) as store:
        store.conversations.create(title="then")
    copy = backup(path, tmp_path / "copy.db")
    with Store.open(path) as store:
        store.conversations.create(title="now")
    aside = restore(copy, path)
    assert aside is not None
    assert titles(path) == ["then"]
    assert titles(aside) == ["now", "then"]
    assert titles(copy) == ["then"]


def test_a_copy_can_be_put_where_no_store_was(path: Path, tmp_path: Path) -> None:
    with Store.open(path) as store:
        store.conversations.create(title="then")
    assert restore(backup(path, tmp_path / "copy.db"), tmp_path / "new" / "store.db") is None
    assert titles(tmp_path / "new" / "store.db") == ["then"]


def test_an_old_copy_is_put_back_and_brought_up_to_date_on_opening(path: Path, tmp_path: Path) -> None:
    build_v1(tmp_path / "old.db")
    restore(tmp_path / "old.db", path)
    assert titles(path) == ["旧 talk"]


def test_nothing_is_put_back_under_a_running_program(store: Store, path: Path, tmp_path: Path) -> None:
    store.conversations.create(title="open")
    copy = backup(path, tmp_path / "copy.db")
    with pytest.raises(StoreBusyError, match="close it first"):
        restore(copy, path)
    assert [one.title for one in store.conversations.page()] == ["open"]


def hostile(path: Path, sql: str) -> None:
    Store.open(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(sql)


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("CREATE TRIGGER evil AFTER INSERT ON conversation BEGIN DELETE FROM message; END", "trigger evil"),
        (
            "DROP VIEW title_terms; CREATE VIEW title_terms AS SELECT 1 AS seq, 2 AS words, 3 AS chars",
            "title_t",
        ),
        ("PRAGMA application_id = 1", "not a store of aigc-tui"),
        ("PRAGMA user_version = 99", "newer aigc-tui"),
    ],
)
def test_a_foreign_file_is_refused_and_changes_nothing(
    path: Path, tmp_path: Path, sql: str, reason: str
) -> None:
    with Store.open(path) as store:
        store.conversations.create(title="mine")
    hostile(tmp_path / "evil.db", sql)
    with pytest.raises(StoreError, match=reason):
        restore(tmp_path / "evil.db", path)
    assert titles(path) == ["mine"]
    assert sorted(file.name for file in path.parent.glob("*.db")) == ["store.db"]


@pytest.mark.parametrize("content", [b"", b"garbage" * 1000, b"SQLite format 3\x00" + b"\x00" * 4000])
def test_a_broken_file_is_refused_and_changes_nothing(path: Path, tmp_path: Path, content: bytes) -> None:
    with Store.open(path) as store:
        store.conversations.create(title="mine")
    (tmp_path / "broken.db").write_bytes(content)
    with pytest.raises(StoreError):
        restore(tmp_path / "broken.db", path)
    with pytest.raises(StoreError, match="no such file"):
        restore(tmp_path / "absent.db", path)
    assert titles(path) == ["mine"]


def test_a_damaged_store_can_be_replaced(path: Path, tmp_path: Path) -> None:
    with Store.open(path) as store:
        store.conversations.create(title="then")
    copy = backup(path, tmp_path / "copy.db")
    path.write_bytes(b"damaged" * 1000)
    aside = restore(copy, path)
    assert aside is not None
    assert aside.read_bytes().startswith(b"damaged")
    assert titles(path) == ["then"]


def test_one_copy_a_day_is_made_and_old_ones_go(store: Store, path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    (folder / "my-own-copy.db").touch()
    start = datetime(2026, 1, 1, 12, tzinfo=UTC)
    made = [backup_daily(path, folder, start + timedelta(hours=12 * step)) for step in range(160)]
    assert [copy is not None for copy in made[:4]] == [True, False, True, False]
    names = sorted(file.name for file in folder.glob("aigc-tui-*.db"))
    assert len(names) <= 7 + 4 + 6
    assert names[-1] == "aigc-tui-20260321T120000Z.db"
    assert names[0] == "aigc-tui-20260131T120000Z.db"
    assert (folder / "my-own-copy.db").exists()


def test_the_newest_of_each_day_week_and_month_stays() -> None:
    now = datetime(2026, 11, 23, 23, tzinfo=UTC)
    copies = {Path(f"{hours}"): now - timedelta(hours=hours) for hours in range(0, 24 * 300, 6)}
    days = sorted((now - copies[path]).days for path in kept(copies))
    assert days[:7] == list(range(7))
    assert len(days) <= 17
    assert days[-1] > 120
