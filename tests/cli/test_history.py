from __future__ import annotations

import json
from pathlib import Path

import pytest

from aigc_tui.store import Store
from tests.cli.conftest import Run


@pytest.fixture
def talk(home: Path) -> str:
    """A conversation in the store: a greeting, a question, and two replies of which the second is on show."""
    home.mkdir()
    with Store.open(home / "aigc-tui.db") as store:
        one = store.conversations.create(title="Leaves and light", persona="tutor", model="starter")
        greeting = store.messages.add(
            conversation=one.id, parent=None, role="assistant", content="Hello!", author="Tutor"
        )
        question = store.messages.add(
            conversation=one.id, parent=greeting.id, role="user", content="What is 光合作用?"
        )
        for words in ("It feeds leaves.", "Photosynthesis feeds leaves."):
            store.messages.add(
                conversation=one.id, parent=question.id, role="assistant", content=words, author="Tutor"
            )
        return one.id


def test_an_empty_history_is_an_empty_list(run: Run) -> None:
    assert run("history", "list", "--json").json == []
    assert run("history", "list").out == ""


def test_list_has_the_documented_shape(run: Run, talk: str) -> None:
    [row] = run("history", "list", "--json").json
    assert list(row) == ["id", "kind", "title", "persona", "messages", "updated"]
    assert (row["id"], row["kind"], row["title"], row["persona"], row["messages"]) == (
        talk,
        "chat",
        "Leaves and light",
        "tutor",
        4,
    )


def test_list_goes_on_past_one_page(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aigc_tui.cli.history.PAGE", 2)
    home.mkdir()
    with Store.open(home / "aigc-tui.db") as store:
        for number in range(5):
            store.conversations.create(title=f"talk {number}")
    assert len(run("history", "list", "--json").json) == 5
    assert len(run("history", "list", "--json", "--limit", 3).json) == 3


@pytest.mark.parametrize("query", ["光合", "photosynthesis", "light"])
def test_search_finds_chinese_english_and_titles_in_the_documented_shape(
    run: Run, talk: str, query: str
) -> None:
    hits = run("history", "search", query, "--json").json
    assert hits
    assert all(list(hit) == ["conversation", "message", "kind", "title", "snippet"] for hit in hits)
    assert {hit["conversation"] for hit in hits} == {talk}


def test_show_prints_the_path_on_show_and_no_sibling(run: Run, talk: str) -> None:
    result = run("history", "show", "last")
    assert result.out.endswith("Tutor: Photosynthesis feeds leaves.\n")
    assert "It feeds leaves." not in result.out


def test_show_as_json_holds_the_messages(run: Run, talk: str) -> None:
    shown = run("history", "show", talk[-6:], "--json").json
    assert [message["role"] for message in shown["messages"]] == ["assistant", "user", "assistant"]
    assert shown["id"] == talk


def test_a_deleted_conversation_can_be_brought_back(run: Run, talk: str) -> None:
    assert run("history", "delete", "last").code == 0
    assert run("history", "list", "--json").json == []
    assert [row["id"] for row in run("history", "list", "--deleted", "--json").json] == [talk]
    assert run("history", "undelete", talk).code == 0
    assert len(run("history", "list", "--json").json) == 1


def test_deleting_forever_leaves_nothing(run: Run, talk: str) -> None:
    assert run("history", "delete", talk, "--forever", "--json").json == {"deleted": talk, "forever": True}
    assert run("history", "list", "--deleted", "--json").json == []
    assert run("history", "show", talk).code == 1


@pytest.mark.parametrize("form", ["md", "json", "jsonl", "html"])
def test_every_format_holds_the_words(run: Run, talk: str, form: str) -> None:
    result = run("history", "export", talk, "--format", form)
    assert result.code == 0
    assert "Photosynthesis feeds leaves." in result.out


def test_export_never_overwrites_without_being_told_to(run: Run, talk: str, tmp_path: Path) -> None:
    file = tmp_path / "talk.md"
    assert run("history", "export", talk, "-o", file).code == 0
    first = file.read_text()
    refused = run("history", "export", talk, "--format", "json", "-o", file)
    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert file.read_text() == first
    assert run("history", "export", talk, "--format", "json", "-o", file, "--force").code == 0
    json.loads(file.read_text())


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_what_was_exported_can_be_imported(run: Run, talk: str, tmp_path: Path, form: str) -> None:
    file = tmp_path / f"talk.{form}"
    run("history", "export", talk, "--format", form, "-o", file)
    elsewhere = ("--home", tmp_path / "elsewhere")
    report = run(*elsewhere, "history", "import", file, "--json").json
    assert report["conversations"] == 1
    assert report["skipped"] == []
    assert "Photosynthesis feeds leaves." in run(*elsewhere, "history", "show", "last").out


def test_the_whole_history_is_exported_a_line_a_conversation(run: Run, talk: str, home: Path) -> None:
    with Store.open(home / "aigc-tui.db") as store:
        store.conversations.create(title="nothing said yet")
    lines = run("history", "export", "--all", "--format", "jsonl").out.splitlines()
    assert [json.loads(line)["title"] for line in lines] == ["nothing said yet", "Leaves and light"]


@pytest.mark.parametrize("arguments", [(), ("last", "--all"), ("--all", "--format", "md")])
def test_export_wants_an_id_or_all(run: Run, arguments: tuple[str, ...]) -> None:
    assert run("history", "export", *arguments).code == 2


def test_import_names_what_it_cannot_read(run: Run, tmp_path: Path) -> None:
    for name, content in (("missing.json", None), ("broken.json", "{"), ("foreign.zip", "no zip")):
        if content is not None:
            (tmp_path / name).write_text(content)
        result = run("history", "import", tmp_path / name)
        assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)
        assert name in result.err


def test_hostile_words_in_the_history_are_shown_harmless(run: Run, home: Path) -> None:
    home.mkdir()
    with Store.open(home / "aigc-tui.db") as store:
        one = store.conversations.create(title="\x1b]0;owned\x07")
        store.messages.add(
            conversation=one.id, parent=None, role="user", content="\x9b2J \u202e hi", author="\x1b[31m"
        )
    for command in (("list",), ("show", "last"), ("search", "hi"), ("list", "--json"), ("export", "last")):
        result = run("history", *command)
        assert result.code == 0
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(result.out + result.err)


def test_an_export_into_a_folder_that_is_not_there_is_one_line(run: Run, talk: str, tmp_path: Path) -> None:
    result = run("history", "export", talk, "-o", tmp_path / "missing" / "talk.md")
    assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)
    assert f"{tmp_path / 'missing' / 'talk.md'}: there is no folder" in result.err
