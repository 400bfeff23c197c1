"""The table of key bindings: what each key does, where it works, and how it is called.

Why it exists: screens take their `BINDINGS` from here, and the footer, the help screen, the palette and the
check of the user's own keys are made from the same rows, so that none of them can tell another story.

A widget or screen writes `BINDINGS = bindings("transcript")`. An action without a dot belongs to the node
that holds the bindings, `screen.x` to its screen, `app.x` to the app. The user's `keys` setting names ids.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from textual.binding import Binding, BindingType

Context = Literal[
    "app", "chat", "prompt", "transcript", "list", "quiz", "shelf", "review", "overlay", "settings", "welcome"
]
"""Where a binding works: everywhere, on a pane (chat, quiz), or with one of its parts focused."""

CONTEXTS: tuple[tuple[Context, str], ...] = (
    ("app", "help.context_app"),
    ("chat", "help.context_chat"),
    ("prompt", "help.context_prompt"),
    ("transcript", "help.context_transcript"),
    ("list", "help.context_list"),
    ("quiz", "help.context_quiz"),
    ("shelf", "help.context_shelf"),
    ("review", "help.context_review"),
    ("overlay", "help.context_overlay"),
    ("settings", "help.context_settings"),
    ("welcome", "help.context_welcome"),
)
"""Every context with the catalogue key of its heading, in the order of the help screen."""


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


@dataclass(frozen=True, slots=True)
class Row:
    """One binding. `label` and `help` are catalogue keys: a word for the footer, a sentence for the help."""

    id: str
    keys: str
    """The default keys, comma-separated, in Textual's names."""
    action: str
    label: str
    help: str
    context: Context
    show: bool = False
    """Whether the footer names it (as far as there is room)."""
    spare: int = 0
    """How soon the footer leaves it out when there is too little room: the highest go first."""
    priority: bool = False
    """Whether it comes before what the focused widget itself would do with the key."""
    family: str = ""
    """Rows of one family share a line of the help screen, e.g. the nine digits that copy a code block."""
    palette: bool = False
    """Whether the command palette offers it: actions that make sense from anywhere."""


_APP = (
    Row("app.palette", "ctrl+p", "app.palette", "app.key_palette", "app.help_palette", "app", show=True,
        priority=True),
    Row("app.help", "f1", "app.help", "app.key_help", "app.help_help", "app", show=True, priority=True,
        palette=True),
    Row("app.settings", "f2", "app.settings", "app.key_settings", "app.help_settings", "app",
        priority=True, palette=True),
    Row("app.quit", "ctrl+q", "app.quit", "app.key_quit", "app.help_quit", "app", show=True, priority=True,
        palette=True),
    Row("app.how_to_quit", "ctrl+c", "app.how_to_quit", "app.key_how_to_quit", "app.help_how_to_quit", "app"),
)  # fmt: skip

_PANES = (
    Row("pane.chat", "f3", "app.pane('chat')", "app.key_pane_chat", "app.help_pane_chat", "app", show=True,
        spare=7, priority=True, palette=True),
    Row("pane.quiz", "f4", "app.pane('quiz')", "app.key_pane_quiz", "app.help_pane_quiz", "app", show=True,
        spare=6, priority=True, palette=True),
)  # fmt: skip

_CHAT = (
    Row("chat.stop", "escape", "stop", "app.key_stop", "app.help_stop", "chat", show=True, spare=-1),
    Row("chat.new", "ctrl+n", "new_chat", "app.key_new", "app.help_new", "chat", show=True, spare=3,
        priority=True,
        palette=True),
    Row("chat.persona", "ctrl+o", "pick_persona", "app.key_persona", "app.help_persona", "chat",
        show=True, spare=4, priority=True, palette=True),
    Row("chat.search", "ctrl+f", "search", "app.key_search", "app.help_search", "chat",
        show=True, spare=2, priority=True, palette=True),
    Row("chat.sidebar", "ctrl+b", "toggle_sidebar", "app.key_sidebar", "app.help_sidebar", "chat",
        show=True, spare=1, priority=True, palette=True),
)  # fmt: skip

_PROMPT = (
    Row("prompt.send", "enter", "send", "app.key_send", "app.help_send", "prompt", show=True, priority=True),
    Row("prompt.newline", "ctrl+j,shift+enter,alt+enter", "newline", "app.key_newline", "app.help_newline",
        "prompt",
        show=True, spare=5, priority=True),
    Row("prompt.history_previous", "up", "history_previous", "app.key_history_previous",
        "app.help_history_previous", "prompt", priority=True),
    Row("prompt.history_next", "down", "history_next", "app.key_history_next", "app.help_history_next",
        "prompt",
        priority=True),
)  # fmt: skip

_DIGITS = tuple(
    Row(f"transcript.copy_code_{digit}", str(digit), f"screen.copy_code({digit})", "app.key_copy_code",
        "app.help_copy_code", "transcript", family="transcript.copy_code")
    for digit in range(1, 10)
)  # fmt: skip

