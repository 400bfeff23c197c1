"""The parts of the settings that are lists: shown here, edited in the file.

Why it exists: models and keys are nested, and a form for them would be worth less than the file, which keeps
comments and order; but one must see what is in force, and what of it cannot work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from aigc_tui.config import Setting
from aigc_tui.text import width
from aigc_tui.tui.bindings import row
from aigc_tui.tui.chat.choices import millions
from aigc_tui.tui.help.lines import wrapped
from aigc_tui.tui.keymap import clashes, unknown
from aigc_tui.tui.plain import plain, plain_line
from aigc_tui.tui.shell import Shell

if TYPE_CHECKING:
    from aigc_tui.engine.models import ModelInfo

NAME_CELLS = 22
CELLS = 68
"""The width of the form in the narrowest terminal it is made for, 80 columns."""


class SettingList(Vertical):
    """A setting that is shown but edited in the file.

    Args:
        setting: Which one.
        shell: The application.
        entries: What is in force.
    """

    def __init__(self, setting: Setting, shell: Shell, entries: Content) -> None:
        super().__init__(id=f"row-{setting.key}", classes="setting")
        self._title = plain_line(shell.t(setting.label_key))
        self._help = plain(shell.t(setting.help_key))
        self._entries = entries

    def compose(self) -> ComposeResult:
        """Its name, what it is, and its entries."""
        yield Static(self._title, classes="name")
        yield Static(self._help, classes="explanation")
        yield Static(self._entries, classes="entries")

    def show_if(self, words: list[str]) -> bool:
        """Show it if it holds every word of a search; tells whether it does."""
        text = f"{self._title.plain} {self._help.plain} {self._entries.plain}".casefold()
        self.display = all(word in text for word in words)
        return bool(self.display)


def models(shell: Shell) -> Content:
    """Every model that can be used, and how to add one."""
    if shell.services is None:
        return plain(shell.t("settings.models_later"))
    lines = [
        _line(info.name, _size(info, shell) if info.parameters else info.kind)
        for info in shell.services.models.list()
    ]
    return Content("\n").join([*lines, _words(shell.t("settings.models_add"))])


def _size(info: ModelInfo, shell: Shell) -> str:
    context = f"{info.context:,}"
    return shell.t("settings.model_line", size=millions(info.parameters), context=context)


def keys(shell: Shell, path: str) -> Content:
    """The user's own keys with what is wrong with them, and how to write one."""
    own, t = shell.own_keys(), shell.t
    lines = []
    for name, key in own.items():
        found = row(name)
        lines.append(_line(key, t(found.help) if found else name))
    for clash in clashes(own):
        first, second = t(clash.first.label), t(clash.second.label)
        words = t("app.keys_clash", key=clash.key, first=first, second=second)
        lines.append(_words(words, "$text-warning"))
    lines += [_words(t("app.keys_unknown", name=name), "$text-warning") for name in unknown(own)]
    return Content("\n").join([*lines, _words(t("settings.keys_add")), plain(f"  {path}", "$text-muted")])


def _words(text: str, style: str = "$text-muted") -> Content:
    return plain("\n".join(wrapped(text, CELLS)), style)


def _line(name: str, words: str) -> Content:
    space = " " * max(2, NAME_CELLS - width(name))
    return Content.assemble(plain_line(name, 60), space, plain_line(words, style="$text-muted"))
