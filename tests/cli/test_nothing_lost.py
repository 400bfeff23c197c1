"""Every command, option, argument and choice of the release 0583229 is still there; more may have come."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest

from tests.cli.test_docs import commands

BEFORE: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent / "commands.json").read_text(encoding="utf-8")
)


def test_no_command_is_lost() -> None:
    assert sorted(set(BEFORE) - set(commands())) == []


@pytest.mark.parametrize("path", list(BEFORE))
def test_no_option_argument_or_choice_is_lost(path: str) -> None:
    command, before = commands()[path], BEFORE[path]
    parameters = command.params
    spellings = {name for each in parameters for name in (*each.opts, *each.secondary_opts)}
    assert [name for option in before["options"] for name in option if name not in spellings] == []
    context = click.Context(command)
    arguments = [each.make_metavar(context) for each in parameters if isinstance(each, click.Argument)]
    assert arguments[: len(before["arguments"])] == before["arguments"]
    for option, choices in before.get("choices", {}).items():
        [parameter] = [each for each in parameters if option in each.opts]
        assert isinstance(parameter.type, click.Choice)
        assert set(choices) <= set(parameter.type.choices)
