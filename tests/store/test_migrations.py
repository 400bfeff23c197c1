from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from aigc_tui.store import SchemaError, Store, StoreError
from aigc_tui.store.checks import check_store
from aigc_tui.store.migrations import APPLICATION_ID, MIGRATIONS, Migration, latest, statements
from tests.quiz.shelf import stocked
from tests.store.history import BUILDERS, build_v1, build_v2


def add_notes(db: Any) -> None:
    db["note"].create({"id": str, "text": str}, pk="id", strict=True)
    db["note"].insert({"id": "n", "text": "made by the step"})


def break_halfway(db: Any) -> None:
    db["half"].create({"id": str})
    raise sqlite3.OperationalError("the step failed")


NEXT = latest() + 1
WITH_NOTES = (*MIGRATIONS, Migration(NEXT, "notes", add_notes))
BROKEN = (*WITH_NOTES, Migration(NEXT + 1, "broken", break_halfway))


def scalar(path: Path, sql: str) -> Any:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchone()[0]


def test_steps_are_numbered_without_gaps() -> None:
    assert [step.number for step in MIGRATIONS] == list(range(1, len(MIGRATIONS) + 1))


def test_every_historical_schema_has_a_builder() -> None:
    assert set(BUILDERS) == {step.number for step in MIGRATIONS}


def test_a_new_store_says_whose_it_is_and_what_it_has(path: Path) -> None:
    Store.open(path).close()
    assert scalar(path, "PRAGMA application_id") == APPLICATION_ID
    assert scalar(path, "PRAGMA user_version") == latest()
    assert scalar(path, "PRAGMA journal_mode") == "wal"
    assert path.stat().st_mode & 0o777 == 0o600


def test_all_tables_are_strict(path: Path) -> None:
    Store.open(path).close()
    with closing(sqlite3.connect(path)) as connection:
        tables = {row[1]: row[5] for row in connection.execute("PRAGMA table_list") if row[2] == "table"}
    assert tables["conversation"] == tables["message"] == 1


@pytest.mark.parametrize("version", sorted(BUILDERS))
def test_a_store_of_every_version_opens_with_all_its_rows(path: Path, version: int) -> None:
    BUILDERS[version](path)
    with Store.open(path) as store:
        (conversation,) = store.conversations.page()
        assert (conversation.title, conversation.messages, conversation.head) == ("旧 talk", 3, "m3")
        assert [message.content for message in store.messages.tree("c1")] == [
            "光合作用是什么？",
            "Plants make sugar from light.",
            "植物",
        ]
        assert [hit.message for hit in store.search("光合")] == ["m1"]
        assert [hit.message for hit in store.search("plant")] == ["m2"]
        checks = {check.name: check for check in check_store(store)}
        assert all(check.ok for name, check in checks.items() if name != "store-disk"), checks


def test_an_upgrade_puts_a_readable_copy_aside_first(path: Path, tmp_path: Path) -> None:
    build_v1(path)
    backups = tmp_path / "backups"
    with Store.open(path, backups, migrations=WITH_NOTES) as store:
        assert store.messages.get("m2").content == "Plants make sugar from light."
    assert scalar(path, "PRAGMA user_version") == NEXT
    assert scalar(path, "SELECT text FROM note") == "made by the step"
    (copy,) = backups.iterdir()
    assert scalar(copy, "PRAGMA user_version") == 1
    assert scalar(copy, "SELECT count(*) FROM message") == 3


def test_a_store_that_version_1_wrote_keeps_lessons_from_now_on(path: Path, tmp_path: Path) -> None:
    with Store.open(path, migrations=MIGRATIONS[:1]) as store:
        talk = store.conversations.create(title="of version 1")
        said = store.messages.add(conversation=talk.id, parent=None, role="user", content="叶子 leaves")
    with Store.open(path, tmp_path / "backups") as store:
        assert store.messages.path(talk.id) == [said]
        assert [hit.message for hit in store.search("叶")] == [said.id]
        name = stocked(store)
        assert [row.id for row in store.quizzes.page()] == [name]
        assert [hit.message for hit in store.search("DNA", kind="item")] == ["mc"]
        assert all(check.ok for check in check_store(store) if check.name != "store-disk")
    (copy,) = (tmp_path / "backups").iterdir()
    assert copy.name.startswith("before-migration-from-v1-")
    assert scalar(copy, "SELECT content FROM message") == "叶子 leaves"


