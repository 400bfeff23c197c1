"""One setting on the form: its name, the field its type asks for, its explanation and errors.

Reading, showing and checking a value are plain functions that do not depend on Textual.
"""

from __future__ import annotations

import math

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Button, Input, Select, Static, Switch

from aigc_tui.config import Setting, SettingType
from aigc_tui.config.sampling import InForce, Origin
from aigc_tui.locale import Translate
from aigc_tui.text import clean
from aigc_tui.tui.shell import Shell
from aigc_tui.tui.widgets.text import plain, plain_line

CHOICE_LABELS = {
    "device.auto": "settings.choice_automatic",
    "quantize.auto": "settings.choice_automatic",
    "quantize.off": "settings.off",
    "auto": "settings.choice_auto",
    "en": "settings.choice_en",
    "zh": "settings.choice_zh",
    "temperature-first": "settings.choice_temperature_first",
    "temperature-last": "settings.choice_temperature_last",
}
"""Choices of the schema that have a name for people, of one setting (before the dot) or of all."""
ORIGINS = {
    Origin.PERSONA: "settings.from_persona",
    Origin.MODEL: "settings.from_model",
    Origin.DEFAULT: "settings.from_default",
}


class WrongValueError(Exception):
    """A field's text is no value of its setting; the message is one line in the user's language."""


def to_text(value: object) -> str:
    """A value as its field shows it; None is an empty field."""
    if value is None:
        return ""
    if isinstance(value, float):
        short = f"{value:g}"
        return short if float(short) == value else repr(value)
    return str(value)


def from_text(setting: Setting, text: str, t: Translate) -> object:
    """Read a field.

    Args:
        setting: Whose field it is.
        text: What stands in it.
        t: The catalogue in use.

    Returns:
        The value; None for an emptied field, which takes the setting back to its default.

    Raises:
        WrongValueError: The text is no such value; the message says what would be right.
    """
    text = text.strip()
    if not text:
        return None
    if setting.type in (SettingType.INT, SettingType.FLOAT):
        return _number(setting, text, t)
    return text


def _number(setting: Setting, text: str, t: Translate) -> int | float:
    whole = setting.type is SettingType.INT
    try:
        value = int(text) if whole else float(text)
    except ValueError:
        raise WrongValueError(t("settings.wrong_whole" if whole else "settings.wrong_number")) from None
    low, high = setting.minimum, setting.maximum
    below = low is not None and value < low
    above = high is not None and value > high
    if below or above or not math.isfinite(value):
        raise WrongValueError(t("settings.wrong_range", low=to_text(low), high=to_text(high)))
    return value


def choices(setting: Setting, shell: Shell) -> list[tuple[str, str]]:
    """What a setting can be, as label and value; empty when it is free text or a number.

    Persona, model and theme are texts for the schema, since user files add to them; here they are known.
    """
    match setting.key:
        case "theme":
            return [(name, name) for name in shell.theme_names()]
        case "persona" if shell.services is not None:
            people = shell.services.personas.all()
            return [(persona.text("name", shell.language), persona.id) for persona in people]
        case "model" if shell.services is not None:
            return [(model.name, model.name) for model in shell.services.models.list()]
    named = {choice: CHOICE_LABELS.get(f"{setting.key}.{choice}") for choice in setting.choices}
    labels = {choice: label or CHOICE_LABELS.get(choice) for choice, label in named.items()}
    return [(shell.t(label) if label else choice, choice) for choice, label in labels.items()]


def unset_words(found: InForce | None, t: Translate) -> str:
    """Say which value is in force while a field is empty, and whose it is, e.g. `0.7, from the model`."""
    if found is None or found.origin not in ORIGINS:
        return t("settings.not_set")
    if found.value is None:
        return t("settings.random_seed")
    return t(ORIGINS[found.origin], value=to_text(found.value))


