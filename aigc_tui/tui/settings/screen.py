"""The settings: every setting of the schema, searchable, saved as soon as it is changed.

The form is made from the schema, so that it cannot lack a setting. Models and keys are nested; they are
shown here and edited in the file, which keeps comments and order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.lazy import Lazy
from textual.widgets import Input, Static

from aigc_tui.config import SCHEMA, SECTIONS, Setting, SettingType
from aigc_tui.config.sampling import InForce
from aigc_tui.message import AppError
from aigc_tui.text import width
from aigc_tui.tui.chat.choices import parameter_count
from aigc_tui.tui.footer import KeyFooter
from aigc_tui.tui.help.screen import wrapped
from aigc_tui.tui.keys import action_of, bindings, clashes, unknown
from aigc_tui.tui.pane import Pane
from aigc_tui.tui.settings.row import SettingRow
from aigc_tui.tui.shell import Shell
from aigc_tui.tui.widgets.text import plain, plain_line

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
    return shell.t(
        "settings.model_line", size=parameter_count(info.parameters, shell.language), context=context
    )


def keys(shell: Shell, path: str) -> Content:
    """The user's own keys with what is wrong with them, and how to write one."""
    own, t = shell.own_keys(), shell.t
    lines = []
    for name, key in own.items():
        found = action_of(name)
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


def in_force(shell: Shell) -> Mapping[str, InForce]:
    """What the open conversation samples with where the user sets nothing; empty: nobody can tell yet."""
    if shell.services is None:
        return {}
    try:
        return shell.services.chat.in_force(shell.open_conversation[0])
    except AppError:
        # The persona or the model is gone; the next message says so.
        return {}


SECTION_TITLES = {
    "general": "settings.section_general",
    "look": "settings.section_look",
    "sampling": "settings.section_sampling",
    "sampling_advanced": "settings.section_sampling_advanced",
    "engine": "settings.section_engine",
    "advanced": "settings.section_advanced",
}


NARROW = 64
"""Cells below which a field stands under its name instead of beside it."""


class SettingsScreen(Pane[None]):
    """The form.

    Args:
        shell: The application.
        path: The settings file, named where something can only be edited there.
    """

    CSS_PATH = "settings.tcss"
    BINDINGS = bindings("overlay", "settings")
    AUTO_FOCUS = "#find"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (NARROW, "-wide")]  # noqa: RUF012 - Textual's own declaration

    def __init__(self, shell: Shell, path: str) -> None:
        super().__init__()
        self._shell = shell
        self._path = path
        self._in_force: Mapping[str, InForce] = {}

    def compose(self) -> ComposeResult:
        t = self._shell.t
        self._in_force = in_force(self._shell)
        search = Input(placeholder=t("settings.search"), id="find")
        search.border_title = plain_line(t("settings.title"))
        yield search
        with VerticalScroll(id="form", can_focus=False):
            first, *others = SECTIONS
            yield self._section(first)
            # The sections below the first follow it by one frame, so that the screen is there at once.
            yield from (Lazy(self._section(section)) for section in others)
            yield Static(plain(t("settings.nothing_found")), id="nothing")
        yield KeyFooter()

    def _section(self, name: str) -> Vertical:
        heading = Static(plain_line(self._shell.t(SECTION_TITLES[name])), classes="heading")
        rows = [self._row(setting) for setting in SCHEMA if setting.section == name]
        return Vertical(heading, *rows, classes="section")

    def _row(self, setting: Setting) -> SettingRow | SettingList:
        match setting.type:
            case SettingType.KEYS:
                return SettingList(setting, self._shell, keys(self._shell, self._path))
            case SettingType.MODELS:
                return SettingList(setting, self._shell, models(self._shell))
            case _:
                return SettingRow(setting, self._shell, self._in_force.get(setting.key))

    @on(SettingRow.Saved)
    def _hint_anew(self, event: SettingRow.Saved) -> None:
        """Another persona or model brings other values for what the user leaves open."""
        event.stop()
        if event.key in ("persona", "model"):
            self._in_force = in_force(self._shell)
            for row in self.query(SettingRow):
                row.hint(self._in_force.get(row.setting.key))

    @on(Input.Changed, "#find")
    def _filter(self, event: Input.Changed) -> None:
        words = event.value.casefold().split()
        for section in self.query(".section"):
            rows = [row for row in section.children if isinstance(row, SettingRow | SettingList)]
            # A list, not a generator: every row has to be asked, not only up to the first that stays.
            section.display = any([row.show_if(words) for row in rows])  # noqa: C419
        self.query_one("#nothing").display = not any(section.display for section in self.query(".section"))

    @on(Input.Submitted, "#find")
    def _into_form(self) -> None:
        self.focus_next(".field")

    def action_search(self) -> None:
        self.query_one("#find").focus()

    def action_reset(self) -> None:
        row = self._focused_row()
        if row is not None:
            row.reset()

    def action_close(self) -> None:
        """Back to where the user came from; a number that was only typed counts as entered."""
        row = self._focused_row()
        if row is not None:
            row.enter()
        self.dismiss()

    def retranslate(self) -> None:
        """Build the form anew in the language that is on now, with the focus where it was."""
        row = self._focused_row()
        self.refresh(recompose=True)
        if row is not None:
            self.call_after_refresh(self._return_to, row.setting.key)

    def _return_to(self, key: str) -> None:
        self.query_one(f"#row-{key} .field").focus()

    def _focused_row(self) -> SettingRow | None:
        nodes = self.focused.ancestors_with_self if self.focused is not None else []
        return next((node for node in nodes if isinstance(node, SettingRow)), None)
