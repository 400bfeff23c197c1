"""The documentation names only files, links and commands that exist."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from aigc_tui.cli.program import root

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
HISTORY = ("CHANGELOG.md", "training-log.md")
"""Pages that tell of what was; they may name what is gone."""


def names(page: Path) -> str:
    return str(page.relative_to(ROOT))


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def paths_in(text: str) -> set[str]:
    """The files and folders of the repository that a text names."""
    found = re.findall(r"(?<![\w/.-])(?:\.\./)?((?:aigc_tui|tests|bench|tools)/[\w/.-]*\w)", text)
    # A shell or Python continuation may follow, and a symbol of a module: keep what looks like a path.
    return {each.rstrip(".") for each in found}


@pytest.mark.parametrize("page", [page for page in PAGES if page.name not in HISTORY], ids=names)
def test_every_path_exists(page: Path) -> None:
    missing = [each for each in sorted(paths_in(text_of(page))) if not (ROOT / each).exists()]
    # What a benchmark writes is not in the repository.
    assert [each for each in missing if not each.startswith("bench/results")] == []


@pytest.mark.parametrize("page", [page for page in PAGES if page.name not in HISTORY], ids=names)
def test_every_module_that_is_named_without_its_whole_path_exists(page: Path) -> None:
    folders = ("aigc_tui", "tests", "bench", "tools", "docs")
    there = [f"/{each.relative_to(ROOT)}" for folder in folders for each in (ROOT / folder).rglob("*.py")]
    named = set(re.findall(r"(?<![\w/.*])((?:\w+/)*[a-z]\w*\.py)\b", text_of(page)))
    assert [each for each in sorted(named) if not any(path.endswith(f"/{each}") for path in there)] == []


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text_of(page))
    local = [target for target in targets if not re.match(r"[a-z]+:", target)]
    assert [target for target in local if not (page.parent / target).exists()] == []


def calls(text: str) -> list[str]:
    """The lines of fenced blocks that call the program, without what explains them behind two blanks."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    found = [re.search(r"(?:^|\$ |&& |\| )(?:\.venv/bin/)?aigc-tui (.+)", line) for line in lines]
    return [re.split(r" {2,}| && | \| | #", each[1])[0] for each in found if each]


@pytest.mark.parametrize("page", [page for page in PAGES if calls(text_of(page))], ids=names)
def test_every_command_and_option_exists(page: Path) -> None:
    for call in calls(text_of(page)):
        command: click.Command = root
        known = {flag for each in root.params for flag in each.opts} | {"--home", "--language", "--help"}
        # `bench NAME -- ...` hands what follows to the benchmark.
        words = re.sub(r"--(?:home|language) \S+", "", call.split(" -- ")[0]).split()
        for word in words:
            if re.match(r"--?[a-z]", word):
                options = known | {
                    flag for each in command.params for flag in (*each.opts, *each.secondary_opts)
                }
                assert word.split("=")[0] in options, call
            elif isinstance(command, click.Group) and re.fullmatch(r"[a-z-]+", word):
                child = command.get_command(click.Context(command), word)
                assert child is not None, call
                command = child