def test_what_version_2_wrote_is_read_whole(path: Path) -> None:
    build_v2(path)
    with Store.open(path) as store:
        (lesson,) = store.lessons.page()
        assert (lesson.title, lesson.sections, lesson.sentences, lesson.quizzes) == ("光合作用", 1, 3, 1)
        (quiz,) = store.quizzes.page()
        assert (quiz.title, quiz.items, quiz.accepted) == ("旧 quiz", 2, 1)
        assert [(item.id, item.state, item.locked) for item in store.quizzes.items("q1")] == [
            ("i1", "accepted", True),
            ("i2", "new", False),
        ]
        assert [row.verdict for row in store.practice.responses("a1")] == ["incorrect"]
        assert [card.reviews for card, _ in store.practice.cards()] == [1]
        assert [hit.message for hit in store.search("叶绿体", kind="lesson")] == ["0"]
        assert store.quizzes.undo("q1") == "accept"
        assert store.quizzes.item("i1").state == "new"


def test_a_new_or_current_store_needs_no_copy(path: Path, tmp_path: Path) -> None:
    for _ in range(2):
        Store.open(path, tmp_path / "backups").close()
    assert not (tmp_path / "backups").exists()


def test_a_step_that_fails_leaves_the_store_as_it_was(path: Path) -> None:
    build_v1(path)
    with pytest.raises(StoreError, match="the step failed"):
        Store.open(path, migrations=BROKEN)
    assert scalar(path, "PRAGMA user_version") == 1
    assert scalar(path, "SELECT count(*) FROM sqlite_schema WHERE name IN ('half', 'note')") == 0
    with Store.open(path) as store:
        assert len(store.messages.tree("c1")) == 3


def test_a_newer_store_is_refused_untouched(path: Path) -> None:
    Store.open(path, migrations=WITH_NOTES).close()
    before = path.read_bytes()
    with pytest.raises(
        SchemaError, match=f"schema {NEXT}, this one knows {latest()}.*update aigc-tui"
    ) as caught:
        Store.open(path)
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == before


def test_another_programs_database_is_refused_untouched(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    before = path.read_bytes()
    with pytest.raises(SchemaError, match="not a store of aigc-tui"):
        Store.open(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_refused_in_one_line(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(StoreError, match="not an SQLite database"):
        Store.open(path)
    assert path.read_bytes().startswith(b"not a database")


def test_a_folder_in_its_place_is_refused_in_one_line(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(StoreError, match=r"store\.db: "):
        Store.open(path)


def test_a_script_is_split_at_statements_not_at_every_semicolon() -> None:
    script = "CREATE TABLE a (x);\nCREATE TRIGGER t AFTER INSERT ON a BEGIN\n SELECT 1;\n SELECT ';';\nEND;\n"
    assert [part.split()[1] for part in statements(script)] == ["TABLE", "TRIGGER"]


def test_opening_a_current_store_imports_neither_sqlite_utils_nor_torch(path: Path) -> None:
    Store.open(path).close()
    script = (
        "import pathlib, sys\n"
        "from aigc_tui.store import Store\n"
        "with Store.open(pathlib.Path(sys.argv[1])) as store:\n"
        "    store.conversations.page(), store.search('x'), store.recover()\n"
        "print(sorted({'sqlite_utils', 'torch', 'transformers', 'textual'} & set(sys.modules)))\n"
    )
    command = [sys.executable, "-c", script, str(path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run(command, check=True, capture_output=True, env=environment).stdout == b"[]\n"
