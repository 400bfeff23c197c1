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
    "app", "chat", "prompt", "transcript", "list", "quiz", "shelf", "review", "take", "results", "practice",
    "mistakes", "overlay", "form", "settings", "welcome"
]  # fmt: skip
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
    ("take", "help.context_take"),
    ("results", "help.context_results"),
    ("practice", "help.context_practice"),
    ("mistakes", "help.context_mistakes"),
    ("overlay", "help.context_overlay"),
    ("form", "help.context_form"),
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
    Row("pane.practice", "f5", "app.pane('practice')", "practice.title", "practice.help_pane", "app",
        show=True, spare=8, priority=True, palette=True),
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
    Row("shelf.take", "t", "take", "quiz.key_take", "quiz.help_take", "shelf", show=True, spare=6),
    Row("shelf.practise", "p", "practise", "quiz.key_practise", "quiz.help_practise", "shelf", show=True,
        spare=6),
    Row("shelf.delete", "d,delete", "delete", "app.key_delete", "quiz.help_delete", "shelf", show=True),
    Row("shelf.undo", "u", "undo", "app.key_undo", "quiz.help_undo", "shelf", show=True),
    Row("shelf.search", "slash", "screen.search", "app.key_search", "quiz.help_search", "shelf"),
)  # fmt: skip

_REVIEW = (
    Row("review.previous", "k,up", "previous", "app.key_previous", "quiz.help_previous", "review"),
    Row("review.next", "j,down", "next", "app.key_next", "quiz.help_next", "review"),
    Row("review.first", "g,home", "first", "app.key_first", "quiz.help_first", "review"),
    Row("review.last", "G,end", "last", "app.key_last", "quiz.help_last", "review"),
    Row("review.page_up", "pageup", "page(-1)", "quiz.key_page_up", "quiz.help_page_up", "review"),
    Row("review.page_down", "pagedown", "page(1)", "quiz.key_page_down", "quiz.help_page_down", "review"),
    Row("review.scroll_down", "space", "screen.scroll_item(1)", "quiz.key_scroll", "quiz.help_scroll_down",
        "review", show=True, spare=9),
    Row("review.scroll_up", "b", "screen.scroll_item(-1)", "quiz.key_scroll", "quiz.help_scroll_up",
        "review"),
    Row("review.accept", "a,enter", "screen.accept", "quiz.key_accept", "quiz.help_accept", "review",
        show=True, palette=True),
    Row("review.edit", "e", "screen.edit", "app.key_edit", "quiz.help_edit", "review", show=True,
        palette=True),
    Row("review.regenerate", "r", "screen.regenerate", "quiz.key_again", "quiz.help_regenerate", "review",
        show=True, palette=True),
    Row("review.swap", "s", "screen.swap", "quiz.key_swap", "quiz.help_swap", "review", show=True,
        palette=True),
    Row("review.lock", "l", "screen.lock", "quiz.key_lock", "quiz.help_lock", "review", show=True, spare=8),
    Row("review.delete", "d,delete", "screen.drop", "app.key_delete", "quiz.help_drop", "review", show=True),
    Row("review.up", "K,shift+up", "screen.move(-1)", "quiz.key_move", "quiz.help_move_up", "review"),
    Row("review.down", "J,shift+down", "screen.move(1)", "quiz.key_move", "quiz.help_move_down", "review"),
    Row("review.undo", "u", "screen.undo", "app.key_undo", "quiz.help_undo_step", "review", show=True,
        palette=True),
    Row("review.redo", "U,ctrl+r", "screen.redo", "quiz.key_redo", "quiz.help_redo", "review", palette=True),
    Row("review.key", "v", "screen.toggle_key", "quiz.key_key", "quiz.help_key", "review",
        show=True, spare=7, palette=True),
    Row("review.filter", "f", "screen.filter", "quiz.key_filter", "quiz.help_filter", "review", show=True,
        spare=9, palette=True),
    Row("review.export", "x", "screen.export", "quiz.key_export", "quiz.help_export", "review", show=True,
        palette=True),
    Row("review.take", "t", "screen.take", "quiz.key_take", "quiz.help_take", "review", show=True,
        palette=True),
    Row("review.ask", "question_mark", "screen.ask_tutor", "quiz.key_ask", "quiz.help_ask", "review",
        show=True, spare=9, palette=True),
    Row("review.search", "slash", "screen.search", "app.key_search", "quiz.help_search", "review"),
)  # fmt: skip

_TAKE = (
    Row("take.next", "enter", "next", "practice.key_next", "practice.help_next", "take", show=True),
    Row("take.skip", "ctrl+s", "skip", "practice.key_skip", "practice.help_skip", "take", show=True,
        priority=True),
    Row("take.override", "o", "override", "practice.key_override", "practice.help_override", "take",
        show=True),
    Row("take.suggest", "m", "suggest", "practice.key_suggest", "practice.help_suggest", "take", show=True),
    Row("take.tutor", "question_mark", "ask_tutor", "quiz.key_ask", "quiz.help_ask", "take", show=True),
)  # fmt: skip

_RESULTS = (
    Row("results.again", "a", "again", "practice.key_take_again", "practice.help_take_again", "results",
        show=True),
    Row("results.statistics", "s", "statistics", "practice.key_statistics", "practice.help_statistics",
        "results",
        show=True),
    Row("results.tutor", "question_mark", "ask_tutor", "quiz.key_ask", "quiz.help_ask", "results",
        show=True),
)  # fmt: skip

_PRACTICE = (
    Row("practice.rate", "enter", "rate_suggested", "practice.key_rate", "practice.help_rate", "practice",
        show=True),
    *(Row(f"practice.rate_{rating}", str(rating), f"rate({rating})", "practice.key_rate_as",
          "practice.help_rate_as", "practice", family="practice.rate_as") for rating in range(1, 5)),
    Row("practice.show", "ctrl+s", "show_answer", "practice.key_show", "practice.help_show", "practice",
        show=True, priority=True),
    Row("practice.undo", "ctrl+z", "undo", "app.key_undo", "practice.help_undo", "practice", show=True,
        spare=1, priority=True),
    Row("practice.mistakes", "f6", "mistakes", "practice.key_mistakes", "practice.help_mistakes", "practice",
        show=True, spare=2, priority=True),
    Row("practice.progress", "f7", "progress", "practice.key_progress", "practice.help_progress", "practice",
        show=True, spare=3, priority=True),
    Row("practice.suggest", "m", "suggest", "practice.key_suggest", "practice.help_suggest", "practice",
        show=True),
    Row("practice.take_suggestion", "o", "take_suggestion", "practice.key_take_suggestion",
        "practice.help_take_suggestion", "practice", show=True),
    Row("practice.tutor", "question_mark", "ask_tutor", "quiz.key_ask", "quiz.help_ask", "practice",
        show=True),
)  # fmt: skip

_MISTAKES = (
    Row("mistakes.practise", "p,enter", "practise", "practice.key_practise", "practice.help_practise",
        "mistakes", show=True),
    Row("mistakes.tutor", "question_mark", "ask_tutor", "quiz.key_ask", "quiz.help_ask", "mistakes",
        show=True),
)  # fmt: skip

_OVERLAY = (
    Row("overlay.close", "escape", "close", "app.key_close", "app.help_close", "overlay", show=True),
)  # fmt: skip

_FORM = (
    Row("form.save", "ctrl+s", "save", "quiz.key_save", "quiz.help_save", "form", show=True, priority=True),
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
    *_REVIEW,
    *_TAKE,
    *_RESULTS,
    *_PRACTICE,
    *_MISTAKES,
    *_OVERLAY,
    *_FORM,
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
