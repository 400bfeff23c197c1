"""Watching a training run: one frame into a pipe, redrawing on a terminal, and the run never notices."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from aigc_tui.cli.model_training import HOME, OTHER_SCREEN, OWN_SCREEN
from aigc_tui.message import Message
from aigc_tui.training import jobs
from aigc_tui.training.metrics import append_metric
from tests.cli.conftest import Run, Terminal

RECIPE = """
corpus: .
work: work
out: out
tokenizer: {folder: tokenizer, vocab_size: 600, sources: {}}
model: {}
sources: {}
stages: []
"""


def log(folder: Path, steps: int) -> None:
    folder.mkdir(exist_ok=True)
    for step in range(1, steps + 1):
        row = {"kind": "train", "stage": "reading", "step": step, "tokens": step * 1000, "left": 60}
        append_metric(folder, {**row, "loss": 4.0 / step, "factor": 1.0, "tokens_per_second": 100.0})


def test_a_pipe_gets_one_frame(run: Run, tmp_path: Path) -> None:
    log(tmp_path, 5)
    result = run("model", "watch", tmp_path)
    assert (result.code, result.err) == (0, "")
    assert result.out.splitlines()[0] == "reading · 5 · 0.01M · 0.800 · 100/s · 1 min left"
    assert "\x1b" not in result.out
    assert result.out.count("Tokens per second") == 1


def test_the_words_are_the_users(run: Run, tmp_path: Path) -> None:
    log(tmp_path, 5)
    assert "每秒词元数" in run("--language", "zh", "model", "watch", tmp_path).out


def test_a_folder_without_a_run_waits_and_no_folder_is_one_line(run: Run, tmp_path: Path) -> None:
    assert "othing to plot yet" in run("model", "watch", tmp_path).out
    result = run("model", "watch", tmp_path / "none")
    assert result.code == 1
    assert result.err.count("\n") == 1


def test_a_terminal_is_redrawn_until_the_run_ends_and_shown_what_is_left(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log(tmp_path, 3)
    terminal = Terminal()

    def write(text: str) -> int:
        if text.startswith(HOME):
            append_metric(tmp_path, {"kind": "end", "step": 3})
        return Terminal.write(terminal, text)

    monkeypatch.setattr(terminal, "write", write, raising=False)
    monkeypatch.setattr(sys, "stdout", terminal)
    assert run("model", "watch", tmp_path).code == 0
    shown = terminal.getvalue()
    assert shown.startswith(OTHER_SCREEN)
    assert "the run has ended" in shown.split(OWN_SCREEN)[1]


def test_ctrl_c_ends_the_watching_quietly(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log(tmp_path, 3)
    terminal = Terminal()

    def write(text: str) -> int:
        if text.startswith(HOME):
            raise KeyboardInterrupt
        return Terminal.write(terminal, text)

    monkeypatch.setattr(terminal, "write", write, raising=False)
    monkeypatch.setattr(sys, "stdout", terminal)
    result = run("model", "watch", tmp_path)
    assert (result.code, result.err) == (0, "")
    assert OWN_SCREEN in terminal.getvalue()


def test_pretrain_with_plot_draws_the_run_at_its_end(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "recipe.yaml").write_text(RECIPE)
    asked: dict[str, object] = {}

    def pretrain(config: Path, resume: bool, accept_changes: bool, tell: Callable[[Message], None]) -> int:
        asked.update(config=config, resume=resume, accept_changes=accept_changes)
        log(jobs.run_folder(config), 2)
        return 0

    monkeypatch.setattr(jobs, "pretrain", pretrain)
    result = run("model", "pretrain", tmp_path / "recipe.yaml", "--plot", "--accept-changes", "--resume")
    assert result.code == 0
    assert asked == {"config": tmp_path / "recipe.yaml", "resume": True, "accept_changes": True}
    assert "Learning rate" in result.err
    assert result.out == ""


def test_a_wrong_recipe_is_one_line_with_plot_too(run: Run, tmp_path: Path) -> None:
    result = run("model", "pretrain", tmp_path / "none.yaml", "--plot")
    assert result.code == 1
    assert result.err.count("\n") == 1
