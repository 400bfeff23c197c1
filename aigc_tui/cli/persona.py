"""`aigc-tui persona`: who can be talked to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from aigc_tui.cli.groups import Group
from aigc_tui.cli.output import data, emit_json, fields, say, table
from aigc_tui.cli.workspace import Workspace, json_option, pass_workspace
from aigc_tui.message import error_text

if TYPE_CHECKING:
    from aigc_tui.personas import Persona

LANGUAGES = ("en", "zh")
TEXTS = ("name", "greeting", "description", "style", "system")


@click.group(cls=Group)
def persona() -> None:
    """Personas: list, show."""


@persona.command("list")
@json_option
@pass_workspace
def list_(workspace: Workspace, as_json: bool) -> None:
    """List the shipped personas and those in the home folder."""
    found = workspace.personas.all()
    if as_json:
        emit_json([_summary(one) for one in found])
    else:
        language = workspace.language
        table([(one.id, one.text("name", language), one.text("description", language)) for one in found])
    for problem in workspace.personas.problems():
        say(error_text(problem, workspace.t))


@persona.command()
@click.argument("name", metavar="P")
@json_option
@pass_workspace
def show(workspace: Workspace, name: str, as_json: bool) -> None:
    """Show a persona: its texts, safety level and file."""
    one = workspace.personas.get(name)
    if as_json:
        emit_json(_whole(one))
        return
    t, language = workspace.t, workspace.language
    data(f"{one.avatar} {one.text('name', language)} ({one.id})")
    for field in TEXTS[1:]:
        if text := one.text(field, language):  # type: ignore[arg-type]
            data(t("\n{name}:\n{text}", name=t(field), text=text))
    data("")
    fields(t, {"safety": t(str(one.safety)), "tags": one.tags, "file": one.source})


def _summary(one: Persona) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": _both(one, "name"),
        "description": _both(one, "description"),
        "tags": list(one.tags),
        "safety": str(one.safety),
    }


def _both(one: Persona, field: Any) -> dict[str, str]:
    return {language: one.text(field, language) for language in LANGUAGES}


def _whole(one: Persona) -> dict[str, Any]:
    texts = {field: _both(one, field) for field in TEXTS}
    examples = [
        [{"role": str(turn.role), "en": turn.text.en, "zh": turn.text.zh} for turn in dialogue]
        for dialogue in one.examples
    ]
    rest = {"sampling": dict(one.sampling), "avatar": one.avatar, "file": str(one.source or "")}
    return {**_summary(one), **texts, "examples": examples, **rest}
