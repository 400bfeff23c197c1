"""Settings and paths: one file, one schema, one home.

Importing this package is cheap: neither platformdirs nor PyYAML is loaded before it is needed.
"""

from __future__ import annotations

from aigc_tui.config.paths import HOME_VARIABLE, Paths, shipped
from aigc_tui.config.schema import (
    SCHEMA,
    SECTIONS,
    ConfigError,
    ModelEntry,
    Setting,
    Settings,
    SettingType,
    setting,
)
from aigc_tui.config.settings import load_or_default, load_settings, save_setting

__all__ = [
    "HOME_VARIABLE",
    "SCHEMA",
    "SECTIONS",
    "ConfigError",
    "ModelEntry",
    "Paths",
    "Setting",
    "SettingType",
    "Settings",
    "load_or_default",
    "load_settings",
    "save_setting",
    "setting",
    "shipped",
]
