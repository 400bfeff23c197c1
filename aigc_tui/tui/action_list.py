"""Every action of the program, declared once, in the order of the help."""

from __future__ import annotations

from aigc_tui.tui.actions import Action

_APP = (
    Action("app.palette", "ctrl+p", "app.palette", "app.key_palette", "app.help_palette", "app", show=True,
        priority=True),
    Action("app.help", "f1", "app.help", "app.key_help", "app.help_help", "app", show=True, priority=True,
        palette=True, slash="help"),
    Action("app.settings", "f2", "app.settings", "app.key_settings", "app.help_settings", "app",
        priority=True, palette=True, slash="settings"),
    Action("app.models", "f8", "app.models", "models.key", "models.help", "app", priority=True, palette=True),
    Action("app.switch_model", "f9", "app.switch_model", "models.key_switch", "models.help_switch", "app",
        show=True, priority=True, palette=True),
    Action("app.quit", "ctrl+q", "app.quit", "app.key_quit", "app.help_quit", "app", show=True,
        priority=True, palette=True, slash="quit"),
    Action("app.how_to_quit", "ctrl+c", "app.how_to_quit", "app.key_how_to_quit", "app.help_how_to_quit",
        "app"),
)  # fmt: skip

_PANES = (
    Action("pane.chat", "f3", "app.pane('chat')", "app.key_pane_chat", "app.help_pane_chat", "app",
        show=True, spare=7, priority=True, palette=True),
    Action("pane.quiz", "f4", "app.pane('quiz')", "app.key_pane_quiz", "app.help_pane_quiz", "app",
        show=True, spare=6, priority=True, palette=True),
    Action("pane.practice", "f5", "app.pane('practice')", "practice.title", "practice.help_pane", "app",
        show=True, spare=8, priority=True, palette=True),
)  # fmt: skip

_CHAT = (
    Action("chat.stop", "escape", "stop", "app.key_stop", "app.help_stop", "chat", show=True, spare=-1),
    Action("chat.new", "ctrl+n", "new_chat", "app.key_new", "app.help_new", "chat", show=True, spare=3,
        priority=True, palette=True, slash="new", args="chat.arg_persona"),
    Action("chat.persona", "ctrl+o", "pick_persona", "app.key_persona", "app.help_persona", "chat",
        show=True, spare=4, priority=True, palette=True),
    Action("chat.search", "ctrl+f", "search", "app.key_search", "app.help_search", "chat", show=True,
        spare=2, priority=True, palette=True, slash="search", args="chat.arg_words"),
    Action("chat.sidebar", "ctrl+b", "toggle_sidebar", "app.key_sidebar", "app.help_sidebar", "chat",
        show=True, spare=1, priority=True, palette=True),
)  # fmt: skip

_COMMANDS = (
    Action("chat.change_persona", "", "", "", "chat.slash_persona", "chat", slash="persona",
        args="chat.arg_persona"),
    Action("chat.model", "", "", "", "chat.slash_model", "chat", slash="model", args="chat.arg_model"),
    Action("chat.archived", "", "", "", "chat.slash_archived", "chat", slash="archived"),
    Action("chat.export", "", "", "", "chat.slash_export", "chat", slash="export", args="chat.arg_format"),
    Action("app.language", "", "", "", "chat.slash_language", "app", slash="language",
        args="chat.arg_language"),
    Action("app.theme", "", "", "", "chat.slash_theme", "app", slash="theme", args="chat.arg_theme"),
)  # fmt: skip

_PROMPT = (
    Action("prompt.send", "enter", "send", "app.key_send", "app.help_send", "prompt", show=True,
        priority=True),
    Action("prompt.newline", "ctrl+j,shift+enter,alt+enter", "newline", "app.key_newline",
        "app.help_newline", "prompt", show=True, spare=5, priority=True),
    Action("prompt.history_previous", "up", "history_previous", "app.key_history_previous",
        "app.help_history_previous", "prompt", priority=True),
    Action("prompt.history_next", "down", "history_next", "app.key_history_next", "app.help_history_next",
        "prompt", priority=True),
)  # fmt: skip

