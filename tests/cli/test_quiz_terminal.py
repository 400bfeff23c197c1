"""A quiz in a real pseudo-terminal: left with ctrl-d, gone on with later, in either language."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from aigc_tui.store import Store
from tests.quiz.shelf import stocked
from tests.support.terminal import ENTER, Terminal

CTRL_D = "\x04"


@pytest.fixture
def quiz(home: Path) -> str:
    home.mkdir()
    with Store.open(home / "aigc-tui.db") as store:
        return stocked(store)


def command(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "aigc_tui", *arguments)


def test_a_quiz_is_left_with_ctrl_d_and_taken_to_its_end_later(home: Path, quiz: str) -> None:
    with Terminal(home, command=command("quiz", "take", quiz)) as terminal:
        terminal.wait_for("1. What holds the DNA of the cell?")
        terminal.send(f"b{ENTER}")
        terminal.wait_for("2. Chlorophyll is green.")
        assert "Correct." in terminal.text
        terminal.send(CTRL_D)
        terminal.wait_for("continues this attempt")
        assert terminal.wait_for_exit() == 0
    # readline takes Chinese only in a locale that is installed, which en_US need not be.
    utf8, chinese = {"LC_ALL": "C.UTF-8"}, command("--language", "zh", "quiz", "take", "last")
    with Terminal(home, command=chinese, environment=utf8) as terminal:
        terminal.wait_for("共 4 题，已答 1 题")
        for answer, told in (("错", "错误。"), ("1665", "正确。"), ("light", "4 题答对 3 题")):
            terminal.send(f"{answer}{ENTER}")
            terminal.wait_for(told)
        terminal.wait_for("Plants：Chlorophyll is green.")
        assert terminal.wait_for_exit() == 0
        assert b"\x1b[2K" not in terminal.received


def test_a_due_card_is_rated_with_enter(home: Path, quiz: str) -> None:
    with Terminal(home, command=command("quiz", "practice", "--limit", "1")) as terminal:
        terminal.wait_for("1. What holds the DNA of the cell?")
        terminal.send(f"the nucleus{ENTER}")
        terminal.wait_for("Enter: 3")
        terminal.send(ENTER)
        terminal.wait_for("Due again in 10 min.")
        terminal.wait_for("1 card reviewed")
        assert terminal.wait_for_exit() == 0
