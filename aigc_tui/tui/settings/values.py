"""Between a setting's value and what stands in its field, in the user's language.

Why it exists: the form is one widget for all settings, so reading, showing and checking must not depend on
Textual; and what is wrong with a number has to be said in the language of the interface.
"""

from __future__ import annotations

import math

from aigc_tui.config import Setting, SettingType
from aigc_tui.locale import Translate
from aigc_tui.tui.shell import Shell

CHOICE_LABELS = {
    "auto": "settings.choice_auto",
    "en": "settings.choice_en",
    "zh": "settings.choice_zh",
    "temperature-first": "settings.choice_temperature_first",
    "temperature-last": "settings.choice_temperature_last",
}
"""Choices of the schema that have a name for people."""


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
    return [
        (shell.t(CHOICE_LABELS[choice]) if choice in CHOICE_LABELS else choice, choice)
        for choice in setting.choices
    ]
