"""Change one top-level value of a YAML file in its text, so that comments and order survive.

Why it exists: loading and dumping a file would drop the user's comments. The value's own span is replaced;
the outcome is parsed again and compared, and only a file whose shape defeats this (a flow mapping on one
line, say) is dumped anew, with a copy of the old one kept beside it.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import yaml

from aigc_tui.config.paths import Paths
from aigc_tui.config.schema import ConfigError, ModelEntry, Setting
from aigc_tui.config.yaml_file import YamlError, YamlFile, parse_yaml, read_yaml
from aigc_tui.files import write_bytes, write_text

_HEADER = "# Settings of aigc-tui; the settings screen explains every key.\n"


def change(paths: Paths, item: Setting, value: object) -> None:
    """Write one checked value into the settings file.

    Args:
        paths: Where the file is.
        item: The setting.
        value: Its checked value; None removes nothing but is written as null.

    Raises:
        ConfigError: The file cannot be read, parsed or written.
    """
    plain = _plain(value)
    try:
        paths.make(paths.home)
        if not paths.settings.exists():
            write_text(paths.settings, _HEADER + _dump({item.key: plain}))
            return
        file = read_yaml(paths.settings)
        old = _top(file)
        text = paths.settings.read_bytes().decode("utf-8-sig")
        wanted = {**old, item.key: plain}
        changed = _replace(text, item.key, plain)
        if _parsed(changed) != wanted:
            write_bytes(paths.settings.with_name(paths.settings.name + ".bak"), text.encode())
            changed = _dump(wanted)
        write_text(paths.settings, changed)
    except YamlError as error:
        raise ConfigError(f"{error} (nothing was saved; mend the file first)") from error
    except OSError as error:
        raise ConfigError(f"{paths.settings.name}: cannot be written: {error.strerror or error}") from error


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if isinstance(value, ModelEntry):
        return {key: part for key, part in asdict(value).items() if part}
    return value


def _top(file: YamlFile) -> dict[Any, Any]:
    if file.value is None:
        return {}
    if not isinstance(file.value, dict):
        raise YamlError(f"{file.at()}: settings must be written as `name: value` lines")
    return file.value


def _parsed(text: str) -> object:
    try:
        return parse_yaml(text, "settings.yaml").value
    except YamlError:
        return None


def _dump(value: object) -> str:
    return str(yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=10_000))


def _replace(text: str, key: str, value: object) -> str:
    """Put a new value in place of the old one, or append the key to the end."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    lines = _dump({key: value})
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    for name, node in pairs:
        if name.value != key:
            continue
        start, end = node.start_mark.index, node.end_mark.index
        if isinstance(node, yaml.ScalarNode) and not isinstance(value, dict | list):
            scalar = lines.removeprefix(f"{key}:").strip()
            gap = "" if text[start - 1 : start] in (" ", "\t") else " "
            return text[:start] + gap + scalar + _tail(text, node.end_mark.index, node.style)
        body = text[name.start_mark.index : end]
        kept = len(_without_trailing_comments(body))
        return text[: name.start_mark.index] + lines.rstrip("\n") + text[name.start_mark.index + kept :]
    joint = "" if not text or text.endswith("\n") else "\n"
    return text + joint + lines


def _tail(text: str, end: int, style: str | None) -> str:
    """Return what follows a scalar; a block scalar's span swallows the line end, which has to stay."""
    return ("\n" if style in ("|", ">") else "") + text[end:]


def _without_trailing_comments(body: str) -> str:
    lines = body.split("\n")
    while len(lines) > 1 and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
        lines.pop()
    return "\n".join(lines)
