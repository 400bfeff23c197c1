"""One home for everything, named by argument, environment or system."""

from __future__ import annotations

import stat
from pathlib import Path

from aigc_tui.config import HOME_VARIABLE, Paths, shipped


def test_the_argument_wins_over_the_environment(tmp_path: Path) -> None:
    assert Paths.find(tmp_path / "a", {HOME_VARIABLE: str(tmp_path / "b")}).home == tmp_path / "a"


def test_the_environment_wins_over_the_system(tmp_path: Path) -> None:
    assert Paths.find(environ={HOME_VARIABLE: str(tmp_path)}).home == tmp_path


def test_without_either_the_system_decides() -> None:
    assert Paths.find(environ={HOME_VARIABLE: ""}).home.name == "aigc-tui"


def test_everything_lies_in_the_home(tmp_path: Path) -> None:
    paths = Paths.find(tmp_path)
    folders = (paths.backups, paths.models, paths.personas, paths.logs, paths.keys, paths.exports)
    files = (paths.settings, paths.store)
    assert {path.parent for path in folders + files} == {tmp_path}
    assert len(set(folders + files)) == 8


def test_folders_are_made_when_asked_for_and_only_for_their_owner(tmp_path: Path) -> None:
    paths = Paths.find(tmp_path / "home")
    assert not paths.home.exists()
    made = paths.make(paths.keys)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (paths.home, made)] == [0o700, 0o700]


def test_shipped_folders_are_found() -> None:
    assert (shipped("personas") / "assistant.yaml").is_file()
    assert (shipped("data") / "safety" / "crisis.yaml").is_file()