_DIGITS = tuple(
    Action(f"transcript.copy_code_{digit}", str(digit), f"screen.copy_code({digit})", "app.key_copy_code",
        "app.help_copy_code", "transcript", family="transcript.copy_code")
    for digit in range(1, 10)
)  # fmt: skip

_TRANSCRIPT = (
    Action("transcript.previous", "k,up", "select_previous", "app.key_previous", "app.help_previous",
        "transcript"),
    Action("transcript.next", "j,down", "select_next", "app.key_next", "app.help_next", "transcript"),
    Action("transcript.first", "g,home", "first", "app.key_first", "app.help_first", "transcript"),
    Action("transcript.last", "G,end", "last", "app.key_last", "app.help_last", "transcript"),
    Action("transcript.edit", "e", "screen.edit_message", "app.key_edit", "app.help_edit", "transcript",
        show=True, slash="edit"),
    Action("transcript.regenerate", "r", "screen.regenerate", "app.key_regenerate", "app.help_regenerate",
        "transcript", show=True, slash="regenerate"),
    Action("transcript.continue", "c", "screen.continue_reply", "app.key_continue", "app.help_continue",
        "transcript", show=True, slash="continue"),
    Action("transcript.sibling_previous", "left_square_bracket", "screen.sibling(-1)", "app.key_siblings",
        "app.help_sibling_previous", "transcript", show=True),
    Action("transcript.sibling_next", "right_square_bracket", "screen.sibling(1)", "app.key_siblings",
        "app.help_sibling_next", "transcript", show=True),
    Action("transcript.copy", "y", "screen.copy_message", "app.key_copy", "app.help_copy", "transcript",
        show=True, slash="copy", args="chat.arg_block"),
    *_DIGITS,
    Action("transcript.rate_up", "plus", "screen.rate(1)", "app.key_rate_up", "app.help_rate_up",
        "transcript"),
    Action("transcript.rate_down", "minus", "screen.rate(-1)", "app.key_rate_down", "app.help_rate_down",
        "transcript"),
    Action("transcript.search", "slash", "screen.search", "app.key_search", "app.help_search", "transcript"),
)  # fmt: skip

_LIST = (
    Action("list.open", "enter", "open", "app.key_open", "app.help_open", "list", show=True),
    Action("list.rename", "r", "ask('rename')", "app.key_rename", "app.help_rename", "list", show=True,
        slash="rename", args="chat.arg_title"),
    Action("list.archive", "a", "ask('archive')", "app.key_archive", "app.help_archive", "list", show=True,
        slash="archive"),
    Action("list.delete", "d,delete", "ask('delete')", "app.key_delete", "app.help_delete", "list",
        show=True, slash="delete"),
    Action("list.undo", "u", "ask('undo')", "app.key_undo", "app.help_undo", "list", show=True,
        slash="undo"),
    Action("list.search", "slash", "screen.search", "app.key_search", "app.help_search", "list"),
)  # fmt: skip

_QUIZ = (
    Action("quiz.stop", "escape", "stop", "app.key_stop", "quiz.help_stop", "quiz", show=True, spare=-1),
    Action("quiz.import", "ctrl+o", "import", "quiz.key_import", "quiz.help_import", "quiz", show=True,
        spare=2, priority=True, palette=True),
    Action("quiz.make", "ctrl+n", "make", "quiz.key_make", "quiz.help_make", "quiz", show=True, spare=2,
        priority=True, palette=True),
    Action("quiz.search", "ctrl+f", "search", "app.key_search", "quiz.help_search", "quiz", show=True,
        spare=4, priority=True, palette=True),
    Action("quiz.shelf", "ctrl+b", "toggle_sidebar", "quiz.key_shelf", "quiz.help_shelf", "quiz", show=True,
        spare=3, priority=True, palette=True),
)  # fmt: skip

