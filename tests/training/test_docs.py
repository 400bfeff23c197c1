"""docs/training.md explains every key of a recipe."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from aigc_tui.training.recipe import Recipe, Stage

PAGE = (Path(__file__).parents[2] / "docs" / "training.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", [Recipe, Stage])
def test_every_key_has_a_row(kind: type[Recipe] | type[Stage]) -> None:
    cells = re.findall(r"^\| (`.+?`) \|", PAGE, flags=re.MULTILINE)
    explained = {name for cell in cells for name in re.findall(r"`([a-z_]+)`", cell)}
    assert {each.name for each in fields(kind)} - explained == set()
