"""The command line speaks the chosen language throughout: help, click's own words, usage errors."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import click
import pytest

import aigc_tui
from tests.cli.conftest import Run
from tests.cli.test_docs import commands

MESSAGES = Path(aigc_tui.__file__).parent / "locale" / "zh" / "messages"
HAN = re.compile("[\u4e00-\u9fff]")
SPOKEN = ("core", "decorators", "exceptions", "formatting", "parser", "types")
NOT_SAID = re.compile(
    r"DeprecationWarning|deprecated|confirm|Do you want|defined twice|Choice\(|start character|%\(prog\)s"
    r"|reserved|DEPRECATED|is not supported|^d$"
    r"|parameter declaration|'--\{name\}'"
    r"|^No options defined|^Boolean option|without prompting|^Could not determine"
)
"""Templates of click that no command of ours can reach: deprecation, prompts, errors of the definition."""
SENTENCE = re.compile(r"(?:\b[a-z]{2,}\b +){3,}[a-z]{2,}")
"""Four English words in a row; names, options, paths and metavars never stand so."""
WRONG = (
    ["nonsense"],
    ["history", "nonsense"],
    ["chat", "--nonsense"],
    ["chat", "--temperatur", "1"],
    ["chat", "-c"],
    ["chat", "--temperature", "9"],
    ["chat", "--top-k", "many"],
    ["history", "show"],
    ["history", "show", "a", "b"],
    ["history", "list", "--kind", "talk"],
    ["history", "export"],
    ["history", "export", "--all", "--format", "md"],
    ["history", "list", "--json=1"],
    ["--home", "{file}", "history", "list"],
    ["quiz", "make", "x", "--types", "zz"],
    ["quiz", "import", "x", "--questions", "--conversation"],
    ["model", "evaluate"],
    ["model", "sample", "starter", "--prompt", "a", "--strategy", "draft"],
    ["corpus", "build", "x", "-o", "y.jsonl", "--max-bytes", "lots"],
    ["textgen", "generate", "starter", "--temperature", "hot"],
    ["bench", "nope"],
)
FAILING = (
    ["history", "show", "0000"],
    ["persona", "show", "nobody"],
    ["restore", "{missing}"],
    ["history", "import", "{file}"],
    ["quiz", "show", "0000"],
    ["backup", "-o", "{file}"],
    ["model", "watch", "{missing}"],
)


def english_in(text: str) -> list[str]:
    return SENTENCE.findall(text)


@pytest.mark.parametrize("path", list(commands()))
def test_the_help_of_every_command_is_chinese(run: Run, path: str) -> None:
    shown = run("--language", "zh", *path.split()[1:], "--help").out
    assert shown.startswith("用法：" + path)
    assert HAN.search(shown.partition("\n\n")[2])
    assert english_in(shown) == []
    assert not re.search(r"\b(Options|Commands|default|required):", shown)


@pytest.mark.parametrize("arguments", WRONG)
def test_wrong_usage_is_told_in_chinese(run: Run, tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "file").write_text("")
    filled = [each.format(file=tmp_path / "file") for each in arguments]
    result = run(*filled, "--language", "zh") if "-c" not in filled else run("--language=zh", *filled)
    assert (result.code, result.out) == (2, "")
    assert HAN.search(result.err.removeprefix("aigc-tui: ")[:400])
    assert english_in(result.err) == []


@pytest.mark.parametrize("arguments", FAILING)
def test_failures_are_told_in_chinese(run: Run, tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "file").write_text("")
    filled = [each.format(file=tmp_path / "file", missing=tmp_path / "missing") for each in arguments]
    result = run(*filled, "--language", "zh")
    assert (result.code, result.out) == (1, "")
    assert HAN.search(result.err)
    assert english_in(result.err) == []


def test_the_environment_and_the_settings_choose_the_language(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("--help").out.startswith("Usage: ")
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert run("--help").out.startswith("用法：")
    assert run("--help", "--language", "en").out.startswith("Usage: ")
    home.mkdir()
    (home / "settings.yaml").write_text("language: en\n")
    assert run("history", "--help").out.startswith("Usage: ")


def test_every_template_of_click_is_translated() -> None:
    known = json.loads((MESSAGES / "click.json").read_text(encoding="utf-8"))
    known |= json.loads((MESSAGES / "cli.json").read_text(encoding="utf-8"))
    asked = set()
    for name in SPOKEN:
        tree = ast.parse((Path(click.__file__).parent / f"{name}.py").read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            called = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
            place = {"_": 0, "ngettext": 1}.get(called)
            if place is None:
                continue
            assert isinstance(node, ast.Call)
            template = node.args[place]
            if isinstance(template, ast.Constant) and isinstance(template.value, str):
                asked.add(template.value)
    assert len(asked) > 30
    assert sorted(each for each in asked if each not in known and not NOT_SAID.search(each)) == []
