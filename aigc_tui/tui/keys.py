"""Keys of actions: bindings, the user's own keys and what is wrong with them, slash commands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from textual.binding import Binding, BindingType

from aigc_tui.tui.action_list import ACTIONS, SLASH_MENU
from aigc_tui.tui.actions import SCOPES, Action, Scope

KEY_NAMES = {
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "slash": "/",
    "plus": "+",
    "minus": "-",
    "escape": "esc",
    "question_mark": "?",
}
"""Textual's names for keys that people know by their sign."""
_BY_ID = {action.id: action for action in ACTIONS}
_BY_SLASH = {action.slash: action for action in ACTIONS if action.slash}
COMMANDS = tuple(_BY_SLASH[name] for name in SLASH_MENU)
"""The actions that have a slash command, in the order of the menu."""


def bindings(*scopes: Scope) -> list[BindingType]:
    """The Textual bindings of one or more scopes.

    The description is the catalogue key of the label: whoever shows it translates it, so that a change of
    language needs no new bindings.
    """
    return [
        Binding(found.keys, found.action, found.label, show=found.show, priority=found.priority, id=found.id)
        for found in ACTIONS
        if found.scope in scopes and found.keys
    ]


def action_of(id: str) -> Action | None:  # noqa: A002 - the word of Textual and of the settings file
    """The action with this id, if there is one."""
    return _BY_ID.get(id)


def command_of(name: str) -> Action | None:
    """The action of a slash command, named without the slash."""
    return _BY_SLASH.get(name)


def keys_of(action: Action, own: Mapping[str, str]) -> tuple[str, ...]:
    """The keys that work for an action: the user's own, or else the default ones."""
    return tuple(key.strip() for key in own.get(action.id, action.keys).split(",") if key.strip())


def key_name(key: str) -> str:
    """A key as it is printed on a keyboard."""
    *modifiers, last = key.split("+") if key != "+" else [key]
    return "+".join([*modifiers, KEY_NAMES.get(last, last)])


@dataclass(frozen=True, slots=True)
class Clash:
    """Two actions that want one key where both work."""

    key: str
    first: Action
    second: Action


def clashes(own: Mapping[str, str], actions: Iterable[Action] = ACTIONS) -> list[Clash]:
    """Find keys that mean two things at once under the user's own keys.

    Two actions clash in one scope, and one of a pane clashes with one that has priority above it: that one
    would take the key first. A pane's action may shadow a plain one above it, as `enter` and `escape` do.
    """
    keyed = [action for action in actions if action.keys]
    found = []
    for index, first in enumerate(keyed):
        for second in keyed[index + 1 :]:
            shared = set(keys_of(first, own)) & set(keys_of(second, own))
            found += [Clash(key, first, second) for key in sorted(shared) if _meet(first, second)]
    return found


def unknown(own: Mapping[str, str]) -> list[str]:
    """The ids in the user's keys that no action with keys has."""
    return [name for name in own if (found := action_of(name)) is None or not found.keys]


def _meet(first: Action, second: Action) -> bool:
    """Whether both can be asked for one key at the same time, to the loss of one of them."""
    if first.scope == second.scope:
        return True
    outer, inner = sorted((first, second), key=lambda found: SCOPES[found.scope].depth)
    if SCOPES[outer.scope].depth == SCOPES[inner.scope].depth:
        return False
    return outer.priority and (outer.scope == "app" or not SCOPES[inner.scope].over_panes)
