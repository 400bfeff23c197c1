"""Check values of the settings against the schema, with messages that say what would be right.

Why it exists: the file loader, `save_setting` and the settings screen must accept exactly the same values.
"""

from __future__ import annotations

import math
from dataclasses import fields

from aigc_tui.config.schema import ModelEntry, Setting, SettingType
from aigc_tui.text import one_line

_MODEL_KINDS = ("local", "openai")
_MODEL_FIELDS = tuple(item.name for item in fields(ModelEntry))


class ValueProblemError(Exception):
    """A value does not fit; the message starts with what it must be. `place` leads to the wrong part."""

    def __init__(self, message: str, *place: str | int) -> None:
        super().__init__(message)
        self.place = place


def check_value(item: Setting, value: object) -> object:
    """Bring a raw value into a setting's type.

    Args:
        item: The setting.
        value: A value from YAML, from the command line's parser or from a widget.

    Returns:
        The value to put into `Settings`.

    Raises:
        ValueProblemError: It does not fit.
    """
    if value is None:
        # An emptied key ("theme:") means the default for every setting.
        return item.default
    match item.type:
        case SettingType.BOOL:
            if not isinstance(value, bool):
                raise ValueProblemError(f"must be true or false, not {show(value)}")
            return value
        case SettingType.INT | SettingType.FLOAT:
            return _number(item, value)
        case SettingType.CHOICE:
            return _choice(item, value)
        case SettingType.TEXT:
            return _text(value)
        case SettingType.KEYS:
            return _keys(value)
        case SettingType.MODELS:
            return _models(value)


def show(value: object) -> str:
    """Show a wrong value in a message, short and clean."""
    if isinstance(value, int) and value.bit_length() > 128:
        return "a far too large number"
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    return one_line(str(value), 40) or "an empty text"


def _number(item: Setting, value: object) -> int | float:
    whole = item.type is SettingType.INT
    noun = "a whole number" if whole else "a number"
    low, high = item.minimum, item.maximum
    bounds = f"{noun} between {low:.10g} and {high:.10g}" if whole else f"between {low:.10g} and {high:.10g}"
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        raise ValueProblemError(f"must be {noun}, not {show(value)}")
    if low is None or high is None or not low <= value <= high or not math.isfinite(value):
        raise ValueProblemError(f"must be {bounds}, not {show(value)}")
    return value if whole else float(value)


def _choice(item: Setting, value: object) -> str:
    if not isinstance(value, str) or value not in item.choices:
        raise ValueProblemError(f"must be one of {', '.join(item.choices)}, not {show(value)}")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or not one_line(value):
        raise ValueProblemError(f"must be a text, not {show(value)}")
    return one_line(value, 4096)


def _keys(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ValueProblemError(f"must be a mapping from an action to a key, not {show(value)}")
    for key, bound in value.items():
        if not isinstance(key, str) or not isinstance(bound, str) or not one_line(bound):
            raise ValueProblemError(
                f"must map {show(key)} to the name of a key such as ctrl+r, not {show(bound)}", str(key)
            )
    return {one_line(key): one_line(bound) for key, bound in value.items()}


def _models(value: object) -> tuple[ModelEntry, ...]:
    if isinstance(value, tuple) and all(isinstance(entry, ModelEntry) for entry in value):
        return value
    if not isinstance(value, list | tuple):
        raise ValueProblemError(f"must be a list of models, not {show(value)}")
    entries = tuple(_model(index, raw) for index, raw in enumerate(value))
    names = [entry.name for entry in entries]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise ValueProblemError(f"must have different names, but {name} is there twice", index)
    return entries


def _model(index: int, raw: object) -> ModelEntry:
    if not isinstance(raw, dict):
        raise ValueProblemError(
            f"must hold mappings such as {{name: big, kind: local, path: ...}}, not {show(raw)}", index
        )
    for key, part in raw.items():
        if key not in _MODEL_FIELDS:
            raise ValueProblemError(
                f"must hold only {', '.join(_MODEL_FIELDS)}, not {show(key)}", index, str(key)
            )
        if not isinstance(part, str):
            raise ValueProblemError(f"must have a text as {key}, not {show(part)}", index, str(key))
    entry = ModelEntry(**{"name": "", **{str(key): one_line(part, 4096) for key, part in raw.items()}})
    _check_model(index, entry)
    return entry


def _check_model(index: int, entry: ModelEntry) -> None:
    if not entry.name:
        raise ValueProblemError("must give every model a name", index)
    if entry.kind not in _MODEL_KINDS:
        raise ValueProblemError(f"must have kind local or openai, not {show(entry.kind)}", index, "kind")
    if entry.kind == "local" and not entry.path:
        raise ValueProblemError(f"must give the local model {entry.name} a path", index)
    if entry.kind == "openai" and not entry.base_url.startswith(("http://", "https://")):
        raise ValueProblemError(
            f"must give the model {entry.name} a base_url such as http://127.0.0.1:8080/v1", index, "base_url"
        )
    if entry.kind == "openai" and not entry.model:
        raise ValueProblemError(f"must say as `model` what {entry.name} is called on its server", index)
