"""Read a small YAML file of unknown origin under caps, and change one value in its text.

Settings and personas are written by people and by strangers: errors name the line, and a file of deep
nesting, aliases or megabytes ends in one sentence instead of a crash (engine-safety E4). Imported only when
there is a file to read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import yaml

from aigc_tui.config.schema import ConfigError
from aigc_tui.message import Message, message, reason_of
from aigc_tui.text import clean, one_line

MAX_BYTES = 1 << 20
MAX_DEPTH = 24
MAX_NODES = 50_000

_Loader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Place: TypeAlias = tuple[str | int, ...]
"""A path into the value: keys and list indices."""


class YamlError(ConfigError):
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
    """Read and parse a file of at most `max_bytes`.

    Raises:
        YamlError: It cannot be read, is too big, is not UTF-8, or `parse_yaml` refuses it.
    """
    name = one_line(path.name)
    try:
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except OSError as error:
        raise YamlError("{path}: cannot be read: {reason}", path=name, reason=reason_of(error)) from error
    if len(data) > max_bytes:
        raise YamlError(
            "{path}: larger than {limit} KiB; make it smaller", path=name, limit=max_bytes // 1024
        )
    try:
        return parse_yaml(data.decode("utf-8-sig"), name)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise YamlError("{place}: not UTF-8 text; save it as UTF-8", place=f"{name}:{line}") from error


def parse_yaml(text: str, name: str) -> YamlFile:
    """Parse one YAML document without aliases, object tags, repeated keys or deep nesting.

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
        raise YamlError(
            "{path}: holds a value that cannot be read: {problem}", path=name, problem=one_line(str(error))
        ) from error


def _check_events(text: str, name: str) -> None:
    """Refuse what could blow up before any tree is built; the event stream itself needs no recursion."""
    depth = nodes = 0
    for event in yaml.parse(text, Loader=_Loader):
        place = f"{name}:{event.start_mark.line + 1 if event.start_mark else 1}"
        if isinstance(event, yaml.AliasEvent):
            raise YamlError("{place}: aliases (*name) are not allowed; write the value out", place=place)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        nodes += isinstance(event, yaml.NodeEvent)
        if depth > MAX_DEPTH:
            raise YamlError(_too_deep(place))
        if nodes > MAX_NODES:
            raise YamlError(
                "{place}: more than {limit} values; make it smaller", place=place, limit=MAX_NODES
            )


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
                raise YamlError(
                    "{place}: '{key}' is already given on line {line}",
                    place=f"{name}:{line}",
                    key=one_line(text),
                    line=seen[text],
                )
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


def _too_deep(place: str) -> Message:
    return message("{place}: nested more than {limit} levels deep", place=place, limit=MAX_DEPTH)


def _explain(error: yaml.YAMLError, text: str, name: str) -> Message:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    # Something left open is noticed behind the last line, where there is nothing to look at.
    last = max(len(text.splitlines()), 1)
    where = f"{name}:{min(mark.line + 1, last)}" if mark is not None else name
    if "nesting" in str(problem):
        # Since PyYAML 6.0.4 libyaml's scanner, which reads ahead, has a limit of its own (1,000 levels) and
        # may reach it before _check_events sees the first of those brackets.
        return _too_deep(where)
    return message("{place}: not valid YAML: {problem}", place=where, problem=one_line(str(problem)))


def dump(value: object) -> str:
    """Write a value in block style, in its own order."""
    return str(yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=10_000))


def changed(text: str, key: str, value: object) -> str | None:
    """Put a new value of a top-level key in place of the old one, or append the key to the end.

    The value's own span in the text is replaced, so that comments and order survive.

    Returns:
        The new text; None where the file's shape (a flow mapping on one line, say) defeats this.
    """
    whole = parse_yaml(text, "").value or {}
    new = _replaced(text, key, value)
    try:
        same = isinstance(whole, dict) and parse_yaml(new, "").value == {**whole, key: value}
    except YamlError:
        return None
    return new if same else None


def _replaced(text: str, key: str, value: object) -> str:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    lines = dump({key: value})
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    for name, node in pairs:
        if name.value != key:
            continue
        start, end = node.start_mark.index, node.end_mark.index
        if isinstance(node, yaml.ScalarNode) and not isinstance(value, dict | list):
            scalar = lines.removeprefix(f"{key}:").strip()
            gap = "" if text[start - 1 : start] in (" ", "\t") else " "
            # A block scalar's span swallows the line end, which has to stay.
            tail = "\n" if node.style in ("|", ">") else ""
            return text[:start] + gap + scalar + tail + text[end:]
        body = text[name.start_mark.index : end]
        kept = len(_without_trailing_comments(body))
        return text[: name.start_mark.index] + lines.rstrip("\n") + text[name.start_mark.index + kept :]
    joint = "" if not text or text.endswith("\n") else "\n"
    return text + joint + lines


def _without_trailing_comments(body: str) -> str:
    lines = body.split("\n")
    while len(lines) > 1 and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
        lines.pop()
    return "\n".join(lines)
