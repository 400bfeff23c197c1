from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from aigc_tui.store import Store
from tests.cli.conftest import Run, settings_with
from tests.support.openai_server import openai_server

SHAPE = [
    "conversation",
    "message",
    "persona",
    "model",
    "adapter",
    "text",
    "status",
    "usage",
    "seconds",
    "sampling",
]


@pytest.fixture
def server(home: Path) -> Iterator[list[dict[str, object]]]:
    """A loopback server that says "Hello there." and is the settings' model; gives what it was asked."""
    with openai_server(["Hello", " there."]) as running:
        settings_with(home, running.base_url)
        yield running.requests


def test_a_reply_goes_to_stdout_and_nothing_else_does(run: Run, server: list[dict[str, object]]) -> None:
    result = run("chat", "Good morning")
    assert (result.code, result.out, result.err) == (0, "Hello there.\n", "")


def test_json_has_the_documented_shape(run: Run, server: list[dict[str, object]]) -> None:
    shown = run("chat", "-p", "tutor", "--seed", 7, "--temperature", 0.5, "--json", "Good morning").json
    assert list(shown) == SHAPE
    assert (shown["persona"], shown["model"], shown["text"], shown["status"]) == (
        "tutor",
        "near",
        "Hello there.",
        "complete",
    )
    assert list(shown["usage"]) == ["prompt_tokens", "reused_tokens", "new_tokens"]
    assert list(shown["seconds"]) == ["load", "prefill", "decode"]
    assert (shown["sampling"]["seed"], shown["sampling"]["temperature"]) == (7, 0.5)


def test_the_exchange_is_kept_and_can_be_gone_on_with(run: Run, server: list[dict[str, object]]) -> None:
    first = run("chat", "--json", "One").json
    second = run("chat", "-c", "last", "--json", "Two").json
    third = run("chat", "-c", first["conversation"][-8:], "--json", "Three").json
    assert first["conversation"] == second["conversation"] == third["conversation"]
    shown = run("history", "show", first["conversation"], "--json").json
    said = [message["content"] for message in shown["messages"] if message["role"] == "user"]
    assert said == ["One", "Two", "Three"]


def test_a_turn_is_taken_while_the_application_is_open(
    run: Run, home: Path, server: list[dict[str, object]]
) -> None:
    with Store.open(home / "aigc-tui.db") as open_elsewhere:
        assert run("chat", "Good morning").code == 0
        assert len(open_elsewhere.conversations.page()) == 1


def test_text_from_a_pipe_is_added_after_the_prompt(run: Run, server: list[dict[str, object]]) -> None:
    conversation = run("chat", "--json", "Shorten this:", stdin="A long text.\n").json["conversation"]
    [*_, question, _reply] = run("history", "show", conversation, "--json").json["messages"]
    assert question["content"] == "Shorten this:\n\nA long text."


def test_a_pipe_alone_is_the_prompt(run: Run, server: list[dict[str, object]]) -> None:
    assert run("chat", stdin="Good morning\n").out == "Hello there.\n"


@pytest.mark.parametrize(
    "arguments",
    [("chat", ""), ("chat", "--json"), ("chat", "--temperature", "9", "hi"), ("chat", "-c", "", "hi")],
)
def test_wrong_usage_begins_no_conversation(
    run: Run, server: list[dict[str, object]], arguments: tuple[str, ...]
) -> None:
    assert run(*arguments).code == 2
    assert run("history", "list", "--json").json == []


@pytest.mark.parametrize("arguments", [("-p", "nobody"), ("-m", "nothing"), ("-c", "ffffffff")])
def test_who_or_what_is_unknown_is_named_before_anything_is_written(
    run: Run, server: list[dict[str, object]], arguments: tuple[str, str]
) -> None:
    result = run("chat", *arguments, "hi")
    assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)
    assert arguments[1] in result.err
    assert run("history", "list", "--json").json == []


def test_going_on_with_the_last_of_no_conversation_is_one_line(
    run: Run, server: list[dict[str, object]]
) -> None:
    result = run("chat", "-c", "last", "hi")
    assert (result.code, result.err.count("\n")) == (1, 1)


def test_a_server_that_is_not_there_is_one_line_and_the_question_is_kept(run: Run, home: Path) -> None:
    settings_with(home, "http://127.0.0.1:9/v1")
    result = run("chat", "--json", "hi")
    assert (result.code, result.err.count("\n")) == (1, 1)
    assert result.json["status"] == "failed"
    shown = run("history", "show", "last", "--json").json
    assert [message["content"] for message in shown["messages"] if message["role"] == "user"] == ["hi"]


def test_a_cry_for_help_gets_the_fixed_text_and_no_model_words(
    run: Run, server: list[dict[str, object]]
) -> None:
    shown = run("chat", "--json", "I want to kill myself").json
    assert "Hello there." not in shown["text"]
    assert shown["text"]
    assert shown["status"] == "complete"
    assert server == []


def test_hostile_words_of_a_server_come_out_harmless(run: Run, home: Path) -> None:
    with openai_server(["\x1b]52;c;aGk=\x07", "\u202eabc", "\x9b31m"]) as running:
        settings_with(home, running.base_url)
        for arguments in (("chat", "hi"), ("chat", "--json", "hi"), ("history", "show", "last")):
            result = run(*arguments)
            assert result.code == 0
            assert not {"\x1b", "\x07", "\u202e", "\x9b"} & set(result.out + result.err)


def test_ctrl_c_stops_the_reply_and_keeps_its_words(run: Run, home: Path) -> None:
    gate = threading.Semaphore(1)
    with openai_server(["First", " second", " third"], gate=gate) as running:
        settings_with(home, running.base_url)
        command = [sys.executable, "-m", "aigc_tui", "chat", "hi"]
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        ) as process:
            assert process.stdout is not None
            assert os.read(process.stdout.fileno(), 5) == b"First"
            process.send_signal(signal.SIGINT)
            rest, complaint = process.communicate(timeout=30)
        gate.release(2)
    assert (process.returncode, rest, complaint) == (0, b"\n", b"")
    [*_, reply] = run("history", "show", "last", "--json").json["messages"]
    assert (reply["content"], reply["status"]) == ("First", "stopped")


def test_a_deleted_conversation_is_not_gone_on_with_until_it_is_brought_back(
    run: Run, server: list[dict[str, object]]
) -> None:
    conversation = run("chat", "--json", "One").json["conversation"]
    run("history", "delete", conversation)
    asked = len(server)
    refused = run("chat", "-c", conversation, "Two")
    assert (refused.code, refused.out, refused.err.count("\n")) == (1, "", 1)
    assert f"`aigc-tui history undelete {conversation}`" in refused.err
    assert len(server) == asked
    run("history", "undelete", conversation)
    assert run("chat", "-c", conversation, "Two").code == 0


def test_a_failure_without_words_prints_nothing_on_stdout(run: Run, home: Path) -> None:
    settings_with(home, "http://127.0.0.1:9/v1")
    result = run("chat", "hi")
    assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)
