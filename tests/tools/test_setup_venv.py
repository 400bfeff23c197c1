"""Setting up a checkout: progress on a terminal, one line on failure, repair of what is half made."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools import setup_venv
from tools.setup_venv import (
    PipOutput,
    SetUpError,
    count_installed,
    drop_half_installed,
    explain,
    make_venv,
    works,
)

SCRIPT = Path(setup_venv.__file__)
LOG = Path(".venv/setup.log")
OLD_PIP = """\
WARNING: Retrying (Retry(total=0, connect=None)) after connection broken by 'NewConnectionError('<pip._vendor\
.urllib3.connection.HTTPConnection object at 0x7fe6>: Failed to establish a new connection: [Errno 111] \
Connection refused')': /simple/pip/
ERROR: Could not find a version that satisfies the requirement pip==26.3 (from versions: none)
ERROR: No matching distribution found for pip==26.3
"""


def test_what_pip_prints_becomes_a_short_line_of_progress() -> None:
    output = PipOutput()
    assert output.status("Collecting torch==2.13.* (from aigc-tui==0.1.0)") == "looking up torch"
    downloading = output.status("  Downloading torch-2.13.0-cp311-cp311-manylinux_2_28_x86_64.whl (190.4 MB)")
    assert downloading == "downloading torch 2.13.0"
    assert output.status("Progress 47600000 of 190400000") == "downloading torch 2.13.0: 25 % of 190 MB"
    assert output.status("Building wheel for jieba (pyproject.toml): started") == "building jieba"
    assert output.status("Installing collected packages: a, b, c") == "installing 3 packages"
    assert output.installing == ["a", "b", "c"]
    assert output.status("Requirement already satisfied: click in ./lib") is None


@pytest.mark.parametrize(
    ("output", "said"),
    [
        (OLD_PIP, "the package index (pip uses its default) cannot be reached: Connection refused. Check"),
        (
            "Looking in indexes: https://a.invalid/simple, file:///b\n" + OLD_PIP,
            "(https://a.invalid/simple) cannot",
        ),
        (
            "ERROR: x (from versions: none)\nERROR: No matching distribution found for pip==26.3",
            "no version of pip",
        ),
        (
            "ERROR: x (from versions: 1)\nERROR: No matching distribution found for lxml==9",
            "offers no lxml==9 for",
        ),
        ("ERROR: Could not install: [Errno 28] No space left on device", "the disk is full"),
        ("noise\nERROR: Cannot install a and b.", "pip: Cannot install a and b."),
        ("", "pip: it printed nothing."),
    ],
)
def test_a_failure_is_one_line_with_what_where_and_what_to_do(output: str, said: str) -> None:
    line = explain(output.splitlines(), LOG)
    assert said in line
    assert line.endswith("then run make again. Details: .venv/setup.log")
    assert "\n" not in line


def test_packages_are_counted_while_pip_installs_them(tmp_path: Path) -> None:
    for name in ("PyYAML-6.0.4", "mdit_py_plugins-0.7.0", "pip-26.3"):
        (tmp_path / "lib" / "python3.11" / "site-packages" / f"{name}.dist-info").mkdir(parents=True)
    assert count_installed(["PyYAML", "mdit-py-plugins", "torch"], tmp_path) == 2


def test_an_old_python_is_told_which_one_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 6, "final", 0))
    with pytest.raises(SetUpError, match=r"is Python 3\.9\.6; 3\.11 or newer is needed.*PYTHON=python3\.11"):
        make_venv(tmp_path / "venv", setup_venv.Progress())


def test_a_package_that_was_half_installed_is_installed_again(tmp_path: Path) -> None:
    packages = tmp_path / "lib" / "python3.11" / "site-packages"
    for name in ("whole-1.0", "half-1.0"):
        (packages / f"{name}.dist-info").mkdir(parents=True)
        (packages / f"{name}.dist-info" / "METADATA").touch()
    (packages / "whole-1.0.dist-info" / "RECORD").touch()
    assert drop_half_installed(tmp_path) == ["half"]
    assert [each.name for each in packages.iterdir()] == ["whole-1.0.dist-info"]


def test_an_index_that_cannot_be_reached_fails_clearly_and_a_broken_environment_is_made_anew(
    tmp_path: Path,
) -> None:
    venv = tmp_path / "venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to(tmp_path / "no such python")
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_EXTRA_INDEX_URL": "", "PIP_FIND_LINKS": ""}
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(venv)],
        env={**os.environ, **nowhere, "PIP_CONFIG_FILE": os.devnull, "PIP_RETRIES": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.startswith("Set-up failed: the package index (http://127.0.0.1:9/simple) cannot be reached: ")
    assert done.stdout == ""
    assert works(venv)
    assert "Retrying" in (venv / "setup.log").read_text()