_SHELF = (
    Action("shelf.open", "enter", "open", "app.key_open", "quiz.help_open", "shelf", show=True),
    Action("shelf.rename", "r", "ask('rename')", "app.key_rename", "quiz.help_rename", "shelf", show=True,
        spare=5),
    Action("shelf.take", "t", "ask('take')", "quiz.key_take", "quiz.help_take", "shelf", show=True, spare=6),
    Action("shelf.practise", "p", "ask('practise')", "quiz.key_practise", "quiz.help_practise", "shelf",
        show=True, spare=6),
    Action("shelf.delete", "d,delete", "ask('delete')", "app.key_delete", "quiz.help_delete", "shelf",
        show=True),
    Action("shelf.undo", "u", "ask('undo')", "app.key_undo", "quiz.help_undo", "shelf", show=True),
    Action("shelf.search", "slash", "screen.search", "app.key_search", "quiz.help_search", "shelf"),
)  # fmt: skip

_REVIEW = (
    Action("review.previous", "k,up", "previous", "app.key_previous", "quiz.help_previous", "review"),
    Action("review.next", "j,down", "next", "app.key_next", "quiz.help_next", "review"),
    Action("review.first", "g,home", "first", "app.key_first", "quiz.help_first", "review"),
    Action("review.last", "G,end", "last", "app.key_last", "quiz.help_last", "review"),
    Action("review.page_up", "pageup", "page(-1)", "quiz.key_page_up", "quiz.help_page_up", "review"),
    Action("review.page_down", "pagedown", "page(1)", "quiz.key_page_down", "quiz.help_page_down", "review"),
    Action("review.scroll_down", "space", "screen.scroll_item(1)", "quiz.key_scroll",
        "quiz.help_scroll_down", "review", show=True, spare=9),
    Action("review.scroll_up", "b", "screen.scroll_item(-1)", "quiz.key_scroll", "quiz.help_scroll_up",
        "review"),
    Action("review.accept", "a,enter", "screen.accept", "quiz.key_accept", "quiz.help_accept", "review",
        show=True, palette=True),
    Action("review.edit", "e", "screen.edit", "app.key_edit", "quiz.help_edit", "review", show=True,
        palette=True),
    Action("review.regenerate", "r", "screen.regenerate", "quiz.key_again", "quiz.help_regenerate",
        "review", show=True, palette=True),
    Action("review.swap", "s", "screen.swap", "quiz.key_swap", "quiz.help_swap", "review", show=True,
        palette=True),
    Action("review.lock", "l", "screen.lock", "quiz.key_lock", "quiz.help_lock", "review", show=True,
        spare=8),
    Action("review.delete", "d,delete", "screen.drop", "app.key_delete", "quiz.help_drop", "review",
        show=True),
    Action("review.up", "K,shift+up", "screen.move(-1)", "quiz.key_move", "quiz.help_move_up", "review"),
    Action("review.down", "J,shift+down", "screen.move(1)", "quiz.key_move", "quiz.help_move_down",
        "review"),
    Action("review.undo", "u", "screen.undo", "app.key_undo", "quiz.help_undo_step", "review", show=True,
        palette=True),
    Action("review.redo", "U,ctrl+r", "screen.redo", "quiz.key_redo", "quiz.help_redo", "review",
        palette=True),
    Action("review.key", "v", "screen.toggle_key", "quiz.key_key", "quiz.help_key", "review", show=True,
        spare=7, palette=True),
    Action("review.filter", "f", "screen.filter", "quiz.key_filter", "quiz.help_filter", "review",
        show=True, spare=9, palette=True),
    Action("review.export", "x", "screen.export", "quiz.key_export", "quiz.help_export", "review",
        show=True, palette=True),
    Action("review.take", "t", "screen.take", "quiz.key_take", "quiz.help_take", "review", show=True,
        palette=True),
    Action("review.ask", "question_mark", "screen.ask_tutor", "quiz.key_ask", "quiz.help_ask", "review",
        show=True, spare=9, palette=True),
    Action("review.search", "slash", "screen.search", "app.key_search", "quiz.help_search", "review"),
)  # fmt: skip

_TAKE = (
    Action("take.next", "enter", "next", "practice.key_next", "practice.help_next", "take", show=True),
    Action("take.skip", "ctrl+s", "skip", "practice.key_skip", "practice.help_skip", "take", show=True,
        priority=True),
    Action("take.override", "o", "override", "practice.key_override", "practice.help_override", "take",
        show=True),
    Action("take.suggest", "m", "suggest", "practice.key_suggest", "practice.help_suggest", "take",
        show=True),
    Action("take.tutor", "question_mark", "ask_tutor", "quiz.key_ask", "quiz.help_ask", "take", show=True),
)  # fmt: skip

