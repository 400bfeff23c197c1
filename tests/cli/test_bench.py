from __future__ import annotations

from pathlib import Path

import pytest

import aigc_tui
from aigc_tui.cli.care import NAMES, repository
from tests.cli.conftest import Run


@pytest.mark.parametrize("name", NAMES)
def test_every_named_measurement_exists(name: str) -> None:
    assert (repository() / "bench" / f"{name.replace('-', '_')}.py").is_file()


def test_an_unknown_measurement_is_wrong_usage_that_names_the_known_ones(run: Run) -> None:
    result = run("bench", "nonsense")
    assert result.code == 2
    assert all(name in result.err for name in NAMES)


def test_without_the_repository_one_line_says_so(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aigc_tui, "__file__", str(tmp_path / "site-packages" / "aigc_tui" / "__init__.py"))
    result = run("bench", "search")
    assert (result.code, result.err.count("\n")) == (1, 1)
    assert "clone" in result.err
