"""Messages to the user that are worded where they arise and translated where they are shown.

The core raises errors and reports progress in English; which language the user reads is known only to the
front end, and to another process not at all. So a message keeps its English template apart from its values.
The template is the key of its translation (as in gettext), in ``locale/zh/messages/*.json``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TypeAlias

Translate: TypeAlias = Callable[..., str]
"""``t(template, **values)``: see `aigc_tui.locale.Catalogue.text`."""


@dataclass(frozen=True, slots=True)
class Message:
    """One sentence for the user.

    Args:
        template: English, with ``{placeholders}``.
        values: What stands in their place; messages and errors among them are translated, too, and the
            names of a list or tuple joined as the language joins them.
    """

    template: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        values = {name: _value(value, _english) for name, value in self.values.items()}
        return self.template.format(**values) if values else self.template

    def text(self, t: Translate) -> str:
        """Word it in the language of a catalogue."""
        return t(self.template, **{name: _value(value, t) for name, value in self.values.items()})

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values, for another process."""
        return {"template": self.template, "values": {k: _plain(v) for k, v in self.values.items()}}

    @classmethod
    def from_json(cls, raw: object) -> Message:
        """Read `to_json`; anything else becomes a message that has no translation."""
        if not isinstance(raw, Mapping) or not isinstance(raw.get("template"), str):
            return cls("{text}", {"text": str(raw)})
        values = raw.get("values")
        found = values if isinstance(values, Mapping) else {}
        return cls(raw["template"], {str(k): _from_plain(v) for k, v in found.items()})


def message(template: str, /, **values: object) -> Message:
    """Make a message; the template must be a literal, so that the catalogues can be checked against it."""
    return Message(template, values)


class AppError(Exception):
    """An error whose text is one line for the user: what is wrong, where, and what would be right.

    ``raise LessonError("{path} holds no text", path=path)``. `str` gives the English text, for logs and
    scripts; front ends show `error_text`.

    Args:
        template: English, with ``{placeholders}``; a literal. Or a whole message.
        **values: What stands in their place.
    """

    def __init__(self, template: str | Message, /, **values: object) -> None:
        self.message = template if isinstance(template, Message) else Message(template, values)
        super().__init__(str(self.message))


def listed(names: Iterable[object], t: Translate) -> str:
    """Join names as the language does: with commas, or with 、."""
    return t(", ").join(str(_value(name, t)) for name in names)


def joined(messages: Sequence[Message]) -> Message:
    """Several messages as one, with semicolons between."""
    values = {f"part{number}": each for number, each in enumerate(messages)}
    return Message("; ".join(f"{{{name}}}" for name in values), values)


def reason_of(error: OSError) -> Message:
    """The system's reason, to be put into a message of ours that names the file."""
    return Message(error.strerror or str(error))


def error_text(error: BaseException, t: Translate) -> str:
    """Word an error in the user's language: ours whole, an `OSError` by its reason, any other as its text."""
    if isinstance(error, AppError):
        return error.message.text(t)
    if isinstance(error, OSError) and error.strerror:
        reason = t(error.strerror)
        return reason if error.filename is None else t("{path}: {reason}", path=error.filename, reason=reason)
    return str(error)


def _english(template: str, /, **values: object) -> str:
    return template.format(**values) if values else template


def _value(value: object, t: Translate) -> object:
    if isinstance(value, list | tuple):
        return listed(value, t)
    if isinstance(value, Message):
        return value.text(t)
    if isinstance(value, BaseException):
        return error_text(value, t)
    return str(value) if isinstance(value, PurePath) else value


def _plain(value: object) -> object:
    if isinstance(value, AppError):
        value = value.message
    if isinstance(value, Message):
        return value.to_json()
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value if isinstance(value, int | float | bool) else str(value)


def _from_plain(value: object) -> object:
    if isinstance(value, list):
        return tuple(_from_plain(each) for each in value)
    return Message.from_json(value) if isinstance(value, Mapping) else value
