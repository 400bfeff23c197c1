from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from aigc_tui.cli import main
from tests.support.model_fixtures import tiny as tiny  # a fixture


@dataclass(frozen=True)
class Result:
    """What a run of the command line left: exit code, stdout, stderr."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Result]


class Terminal(io.StringIO):
    """A stream that says that a person is at it."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder that `AIGC_TUI_HOME` names, and an English locale."""
    folder = tmp_path / "home"
    monkeypatch.setenv("AIGC_TUI_HOME", str(folder))
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    return folder


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Call the command line as the program does. Without `stdin` a person is at the keyboard, silent."""

    def call(*arguments: object, stdin: str | None = None) -> Result:
        monkeypatch.setattr(sys, "stdin", Terminal() if stdin is None else io.StringIO(stdin))
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return call


def settings_with(home: Path, base_url: str) -> None:
    """Write settings whose model is the one of a loopback server."""
    home.mkdir(exist_ok=True)
    entry = f"  - {{name: near, kind: openai, base_url: '{base_url}', model: m}}"
    (home / "settings.yaml").write_text(f"model: near\nmodels:\n{entry}\n")
