"""The settings: their names, types, defaults and bounds, in one place.

Why it exists: the loader, the settings screen, `--help` and the documentation are all made from `SCHEMA`,
so that a new setting is one field and one line here, and its two texts in the catalogues.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from enum import StrEnum

from aigc_tui.config.sampling import ORDERS, PARAMETERS


class ConfigError(Exception):
    """The settings file is wrong; the message is one line that names file, line and what would be right."""


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
    cache_mb: int = 512
    threads: int = 0
    memory_reserve_mb: int = 512
    keys: Mapping[str, str] = field(default_factory=dict)
    models: tuple[ModelEntry, ...] = ()
    extra: Mapping[str, object] = field(default_factory=dict)
    """Keys that this version does not know; they are kept in the file."""
    warnings: tuple[str, ...] = ()
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

    @property
    def nullable(self) -> bool:
        """Whether the setting may be left to the persona or the model."""
        return self.default is None

    @property
    def label_key(self) -> str:
        """The catalogue key of its name on the screen."""
        return f"settings.{self.key}"

    @property
    def help_key(self) -> str:
        """The catalogue key of the sentence that explains it."""
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
) -> Setting:
    return Setting(key, type_, section, _default(key), choices, minimum, maximum)


def _sampling(section: str) -> list[Setting]:
    """The sampling parameters of a section; each may be left to the persona or the model."""
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
    raise ConfigError(f"there is no setting named {key!r}; known: {', '.join(item.key for item in SCHEMA)}")
