"""Every way out of the program: soon, with the terminal given back, and with the right exit code."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from aigc_tui.tui.run import HUNG_UP
from tests.support.terminal import Terminal

SETTINGS = "language: en\nfirst_run_done: true\n"
CTRL_Q = "\x11"
F1 = "\x1bOP"
GIVEN_BACK = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l", b"\x1b[?2004l")
"""Leave the second screen, show the cursor, no mouse reports, no paste reports."""
STUCK = """
import threading
from textual.widget import Widget
async def never(self): await __import__("asyncio").Event().wait()
from aigc_tui.tui.footer import KeyFooter
KeyFooter.on_unmount = never
from aigc_tui.tui.run import run
run()
"""
BLOCKED = """
import os, threading
from pathlib import Path
from aigc_tui.tui.app import AigcApp
from aigc_tui.tui.run import run
def hang(self):
    Path(os.environ["AIGC_TUI_HOME"], "hanging").touch()
    threading.Event().wait()
AigcApp.action_help = hang
run()
"""
CRASHING = """
from aigc_tui.tui.app import AigcApp
from aigc_tui.tui.run import run
def crash(self):
    secret = "what the user wrote"
    raise ValueError("broken \\x1b]0;title\\x07")
AigcApp.action_help = crash
run()
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "settings.yaml").write_text(SETTINGS, encoding="utf-8")
    return tmp_path


def assert_given_back(terminal: Terminal) -> None:
    while terminal.pump():  # take in the last words, up to the terminal's end
        pass
    end = bytes(terminal.received[-600:])
    assert all(sequence in end for sequence in GIVEN_BACK), end


def test_the_quit_key_ends_with_0_and_gives_the_terminal_back(home: Path) -> None:
    with Terminal(home) as terminal:
        terminal.wait_for("Quit")
        terminal.send(CTRL_Q)
        assert terminal.wait_for_exit() == 0
        assert_given_back(terminal)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_with_its_number_and_gives_the_terminal_back(
    home: Path, number: signal.Signals
) -> None:
    with Terminal(home) as terminal:
        terminal.wait_for("Quit")
        terminal.process.send_signal(number)
        assert terminal.wait_for_exit() == 128 + number
        assert_given_back(terminal)


def test_a_window_that_is_closed_ends_the_program(home: Path) -> None:
    with Terminal(home) as terminal:
        terminal.wait_for("Quit")
        # The terminal's own end is closed; what stands for it from now on belongs to nobody.
        os.dup2(os.open(os.devnull, os.O_RDWR), terminal._master)
        assert terminal.process.wait(20) == HUNG_UP


def test_a_widget_that_never_ends_does_not_keep_the_program(home: Path) -> None:
    with Terminal(home, command=(sys.executable, "-c", STUCK)) as terminal:
        terminal.wait_for("Quit")
        terminal.send(CTRL_Q)
        assert terminal.wait_for_exit() == 0
        assert_given_back(terminal)


def test_an_interface_that_hangs_can_still_be_ended(home: Path) -> None:
    with Terminal(home, command=(sys.executable, "-c", BLOCKED)) as terminal:
        terminal.wait_for("Quit")
        terminal.send(F1)
        terminal.wait_for(lambda _text: (home / "hanging").exists())
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.wait_for_exit(20) == 128 + signal.SIGTERM
        assert_given_back(terminal)


def test_a_crash_leaves_one_line_and_a_log_without_the_user_s_words(home: Path) -> None:
    with Terminal(home, command=(sys.executable, "-c", CRASHING)) as terminal:
        terminal.wait_for("Quit")
        terminal.send(F1)
        assert terminal.wait_for_exit() == 1
        assert_given_back(terminal)
        said = bytes(terminal.received).rpartition(b"\x1b[?1049l")[2]
        assert b"Unexpected error: ValueError: broken" in said
        assert b"Traceback" not in said
        assert b"\x1b]0;" not in said
    log = home / "logs" / "crash.log"
    assert log.stat().st_mode & 0o777 == 0o600
    assert "ValueError" in log.read_text(encoding="utf-8")
