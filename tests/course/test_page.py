"""docs/course.md and docs/textgen.md: every file and symbol that they name exists, every block runs."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import click
import pytest
import torch

from aigc_tui.cli.program import root

DOCS = Path(__file__).parents[2] / "docs"
PAGES = [DOCS / "course.md", DOCS / "course.zh.md"]
TEXTGEN = DOCS / "textgen.md"


def blocks(page: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def links(page: Path) -> list[tuple[str, str]]:
    return re.findall(r"\[([^\]]+)\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", [*PAGES, TEXTGEN], ids=lambda page: page.name)
def test_every_linked_file_exists(page: Path) -> None:
    missing = [target for _, target in links(page) if not (DOCS / target).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_symbol_is_in_the_file_that_the_page_names(page: Path) -> None:
    named = [(text.strip("`"), target) for text, target in links(page) if re.fullmatch(r"`\w+`", text)]
    assert len(named) > 50
    for symbol, target in named:
        module = target.removeprefix("../").removesuffix(".py").replace("/", ".")
        found = getattr(importlib.import_module(module), symbol)
        assert found.__module__ == module, (symbol, target)


@pytest.mark.parametrize("page", [DOCS / "course.md", TEXTGEN], ids=lambda page: page.name)
def test_every_block_runs_one_after_the_other(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    session: dict[str, Any] = {"__name__": "course"}
    for block in blocks(page):
        exec(compile(block, page.name, "exec"), session)
    assert capsys.readouterr().out


def test_the_chinese_page_has_the_very_blocks_of_the_english_one() -> None:
    assert blocks(DOCS / "course.zh.md") == blocks(DOCS / "course.md")


def rows() -> list[list[str]]:
    lines = TEXTGEN.read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return [row for row in cells if len(row) == 4 and row[0] not in ("textgenrnn", "---")]


def test_every_python_name_of_the_table_exists() -> None:
    names = [name for row in rows() for name in re.findall(r"`([\w.]+)`", row[2])]
    assert len(names) > 35
    for name in names:
        full = name if name.startswith("aigc_tui.") else f"aigc_tui.course.textgen.{name}"
        try:
            importlib.import_module(full)
        except ModuleNotFoundError:
            module, _, symbol = full.rpartition(".")
            assert hasattr(importlib.import_module(module), symbol), name


def test_every_command_and_option_of_the_table_exists() -> None:
    found = re.findall(r"`aigc-tui ([^`]+)`", "\n".join(cell for row in rows() for cell in row[1:]))
    assert len(found) > 30
    for line in found:
        command: click.Command = root
        for word in line.split():
            if isinstance(command, click.Group) and not word.startswith("-"):
                child = command.get_command(click.Context(command), word)
                assert child is not None, line
                command = child
            elif word.startswith("-"):
                assert any(word in each.opts for each in command.params), line
