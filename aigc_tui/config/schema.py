"""The settings: their names, types, defaults and bounds, and the check of a value against them.

The loader, the settings screen, `--help` and the documentation are all made from `SCHEMA`: a new setting is
one field and one line here, and its two texts in the catalogues.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from enum import StrEnum

from aigc_tui.config.sampling import ORDERS, PARAMETERS
from aigc_tui.message import AppError, Message, message
from aigc_tui.text import one_line


class ConfigError(AppError):
    """The settings file is wrong; the message is one line that names file, line and what would be right."""


class ValueProblemError(AppError):
    """A value does not fit. `place` leads to the wrong part of it: keys and list indices."""

    def __init__(self, problem: Message, *place: str | int) -> None:
        super().__init__(problem)
        self.place = place


def not_valid(value: object, right: Message) -> Message:
    """Word what is wrong with a value and what would be right."""
    return message("{value} is not valid; use {right}", value=shown(value), right=right)


def shown(value: object) -> Message:
    """Show a wrong value in a message, short and clean."""
    if value is None:
        return message("an empty value")
    if isinstance(value, str):
        return message("'{text}'", text=one_line(value, 40)) if value else message("an empty text")
    if isinstance(value, bool):
        return message("{text}", text=str(value).lower())
    if isinstance(value, int) and value.bit_length() > 128:
        return message("a far too large number")
    if isinstance(value, int | float):
        return message("{text}", text=repr(value))
    if isinstance(value, dict):
        return message("a mapping")
    if isinstance(value, list):
        return message("a list")
    return message("a {kind} (put it in quotes)", kind=type(value).__name__)


def one_of(names: Sequence[str]) -> Message:
    """List what may be chosen."""
    return message("{names} or {last}", names=tuple(names[:-1]), last=names[-1])


class SettingType(StrEnum):
    """What a setting's value may be."""

    BOOL = "bool"
    INT = "int"
    FLOAT = "float"
    TEXT = "text"
    CHOICE = "choice"
    KEYS = "keys"
    """A mapping from a binding's id to a key."""
    MODELS = "models"
    """A list of model entries."""


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A model that the user named in the settings: a local folder or a server's model."""

    name: str
    kind: str = "local"
    """`local` or `openai`."""
    path: str = ""
    base_url: str = ""
    model: str = ""
    key_env: str = ""
    """The environment variable (or key file) that holds the key; the key itself is never in the settings."""


_MODEL_KINDS = ("local", "openai")
_MODEL_FIELDS = tuple(item.name for item in fields(ModelEntry))


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. A sampling setting of None takes the persona's value, or else the model's."""

    language: str = "auto"
    persona: str = "assistant"
    model: str = "starter"
    first_run_done: bool = False
    theme: str = "ink"
    sidebar: bool = True
    plain: bool = False
    confirm_quit: bool = False
    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    min_p: float | None = None
    typical_p: float | None = None
    repetition_penalty: float | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    no_repeat_ngram: int | None = None
    dry_multiplier: float | None = None
    dry_allowed_length: int | None = None
    dynamic_temperature: float | None = None
    top_n_sigma: float | None = None
    top_h: float | None = None
    epsilon: float | None = None
    eta: float | None = None
    xtc_probability: float | None = None
    xtc_threshold: float | None = None
    mirostat: int | None = None
    mirostat_tau: float | None = None
    mirostat_eta: float | None = None
    sampling_order: str = "temperature-first"
    max_tokens: int | None = None
    seed: int | None = None
    device: str = "auto"
    quantize: str = "auto"
    cache_mb: int = 512
    threads: int = 0
    memory_reserve_mb: int = 512
    keys: Mapping[str, str] = field(default_factory=dict)
    models: tuple[ModelEntry, ...] = ()
    given: frozenset[str] = field(default=frozenset(), compare=False)
    """The keys that the user's file has a value for."""
    extra: Mapping[str, object] = field(default_factory=dict)
    """Keys that this version does not know; they are kept in the file."""
    warnings: tuple[Message, ...] = ()
    """One line for each such key."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as the loader checks it and the settings screen shows it."""

    key: str
    type: SettingType
    section: str
    default: object
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    numbered: str = ""
    """The choice that may have a number behind it, as cuda:1; empty: none."""

    @property
    def nullable(self) -> bool:
        """Whether the setting may be left to the persona or the model."""
        return self.default is None

    @property
    def label_key(self) -> str:
        return f"settings.{self.key}"

    @property
    def help_key(self) -> str:
        return f"settings.{self.key}_help"


