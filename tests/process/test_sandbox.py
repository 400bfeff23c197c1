"""The sandbox: answers, refusals, a slow parser, a greedy one, a crash, and parsers that are none of ours."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable

import pytest

from aigc_tui.process import sandbox
from aigc_tui.process.sandbox import (
    Parser,
    ParserDiedError,
    ParserError,
    ParserTooSlowError,
    Sandbox,
    sandboxed,
)

MEMORY = 1 << 30


@sandboxed
def parse(question: bytes) -> bytes:
    """Do what the question says."""
    word, _, rest = question.partition(b" ")
    match word:
        case b"upper":
            return rest.upper()
        case b"refuse":
            raise ValueError(rest.decode())
        case b"sleep":
            time.sleep(600)
        case b"spin":
            while True:
                pass
        case b"eat":
            return bytes(4 << 30)
        case b"pid":
            return str(os.getpid()).encode()
        case b"swell":
            return bytes(sandbox.LONGEST_ANSWER)
    os._exit(3)


@pytest.fixture
def ours(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Sandbox]:
    code = (
        "import sys; from aigc_tui.process import sandbox; "
        "sandbox._PACKAGE = 'tests.'; sys.exit(sandbox.main(sys.argv[1:]))"
    )
    monkeypatch.setattr(sandbox, "command", lambda _module, *rest: [sys.executable, "-c", code, *rest])
    return lambda seconds=20.0: Sandbox(Parser(__name__, "parse"), seconds, MEMORY)


def test_one_child_answers_many_questions(ours: Callable[..., Sandbox]) -> None:
    with ours() as box:
        assert box.ask(b"upper a\x00b") == b"A\x00B"
        assert box.ask(b"pid") == box.ask(b"pid")
        with pytest.raises(ParserError, match=r"^no such page$") as caught:
            box.ask(b"refuse no such page")
        assert (caught.value.reason, str(caught.value.detail)) == ("unreadable", "no such page")
        pid = box.ask(b"pid")
    assert int(pid) != os.getpid()
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid), 0)


@pytest.mark.parametrize("question", [b"sleep", b"spin"])
def test_a_slow_parser_is_stopped_and_the_next_question_is_answered(
    ours: Callable[..., Sandbox], question: bytes
) -> None:
    with ours(3.0) as box:
        with pytest.raises(ParserTooSlowError, match="longer than 3 s"):
            box.ask(question)
        assert box.ask(b"upper x") == b"X"


def test_a_parser_that_dies_costs_one_question(ours: Callable[..., Sandbox]) -> None:
    with ours() as box:
        with pytest.raises(ParserDiedError) as caught:
            box.ask(b"die")
        assert caught.value.reason == "parser died"
        assert box.ask(b"upper x") == b"X"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux heeds the limit of memory")
def test_a_greedy_parser_hits_its_limit(ours: Callable[..., Sandbox]) -> None:
    with ours() as box, pytest.raises(ParserError, match="MemoryError"):
        box.ask(b"eat")


def test_an_answer_that_is_too_long_is_refused(ours: Callable[..., Sandbox]) -> None:
    with ours() as box, pytest.raises(ParserError, match="too long"):
        box.ask(b"swell")


@pytest.mark.parametrize(
    ("module", "function"), [("os", "system"), ("aigc_tui.message", "message"), ("aigc_tui_x", "parse")]
)
def test_only_marked_functions_of_this_package_are_run(module: str, function: str) -> None:
    with pytest.raises(ValueError, match="is not"):
        Parser(module, function).load()


def test_a_refusal_can_be_translated(ours: Callable[..., Sandbox]) -> None:
    answer = sandbox._answer(lambda _: bytes(sandbox.LONGEST_ANSWER), b"")
    assert json.loads(answer[1:])["template"] == "its text is too long"
