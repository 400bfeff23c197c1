"""Inspects a model before it is loaded: is it whole, safe to load, and what is in it.

A source is a Hugging Face folder from anywhere. `config.json` can name code to run (CVE-2026-4372 and its
kind, engine-safety E3) and a weight file can be cut short; each fault becomes one clear line before torch
reads a byte. Free of torch: the model catalogue in the interface process uses it, too.
"""

from __future__ import annotations

import json
import math
import os
import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aigc_tui.message import AppError
from aigc_tui.message import Message as UserMessage
from aigc_tui.text import one_line

MAX_JSON = 64 * 2**20
"""Bytes of the largest JSON file read (tokenizers with big vocabularies are some 30 MB)."""
MAX_CONFIG = 2**20
MAX_TEMPLATE = 2**20
"""Bytes of the largest chat template read; the longest in use have some 20,000."""
MAX_HEADER = 100 * 2**20
"""Bytes of the largest safetensors header, as safetensors itself allows."""

PREPARED = "prepared.json"
"""What a folder that was made from a GGUF file says of its origin."""
_PACKED_TYPE = re.compile(r"\b(int4|int8|bf16)\b")
_PACKED = "packed-*.safetensors"
_SHARD = re.compile(r".+-\d+-of-\d+\.safetensors")

DTYPE_BYTES = {
    "F64": 8,
    "I64": 8,
    "U64": 8,
    "F32": 4,
    "I32": 4,
    "U32": 4,
    "F16": 2,
    "BF16": 2,
    "I16": 2,
    "U16": 2,
}
"""Bytes of one number; every other safetensors type takes one."""


class ModelError(AppError):
    """A model cannot be found, read, loaded or added.

    Args:
        template: See `AppError`.
        **values: Made harmless here, since names and reasons come from strangers' files.
    """

    def __init__(self, template: str | UserMessage, /, **values: object) -> None:
        super().__init__(template, **{name: _harmless(value) for name, value in values.items()})


class MissingModelError(ModelError):
    """There is no such model, or no such adapter."""


class BrokenModelError(ModelError):
    """A model's files are damaged, incomplete, unsafe or of a kind that cannot be run."""


class NoChatTemplateError(ModelError):
    """A model has no chat template, so it cannot chat."""


def _harmless(value: object) -> object:
    if isinstance(value, AppError | UserMessage | int | float):
        return value
    if isinstance(value, tuple):
        return tuple(_harmless(each) for each in value)
    return one_line(str(value) or type(value).__name__, 300)


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """One tensor as a safetensors header tells it."""

    name: str
    dtype: str
    shape: tuple[int, ...]

    @property
    def count(self) -> int:
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """How many bytes it takes on disk."""
        return self.count * DTYPE_BYTES.get(self.dtype, 1)


@dataclass(frozen=True, slots=True)
class ModelSource:
    """A folder that passed the checks: its configuration and the headers of its weights."""

    path: Path
    config: Mapping[str, Any]
    weights: tuple[Path, ...]
    tensors: tuple[TensorInfo, ...]
    prepared: Mapping[str, Any] | None = None
    """What `PREPARED` says; None: the folder holds plain weights."""

    @property
    def architecture(self) -> str:
        """The architecture's name, for example ``LlamaForCausalLM``."""
        names = self.config.get("architectures")
        first = names[0] if isinstance(names, list) and names else self.config.get("model_type", "")
        return one_line(str(first), 80)

    @property
    def parameters(self) -> int:
        if self.is_packed and self.prepared is not None:
            return int(self.prepared["parameters"])
        return sum(tensor.count for tensor in self.tensors)

    @property
    def quantisation(self) -> str:
        """How packed weights are quantised, e.g. `int4`; empty where they are plain."""
        scheme = str((self.prepared or {}).get("scheme", "")) if self.is_packed else ""
        # The type of the blocks stands first, e.g. `Scheme(blocks='int4', head='int8', sensitive=())`.
        found = _PACKED_TYPE.search(scheme)
        return found[0] if found else ""

    @property
    def is_packed(self) -> bool:
        """Whether the weights are quantised and packed for our own Transformer (`transformer.packed`)."""
        return bool(self.weights) and self.weights[0].match(_PACKED)

    @property
    def context(self) -> int:
        """The longest sequence that the model was made for, in tokens; 0 when the folder does not say."""
        for key in ("max_position_embeddings", "n_positions", "max_seq_len", "seq_length", "n_ctx"):
            value = self.text_config.get(key)
            if isinstance(value, int) and value > 0:
                return value
        return 0

    @property
    def text_config(self) -> Mapping[str, Any]:
        nested = self.config.get("text_config")
        return nested if isinstance(nested, dict) else self.config

    @property
    def size_bytes(self) -> int:
        return sum(path.stat().st_size for path in self.weights)


