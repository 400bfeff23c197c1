"""Packed model files: quantised weights on disk as the kernels of this machine want them.

They are written once, when a model is prepared, and mapped into memory ever after: loading takes no longer
than opening the file. On a machine whose int4 kernel packs otherwise (another processor, another torch) the
weights are repacked while loading.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from aigc_tui.transformer.config import ModelConfig
from aigc_tui.transformer.fused import FusedLM, Layer, assemble
from aigc_tui.transformer.fused_weights import Matrix, matrices, stacked, vector_sizes, vectors
from aigc_tui.transformer.gguf import Source
from aigc_tui.transformer.gguf_reader import GgufFile
from aigc_tui.transformer.quantised import (
    GROUP,
    FloatLinear,
    Int4Groups,
    Int4Linear,
    Int8Linear,
    Linear,
    RefinedHead,
    block_rows,
    int4_groups,
    pack_int4,
    quantise_int4,
    quantise_int8,
    repack_int4,
    tune,
)
from aigc_tui.transformer.weights import CheckpointError

PATTERN = "packed-*.safetensors"
_SHARD = 512 * 2**20
_FORMAT = "1"
_ALIGNMENT = 64
"""Bytes; the widest that a processor loads at once."""
INT4, INT8, BF16 = "int4", "int8", "bf16"
_CHUNK = 2**17
"""Weights that are quantised at a time: the temporaries of the search then stay in the cache."""


class WeightReader:
    """Gives parameters by their names in ``CausalLM.state_dict()``, from a GGUF file or from tensors.

    Args:
        config: The model's.
        sources: Where each lies in `file`, or the tensors themselves.
        file: The GGUF file.
    """

    def __init__(
        self, config: ModelConfig, sources: Mapping[str, Source | Tensor], file: GgufFile | None = None
    ) -> None:
        self.config, self._sources, self._file = config, sources, file

    def get(self, name: str) -> Tensor | None:
        """A parameter in float32; None: there is none of the name."""
        source = self._sources.get(name)
        if source is None or isinstance(source, Tensor):
            return None if source is None else source.float()
        assert self._file is not None
        return source.dequantised(self._file)

    def require(self, name: str) -> Tensor:
        found = self.get(name)
        assert found is not None, name
        return found

    def groups(self, name: str, tell: Callable[[int], None]) -> Int4Groups:
        """A matrix in int4 groups: without loss where the file has such groups, else by the search.

        Args:
            name: The parameter's.
            tell: Told the weights done.
        """
        source = self._sources[name]
        if isinstance(source, Source) and self._file is not None and not source.offset:
            found = int4_groups(source.tensor.kind, torch.from_numpy(source.raw(self._file).copy()))
            if found is not None:
                return found
        weight = self.require(name)
        rows = max(1, _CHUNK // weight.shape[1])
        parts, done = [], 0
        for part in torch.split(weight, rows):
            parts.append(quantise_int4(part))
            done += part.numel()
            tell(done)
        return Int4Groups(*(torch.cat([getattr(p, f) for p in parts]) for f in ("codes", "scale", "minimum")))


@dataclass(frozen=True, slots=True)
class Scheme:
    """Which type each matrix is packed in.

    Args:
        blocks: Of the matrices of the blocks: `INT4`, `INT8` or `BF16`.
        head: Of the output matrix and the embeddings: `INT8` or `BF16`.
        sensitive: Endings of matrices' keys that are kept in `INT8` where `blocks` is `INT4`.
    """

    blocks: str = INT4
    head: str = INT8
    sensitive: tuple[str, ...] = ()

    def kind_of(self, matrix: Matrix) -> str:
        if matrix.key == "head":
            return self.head
        if self.blocks == INT4 and (matrix.columns % GROUP or matrix.key.endswith(self.sensitive or ("?",))):
            return INT8
        return self.blocks


def write_packed(
    folder: Path, reader: WeightReader, scheme: Scheme, report: Callable[[int, int], None]
) -> None:
    """Quantise and pack a model's weights into a folder.

    Args:
        folder: Where to write files of the name `PATTERN`.
        reader: The weights.
        scheme: How to quantise.
        report: Told the weights done, and how many there are.
    """
    config, held, size, number = reader.config, dict[str, Tensor](), 0, 0
    every = list(matrices(config))
    # A head is a quarter of a small model.
    done, total = 0, sum(matrix.rows * matrix.columns for matrix in every)
    metadata = {"format": _FORMAT, "block": str(block_rows() or 64)}

    def tell(weights: int) -> None:
        report(weights, total)

    def flush() -> None:
        nonlocal number, size
        number += 1
        _save(held, folder / f"packed-{number:05d}.safetensors", metadata)
        held.clear()
        size = 0

    for matrix in every:
        made = _packed(reader, matrix, scheme, _behind(done, tell))
        if size and size + _bytes(made) > _SHARD:
            flush()
        held |= made
        size += _bytes(made)
        done += matrix.rows * matrix.columns
        report(done, total)
    held |= _rest(reader, scheme)
    flush()
    report(total, total)


def _behind(done: int, tell: Callable[[int], None]) -> Callable[[int], None]:
    return lambda more: tell(done + more)


def _save(tensors: Mapping[str, Tensor], path: Path, metadata: Mapping[str, str]) -> None:
    """Write a file whose tensors begin at multiples of `_ALIGNMENT`, as far as their sizes are such."""
    try:
        save_file(dict(tensors), str(path), {**metadata, "padding": ""})
        with path.open("rb") as file:
            missing = -(8 + int.from_bytes(file.read(8), "little")) % _ALIGNMENT
        if missing:
            save_file(dict(tensors), str(path), {**metadata, "padding": " " * missing})
    except (SafetensorError, OSError) as error:
        raise CheckpointError("cannot write {path}: {reason}", path=path, reason=error) from error


def _aligned(tensor: Tensor) -> Tensor:
    """Copy a tensor that begins elsewhere: torch's int8 kernel crashes there (four rows and more)."""
    return tensor.clone() if tensor.data_ptr() % _ALIGNMENT else tensor


