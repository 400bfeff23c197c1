"""Actions: what each does, its keys, where it works, its slash command, its place in the palette.

Widgets take their `BINDINGS` from the list; footer, help, palette, slash menu and the check of the user's
own keys are made from it, too. A widget writes `BINDINGS = bindings("transcript")`. An action without a
dot belongs to the node that holds the bindings, `screen.x` to its screen, `app.x` to the app.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Scope = Literal[
    "app", "chat", "prompt", "transcript", "list", "quiz", "shelf", "review", "take", "results", "practice",
    "mistakes", "overlay", "form", "settings", "models", "welcome"
]  # fmt: skip
"""Where an action's keys work: everywhere, on a pane (chat, quiz), or with one of its parts focused."""


@dataclass(frozen=True, slots=True)
class ScopeInfo:
    """What is known of a scope."""

    title: str
    """The catalogue key of its heading in the help."""
    depth: int = 2
    """0 everywhere, 1 a pane, 2 a part of one or a screen over it."""
    over_panes: bool = False
    """Whether it is a screen over the panes, where their keys do not work."""


SCOPES: dict[Scope, ScopeInfo] = {
    "app": ScopeInfo("help.context_app", 0),
    "chat": ScopeInfo("help.context_chat", 1),
    "prompt": ScopeInfo("help.context_prompt"),
    "transcript": ScopeInfo("help.context_transcript"),
    "list": ScopeInfo("help.context_list"),
    "quiz": ScopeInfo("help.context_quiz", 1),
    "shelf": ScopeInfo("help.context_shelf"),
    "review": ScopeInfo("help.context_review"),
    "take": ScopeInfo("help.context_take", over_panes=True),
    "results": ScopeInfo("help.context_results", over_panes=True),
    "practice": ScopeInfo("help.context_practice", over_panes=True),
    "mistakes": ScopeInfo("help.context_mistakes", over_panes=True),
    "overlay": ScopeInfo("help.context_overlay", over_panes=True),
    "form": ScopeInfo("help.context_form", over_panes=True),
    "settings": ScopeInfo("help.context_settings", over_panes=True),
    "models": ScopeInfo("help.context_models", over_panes=True),
    "welcome": ScopeInfo("help.context_welcome", over_panes=True),
}
"""Every scope, in the order of the help."""


@dataclass(frozen=True, slots=True)
class Action:
    """One action. `label`, `help` and `args` are catalogue keys."""

    id: str
    keys: str
    """The default keys, comma-separated, in Textual's names; empty: it has a slash command only."""
    action: str
    """What Textual runs for the keys."""
    label: str
    """A word for the footer."""
    help: str
    """A sentence for the help, the palette and the slash menu."""
    scope: Scope
    show: bool = False
    """Whether the footer names it (as far as there is room)."""
    spare: int = 0
    """How soon the footer leaves it out when there is too little room: the highest go first."""
    priority: bool = False
    """Whether it comes before what the focused widget itself would do with the key."""
    family: str = ""
    """Actions of one family share a line of the help, e.g. the nine digits that copy a code block."""
    palette: bool = False
    """Whether the command palette offers it: actions that make sense from anywhere."""
    slash: str = ""
    """Its slash command in the chat, without the slash."""
    args: str = ""
    """What may follow the slash command; empty: nothing."""
