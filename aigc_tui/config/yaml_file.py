"""Read a small YAML file of unknown origin under caps, and remember on which line everything stands.

Why it exists: settings and personas are written by people (and by strangers), so errors must name the
line, and a file of deep nesting, aliases or megabytes must end in one sentence instead of a crash
(engine-safety E4). It is imported only when there is a file to read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import yaml

from aigc_tui.text import clean, one_line

MAX_BYTES = 1 << 20
MAX_DEPTH = 24
MAX_NODES = 50_000

_Loader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Place: TypeAlias = tuple[str | int, ...]
"""A path into the value: keys and list indices."""


class YamlError(Exception):
    """The file is not the YAML that is allowed here; the message is one line that names file and line."""


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A parsed file: its value, with every string clean, and the line of each place in it."""

    name: str
    value: object
    lines: Mapping[Place, int] = field(default_factory=dict)

    def at(self, *place: str | int) -> str:
        """Name a place as ``file:line`` for a message; an absent key falls back to what should hold it."""
        while place and place not in self.lines:
            place = place[:-1]
        return f"{self.name}:{self.lines.get(place, 1)}"


def read_yaml(path: Path, max_bytes: int = MAX_BYTES) -> YamlFile:
    """Read and parse a file.

    Args:
        path: The file.
        max_bytes: Files above this size are refused unread.

    Raises:
        YamlError: It cannot be read, is too big, is not UTF-8, or `parse_yaml` refuses it.
    """
    name = one_line(path.name)
    try:
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except OSError as error:
        raise YamlError(f"{name}: cannot be read: {error.strerror or error}") from error
    if len(data) > max_bytes:
        raise YamlError(f"{name}: is larger than the allowed {max_bytes // 1024} KiB")
    try:
        return parse_yaml(data.decode("utf-8-sig"), name)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise YamlError(f"{name}:{line}: is not UTF-8 text; save it as UTF-8") from error


def parse_yaml(text: str, name: str) -> YamlFile:
    """Parse one YAML document without aliases, object tags, repeated keys or deep nesting.

    Args:
        text: The file's text.
        name: The file's name for messages.

    Returns:
        The value (None for an empty file) and its lines.

    Raises:
        YamlError: One line with file, line and what is wrong.
    """
    try:
        _check_events(text, name)
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            if node is None:
                return YamlFile(name, None)
            lines = dict(_walk(node, (), name))
            return YamlFile(name, _cleaned(loader.construct_document(node)), lines)
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        raise YamlError(_explain(error, text, name)) from error
    except (ValueError, RecursionError, OverflowError) as error:
        raise YamlError(f"{name}: holds a value that cannot be read: {one_line(str(error))}") from error


def _check_events(text: str, name: str) -> None:
    """Refuse what could blow up before any tree is built; the event stream itself needs no recursion."""
    depth = nodes = 0
    for event in yaml.parse(text, Loader=_Loader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            raise YamlError(f"{name}:{line}: aliases (*name) are not allowed; write the value out")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        nodes += isinstance(event, yaml.NodeEvent)
        if depth > MAX_DEPTH:
            raise YamlError(f"{name}:{line}: is nested more than {MAX_DEPTH} levels deep")
        if nodes > MAX_NODES:
            raise YamlError(f"{name}:{line}: holds more than {MAX_NODES} values")


def _walk(node: yaml.Node, place: Place, name: str) -> Iterator[tuple[Place, int]]:
    yield place, node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _walk(item, (*place, index), name)
    elif isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            text = clean(str(key.value))
            if text in seen:
                raise YamlError(f"{name}:{line}: {one_line(text)} is already given on line {seen[text]}")
            seen[text] = line
            yield from _walk(value, (*place, text), name)
            # A value may begin below its key; people look for the key.
            yield (*place, text), line


def _cleaned(value: object) -> object:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {_cleaned(key): _cleaned(item) for key, item in value.items()}
    return [_cleaned(item) for item in value] if isinstance(value, list) else value


def _explain(error: yaml.YAMLError, text: str, name: str) -> str:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    # Something left open is noticed behind the last line, where there is nothing to look at.
    last = max(len(text.splitlines()), 1)
    where = f"{name}:{min(mark.line + 1, last)}" if mark is not None else name
    if "nesting" in str(problem):
        # Since PyYAML 6.0.4 libyaml's scanner, which reads ahead, has a limit of its own (1,000 levels) and
        # may reach it before _check_events sees the first of those brackets.
        return f"{where}: is nested more than {MAX_DEPTH} levels deep"
    return f"{where}: is not valid YAML: {one_line(str(problem))}"


def describe(value: object) -> str:
    """Name a value for a message ("must be text, found ...")."""
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return f"the text {one_line(value, 40)!r}" if value else "an empty text"
    if isinstance(value, bool):
        return "yes/true" if value else "no/false"
    if isinstance(value, int) and value.bit_length() > 128:
        return "a far too large number"
    if isinstance(value, int | float):
        return f"the number {value!r}"
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else f"a {type(value).__name__} (put it in quotes)"
