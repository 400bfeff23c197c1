"""Child processes: messages of every kind, failures in one line, noise, stops, and a parent that dies."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from aigc_tui.message import Message, message
from aigc_tui.process import async_runner, runner
from aigc_tui.process.environment import environment, thread_count
from aigc_tui.process.messages import JobAnswer, JobError, JobNote, JobProgress, death
from aigc_tui.process.runner import Child

ROOT = Path(__file__).parents[2]
NAME = message("the echo")


@pytest.fixture(autouse=True)
def echo(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (runner, async_runner):
        monkeypatch.setattr(module, "command", lambda *_: [sys.executable, "-P", "-m", "tests.process.echo"])


def _gone(pid: int) -> bool:
    for _ in range(200):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{pid}/stat").exists() and " Z " in Path(f"/proc/{pid}/stat").read_text():
            return True
        time.sleep(0.02)
    return False


def test_a_conversation_of_every_kind_of_message() -> None:
    with Child("echo", name=NAME) as child:
        child.send({"echo": {"zh": "你好\ud800", "list": [1, 2.5, None]}})
        told = [next(messages) for messages in [child.messages()] for _ in range(3)]
        assert isinstance(told[0], JobNote)
        assert told[1] == JobProgress(message("echo"), 1, 2)
        assert told[2] == JobAnswer({"zh": "你好\ud800", "list": [1, 2.5, None]})
        child.send({"echo": 2})
        assert next(child.answers()) == 2
        assert child.running
    assert not child.running


def test_run_returns_the_answer_and_passes_on_the_rest() -> None:
    told: list[Any] = []
    with Child("echo", name=NAME) as child:
        child.send({"echo": 7})
        child.send({"end": True})
        answers = list(child.answers(lambda *step: told.append(step), lambda text: told.append(str(text))))
    assert (answers, told) == ([7], ["echoing 7", (message("echo"), 1, 2)])


def test_a_failure_keeps_its_template_so_that_it_can_be_translated() -> None:
    with pytest.raises(JobError) as caught:
        runner.run("echo", name=NAME, request={"fail": "x\x1b[2J"})
    assert str(caught.value) == "the thing x␛[2J is wrong"
    assert caught.value.message.template == "{why} is wrong"
    assert caught.value.message.text(lambda template, **values: f"<{template.format(**values)}>") == (
        "<<the thing x␛[2J> is wrong>"
    )


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({"break": 1}, "ValueError: no ␛[31mmemory"),
        ({"die": signal.SIGKILL}, "the echo was killed (SIGKILL); it may have run out of memory"),
        ({"die": signal.SIGSEGV}, "the echo was killed (SIGSEGV)"),
    ],
)
def test_a_death_is_one_line(request_: object, said: str) -> None:
    async def asynchronously() -> None:
        async for _ in async_runner.run("echo", name=NAME, request=request_):
            pass

    with pytest.raises(JobError) as caught:
        runner.run("echo", name=NAME, request=request_)
    assert str(caught.value) == said
    with pytest.raises(JobError) as caught:
        asyncio.run(asynchronously())
    assert str(caught.value) == said


def test_noise_on_both_streams_neither_blocks_nor_breaks() -> None:
    heard: list[Message] = []
    with Child("echo", name=NAME, chatter=heard.append) as child:
        child.send({"noise": 3000})
        assert next(child.answers()) == "done"
    assert "from a library" in map(str, heard)


def test_what_is_no_message_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "command", lambda *_: [sys.executable, "-c", "print('hello')"])
    with pytest.raises(JobError, match="the echo sent a broken answer: not a line of JSON"):
        runner.run("echo", name=NAME)


def test_leaving_the_block_ends_a_busy_child_within_half_a_second() -> None:
    with Child("echo", name=NAME) as child:
        child.send({"sleep": 1})
        pid = next(child.answers())
        began = time.monotonic()
    assert time.monotonic() - began < 0.5
    assert _gone(pid)


def test_a_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time\n"
        "from aigc_tui.message import message\n"
        "from aigc_tui.process import runner\n"
        "runner.command = lambda *_: [sys.executable, '-P', '-m', 'tests.process.echo']\n"
        "child = runner.Child('echo', name=message('x'))\n"
        "child.send({'sleep': 1})\n"
        "print(next(child.answers()), flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=ROOT, env=environment()
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    assert _gone(pid)


def test_closing_an_asynchronous_run_kills_its_child() -> None:
    async def leave() -> int:
        async with aclosing(async_runner.run("echo", name=NAME, request={"sleep": 1})) as answers:
            return int(await anext(answers))

    assert _gone(asyncio.run(leave()))


def test_a_child_is_off_the_network_finds_this_package_and_waits_without_spinning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    found = environment({"KEY": "k"})
    assert (found["HF_HUB_OFFLINE"], found["PYTHONUTF8"], found["KEY"]) == ("1", "1", "k")
    assert (found["OMP_WAIT_POLICY"], found["HF_HUB_DISABLE_TELEMETRY"]) == ("PASSIVE", "1")
    assert found["PYTHONPATH"].split(os.pathsep) == [str(ROOT), "elsewhere"]
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    assert environment()["OMP_WAIT_POLICY"] == "ACTIVE"


@pytest.mark.parametrize("package", ["transformer", "inference", "training", "evaluation", "course"])
def test_whatever_loads_torch_sets_the_wait_policy_first(package: str) -> None:
    code = f"import os, sys, aigc_tui.{package}; print(os.environ['OMP_WAIT_POLICY'], 'torch' in sys.modules)"
    clean = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT, env=clean
    )
    assert found.stdout.split() == ["PASSIVE", "False"]


def test_small_models_deserve_one_thread() -> None:
    assert [thread_count(size, 8) for size in (10_000, 6_500_000, 30_000_000, 10**9)] == [1, 1, 2, 8]


def test_a_death_without_a_word_names_the_code() -> None:
    assert str(death(NAME, 3)) == "the echo ended with code 3"
    assert str(death(NAME, 1, "error: no model")) == "no model"