_RESULTS = (
    Action("results.again", "a", "again", "practice.key_take_again", "practice.help_take_again", "results",
        show=True),
    Action("results.statistics", "s", "statistics", "practice.key_statistics", "practice.help_statistics",
        "results", show=True),
    Action("results.tutor", "question_mark", "ask_tutor", "quiz.key_ask", "quiz.help_ask", "results",
        show=True),
)  # fmt: skip

_PRACTICE = (
    Action("practice.rate", "enter", "rate_suggested", "practice.key_rate", "practice.help_rate",
        "practice", show=True),
    *(Action(f"practice.rate_{rating}", str(rating), f"rate({rating})", "practice.key_rate_as",
          "practice.help_rate_as", "practice", family="practice.rate_as") for rating in range(1, 5)),
    Action("practice.show", "ctrl+s", "show_answer", "practice.key_show", "practice.help_show", "practice",
        show=True, priority=True),
    Action("practice.undo", "ctrl+z", "undo", "app.key_undo", "practice.help_undo", "practice", show=True,
        spare=1, priority=True),
    Action("practice.mistakes", "f6", "mistakes", "practice.key_mistakes", "practice.help_mistakes",
        "practice", show=True, spare=2, priority=True),
    Action("practice.progress", "f7", "progress", "practice.key_progress", "practice.help_progress",
        "practice", show=True, spare=3, priority=True),
    Action("practice.suggest", "m", "suggest", "practice.key_suggest", "practice.help_suggest", "practice",
        show=True),
    Action("practice.take_suggestion", "o", "take_suggestion", "practice.key_take_suggestion",
        "practice.help_take_suggestion", "practice", show=True),
    Action("practice.tutor", "question_mark", "ask_tutor", "quiz.key_ask", "quiz.help_ask", "practice",
        show=True),
)  # fmt: skip

_MISTAKES = (
    Action("mistakes.practise", "p,enter", "practise", "practice.key_practise", "practice.help_practise",
        "mistakes", show=True),
    Action("mistakes.tutor", "question_mark", "ask_tutor", "quiz.key_ask", "quiz.help_ask", "mistakes",
        show=True),
)  # fmt: skip

_OVERLAY = (
    Action("overlay.close", "escape", "close", "app.key_close", "app.help_close", "overlay", show=True),
)  # fmt: skip

_FORM = (
    Action("form.save", "ctrl+s", "save", "quiz.key_save", "quiz.help_save", "form", show=True,
        priority=True),
)  # fmt: skip

_SETTINGS = (
    Action("settings.search", "ctrl+f", "search", "app.key_find", "app.help_find", "settings", show=True,
        priority=True),
    Action("settings.reset", "ctrl+r", "reset", "app.key_reset", "app.help_reset", "settings", show=True,
        priority=True),
)  # fmt: skip

_MODELS = (
    Action("models.get", "g", "get", "models.key_get", "models.help_get", "models", show=True),
    Action("models.use", "u", "use", "models.key_use", "models.help_use", "models", show=True),
    Action("models.stop", "s", "stop", "app.key_stop", "models.help_stop", "models", show=True),
    Action("models.remove", "d,delete", "remove", "models.key_remove", "models.help_remove", "models",
        show=True),
)  # fmt: skip

_WELCOME = (
    Action("welcome.back", "escape", "back", "app.key_back", "app.help_back", "welcome", show=True),
)  # fmt: skip

ACTIONS: tuple[Action, ...] = (
    *_APP,
    *_PANES,
    *_CHAT,
    *_COMMANDS,
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
    *_MODELS,
    *_WELCOME,
)
"""Every action of the program, in the order of the help."""

SLASH_MENU = (
    "new", "persona", "model", "regenerate", "continue", "edit", "copy", "search", "rename", "archive",
    "archived", "delete", "undo", "export", "settings", "language", "theme", "help", "quit",
)  # fmt: skip
"""The slash commands in the order of their menu."""
