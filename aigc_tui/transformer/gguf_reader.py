"""Reads the header of a GGUF file, and its tensors by memory map.

The `gguf` package has a reader, too, but it trusts every count and takes seconds for a large vocabulary. This
one checks each number against caps and against the bytes that are left before it takes memory for it. What a
tensor type means (block sizes, dequantisation) is still the package's business; it is imported when needed.
Format: ggml-org/ggml, docs/gguf.md, versions 2 and 3, little endian.
"""

from __future__ import annotations

import math
import mmap
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from aigc_tui.message import AppError, Message, message, reason_of
from aigc_tui.text import one_line

Bytes = npt.NDArray[np.uint8]

MAX_METADATA = 4_096
"""Entries of metadata; files have some 30."""
MAX_TENSORS = 65_536
MAX_NAME = 512
"""Bytes of a key or of a tensor's name; ggml itself allows 64 for the latter."""
MAX_STRING = 2**20
"""Bytes of a string; the longest in use, chat templates, have some 20,000."""
MAX_ARRAY = 2**21
"""Entries of an array; the largest vocabularies have 262,144."""
MAX_ENTRIES = 2**22
"""Entries of all arrays together, which bounds the memory that they take."""
MAX_HEADER = 2**28
"""Bytes of all that stands before the tensors."""
_MAX_AXES = 4
_MAX_ALIGNMENT = 2**16
_PIECE = 2**18
"""Numbers dequantised at a time: few enough to stay in the processor's cache."""

_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
"""Codes of metadata types to letters of `struct`, which are numpy's, too."""
_STRING, _ARRAY = 8, 9
_LEAST_ENTRY = 8 + 1 + 4 + 1
_LEAST_TENSOR = 8 + 1 + 4 + 8 + 4 + 8


class GgufError(AppError):
    """A GGUF file cannot be used; one line says why.

    Args:
        template: See `AppError`.
        **values: Made harmless here: names in the file are a stranger's.
    """

    def __init__(self, template: str | Message, /, **values: object) -> None:
        super().__init__(template, **{name: _harmless(value) for name, value in values.items()})


def _harmless(value: object) -> object:
    if isinstance(value, AppError | Message | int | float):
        return value
    if isinstance(value, tuple):
        return tuple(_harmless(each) for each in value)
    return one_line(value.name if isinstance(value, Path) else str(value))


