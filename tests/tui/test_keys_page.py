"""docs/keys.md lists every action that has a key, with its default keys and what it does."""

from __future__ import annotations

from pathlib import Path

from aigc_tui.locale import Catalogue
from aigc_tui.tui.action_list import ACTIONS
from aigc_tui.tui.actions import SCOPES, Action
from aigc_tui.tui.keys import key_name, keys_of

PAGE = Path(__file__).parents[2] / "docs" / "keys.md"


def keys(action: Action) -> str:
    return " ".join(f"`{key_name(key)}`" for key in keys_of(action, {}))


def tables() -> str:
    """The part of the page that is made from the list of actions."""
    t = Catalogue.load("en").text
    parts = []
    for scope, info in SCOPES.items():
        rows = [
            f"| `{action.id}` | {keys(action)} | {t(action.help)} |"
            for action in ACTIONS
            if action.scope == scope and action.keys
        ]
        if rows:
            parts.append(
                "\n".join([f"## {t(info.title)}", "", "| Action | Keys | |", "|---|---|---|", *rows])
            )
    return "\n\n".join(parts)


def test_the_page_of_keys_is_what_the_program_has() -> None:
    assert PAGE.read_text(encoding="utf-8").rstrip().endswith(tables()), "write `tables()` into docs/keys.md"
