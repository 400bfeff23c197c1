from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from aigc_tui.store import Store
from tests.cli.conftest import Run


@pytest.fixture
def talk(home: Path) -> str:
    home.mkdir()
    with Store.open(home / "aigc-tui.db") as store:
        one = store.conversations.create(title="kept")
        store.messages.add(conversation=one.id, parent=None, role="user", content="words")
        return one.id


def check(run: Run, name: str, *arguments: str) -> dict[str, object]:
    """One of doctor's checks."""
    rows = run("doctor", "--json", *arguments).json["checks"]
    return next(row for row in rows if row["name"] == name)


def test_doctor_has_the_documented_shape_and_its_exit_code_tells(run: Run, talk: str) -> None:
    result = run("doctor", "--json")
    assert list(result.json) == ["ok", "checks"]
    assert all(list(row) == ["name", "ok", "detail"] for row in result.json["checks"])
    assert result.json["ok"] is all(row["ok"] for row in result.json["checks"])
    assert result.code == (0 if result.json["ok"] else 1)


@pytest.mark.parametrize(
    "name", ["settings", "personas", "python", "torch", "disk", "memory", "model starter"]
)
def test_doctor_looks_at_every_part(run: Run, name: str) -> None:
    assert check(run, name)["detail"]


def test_doctor_names_the_line_of_broken_settings(run: Run, home: Path) -> None:
    home.mkdir()
    (home / "settings.yaml").write_text("temperature: 9\n")
    found = check(run, "settings")
    assert found["ok"] is False
    assert "settings.yaml:1" in str(found["detail"])


def test_doctor_tells_of_a_broken_persona(run: Run, home: Path) -> None:
    (home / "personas").mkdir(parents=True)
    (home / "personas" / "mine.yaml").write_text("name: [")
    found = check(run, "personas")
    assert found["ok"] is False
    assert "mine.yaml" in str(found["detail"])


def test_doctor_reports_a_store_that_is_none(run: Run, home: Path) -> None:
    home.mkdir()
    (home / "aigc-tui.db").write_bytes(b"no database at all" * 100)
    result = run("doctor", "--json")
    assert result.code == 1
    assert any(not row["ok"] for row in result.json["checks"] if row["name"].startswith("store"))


def test_doctor_repairs_the_search_index(run: Run, home: Path, talk: str) -> None:
    with sqlite3.connect(home / "aigc-tui.db") as connection:
        connection.execute("INSERT INTO message_search (message_search) VALUES ('delete-all')")
    run("doctor", "--repair")
    assert len(run("history", "search", "words", "--json").json) == 1


def test_a_backup_can_be_restored(run: Run, talk: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    assert run("backup", "-o", copy).out == f"{copy}\n"
    run("history", "delete", talk, "--forever")
    assert run("restore", copy).code == 0
    assert [row["id"] for row in run("history", "list", "--json").json] == [talk]


def test_a_backup_without_a_name_goes_to_the_homes_backups(run: Run, home: Path, talk: str) -> None:
    [first] = run("backup").out.splitlines()
    assert Path(first).parent == home / "backups"
    assert Path(first).exists()


def test_a_backup_never_overwrites_without_being_told_to(run: Run, talk: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy.write_text("mine")
    assert run("backup", "-o", copy).code == 1
    assert copy.read_text() == "mine"
    assert run("backup", "-o", copy, "--force").code == 0


def test_without_a_store_there_is_nothing_to_back_up(run: Run) -> None:
    result = run("backup")
    assert (result.code, result.err.count("\n")) == (1, 1)


@pytest.mark.parametrize("content", [None, b"", b"no database at all" * 100])
def test_what_is_no_backup_is_refused_and_the_store_stays(
    run: Run, talk: str, tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "copy.db"
    if content is not None:
        file.write_bytes(content)
    result = run("restore", file)
    assert (result.code, result.err.count("\n")) == (1, 1)
    assert [row["id"] for row in run("history", "list", "--json").json] == [talk]


def test_a_backup_into_a_folder_that_is_not_there_is_one_line(run: Run, talk: str, tmp_path: Path) -> None:
    result = run("backup", "-o", tmp_path / "missing" / "copy.db")
    assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)
    assert f"{tmp_path / 'missing' / 'copy.db'}: there is no folder" in result.err
    assert not (tmp_path / "missing").exists()


def test_doctor_fails_where_the_home_is_a_file(run: Run, home: Path) -> None:
    home.touch()
    result = run("doctor", "--json")
    assert result.code == 1
    assert [check["name"] for check in result.json["checks"] if not check["ok"]] == ["store-open"]