class SettingRow(Vertical):
    """A setting that can be changed.

    Args:
        setting: Which one.
        shell: The application.
        unset: What is in force while it is not set, for a sampling parameter.
    """

    class Saved(Message):
        """A setting was changed."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self, setting: Setting, shell: Shell, unset: InForce | None = None) -> None:
        super().__init__(id=f"row-{setting.key}", classes="setting")
        self.setting = setting
        self._hint = clean(unset_words(unset, shell.t)) if setting.nullable else ""
        self._shell = shell
        self._value: object = getattr(shell.settings, setting.key)

    def compose(self) -> ComposeResult:
        t = self._shell.t
        with Horizontal(classes="line"):
            yield Static(plain_line(t(self.setting.label_key)), classes="name")
            yield self._field()
            if self.setting.type is SettingType.BOOL:
                yield Static(self._on_or_off(bool(self._value)), classes="state")
            if self._value != self.setting.default:
                yield self._way_back()
        yield Static(plain(t(self.setting.help_key)), classes="explanation")

    def show_if(self, words: list[str]) -> bool:
        """Show it if its name, key or explanation holds every word of a search; tells whether it does."""
        t = self._shell.t
        text = f"{t(self.setting.label_key)} {self.setting.key} {t(self.setting.help_key)}".casefold()
        self.display = all(word in text for word in words)
        return bool(self.display)

    def reset(self) -> None:
        """Take the setting back to its default."""
        self._save(None)
        self._show_value()

    def hint(self, unset: InForce | None) -> None:
        """Show anew what is in force while nothing is set."""
        if self.setting.nullable:
            self._hint = clean(unset_words(unset, self._shell.t))
            self.query_one(".field", Input).placeholder = self._hint

    def explain(self, line: str) -> None:
        """Say under the field what is wrong with it; an empty line brings the explanation back."""
        words = plain(line) if line else plain(self._shell.t(self.setting.help_key))
        self.query_one(".explanation", Static).update(words)
        self.set_class(bool(line), "-wrong")

    def _field(self) -> Widget:
        if self.setting.type is SettingType.BOOL:
            return Switch(bool(self._value), animate=False, classes="field")
        options = choices(self.setting, self._shell)
        if options:
            return self._select(options)
        return Input(
            clean(to_text(self._value)), self._hint, compact=True, select_on_focus=False, classes="field"
        )

    def _select(self, options: list[tuple[str, str]]) -> Widget:
        value = str(self._value)
        if value not in [known for _label, known in options]:
            options = [*options, (value, value)]
        labelled = [(plain_line(label, 40), known) for label, known in options]
        return Select(labelled, value=value, allow_blank=False, compact=True, classes="field")

    def _way_back(self) -> Button:
        """For the mouse; the keyboard has a key for it, and one tab stop a setting is enough."""
        button = Button(self._shell.t("settings.to_default"), compact=True, classes="reset")
        button.can_focus = False
        return button

    def _offer_way_back(self) -> None:
        """Mounted only where it is needed: a form of half as many widgets opens twice as fast."""
        there, wanted = self.query(".reset"), self._value != self.setting.default
        if wanted and not there:
            self.query_one(".line").mount(self._way_back())
        elif there and not wanted:
            there.remove()

    def _show_value(self) -> None:
        field = self.query_one(".field")
        with self.prevent(Switch.Changed, Select.Changed, Input.Changed):
            if isinstance(field, Switch):
                field.value = bool(self._value)
                self.query_one(".state", Static).update(self._on_or_off(bool(self._value)))
            elif isinstance(field, Select):
                field.value = str(self._value)
            elif isinstance(field, Input):
                field.value = to_text(self._value)

    def _save(self, value: object) -> None:
        if value == self._value:
            return
        problem = self._shell.change(self.setting.key, value)
        self._value = getattr(self._shell.settings, self.setting.key)
        self.explain(problem)
        self._offer_way_back()
        self.post_message(self.Saved(self.setting.key))

    @on(Button.Pressed)
    def _reset_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.reset()

    def _on_or_off(self, value: bool) -> Content:
        """A switch in words, for those who cannot tell it by its colour."""
        return plain(self._shell.t("settings.on" if value else "settings.off"), "$text-muted")

    @on(Switch.Changed)
    def _switched(self, event: Switch.Changed) -> None:
        event.stop()
        self.query_one(".state", Static).update(self._on_or_off(event.value))
        self._save(event.value)

    @on(Select.Changed)
    def _chosen(self, event: Select.Changed) -> None:
        event.stop()
        self._save(event.value)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        """While typing only the error is shown: half a number is not yet worth saving."""
        event.stop()
        self._read(event.value)

    @on(Input.Submitted)
    @on(Input.Blurred)
    def _entered(self, event: Input.Submitted | Input.Blurred) -> None:
        event.stop()
        self.enter()

    def enter(self) -> None:
        """Take what stands in a text field as entered, if it is a value."""
        field = self.query_one(".field")
        if isinstance(field, Input):
            value = self._read(field.value)
            if not self.has_class("-wrong"):
                self._save(value)

    def _read(self, text: str) -> object:
        try:
            value = from_text(self.setting, text, self._shell.t)
        except WrongValueError as wrong:
            self.explain(str(wrong))
            return None
        self.explain("")
        return value
