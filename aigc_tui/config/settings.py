"""Load the settings file, and change one setting in it without touching the rest.

The file is the user's: comments, order and keys of a newer version survive a change on the settings screen.
PyYAML is imported only when there is a file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aigc_tui.config.paths import Paths
from aigc_tui.config.schema import (
    SCHEMA,
    ConfigError,
    ModelEntry,
    Setting,
    Settings,
    ValueProblemError,
    check_value,
    setting,
)
from aigc_tui.files import write_bytes, write_text
from aigc_tui.message import message, reason_of
from aigc_tui.text import one_line

if TYPE_CHECKING:
    from aigc_tui.config.yaml_file import YamlFile

_HEADER = "# Settings of aigc-tui; the settings screen explains every key.\n"


def load_settings(paths: Paths) -> Settings:
    """Read the settings file; without one, every setting has its default.

    Raises:
        ConfigError: One line such as ``settings.yaml:12: temperature: 9 is not valid; use ...``.
    """
    if not os.path.lexists(paths.settings):
        return Settings()
    from aigc_tui.config.yaml_file import read_yaml

    file = read_yaml(paths.settings)
    raw = _mapping(file)
    values = {item.key: _value(file, item, raw[item.key]) for item in SCHEMA if item.key in raw}
    return _build(file, raw, values)


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
        raise ConfigError("{place}: settings must be written as `name: value` lines", place=file.at())
    return file.value


def _value(file: YamlFile, item: Setting, value: object) -> object:
    try:
        return check_value(item, value)
    except ValueProblemError as problem:
        raise ConfigError(
            "{place}: {key}: {problem}",
            place=file.at(item.key, *problem.place),
            key=item.key,
            problem=problem,
        ) from problem


def _build(file: YamlFile, raw: Mapping[Any, object], values: dict[str, Any]) -> Settings:
    known = {item.key for item in SCHEMA}
    extra = {one_line(str(key)): value for key, value in raw.items() if key not in known}
    warnings = tuple(
        message(
            "{place}: {key} is not a known setting; it is kept but has no effect",
            place=file.at(key),
            key=key,
        )
        for key in extra
    )
    given = frozenset(key for key in values if raw[key] is not None)
    return Settings(**values, given=given, extra=extra, warnings=warnings)


def _salvage(paths: Paths) -> Settings:
    from aigc_tui.config.yaml_file import read_yaml

    try:
        file = read_yaml(paths.settings)
        raw = _mapping(file)
    except ConfigError:
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

    Raises:
        ConfigError: There is no such setting, the value does not fit, or the file is so broken that it
            could not be changed without losing what the user wrote; the file is untouched then.
    """
    item = setting(key)
    try:
        checked = check_value(item, value)
    except ValueProblemError as problem:
        raise ConfigError("{name}: {problem}", name=key, problem=problem) from problem
    _change(paths, item, None if value is None else checked)
    return load_or_default(paths)[0]


def _change(paths: Paths, item: Setting, value: object) -> None:
    """Write one checked value; a file whose shape defeats an edit is dumped anew, the old one kept beside."""
    from aigc_tui.config.yaml_file import changed, dump, read_yaml

    plain = _plain(value)
    try:
        paths.make(paths.home)
        if not paths.settings.exists():
            write_text(paths.settings, _HEADER + dump({item.key: plain}))
            return
        old = dict(_mapping(read_yaml(paths.settings)))
        text = paths.settings.read_bytes().decode("utf-8-sig")
        new = changed(text, item.key, plain)
        if new is None:
            write_bytes(paths.settings.with_name(paths.settings.name + ".bak"), text.encode())
            new = dump({**old, item.key: plain})
        write_text(paths.settings, new)
    except ConfigError as error:
        raise ConfigError("{problem} (nothing was saved; correct the file first)", problem=error) from error
    except OSError as error:
        raise ConfigError(
            "{path}: cannot be written: {reason}", path=paths.settings.name, reason=reason_of(error)
        ) from error


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if isinstance(value, ModelEntry):
        return {key: part for key, part in asdict(value).items() if part}
    return value
