"""The settings screen: every setting of the schema, searchable, saved as soon as it is changed.

Why it exists: nobody should have to read a file's documentation to change the language or the temperature;
and since the form is made from the schema, it can never lack a setting.
"""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.lazy import Lazy
from textual.screen import Screen
from textual.widgets import Input, Static

from aigc_tui.config import SCHEMA, SECTIONS, Setting, SettingType
from aigc_tui.tui.bindings import bindings
from aigc_tui.tui.footer import KeyFooter
from aigc_tui.tui.plain import plain, plain_line
from aigc_tui.tui.settings.lists import SettingList, keys, models
from aigc_tui.tui.settings.row import SettingRow
from aigc_tui.tui.shell import Shell

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


class SettingsScreen(Screen[None]):
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
        super().__init__(id="settings")
        self._shell = shell
        self._path = path

    def compose(self) -> ComposeResult:
        """Search box, sections, keys."""
        t = self._shell.t
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
                return SettingRow(setting, self._shell)

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
        """Back to the search box."""
        self.query_one("#find").focus()

    def action_reset(self) -> None:
        """Take the setting that has the focus back to its default."""
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
