from __future__ import annotations

import sys

import pytest

from aigc_tui.cli.terminal import Narrator
from aigc_tui.engine.protocol import Fitted, Progress, Stage
from aigc_tui.locale import Catalogue
from tests.cli.conftest import Terminal

T = Catalogue.load("en").text


class Clock:
    """Time that a test lets pass."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def loading(done: int, total: int = 100) -> Progress:
    return Progress("r", Stage.LOADING, done, total)


def watched(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Let stderr be a terminal from now on. No fixture: pytest sets its own stderr after those."""
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    return stream


def test_what_is_soon_over_is_not_worth_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watched(monkeypatch)
    narrator = Narrator(T, plain=False, clock=(clock := Clock()))
    for clock.now in (0.0, 0.5, 0.9):
        narrator.progress(loading(50))
    narrator.quiet()
    assert terminal.getvalue() == ""


def test_what_takes_long_is_told_with_time_left_and_wiped_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = watched(monkeypatch)
    narrator = Narrator(T, plain=False, clock=(clock := Clock()))
    narrator.progress(loading(0))
    clock.now = 2.0
    narrator.progress(loading(25))
    assert terminal.getvalue().endswith("Loading the model: 25%, about 6 s left")
    narrator.quiet()
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_plain_narration_says_each_stage_once_on_a_line_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watched(monkeypatch)
    narrator = Narrator(T, plain=True, clock=(clock := Clock()))
    narrator.progress(loading(0))
    for clock.now in (2.0, 3.0, 4.0):
        narrator.progress(loading(50))
    assert terminal.getvalue() == "Loading the model: 50%, about 2 s left\n"


def test_nobody_is_told_when_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    narrator = Narrator(T, plain=False, clock=(clock := Clock()))
    for clock.now in (0.0, 10.0):
        narrator.progress(loading(50))
    assert capsys.readouterr().err == ""


def test_dropped_messages_are_told_even_to_a_log(capsys: pytest.CaptureFixture[str]) -> None:
    Narrator(T, plain=False).fitted(Fitted("r", 900, 0, 4, 1024))
    assert capsys.readouterr().err == (
        "The 4 oldest messages were left out to fit the model's context of 1024 tokens.\n"
    )