@dataclass(frozen=True, slots=True)
class GgufTensor:
    """One tensor as the header tells it.

    Args:
        name: Its name, cleaned.
        kind: Its type, such as ``Q4_K`` or ``F32``.
        shape: In torch's order: rows, columns; a vector has one axis.
        offset: Where its bytes begin in the file.
        nbytes: How many there are.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    offset: int
    nbytes: int

    @property
    def rows(self) -> int:
        """How many rows it has; a vector has one. Blocks of quantised numbers never span two rows."""
        return math.prod(self.shape[:-1])


@dataclass(frozen=True, slots=True)
class GgufFile:
    """An opened GGUF file.

    Args:
        path: The file.
        metadata: Values by key: numbers, strings, and lists of them.
        tensors: By name.
        data: The whole file, mapped into memory.
    """

    path: Path
    metadata: Mapping[str, object]
    tensors: Mapping[str, GgufTensor]
    data: Bytes

    def raw(self, tensor: GgufTensor) -> Bytes:
        """Return a tensor's bytes as they lie in the file, (rows, bytes a row), without a copy."""
        return self.data[tensor.offset : tensor.offset + tensor.nbytes].reshape(tensor.rows, -1)

    def dequantised(self, tensor: GgufTensor, rows: slice | None = None) -> Tensor:
        """Return a tensor's numbers in float32.

        Args:
            tensor: The tensor.
            rows: Which rows; only of a matrix. None: all.

        Returns:
            The tensor's shape, with fewer rows if so asked.
        """
        from gguf.constants import GGMLQuantizationType
        from gguf.quants import dequantize

        raw, kind = self.raw(tensor), GGMLQuantizationType[tensor.kind]
        if rows is not None:
            raw = raw[rows]
        found = torch.empty(raw.shape[0], tensor.shape[-1], dtype=torch.float32)
        step = max(_PIECE // tensor.shape[-1], 1)
        for first in range(0, raw.shape[0], step):
            # As one long row: the package takes 16 rows at a time, three times slower where they are short.
            piece = np.ascontiguousarray(raw[first : first + step]).reshape(1, -1)
            # A file may hold infinite scales; whoever fills a model looks for numbers that are not finite.
            with np.errstate(all="ignore"):
                numbers = np.require(dequantize(piece, kind), np.float32, "W")
            found[first : first + step] = torch.from_numpy(numbers).view(-1, tensor.shape[-1])
        return found.view(-1, *tensor.shape[1:]) if len(tensor.shape) > 1 else found.view(-1)


def open_gguf(path: Path) -> GgufFile:
    """Read and check the header of a GGUF file and map its tensors.

    Raises:
        GgufError: The file cannot be read, is damaged, or holds a tensor of a type that is not known.
    """
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
            header = _Header(path, view)
            metadata, tensors = header.read()
        data = np.memmap(path, dtype=np.uint8, mode="r")
    except OSError as error:
        raise GgufError("cannot read {path}: {reason}", path=path, reason=reason_of(error)) from None
    except ValueError:  # an empty file cannot be mapped
        raise GgufError("{path} is empty", path=path) from None
    _require_readable(path, tensors)
    return GgufFile(path, metadata, tensors, data)


class _Header:
    """A place in the header that moves on as it is read."""

    def __init__(self, path: Path, view: mmap.mmap) -> None:
        self._path, self._view, self._at = path, view, 0
        self._end = min(len(view), MAX_HEADER)
        self._entries = MAX_ENTRIES

    def read(self) -> tuple[dict[str, object], dict[str, GgufTensor]]:
        if self._view[:4] != b"GGUF":
            raise GgufError("{path} is not a GGUF file", path=self._path)
        self._at = 4
        version = self._number("I")
        if version not in (2, 3):
            if version in (2 << 24, 3 << 24):
                raise GgufError(
                    "{path} is a big-endian GGUF file; only little-endian ones can be read", path=self._path
                )
            raise GgufError(
                "{path} is GGUF version {version}; versions 2 and 3 can be read",
                path=self._path,
                version=version,
            )
        tensors = self._count(self._number("Q"), 0, MAX_TENSORS, message("tensors"))
        entries = self._count(self._number("Q"), _LEAST_ENTRY, MAX_METADATA, message("metadata entries"))
        metadata: dict[str, object] = {}
        for _ in range(entries):
            key = self._name()
            if key in metadata:
                raise GgufError("{path} holds {name!r} twice", path=self._path, name=key)
            metadata[key] = self._value(key)
        self._count(tensors, _LEAST_TENSOR, MAX_TENSORS, message("tensors"))
        listed = [self._tensor() for _ in range(tensors)]
        return metadata, self._placed(listed, self._alignment(metadata))

    def _damaged(self, what: Message) -> GgufError:
        return GgufError("{path} is damaged or cut short ({what})", path=self._path, what=what)

    def _count(self, count: int, least: int, most: int, what: Message) -> int:
        """Check a count against its cap and the bytes that so many things take at least."""
        if count > most or count * least > self._end - self._at:
            raise GgufError(
                "{path} claims to hold {count} {what}, more than can be",
                path=self._path,
                count=count,
                what=what,
            )
        return count

    def _take(self, size: int) -> bytes:
        if size > self._end - self._at:
            raise self._damaged(message("the header ends early"))
        self._at += size
        return self._view[self._at - size : self._at]

    def _number(self, letter: str) -> Any:
        return struct.unpack("<" + letter, self._take(struct.calcsize("<" + letter)))[0]

    def _text(self, most: int = MAX_STRING) -> str:
        size = self._count(self._number("Q"), 1, most, message("bytes in a string"))
        return self._take(size).decode("utf-8", errors="replace")

    def _name(self) -> str:
        name = self._text(MAX_NAME)
        if not name or one_line(name, MAX_NAME) != name:
            raise GgufError("{path} holds a name that is not printable: {name!r}", path=self._path, name=name)
        return name

    def _value(self, key: str) -> object:
        code = self._number("I")
        if code == _STRING:
            return self._text()
        if code != _ARRAY:
            return self._number(self._letter(code, key))
        code = self._number("I")
        if code == _STRING:
            return self._texts(self._array(8, message("strings in arrays")))
        # Arrays of arrays are in the format, and in no file: ggml refuses them, too.
        kind = np.dtype("<" + self._letter(code, key))
        count = self._array(kind.itemsize, message("numbers in arrays"))
        return np.frombuffer(self._take(count * kind.itemsize), kind).tolist()

    def _array(self, least: int, what: Message) -> int:
        count = self._count(self._number("Q"), least, min(MAX_ARRAY, self._entries), what)
        self._entries -= count
        return count

    def _letter(self, code: int, key: str) -> str:
        if code not in _SCALARS:
            raise GgufError(
                "{path}: {name!r} has a value of the unknown type {code}",
                path=self._path,
                name=key,
                code=code,
            )
        return _SCALARS[code]

    def _texts(self, count: int) -> list[str]:
        """Read many strings: the hot loop of a large vocabulary, so without a call for each."""
        view, at, end = self._view, self._at, self._end
        length = struct.Struct("<Q").unpack_from
        found = []
        for _ in range(count):
            if at + 8 > end:
                raise self._damaged(message("the header ends early"))
            begin = at + 8
            at = begin + length(view, at)[0]
            if at > end or at - begin > MAX_STRING:
                raise self._damaged(message("a string is longer than the header"))
            found.append(view[begin:at].decode("utf-8", "replace"))
        self._at = at
        return found

    def _alignment(self, metadata: Mapping[str, object]) -> int:
        value = metadata.get("general.alignment", 32)
        if not isinstance(value, int) or not 0 < value <= _MAX_ALIGNMENT or value & (value - 1):
            raise GgufError(
                "{path}: general.alignment must be a power of two up to {most}, not {value!r}",
                path=self._path,
                most=_MAX_ALIGNMENT,
                value=value,
            )
        return value

    def _tensor(self) -> GgufTensor:
        """Read one entry; its offset is still from where the tensors begin."""
        name, axes = self._name(), self._number("I")
        if not 0 < axes <= _MAX_AXES:
            raise GgufError(
                "{path}: {name} has {axes} axes, not 1 to 4", path=self._path, name=name, axes=axes
            )
        shape = tuple(reversed([int(self._number("Q")) for _ in range(axes)]))
        if not all(shape):
            raise GgufError("{path}: {name} has an axis of size 0", path=self._path, name=name)
        kind, offset = self._number("I"), self._number("Q")
        label, block, size = _layout(kind)
        if not label:
            raise GgufError(
                "{path}: {name} has the unknown type {kind}", path=self._path, name=name, kind=kind
            )
        if shape[-1] % block:
            raise GgufError(
                "{path}: {name} has rows of {columns} numbers, which {kind} cannot hold (blocks of {block})",
                path=self._path,
                name=name,
                columns=shape[-1],
                kind=label,
                block=block,
            )
        return GgufTensor(name, label, shape, offset, math.prod(shape) // block * size)

    def _placed(self, listed: list[GgufTensor], alignment: int) -> dict[str, GgufTensor]:
        """Make offsets those of the file, and see that each tensor lies in it and on no other."""
        start = -(-self._at // alignment) * alignment
        found: dict[str, GgufTensor] = {}
        free, before = start, ""
        for tensor in sorted(listed, key=lambda tensor: tensor.offset):
            if tensor.name in found:
                raise GgufError("{path} holds {name!r} twice", path=self._path, name=tensor.name)
            first = start + tensor.offset
            if tensor.offset % alignment:
                raise GgufError("{path}: {name} is not aligned", path=self._path, name=tensor.name)
            if first < free:
                raise GgufError(
                    "{path}: {name} overlaps {other}", path=self._path, name=tensor.name, other=before
                )
            free, before = first + tensor.nbytes, tensor.name
            if free > len(self._view):
                raise GgufError(
                    "{path} is cut short: {name} ends at byte {end}, the file at {size}; get it again",
                    path=self._path,
                    name=tensor.name,
                    end=free,
                    size=len(self._view),
                )
            found[tensor.name] = GgufTensor(tensor.name, tensor.kind, tensor.shape, first, tensor.nbytes)
        # The order of the file, which is that of the blocks.
        return {tensor.name: found[tensor.name] for tensor in listed}


def _layout(code: int) -> tuple[str, int, int]:
    """Return a tensor type's name, numbers in a block and bytes in a block; no name: it is not known."""
    from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType

    if code not in list(GGMLQuantizationType):
        return "", 1, 1
    kind = GGMLQuantizationType(code)
    block, size = GGML_QUANT_SIZES[kind]
    return kind.name, block, size


def _require_readable(path: Path, tensors: Mapping[str, GgufTensor]) -> None:
    """Refuse types that nobody can turn into numbers, before anything else is done with the file."""
    from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType
    from gguf.quants import dequantize

    for tensor in _one_of_each(tensors):
        kind = GGMLQuantizationType[tensor.kind]
        try:
            dequantize(np.zeros((1, GGML_QUANT_SIZES[kind][1]), np.uint8), kind)
        except NotImplementedError:
            raise GgufError(
                "{path}: {name} is of type {kind}, which cannot be read; get the file in another "
                "quantisation, such as Q4_K_M",
                path=path,
                name=tensor.name,
                kind=tensor.kind,
            ) from None


def _one_of_each(tensors: Mapping[str, GgufTensor]) -> Iterator[GgufTensor]:
    yield from {tensor.kind: tensor for tensor in tensors.values()}.values()