def _bytes(tensors: Mapping[str, Tensor]) -> int:
    return sum(tensor.nbytes for tensor in tensors.values())


def _packed(
    reader: WeightReader,
    matrix: Matrix,
    scheme: Scheme,
    tell: Callable[[int], None] = lambda weights: None,
) -> dict[str, Tensor]:
    config, key = reader.config, matrix.key
    bias = stacked(matrix, config, lambda name: reader.get(f"{name}.bias"))
    found = {} if bias is None else {f"{key}.bias": bias}
    kind = scheme.kind_of(matrix)
    # The head is packed in both types, see `RefinedHead`.
    refined = matrix.key == "head" and kind == INT8 and scheme.blocks == INT4 and not matrix.columns % GROUP
    if kind == INT4 or refined:
        parts, done = dict[str, Int4Groups](), 0
        for name in matrix.names:
            parts[name] = reader.groups(f"{name}.weight", _behind(done, tell))
            done += parts[name].codes.numel()
        codes = stacked(matrix, config, lambda name: parts[name].codes)
        scale = stacked(matrix, config, lambda name: parts[name].scale)
        minimum = stacked(matrix, config, lambda name: parts[name].minimum)
        assert codes is not None
        assert scale is not None
        assert minimum is not None
        packed, scales = pack_int4(Int4Groups(codes, scale, minimum))
        found |= {f"{key}.packed": packed, f"{key}.scales": scales}
        if not refined:
            return found
    weight = stacked(matrix, config, lambda name: reader.get(f"{name}.weight"))
    assert weight is not None
    return found | _plain(key, weight, kind)


def _plain(key: str, weight: Tensor, kind: str) -> dict[str, Tensor]:
    if kind == BF16:
        return {f"{key}.weight": weight.bfloat16()}
    rows = quantise_int8(weight)
    return {f"{key}.codes": rows.codes, f"{key}.scale": rows.scale.bfloat16()}


def _rest(reader: WeightReader, scheme: Scheme) -> dict[str, Tensor]:
    """Embeddings that are no output matrix, and norms."""
    config = reader.config
    tied = {} if config.tied else _plain("table", reader.require("model.embed_tokens.weight"), scheme.head)
    return tied | {f"vector.{name}": value for name, value in vectors(config, reader.require).items()}


def load_packed(folder: Path, config: ModelConfig, cache_dtype: torch.dtype) -> FusedLM:
    """Map a packed model into memory.

    Raises:
        CheckpointError: A file is missing, damaged, or of another model or version.
    """
    tensors, block = _read(folder)
    try:
        return _assembled(config, tensors, block, cache_dtype)
    except (KeyError, ValueError, RuntimeError, TypeError) as error:
        raise CheckpointError(
            "{path} is damaged: {reason}; add the model again", path=folder, reason=error
        ) from None


def pack(reader: WeightReader, scheme: Scheme, cache_dtype: torch.dtype) -> FusedLM:
    """Quantise a model in memory, as `write_packed` and `load_packed` do by way of a folder."""
    config, tensors = reader.config, dict[str, Tensor]()
    for matrix in matrices(config):
        tensors |= _packed(reader, matrix, scheme)
    tensors |= _rest(reader, scheme)
    return _assembled(config, tensors, block_rows() or 64, cache_dtype)