def read_json(path: Path, limit: int = MAX_JSON) -> dict[str, Any]:
    """Read a JSON object under caps of size and depth.

    Raises:
        ModelError: The file is missing, too large, or not a JSON object.
    """
    where, data = one_line(path.name, 80), read_limited(path, limit)
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BrokenModelError("{file} is not valid JSON ({reason})", file=where, reason=error) from error
    if not isinstance(value, dict):
        raise BrokenModelError("{file} must hold a JSON object", file=where)
    return value


def read_limited(path: Path, limit: int = MAX_JSON) -> bytes:
    """Read a file under a cap of size.

    Raises:
        ModelError: The file is missing or too large.
    """
    where = one_line(path.name, 80)
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise BrokenModelError("cannot read {file}: {reason}", file=where, reason=error.strerror) from error
    if len(data) > limit:
        raise BrokenModelError("{file} is larger than {megabytes} MB", file=where, megabytes=limit // 2**20)
    return data


def inspect_source(path: Path) -> ModelSource:
    """Check a folder as far as is possible without loading it.

    Args:
        path: The folder.

    Returns:
        What is in it.

    Raises:
        ModelError: One line: what is wrong and what would be right.
    """
    if not path.is_dir():
        raise MissingModelError("there is no model folder at {path}", path=path)
    config = check_config(path)
    weights = _weight_files(path)
    tensors = tuple(t for file in weights for t in read_header(file))
    return ModelSource(path, config, weights, tensors, _prepared(path))


def _prepared(path: Path) -> dict[str, Any] | None:
    if not (path / PREPARED).is_file():
        return None
    found = read_json(path / PREPARED, MAX_CONFIG)
    count = found.get("parameters")
    if not isinstance(count, int) or isinstance(count, bool) or count <= 0:
        raise BrokenModelError("{file} names no number of parameters; add the model again", file=PREPARED)
    return found


def check_config(path: Path) -> dict[str, Any]:
    """Read a folder's `config.json` and refuse one that names code.

    Raises:
        BrokenModelError: With what is wrong.
    """
    if not (path / "config.json").is_file():
        raise BrokenModelError(
            "{path} has no config.json; a model folder in Hugging Face's format is needed", path=path
        )
    config = read_json(path / "config.json", MAX_CONFIG)
    _refuse_code(config)
    return config


def template_source(path: Path) -> str | None:
    """Read the chat template of a model folder, from any of the places where one may stand.

    Returns:
        Its text; None: there is none.

    Raises:
        BrokenModelError: A file of it is too large or unreadable.
    """
    file = path / "chat_template.jinja"
    if file.is_file():
        return _read_template(file)
    for name in ("chat_template.json", "tokenizer_config.json"):
        found = read_json(path / name).get("chat_template") if (path / name).is_file() else None
        if isinstance(found, list):
            named = {str(item.get("name")): item.get("template") for item in found if isinstance(item, dict)}
            found = named.get("default")
        if isinstance(found, str):
            return found
    return None


def _read_template(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            data = opened.read(MAX_TEMPLATE + 1)
    except OSError as error:
        raise BrokenModelError(
            "cannot read {file}: {reason}", file=file.name, reason=error.strerror
        ) from error
    if len(data) > MAX_TEMPLATE:
        raise BrokenModelError(
            "{file} is larger than {megabytes} MB", file=file.name, megabytes=MAX_TEMPLATE // 2**20
        )
    return data.decode("utf-8", errors="replace")


def _refuse_code(config: Mapping[str, Any]) -> None:
    """Refuse configurations that name code or set transformers' internal switches (engine-safety E3)."""
    for key, value in config.items():
        if key == "auto_map" or (key.startswith(("_attn_", "_experts_")) and key.endswith("internal")):
            raise BrokenModelError(
                "config.json sets {key}, which can run foreign code; such models are refused", key=key
            )
        if isinstance(value, dict):
            _refuse_code(value)


def _weight_files(path: Path) -> tuple[Path, ...]:
    files = tuple(sorted(path.glob("*.safetensors")))
    index = path / "model.safetensors.index.json"
    if index.is_file():
        return _indexed(path, index)
    if packed := tuple(sorted(path.glob(_PACKED))):
        return packed
    single = path / "model.safetensors"
    if single in files:
        return (single,)
    if (path / "adapter_config.json").is_file():
        raise BrokenModelError(
            "{path} is a LoRA adapter, not a whole model; add the model that it was trained on", path=path
        )
    if any(next(path.glob(pattern), None) for pattern in ("*.bin", "*.pt", "*.pth")):
        raise BrokenModelError(
            "{path} holds only pickled weights (.bin, .pt), which can run code when opened; "
            "get a safetensors version",
            path=path,
        )
    if any(_SHARD.fullmatch(file.name) for file in files):
        raise BrokenModelError(
            "{path} has weights in several files but no model.safetensors.index.json, which says what is in "
            "each; copy or pull the model again",
            path=path,
        )
    raise BrokenModelError("{path} has no model.safetensors with weights", path=path)


def _indexed(path: Path, index: Path) -> tuple[Path, ...]:
    mapping = read_json(index).get("weight_map")
    names = sorted({str(name) for name in mapping.values()}) if isinstance(mapping, dict) else []
    if not names:
        raise BrokenModelError("{file} has no weight_map", file=index.name)
    for name in names:
        if os.sep in name or "/" in name or name.startswith(".") or not name.endswith(".safetensors"):
            raise BrokenModelError(
                "{file} names {name!r}, which is no safetensors file of the folder",
                file=index.name,
                name=name,
            )
        if not (path / name).is_file():
            raise BrokenModelError(
                "{path} lacks {name}, which {file} names; copy or pull the model again",
                path=path,
                name=name,
                file=index.name,
            )
    return tuple(path / name for name in names)


def read_header(path: Path) -> tuple[TensorInfo, ...]:
    """Read the header of a safetensors file and check that the file is as long as it says.

    Raises:
        ModelError: The header is malformed, too large, or the file was cut short.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(8)
            length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
            if not 0 < length <= min(MAX_HEADER, size):
                raise BrokenModelError(
                    "{file} is not a complete safetensors file; copy or pull the model again", file=path.name
                )
            header = json.loads(file.read(length))
        infos, ends = zip(*_entries(header), strict=True)
    except (OSError, ValueError, RecursionError, TypeError, LookupError, AttributeError) as error:
        raise BrokenModelError(
            "{file} cannot be read as safetensors ({reason})", file=path.name, reason=error
        ) from error
    if size < 8 + length + max(ends):
        missing = 8 + length + max(ends) - size
        raise BrokenModelError(
            "{file} is cut short by {missing:,} bytes; copy or pull the model again",
            file=path.name,
            missing=missing,
        )
    return infos


def _entries(header: Mapping[str, Any]) -> Iterator[tuple[TensorInfo, int]]:
    for name, entry in header.items():
        if name != "__metadata__":
            shape = tuple(int(size) for size in entry["shape"])
            yield TensorInfo(one_line(name, 200), str(entry["dtype"]), shape), int(entry["data_offsets"][1])
