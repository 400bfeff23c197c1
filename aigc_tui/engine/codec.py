"""Protocol messages to one JSON line and back, strictly.

Why it exists: the two sides of the pipe are separate programs, and a side that guesses at a line it does not
understand hides the bug that wrote it. The type hints of the protocol's data classes are the schema; nothing
is declared twice. Lines are ASCII, so that a lone surrogate in a message cannot break the pipe.
"""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from aigc_tui.engine.protocol import (
    Delta,
    Done,
    Failed,
    Fitted,
    GenerateRequest,
    Progress,
    Scored,
    ScoreRequest,
)

MAX_LINE = 64 * 2**20
"""Bytes of the longest line either side reads: a long history fits, a runaway does not."""


class ProtocolError(ValueError):
    """A line on the pipe is not a message of the protocol."""


@dataclass(frozen=True, slots=True)
class StopRequest:
    """Ask the worker to stop a request, whether it runs or waits."""

    id: str


@dataclass(frozen=True, slots=True)
class Ready:
    """The worker reads requests from now on."""

    pid: int


Message = (
    GenerateRequest | ScoreRequest | StopRequest | Ready | Progress | Fitted | Delta | Scored | Done | Failed
)
_TYPES: dict[str, type[Message]] = {kind.__name__: kind for kind in get_args(Message)}


def encode(message: Message) -> bytes:
    """Write a message as one line, newline included.

    Raises:
        ProtocolError: A value is not finite, or of a type that JSON lacks.
    """
    body = {"type": type(message).__name__, **_plain(message)}
    try:
        return json.dumps(body, allow_nan=False, separators=(",", ":")).encode("ascii") + b"\n"
    except (TypeError, ValueError) as error:
        raise ProtocolError(f"cannot write a {type(message).__name__}: {error}") from error


def decode(line: bytes) -> Message:
    """Read a message from one line.

    Raises:
        ProtocolError: The line is not JSON, or has an unknown tag, a missing, unknown or wrongly typed field.
    """
    try:
        body = json.loads(line, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"not a line of JSON: {error}") from error
    if not isinstance(body, dict):
        raise ProtocolError("a message must be a JSON object")
    tag = body.pop("type", None)
    kind = _TYPES.get(tag) if isinstance(tag, str) else None
    if kind is None:
        raise ProtocolError(f"unknown message type {tag!r}")
    message: Message = _object(kind, body, tag)
    return message


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number")


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


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
    if get_origin(hint) in (Union, types.UnionType):
        return None if value is None else _value(get_args(hint)[0], value, where)
    if get_origin(hint) is tuple:
        return _list(get_args(hint)[0], value, where)
    if is_dataclass(hint):
        return _object(hint, value, where)  # type: ignore[arg-type]
    return _scalar(hint, value, where)


def _list(item: Any, value: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise ProtocolError(f"{where} must be a list")
    return tuple(_value(item, element, where) for element in value)


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
    return float(value) if hint is float else value