def unpacked(model: FusedLM, device: torch.device, dtype: torch.dtype) -> FusedLM:
    """Return a packed model with float weights on another device."""

    def moved(linear: Linear) -> Linear:
        if isinstance(linear, RefinedHead):
            linear = linear.precise
        if isinstance(linear, Int4Linear | Int8Linear):
            bias = None if linear.bias is None else linear.bias.to(device, dtype)
            return FloatLinear(linear.dequantised().to(device, dtype), bias)
        return linear.to(device, dtype)

    def vector(norm: Tensor | None) -> Tensor | None:
        return None if norm is None else norm.to(device)

    layers = [
        Layer(
            norm=layer.norm.to(device),
            qkv=moved(layer.qkv),
            out=moved(layer.out),
            ffn_norm=layer.ffn_norm.to(device),
            gate_up=moved(layer.gate_up),
            down=moved(layer.down),
            q_norm=vector(layer.q_norm),
            k_norm=vector(layer.k_norm),
            out_norm=vector(layer.out_norm),
            down_norm=vector(layer.down_norm),
        )
        for layer in model.layers
    ]
    table = model.table.dequantised() if isinstance(model.table, Int8Linear) else model.table
    return FusedLM(
        model.config, table.to(device, dtype), layers, model.norm.to(device), moved(model.head), dtype
    ).eval()


class _Tensors:
    """The tensors of a packed model, each of the shape and type that it must have.

    torch's kernels trust what they are given: scales of too few groups would be read past their end.
    """

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        self._left = dict(tensors)

    def __contains__(self, name: str) -> bool:
        return name in self._left

    def take(self, name: str, dtype: torch.dtype, *shape: int) -> Tensor:
        """Take a tensor out.

        Raises:
            ValueError: It is missing, or another one.
        """
        found = self._left.pop(name, None)
        if found is None:
            raise ValueError(f"{name} is missing")
        if found.dtype is not dtype or tuple(found.shape) != shape:
            raise ValueError(f"{name} is {found.dtype} {tuple(found.shape)}, not {dtype} {shape}")
        return found

    def require_empty(self) -> None:
        """Refuse tensors that nobody took: the configuration is of a smaller model."""
        if self._left:
            raise ValueError(f"config.json does not know {min(self._left)}")


def _assembled(
    config: ModelConfig, found: Mapping[str, Tensor], block: int, cache_dtype: torch.dtype
) -> FusedLM:
    every, tensors = list(matrices(config)), _Tensors(found)
    linears = {m.key: _linear(tensors, m, block) for m in every}
    head = linears["head"]
    table: Tensor | Int8Linear
    made = head if config.tied else _linear(tensors, replace(every[-1], key="table"), block)
    precise = made.precise if isinstance(made, RefinedHead) else made
    if isinstance(precise, FloatLinear):
        table = precise.weight
    elif isinstance(precise, Int8Linear):
        table = precise
    else:
        raise ValueError("there is no table of embeddings")
    norms = {
        name: tensors.take(f"vector.{name}", torch.float32, size)
        for name, size in vector_sizes(config).items()
    }
    tensors.require_empty()
    model = assemble(config, table, linears, norms, cache_dtype)
    blocks = [linear for key, linear in linears.items() if key != "head"]
    tune(linear for linear in blocks if isinstance(linear, Int4Linear | Int8Linear))
    return model.eval()


def _read(folder: Path) -> tuple[dict[str, Tensor], int]:
    tensors: dict[str, Tensor] = {}
    block = 0
    for path in sorted(folder.glob(PATTERN)):
        try:
            with safe_open(str(path), framework="pt") as file:
                metadata = file.metadata() or {}
                block = int(metadata.get("block", "0"))
                if metadata.get("format") != _FORMAT or block not in (16, 32, 64):
                    raise CheckpointError("{path} is of another version; add the model again", path=path)
                tensors |= {name: _aligned(file.get_tensor(name)) for name in file.keys()}  # noqa: SIM118 - no mapping
        except (SafetensorError, OSError, ValueError) as error:
            raise CheckpointError("{path} is damaged: {reason}", path=path, reason=error) from None
    return tensors, block


def _linear(tensors: _Tensors, matrix: Matrix, block: int) -> Linear:
    key, rows, columns = matrix.key, matrix.rows, matrix.columns
    bias = tensors.take(f"{key}.bias", torch.float32, rows) if f"{key}.bias" in tensors else None
    rough: Int4Linear | None = None
    if f"{key}.packed" in tensors:
        blocks = -(-rows // block)
        packed = tensors.take(f"{key}.packed", torch.uint8, blocks, columns, block // 2)
        scales = tensors.take(f"{key}.scales", torch.bfloat16, columns // GROUP, blocks * block, 2)
        if block_rows() not in (0, block):
            packed, scales = repack_int4(packed, scales, rows)
        rough = Int4Linear(packed, scales, rows, bias)
        if f"{key}.codes" not in tensors:
            return rough
    if f"{key}.codes" in tensors:
        codes = tensors.take(f"{key}.codes", torch.int8, rows, columns)
        made = Int8Linear(codes, tensors.take(f"{key}.scale", torch.bfloat16, rows), bias)
        return made if rough is None else RefinedHead(rough, made)
    weight = tensors.take(f"{key}.weight", torch.bfloat16, rows, columns)
    return FloatLinear(weight, None if bias is None else bias.to(weight.dtype))