_TRANSCRIPT = (
    Row("transcript.previous", "k,up", "select_previous", "app.key_previous", "app.help_previous",
        "transcript"),
    Row("transcript.next", "j,down", "select_next", "app.key_next", "app.help_next", "transcript"),
    Row("transcript.first", "g,home", "first", "app.key_first", "app.help_first", "transcript"),
    Row("transcript.last", "G,end", "last", "app.key_last", "app.help_last", "transcript"),
    Row("transcript.edit", "e", "screen.edit_message", "app.key_edit", "app.help_edit", "transcript",
        show=True),
    Row("transcript.regenerate", "r", "screen.regenerate", "app.key_regenerate", "app.help_regenerate",
        "transcript",
        show=True),
    Row("transcript.continue", "c", "screen.continue_reply", "app.key_continue", "app.help_continue",
        "transcript",
        show=True),
    Row("transcript.sibling_previous", "left_square_bracket", "screen.sibling(-1)",
        "app.key_siblings",
        "app.help_sibling_previous", "transcript", show=True),
    Row("transcript.sibling_next", "right_square_bracket", "screen.sibling(1)", "app.key_siblings",
        "app.help_sibling_next", "transcript", show=True),
    Row("transcript.copy", "y", "screen.copy_message", "app.key_copy", "app.help_copy", "transcript",
        show=True),
    *_DIGITS,
    Row("transcript.rate_up", "plus", "screen.rate(1)", "app.key_rate_up", "app.help_rate_up", "transcript"),
    Row("transcript.rate_down", "minus", "screen.rate(-1)", "app.key_rate_down", "app.help_rate_down",
        "transcript"),
    Row("transcript.search", "slash", "screen.search", "app.key_search", "app.help_search", "transcript"),
)  # fmt: skip

_LIST = (
    Row("list.open", "enter", "open", "app.key_open", "app.help_open", "list", show=True),
    Row("list.rename", "r", "rename", "app.key_rename", "app.help_rename", "list", show=True),
    Row("list.archive", "a", "archive", "app.key_archive", "app.help_archive", "list", show=True),
    Row("list.delete", "d,delete", "delete", "app.key_delete", "app.help_delete", "list", show=True),
    Row("list.undo", "u", "undo", "app.key_undo", "app.help_undo", "list", show=True),
    Row("list.search", "slash", "screen.search", "app.key_search", "app.help_search", "list"),
)  # fmt: skip

_QUIZ = (
    Row("quiz.stop", "escape", "stop", "app.key_stop", "quiz.help_stop", "quiz", show=True, spare=-1),
    Row("quiz.import", "ctrl+o", "import", "quiz.key_import", "quiz.help_import", "quiz", show=True, spare=2,
        priority=True, palette=True),
    Row("quiz.make", "ctrl+n", "make", "quiz.key_make", "quiz.help_make", "quiz", show=True, spare=2,
        priority=True, palette=True),
    Row("quiz.search", "ctrl+f", "search", "app.key_search", "quiz.help_search", "quiz", show=True, spare=4,
        priority=True, palette=True),
    Row("quiz.shelf", "ctrl+b", "toggle_shelf", "quiz.key_shelf", "quiz.help_shelf", "quiz", show=True,
        spare=3, priority=True, palette=True),
)  # fmt: skip

_SHELF = (
    Row("shelf.open", "enter", "open", "app.key_open", "quiz.help_open", "shelf", show=True),
    Row("shelf.rename", "r", "rename", "app.key_rename", "quiz.help_rename", "shelf", show=True, spare=5),
    Row("shelf.delete", "d,delete", "delete", "app.key_delete", "quiz.help_delete", "shelf", show=True),
    Row("shelf.undo", "u", "undo", "app.key_undo", "quiz.help_undo", "shelf", show=True),
    Row("shelf.search", "slash", "screen.search", "app.key_search", "quiz.help_search", "shelf"),
)  # fmt: skip

_OVERLAY = (
    Row("overlay.close", "escape", "close", "app.key_close", "app.help_close", "overlay", show=True),
)  # fmt: skip

_SETTINGS = (
    Row("settings.search", "ctrl+f", "search", "app.key_find", "app.help_find", "settings", show=True,
        priority=True),
    Row("settings.reset", "ctrl+r", "reset", "app.key_reset", "app.help_reset", "settings", show=True,
        priority=True),
)  # fmt: skip

_WELCOME = (
    Row("welcome.back", "escape", "back", "app.key_back", "app.help_back", "welcome", show=True),
)  # fmt: skip

TABLE: tuple[Row, ...] = (
    *_APP,
    *_PANES,
    *_CHAT,
    *_PROMPT,
    *_TRANSCRIPT,
    *_LIST,
    *_QUIZ,
    *_SHELF,
    *_OVERLAY,
    *_SETTINGS,
    *_WELCOME,
)
"""Every binding of the program, in the order of the help screen."""


def bindings(*contexts: Context) -> list[BindingType]:
    """The Textual bindings of one or more contexts.

    The description is the catalogue key of the label: whoever shows it translates it, so that a change of
    language needs no new bindings.
    """
    return [
        Binding(row.keys, row.action, row.label, show=row.show, priority=row.priority, id=row.id)
        for row in TABLE
        if row.context in contexts
    ]


def row(id: str) -> Row | None:  # noqa: A002 - the word of Textual and of the settings file
    """The row with this id, if there is one."""
    return next((found for found in TABLE if found.id == id), None)


def keys_of(found: Row, own: Mapping[str, str]) -> tuple[str, ...]:
    """The keys that work for a row: the user's own, or else the default ones."""
    return tuple(key.strip() for key in own.get(found.id, found.keys).split(",") if key.strip())


def key_name(key: str) -> str:
    """A key as it is printed on a keyboard."""
    *modifiers, last = key.split("+") if key != "+" else [key]
    return "+".join([*modifiers, KEY_NAMES.get(last, last)])
