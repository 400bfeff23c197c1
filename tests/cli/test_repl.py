from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Result, Run, settings_with
from tests.support.openai_server import openai_server


@pytest.fixture
def server(home: Path) -> Iterator[list[dict[str, object]]]:
    with openai_server(["Hello", " there."]) as running:
        settings_with(home, running.base_url)
        yield running.requests


def dialogue(run: Run, *lines: str, arguments: tuple[str, ...] = ("--plain",)) -> Result:
    return run(*arguments, stdin="".join(f"{line}\n" for line in lines))


def test_a_dialogue_answers_line_by_line_until_the_input_ends(
    run: Run, server: list[dict[str, object]]
) -> None:
    result = dialogue(run, "One", "", "Two")
    assert (result.code, result.out) == (0, "Hello there.\nHello there.\n")
    [row] = run("history", "list", "--json").json
    assert row["messages"] == 5


def test_nothing_is_kept_of_a_dialogue_without_words(run: Run, server: list[dict[str, object]]) -> None:
    assert dialogue(run, "/help", "/persona", "/quit").code == 0
    assert run("history", "list", "--json").json == []


@pytest.mark.parametrize("arguments", [("--plain",), ("chat", "--plain"), ("chat", "--plain", "-p", "tutor")])
def test_the_dialogue_moves_no_cursor_and_needs_no_colour(
    run: Run, server: list[dict[str, object]], arguments: tuple[str, ...]
) -> None:
    result = dialogue(run, "/help", "One", arguments=arguments)
    assert not {"\x1b", "\r", "\b"} & set(result.out + result.err)


def test_again_gives_a_sibling_and_loses_nothing(run: Run, server: list[dict[str, object]]) -> None:
    assert dialogue(run, "One", "/again").out == "Hello there.\nHello there.\n"
    assert run("history", "list", "--json").json[0]["messages"] == 4
    assert len(run("history", "show", "last", "--json").json["messages"]) == 3


def test_continue_goes_on_in_place(run: Run, server: list[dict[str, object]]) -> None:
    assert dialogue(run, "One", "/continue").out == "Hello there.\nHello there.Hello there.\n"
    [*_, reply] = run("history", "show", "last", "--json").json["messages"]
    assert reply["content"] == "Hello there.Hello there."


def test_new_begins_another_conversation_with_another_persona(
    run: Run, server: list[dict[str, object]]
) -> None:
    dialogue(run, "One", "/new tutor", "Two")
    assert [row["persona"] for row in run("history", "list", "--json").json] == ["tutor", "assistant"]


def test_persona_changes_who_answers_in_the_same_conversation(
    run: Run, server: list[dict[str, object]]
) -> None:
    dialogue(run, "One", "/persona editor", "Two")
    assert [row["persona"] for row in run("history", "list", "--json").json] == ["editor"]


def test_search_finds_what_was_said(run: Run, server: list[dict[str, object]]) -> None:
    assert "chlorophyll" in dialogue(run, "About chlorophyll", "/search chlorophyll").out


@pytest.mark.parametrize(
    "line", ["/nonsense", "/persona nobody", "/new nobody", "/model nothing", "/again", "/continue"]
)
def test_what_cannot_be_done_is_said_and_the_dialogue_goes_on(
    run: Run, server: list[dict[str, object]], line: str
) -> None:
    result = dialogue(run, line, "One")
    assert (result.code, result.out) == (0, "Hello there.\n")


@pytest.mark.parametrize(
    ("line", "said"),
    [("//help me", "/help me"), ("/etc/hosts is a file", "/etc/hosts is a file"), ("// x", "// x")],
)
def test_a_text_may_begin_with_a_slash(
    run: Run, server: list[dict[str, object]], line: str, said: str
) -> None:
    dialogue(run, line)
    messages = run("history", "show", "last", "--json").json["messages"]
    assert [message["content"] for message in messages if message["role"] == "user"] == [said]


def test_a_text_of_several_lines_stands_between_fences(run: Run, server: list[dict[str, object]]) -> None:
    dialogue(run, '"""', "first", "", "/second", '"""')
    messages = run("history", "show", "last", "--json").json["messages"]
    assert messages[1]["content"] == "first\n\n/second"


def test_an_earlier_conversation_is_read_out_and_gone_on_with(
    run: Run, server: list[dict[str, object]]
) -> None:
    run("chat", "What is a leaf?")
    result = dialogue(run, "And a root?", arguments=("chat", "--plain", "-c", "last"))
    assert "What is a leaf?" in result.err
    assert run("history", "list", "--json").json[0]["messages"] == 5


def test_a_failing_reply_does_not_end_the_dialogue(run: Run, home: Path) -> None:
    settings_with(home, "http://127.0.0.1:9/v1")
    result = dialogue(run, "One", "Two", "/quit")
    assert result.code == 0
    assert run("history", "list", "--json").json[0]["messages"] == 5
