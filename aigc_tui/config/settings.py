"""Load the settings file, and change one setting in it without touching the rest.

Why it exists: the file is the user's. It may hold comments, an order and keys of a newer version; none of
that is lost when a switch is flipped on the settings screen. PyYAML is imported only when there is a file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aigc_tui.config.checks import ValueProblemError, check_value
from aigc_tui.config.paths import Paths
from aigc_tui.config.schema import SCHEMA, ConfigError, Setting, Settings, setting
from aigc_tui.text import one_line

if TYPE_CHECKING:
    from aigc_tui.config.yaml_file import YamlFile


def load_settings(paths: Paths) -> Settings:
    """Read the settings file; without one, every setting has its default.

    Args:
        paths: Where the file is.

    Returns:
        The settings, with a warning for each unknown key.

    Raises:
        ConfigError: One line such as ``settings.yaml:12: temperature must be between 0 and 2, not 9``.
    """
    if not os.path.lexists(paths.settings):
        return Settings()
    from aigc_tui.config.yaml_file import YamlError, read_yaml

    try:
        return _settings(read_yaml(paths.settings))
    except YamlError as error:
        raise ConfigError(str(error)) from error


def load_or_default(paths: Paths) -> tuple[Settings, ConfigError | None]:
    """Do as `load_settings`, but let the program start whatever is in the file.

    A wrong value costs only itself: the other settings are taken from the file. A file that cannot be
    parsed at all gives the defaults.

    Returns:
        The settings to use, and what is wrong with the file (None: nothing), for the front end to show.
    """
    try:
        return load_settings(paths), None
    except ConfigError as error:
        return _salvage(paths), error


def _mapping(file: YamlFile) -> Mapping[Any, object]:
    if file.value is None:
        return {}
    if not isinstance(file.value, dict):
        raise ConfigError(f"{file.at()}: settings must be written as `name: value` lines")
    return file.value


def _settings(file: YamlFile) -> Settings:
    raw = _mapping(file)
    values = {item.key: _value(file, item, raw[item.key]) for item in SCHEMA if item.key in raw}
    return _build(file, raw, values)


def _value(file: YamlFile, item: Setting, value: object) -> object:
    try:
        return check_value(item, value)
    except ValueProblemError as problem:
        raise ConfigError(f"{file.at(item.key, *problem.place)}: {item.key} {problem}") from problem


def _build(file: YamlFile, raw: Mapping[Any, object], values: dict[str, Any]) -> Settings:
    known = {item.key for item in SCHEMA}
    extra = {one_line(str(key)): value for key, value in raw.items() if key not in known}
    warnings = tuple(
        f"{file.at(key)}: {key} is not a known setting; it is kept but has no effect" for key in extra
    )
    return Settings(**values, extra=extra, warnings=warnings)


def _salvage(paths: Paths) -> Settings:
    """Take what is right from a file of which something is wrong."""
    from aigc_tui.config.yaml_file import YamlError, read_yaml

    try:
        file = read_yaml(paths.settings)
        raw = _mapping(file)
    except (YamlError, ConfigError):
        return Settings()
    values: dict[str, object] = {}
    for item in SCHEMA:
        try:
            if item.key in raw:
                values[item.key] = check_value(item, raw[item.key])
        except ValueProblemError:
            continue
    return _build(file, raw, values)


def save_setting(paths: Paths, key: str, value: object) -> Settings:
    """Change one setting in the file, atomically, keeping everything else in it: comments, order, other keys.

    Args:
        paths: Where the file is; it is made when there is none.
        key: The setting's key.
        value: Its new value; None takes it back to its default.

    Returns:
        The settings as they are now.

    Raises:
        ConfigError: There is no such setting, the value does not fit, or the file is so broken that it
            could not be changed without losing what the user wrote; the file is untouched then.
    """
    from aigc_tui.config.edit import change

    item = setting(key)
    try:
        checked = check_value(item, value)
    except ValueProblemError as problem:
        raise ConfigError(f"{key} {problem}") from problem
    change(paths, item, None if value is None else checked)
    return load_or_default(paths)[0]
