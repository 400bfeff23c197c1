"""The plain dialogue in a real pseudo-terminal, with a person who presses ctrl-c and ctrl-d."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import settings_with
from tests.support.openai_server import openai_server
from tests.support.terminal import ENTER, Terminal

COMMAND = (sys.executable, "-m", "aigc_tui", "--plain")
CTRL_D = "\x04"


@pytest.fixture
def gate() -> threading.Semaphore:
    """How many pieces the server may still send."""
    return threading.Semaphore(0)


@pytest.fixture
def terminal(home: Path, gate: threading.Semaphore) -> Iterator[Terminal]:
    with openai_server(["First", " second"], gate=gate) as server:
        settings_with(home, server.base_url)
        with Terminal(home, command=COMMAND) as terminal:
            terminal.wait_for("You:")
            yield terminal
        gate.release(100)


def prompts(count: int, screen: str) -> bool:
    """Whether the screen shows so many prompts, the last one empty."""
    return screen.count("You:") == count and screen.rstrip().endswith("You:")


def test_a_reply_is_streamed_under_its_speakers_name(terminal: Terminal, gate: threading.Semaphore) -> None:
    terminal.send(f"hello{ENTER}")
    gate.release()
    terminal.wait_for("Sage: First")
    gate.release()
    terminal.wait_for("Sage: First second")
    assert b"\x1b" not in terminal.received


def test_ctrl_c_while_a_reply_comes_keeps_its_words(terminal: Terminal, gate: threading.Semaphore) -> None:
    terminal.send(f"hello{ENTER}")
    gate.release()
    terminal.wait_for("Sage: First")
    terminal.process.send_signal(signal.SIGINT)
    terminal.wait_for("Stopped")
    terminal.wait_for(lambda screen: prompts(2, screen))


def test_ctrl_c_while_typing_throws_the_line_away_and_not_the_program(terminal: Terminal) -> None:
    terminal.send("half a line")
    terminal.wait_for("half a line")
    terminal.process.send_signal(signal.SIGINT)
    terminal.wait_for("Line discarded")
    terminal.wait_for(lambda screen: prompts(2, screen))


@pytest.mark.parametrize("arguments", [(), ("--language", "en")])
def test_the_setting_plain_opens_the_dialogue_instead_of_the_application(
    home: Path, arguments: tuple[str, ...]
) -> None:
    home.mkdir()
    (home / "settings.yaml").write_text("plain: true\n")
    with Terminal(home, command=(*COMMAND[:-1], *arguments)) as terminal:
        terminal.wait_for("You:")
        assert b"\x1b" not in terminal.received


def test_ctrl_d_leaves(terminal: Terminal) -> None:
    terminal.send(CTRL_D)
    assert terminal.wait_for_exit() == 0
