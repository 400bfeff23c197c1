"""A file is replaced whole or not at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from aigc_tui.files import private_folder, write_bytes, write_text


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_file_is_only_its_owners(tmp_path: Path) -> None:
    write_text(tmp_path / "a.yaml", "你好\n")
    assert (tmp_path / "a.yaml").read_text(encoding="utf-8") == "你好\n"
    assert mode_of(tmp_path / "a.yaml") == 0o600


def test_no_temporary_file_is_left_behind(tmp_path: Path) -> None:
    write_bytes(tmp_path / "a", b"1")
    write_bytes(tmp_path / "a", b"2")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_failed_write_keeps_the_old_file_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "a"
    write_bytes(target, b"old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="No space left"):
        write_bytes(target, b"new")
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_the_content_is_on_the_disk_before_the_name_and_the_name_before_return(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    real_fsync, real_replace = os.fsync, os.replace

    def fsync(handle: int) -> None:
        steps.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")
        real_fsync(handle)

    def replace(source: str, target: str) -> None:
        steps.append("rename")
        real_replace(source, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    write_bytes(tmp_path / "a", b"1")
    assert steps == ["file", "rename", "folder"]


def test_a_link_stays_a_link_to_the_changed_file(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_text("old", encoding="utf-8")
    link.symlink_to(real)
    write_text(link, "new")
    assert link.is_symlink()
    assert real.read_text(encoding="utf-8") == "new"


def test_lone_surrogates_do_not_stop_a_write(tmp_path: Path) -> None:
    write_text(tmp_path / "a", "x\ud800y")
    assert (tmp_path / "a").read_text(encoding="utf-8") == "x?y"


def test_a_private_folder_is_only_its_owners_and_an_old_one_is_left_as_it_is(tmp_path: Path) -> None:
    assert mode_of(private_folder(tmp_path / "new")) == 0o700
    old = tmp_path / "old"
    old.mkdir(mode=0o755)
    old.chmod(0o755)
    assert mode_of(private_folder(old)) == 0o755


def test_a_failure_names_the_path_that_was_said(tmp_path: Path) -> None:
    target = tmp_path / "missing" / "talk.md"
    with pytest.raises(FileNotFoundError) as caught:
        write_bytes(target, b"words")
    assert caught.value.filename == str(target)


@pytest.mark.parametrize("make", [Path.touch, lambda path: path.symlink_to("nowhere")])
def test_what_is_no_folder_is_called_so(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "home")
    with pytest.raises(NotADirectoryError):
        private_folder(tmp_path / "home")