def _default(key: str) -> object:
    found = next(item for item in fields(Settings) if item.name == key)
    return found.default if found.default is not MISSING else ({} if key == "keys" else ())


def _setting(
    key: str,
    type_: SettingType,
    section: str,
    *,
    choices: tuple[str, ...] = (),
    minimum: float | None = None,
    maximum: float | None = None,
    numbered: str = "",
) -> Setting:
    return Setting(key, type_, section, _default(key), choices, minimum, maximum, numbered)


def _sampling(section: str) -> list[Setting]:
    return [
        _setting(
            each.name,
            SettingType.INT if each.whole else SettingType.FLOAT,
            section,
            minimum=each.range[0],
            maximum=each.range[1],
        )
        for each in PARAMETERS
        if each.section == section
    ]


SECTIONS = ("general", "look", "sampling", "sampling_advanced", "engine", "advanced")
"""The sections of the settings screen, in order; their titles are `settings.section_<name>`."""

DEVICES = ("auto", "cpu", "cuda", "mps", "xpu")
"""Where local models compute; ``cuda:1`` is the second GPU of several."""
QUANTIZE = ("auto", "int4", "int8", "off")
"""What the weights of a Hugging Face folder are packed into when it is loaded."""

SCHEMA: tuple[Setting, ...] = (
    _setting("language", SettingType.CHOICE, "general", choices=("auto", "en", "zh")),
    _setting("persona", SettingType.TEXT, "general"),
    _setting("model", SettingType.TEXT, "general"),
    _setting("first_run_done", SettingType.BOOL, "general"),
    _setting("theme", SettingType.TEXT, "look"),
    _setting("sidebar", SettingType.BOOL, "look"),
    _setting("plain", SettingType.BOOL, "look"),
    _setting("confirm_quit", SettingType.BOOL, "look"),
    *_sampling("sampling"),
    *_sampling("sampling_advanced"),
    _setting("sampling_order", SettingType.CHOICE, "sampling_advanced", choices=ORDERS),
    _setting("device", SettingType.CHOICE, "engine", choices=DEVICES, numbered="cuda"),
    _setting("quantize", SettingType.CHOICE, "engine", choices=QUANTIZE),
    _setting("cache_mb", SettingType.INT, "engine", minimum=0, maximum=1_000_000),
    _setting("threads", SettingType.INT, "engine", minimum=0, maximum=1024),
    _setting("memory_reserve_mb", SettingType.INT, "engine", minimum=0, maximum=1_000_000),
    _setting("keys", SettingType.KEYS, "advanced"),
    _setting("models", SettingType.MODELS, "advanced"),
)


def setting(key: str) -> Setting:
    """Find a setting by its key.

    Raises:
        ConfigError: There is none of that name.
    """
    for item in SCHEMA:
        if item.key == key:
            return item
    known = tuple(item.key for item in SCHEMA)
    raise ConfigError("there is no setting named '{key}'; known: {names}", key=one_line(key, 60), names=known)


def check_value(item: Setting, value: object) -> object:
    """Bring a raw value (from YAML, the command line or a widget) into a setting's type.

    Raises:
        ValueProblemError: It does not fit.
    """
    if value is None:
        # An emptied key ("theme:") means the default for every setting.
        return item.default
    match item.type:
        case SettingType.BOOL:
            if not isinstance(value, bool):
                raise ValueProblemError(not_valid(value, message("true or false")))
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


