"""docs/cli.md and the program tell the same: commands, options, slash commands; and its examples run."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from aigc_tui.cli.program import root
from aigc_tui.locale import LANGUAGES
from tests.cli.conftest import Run, settings_with
from tests.cli.test_chat import SHAPE
from tests.support.models import make_model
from tests.support.openai_server import openai_server

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"
LESSON = PAGE.parents[1] / "data" / "lessons" / "en-photosynthesis.md"
PROGRAM = "aigc-tui"
MAY_FAIL = ("doctor",)
"""Commands whose exit code tells of the machine and not of themselves."""


def commands() -> dict[str, click.Command]:
    """Every command by its path, groups included."""

    def walk(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
        yield path, command
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                child = command.get_command(context, name)
                assert child is not None
                yield from walk(f"{path} {name}", child)

    return dict(walk(PROGRAM, root))


def page() -> str:
    """The page's text."""
    return PAGE.read_text(encoding="utf-8")


def sections() -> dict[str, str]:
    """The page's sections about commands, by the command's path."""
    parts = re.split(r"^##+ (.+)\n", page(), flags=re.MULTILINE)
    pairs = zip(parts[1::2], parts[2::2], strict=True)
    return {title: text for title, text in pairs if title.split()[0] == PROGRAM}


def documented_options(section: str) -> set[str]:
    """The flags in the first column of a section's tables."""
    cells = re.findall(r"^\| (`-.+?) \|", section, flags=re.MULTILINE)
    return {flag for cell in cells for flag in re.findall(r"(?<![\w-])--?[a-z][a-z0-9-]*", cell)}


def options(command: click.Command) -> set[str]:
    """The flags that a command's help shows, its own `--help` aside."""
    shown = [each for each in command.params if isinstance(each, click.Option) and not each.hidden]
    return {flag for each in shown for flag in (*each.opts, *each.secondary_opts)}


def test_every_command_is_documented_and_every_documented_one_exists() -> None:
    assert set(sections()) == set(commands())


@pytest.mark.parametrize("path", list(commands()))
def test_help_and_page_name_the_same_options(path: str) -> None:
    assert documented_options(sections()[path]) - {"-h", "--help"} == options(commands()[path])


@pytest.mark.parametrize("path", list(commands()))
def test_every_command_explains_itself_and_its_options(path: str) -> None:
    command = commands()[path]
    assert command.help
    assert all(each.help for each in command.params if isinstance(each, click.Option))


@pytest.mark.parametrize("path", list(commands()))
def test_help_of_every_command_can_be_printed(run: Run, path: str) -> None:
    result = run(*path.split()[1:], "--help")
    assert result.code == 0
    assert result.out.startswith(f"Usage: {path}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_and_the_dialogue_list_the_same_slash_commands(run: Run, language: str) -> None:
    listed = set(re.findall(r"^\| `(/[a-z]+)", page(), flags=re.MULTILINE))
    explained = run("--language", language, "--plain", stdin="/help\n").err
    assert listed == set(re.findall(r"^(/[a-z]+)", explained, flags=re.MULTILINE))


def test_every_listed_slash_command_exists(run: Run) -> None:
    listed = re.findall(r"^\| `(/[a-z]+)", page(), flags=re.MULTILINE)
    for name in listed:
        assert "There is no command" not in run("--plain", stdin=f"{name}\n").err


def blocks(language: str) -> list[str]:
    """The page's fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", page(), flags=re.MULTILINE | re.DOTALL)


def examples() -> list[str]:
    """The command lines of the page's console blocks, in their order."""
    return [line.removeprefix("$ ") for block in blocks("console") for line in block.splitlines()]


def test_the_documented_json_of_a_turn_is_json_of_that_shape() -> None:
    [shape] = blocks("json")
    assert list(json.loads(shape)) == SHAPE


def output_of(line: str) -> str:
    """What the shell's part of an example writes into the pipe."""
    return subprocess.run(line, shell=True, capture_output=True, text=True, check=True).stdout


def test_every_documented_example_runs(
    run: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_model(tmp_path / "my-model", "llama")
    (tmp_path / "lesson.txt").write_text("A leaf makes sugar from light.\n")
    shutil.copy(LESSON, tmp_path / "photosynthesis.md")
    monkeypatch.chdir(tmp_path)
    with openai_server(["A leaf is an organ of a plant."]) as server:
        settings_with(home, server.base_url)
        for line in examples():
            *before, called = line.rsplit(" | ", 1)
            arguments = shlex.split(called)[1:]
            result = run(*arguments, stdin=output_of(before[0]) if before else None)
            assert result.code == 0 or arguments[0] in MAY_FAIL, (line, result)
            if "--json" in arguments:
                assert result.json is not None, line
