"""The catalogue of models that can be had: data/models/catalogue.yaml, and the user's own beside it.

Every entry pins one file by its SHA-256 and says how that hash is known, so that it does not matter which
source the bytes come from.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from aigc_tui.config import ConfigError, Paths, shipped
from aigc_tui.config.sampling import BY_NAME
from aigc_tui.engine.package_index import MAX_PARTS, Part, parse_part
from aigc_tui.engine.transfer import RefusedError, RemoteFile
from aigc_tui.message import Message, message

MAX_MODELS = 500
_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
_FILE = re.compile(r"[A-Za-z0-9][\w.-]{0,200}\.gguf", re.ASCII)
_COMMIT = re.compile(r"[0-9a-f]{40}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,4})?")

MEGABYTE = 10**6
WORK_BYTES = 600 * MEGABYTE
"""Memory beside the weights: the program with torch, some 350 MB, and the buffers of a prompt."""
CACHE_SHARE = 0.25
"""Keys and values of 4,096 tokens, and scales of the packed weights, as a share of the file: at most 0.2 for
the models listed."""


@dataclass(frozen=True, slots=True)
class HubSource:
    """The file in its repository on the hub, at the pinned revision."""

    repository: str
    revision: str
    file: str

    kind = "hub"

    def __str__(self) -> str:
        return f"{self.repository}@{self.revision[:12]}"


@dataclass(frozen=True, slots=True)
class IndexSource:
    """The file in wheels of the package index, joined in order."""

    parts: tuple[Part, ...]

    kind = "index"

    def __str__(self) -> str:
        return ",".join(map(str, self.parts))


Source = HubSource | IndexSource


@dataclass(frozen=True, slots=True)
class CatalogueModel:
    """A model that can be pulled by its id."""

    id: str
    name: str
    repository: str
    revision: str
    file: str
    size: int
    """Bytes."""
    sha256: str
    known_by: str
    """How the hash is known: from which records, or from the file itself."""
    parameters: int
    licence: str
    languages: tuple[str, ...]
    """Codes; those that it was mainly made for first."""
    context: int
    """Tokens."""
    sources: tuple[Source, ...]
    """Where the file is had, in the order in which they are tried."""
    sampling: Mapping[str, float] = field(default_factory=dict)
    """How its makers recommend to sample it."""
    licence_note: str = ""
    """What must be known of the terms before using it."""

    @property
    def memory(self) -> int:
        """Bytes of memory that it needs; see `memory_of`."""
        return memory_of(self.size)

    @property
    def remote(self) -> RemoteFile:
        return RemoteFile(self.file, self.size, sha256=self.sha256)


def memory_of(size: int) -> int:
    """Estimate the memory that a model's file needs: it and a quarter of it, and 600 MB for the program.

    Args:
        size: The file's bytes.
    """
    return math.ceil(size * (1 + CACHE_SHARE)) + WORK_BYTES


def size_words(number: int) -> str:
    """Write a number of bytes as people read it: `491 MB`, `1.3 GB`."""
    return f"{number / 10**9:.1f} GB" if number >= 10**9 else f"{number / 10**6:.0f} MB"


def load_catalogue(paths: Paths) -> Sequence[CatalogueModel]:
    """Read the shipped catalogue and the user's own (``<home>/catalogue.yaml``), whose entries win.

    Raises:
        ConfigError: A file of them is wrong; the message names file, line and field.
    """
    found = {one.id: one for one in read_catalogue(shipped("data") / "models" / "catalogue.yaml")}
    own = paths.home / "catalogue.yaml"
    if own.is_file():
        found |= {one.id: one for one in read_catalogue(own)}
    return tuple(found.values())


def read_catalogue(path: Path) -> Sequence[CatalogueModel]:
    """Read one catalogue file.

    Raises:
        ConfigError: One line with file, line, field, and what would be right.
    """
    # Imported here, with its parser: a menu without the catalogue need not pay for it.
    from aigc_tui.config.yaml_file import read_yaml

    file = read_yaml(path)
    body = file.value if isinstance(file.value, dict) else {}
    models = body.get("models")
    if not isinstance(models, list) or len(models) > MAX_MODELS or len(body) > 1:
        raise ConfigError("{place}: a catalogue is a list of models under the key `models`", place=file.at())
    found: dict[str, CatalogueModel] = {}
    for index, raw in enumerate(models):
        try:
            one = _read_model(raw)
        except _FieldError as problem:
            raise ConfigError(
                "{place}: {field}: {problem}",
                place=file.at("models", index, *problem.place),
                field=problem.place[0] if problem.place else "models",
                problem=problem.right,
            ) from problem
        if one.id in found:
            raise ConfigError(
                "{place}: there is a model {id} already", place=file.at("models", index, "id"), id=one.id
            )
        found[one.id] = one
    return tuple(found.values())


class _FieldError(Exception):
    """A field is wrong."""

    def __init__(self, right: Message, *place: str | int) -> None:
        super().__init__(str(right))
        self.right, self.place = right, place


_OPTIONAL = ("sampling", "licence_note")
_READERS: dict[str, tuple[Callable[[Any], bool], Message]] = {}


def _text(limit: int) -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, str) and 0 < len(value.strip()) <= limit and "\n" not in value.strip()
    )


def _matching(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None and ".." not in value


def _whole(most: int) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and 0 < value <= most


_READERS.update(
    id=(_matching(_ID), message("must be small letters, digits, dots and dashes")),
    name=(_text(80), message("must be a short text")),
    repository=(_matching(_REPOSITORY), message("must be owner/name")),
    revision=(_matching(_COMMIT), message("must be a commit of 40 hexadecimal digits")),
    file=(_matching(_FILE), message("must be the name of a .gguf file")),
    size=(_whole(10**13), message("must be a number of bytes")),
    sha256=(_matching(_DIGEST), message("must be 64 hexadecimal digits, in quotes")),
    known_by=(_text(400), message("must say how the hash is known")),
    parameters=(_whole(10**13), message("must be a number above 0")),
    licence=(_text(80), message("must be a short text")),
    licence_note=(_text(400), message("must be a short text")),
    context=(_whole(10**8), message("must be a number of tokens")),
)


def _read_model(raw: object) -> CatalogueModel:
    if not isinstance(raw, dict):
        raise _FieldError(message("must be a mapping"))
    known = [each.name for each in fields(CatalogueModel)]
    for key in raw:
        if key not in known:
            raise _FieldError(message("is no field; known: {names}", names=tuple(known)), str(key))
    for key in known:
        if key not in raw and key not in _OPTIONAL:
            raise _FieldError(message("is missing"), key)
    for key, (right, problem) in _READERS.items():
        if key in raw and not right(raw[key]):
            raise _FieldError(problem, key)
    values: dict[str, Any] = {key: raw[key] for key in _READERS if key in raw}
    return CatalogueModel(
        **values,
        languages=_languages(raw["languages"]),
        sampling=_sampling(raw.get("sampling", {})),
        sources=_sources(raw["sources"], raw),
    )


def _languages(raw: object) -> tuple[str, ...]:
    fine = isinstance(raw, list) and 0 < len(raw) <= 200 and all(map(_matching(_LANGUAGE), raw))
    if not fine:
        raise _FieldError(message("must be a list of language codes such as en, zh"), "languages")
    return tuple(raw)  # type: ignore[arg-type]


def _sampling(raw: object) -> dict[str, float]:
    if not isinstance(raw, dict):
        raise _FieldError(message("must be a mapping"), "sampling")
    for name, value in raw.items():
        parameter = BY_NAME.get(name)
        if parameter is None:
            raise _FieldError(message("is no sampling parameter"), "sampling", str(name))
        least, most = parameter.range
        if type(value) not in (int, float) or not least <= value <= most or (parameter.whole and value % 1):
            raise _FieldError(
                message("must be a number from {least} to {most}", least=least, most=most), "sampling", name
            )
    return dict(raw)


def _sources(raw: object, model: Mapping[str, Any]) -> tuple[Source, ...]:
    if not isinstance(raw, list) or not 0 < len(raw) <= 8:
        raise _FieldError(message("must list where the file is had"), "sources")
    return tuple(_source(each, index, model) for index, each in enumerate(raw))


def _source(raw: object, index: int, model: Mapping[str, Any]) -> Source:
    """Read `hub`, or ``index: [{package: NAME==VERSION, path: FILE}, ...]``."""
    if raw == "hub":
        return HubSource(model["repository"], model["revision"], model["file"])
    parts = raw.get("index") if isinstance(raw, dict) and set(raw) == {"index"} else None
    right = message("must be `hub`, or `index` with a list of package and path")
    if not isinstance(parts, list) or not 0 < len(parts) <= MAX_PARTS:
        raise _FieldError(right, "sources", index)
    found: list[Part] = []
    for each in parts:
        if not isinstance(each, dict) or set(each) != {"package", "path"} or not _text(300)(each["path"]):
            raise _FieldError(right, "sources", index)
        try:
            found.append(parse_part(str(each["package"]), each["path"]))
        except RefusedError as error:
            raise _FieldError(error.message, "sources", index) from error
    return IndexSource(tuple(found))