def _choice(item: Setting, value: object) -> str:
    if value is False and "off" in item.choices:
        # YAML 1.1 reads an unquoted off as false.
        return "off"
    if isinstance(value, str):
        if value in item.choices:
            return value
        if item.numbered and re.fullmatch(re.escape(item.numbered) + r":\d{1,2}", value, re.ASCII):
            return value
    names = list(item.choices)
    if item.numbered:
        names.insert(names.index(item.numbered) + 1, f"{item.numbered}:N")
    raise ValueProblemError(not_valid(value, one_of(names)))


def _number(item: Setting, value: object) -> int | float:
    whole = item.type is SettingType.INT
    low, high = item.minimum, item.maximum
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        raise ValueProblemError(not_valid(value, message("a whole number") if whole else message("a number")))
    if low is None or high is None or not low <= value <= high or not math.isfinite(value):
        bounds = {"low": f"{low:.10g}", "high": f"{high:.10g}"}
        right = message("a number between {low} and {high}", **bounds)
        if whole:
            right = message("a whole number between {low} and {high}", **bounds)
        raise ValueProblemError(not_valid(value, right))
    return value if whole else float(value)


def _text(value: object) -> str:
    if not isinstance(value, str) or not one_line(value):
        raise ValueProblemError(not_valid(value, message("a text")))
    return one_line(value, 4096)


def _keys(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ValueProblemError(not_valid(value, message("a mapping from actions to keys")))
    for key, bound in value.items():
        if not isinstance(key, str):
            raise ValueProblemError(not_valid(key, message("the name of an action such as chat.stop")))
        if not isinstance(bound, str) or not one_line(bound):
            right = message("the name of a key such as ctrl+r")
            raise ValueProblemError(_part(key, not_valid(bound, right)), key)
    return {one_line(key): one_line(bound) for key, bound in value.items()}


def _part(name: object, problem: Message) -> Message:
    return message("{name}: {problem}", name=one_line(str(name), 60), problem=problem)


def _models(value: object) -> tuple[ModelEntry, ...]:
    if isinstance(value, tuple) and all(isinstance(entry, ModelEntry) for entry in value):
        return value
    if not isinstance(value, list | tuple):
        raise ValueProblemError(not_valid(value, message("a list of models")))
    entries = tuple(_model(index, raw) for index, raw in enumerate(value))
    names = [entry.name for entry in entries]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise ValueProblemError(
                message("two models are named '{name}'; give each its own name", name=name), index
            )
    return entries


def _model(index: int, raw: object) -> ModelEntry:
    if not isinstance(raw, dict):
        right = message("{example}", example="{name: big, kind: local, path: ...}")
        raise ValueProblemError(not_valid(raw, right), index)
    for key, part in raw.items():
        if key not in _MODEL_FIELDS:
            raise ValueProblemError(not_valid(key, one_of(_MODEL_FIELDS)), index, str(key))
        if not isinstance(part, str):
            raise ValueProblemError(_part(key, not_valid(part, message("a text"))), index, str(key))
    entry = ModelEntry(**{"name": "", **{str(key): one_line(part, 4096) for key, part in raw.items()}})
    _check_model(index, entry)
    return entry


def _check_model(index: int, entry: ModelEntry) -> None:
    name = entry.name
    if not name:
        raise ValueProblemError(message("every model needs a name"), index)
    if entry.kind not in _MODEL_KINDS:
        raise ValueProblemError(_part("kind", not_valid(entry.kind, one_of(_MODEL_KINDS))), index, "kind")
    if entry.kind == "local" and not entry.path:
        raise ValueProblemError(message("the local model '{name}' needs a path", name=name), index)
    if entry.kind == "openai" and not entry.base_url.startswith(("http://", "https://")):
        raise ValueProblemError(
            message("model '{name}' needs a base_url such as http://127.0.0.1:8080/v1", name=name),
            index,
            "base_url",
        )
    if entry.kind == "openai" and not entry.model:
        raise ValueProblemError(
            message("model '{name}' needs `model`, its name on the server", name=name), index
        )
