"""Data classes to one line of JSON and back, strictly.

Two sides of a pipe are separate programs, and a side that guesses at a line it does not understand hides the
bug that wrote it. The type hints of the data classes are the schema; nothing is declared twice. Lines are
ASCII, so that a lone surrogate in a text cannot break the pipe.
"""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

from aigc_tui.message import Message
from aigc_tui.text import clean

MAX_LINE = 64 * 2**20
"""Bytes of the longest line either side reads: a long history fits, a runaway does not."""

T = TypeVar("T")


class ProtocolError(ValueError):
    """A line on the pipe is not a message of the protocol."""


class Codec(Generic[T]):
    """Writes and reads messages of several types, told apart by their class's name.

    Args:
        kinds: The data classes.
        finite: Whether NaN and infinity are refused. A loss may be one, a temperature may not.
    """

    def __init__(self, *kinds: type[T], finite: bool = True) -> None:
        self._kinds = {kind.__name__: kind for kind in kinds}
        self._finite = finite

    def encode(self, message: T) -> bytes:
        """Write a message as one line, newline included.

        Raises:
            ProtocolError: A value is not finite, or of a type that JSON lacks.
        """
        body = {"type": type(message).__name__, **to_plain(message)}
        try:
            return json.dumps(body, allow_nan=not self._finite, separators=(",", ":")).encode("ascii") + b"\n"
        except (TypeError, ValueError) as error:
            raise ProtocolError(f"cannot write a {type(message).__name__}: {error}") from error

    def decode(self, line: bytes) -> T:
        """Read a message from one line.

        Raises:
            ProtocolError: The line is not JSON, or has an unknown tag, a missing, unknown or wrongly typed
                field.
        """
        try:
            body = json.loads(line, parse_constant=_no_constant if self._finite else None)
        except (ValueError, RecursionError) as error:
            raise ProtocolError(f"not a line of JSON: {error}") from error
        if not isinstance(body, dict):
            raise ProtocolError("a message must be a JSON object")
        tag = body.pop("type", None)
        kind = self._kinds.get(tag) if isinstance(tag, str) else None
        if kind is None:
            raise ProtocolError(f"unknown message type {tag!r}")
        return from_plain(kind, body)


def to_plain(value: Any) -> Any:
    """Turn data classes and tuples, however nested, into dictionaries and lists."""
    if isinstance(value, Message):
        return value.to_json()
    if is_dataclass(value):
        return {item.name: to_plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        return {key: to_plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    return value


def from_plain(kind: type[T], body: Any) -> T:
    """Build a data class from what `to_plain` made of one.

    Raises:
        ProtocolError: A field is missing, unknown or wrongly typed.
    """
    found: T = _object(kind, body, kind.__name__)
    return found


def safe_message(found: Message) -> Message:
    """Clean a message from another process, whose values may come from a stranger's file."""
    return Message(clean(found.template), {name: _safe(value) for name, value in found.values.items()})


def _safe(value: object) -> object:
    if isinstance(value, Message):
        return safe_message(value)
    if isinstance(value, list | tuple):
        return tuple(map(_safe, value))
    return clean(value) if isinstance(value, str) else value


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number")


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _object(kind: type, body: Any, where: str) -> Any:
    if not isinstance(body, dict):
        raise ProtocolError(f"{where} must be an object")
    hints = _hints(kind)
    if unknown := body.keys() - hints.keys():
        raise ProtocolError(f"{where} has no field {min(unknown)!r}")
    values = {name: _value(hints[name], value, f"{where}.{name}") for name, value in body.items()}
    try:
        return kind(**values)
    except TypeError as error:
        raise ProtocolError(f"{where}: {error}") from error


def _value(hint: Any, value: Any, where: str) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in (Any, object):
        return value
    if origin in (Union, types.UnionType):
        return None if value is None else _value(arguments[0], value, where)
    if origin is tuple:
        return _tuple(arguments, value, where)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        if not isinstance(value, dict):
            raise ProtocolError(f"{where} must be an object")
        return {str(key): _value(arguments[1], item, f"{where}.{key}") for key, item in value.items()}
    if hint is Message:
        return safe_message(Message.from_json(value))
    if is_dataclass(hint):
        return _object(hint, value, where)  # type: ignore[arg-type]
    return _scalar(hint, value, where)


def _tuple(items: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise ProtocolError(f"{where} must be a list")
    if items[-1] is Ellipsis:
        return tuple(_value(items[0], element, where) for element in value)
    if len(items) != len(value):
        raise ProtocolError(f"{where} must have {len(items)} elements")
    return tuple(_value(item, element, where) for item, element in zip(items, value, strict=True))


_CHECKS: dict[type, Callable[[Any], bool]] = {
    bool: lambda value: isinstance(value, bool),
    int: lambda value: isinstance(value, int) and not isinstance(value, bool),
    float: lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    str: lambda value: isinstance(value, str),
}


def _scalar(hint: type, value: Any, where: str) -> Any:
    if issubclass(hint, StrEnum):
        try:
            return hint(value)
        except ValueError:
            raise ProtocolError(f"{where} must be one of {', '.join(hint)}, not {value!r}") from None
    if not _CHECKS[hint](value):
        raise ProtocolError(f"{where} must be of type {hint.__name__}")
    # A whole number stays one where any number is allowed: top_k travels among sampling settings, and torch
    # takes no float for it.
    return value
