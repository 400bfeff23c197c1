"""Weight files of every family: reading, checking, writing, and where each of our tensors lies in them.

Most families use our names. GPT-2 has others, stores its matrices transposed (its layers are called Conv1D)
and queries, keys and values as one. Every name, shape and value of a file is checked when it is read.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from aigc_tui.message import AppError

_INDEX = "model.safetensors.index.json"
_SINGLE = "model.safetensors"
_LARGEST_JSON = 16_000_000
SHARD_BYTES = 15_000_000
"""Small enough for the code hosts that refuse larger files."""


class CheckpointError(AppError, ValueError):
    """A model folder cannot be used; the message names the file and what is wrong."""


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object of bounded size.

    Raises:
        CheckpointError: It is missing, too large, or not a JSON object.
    """
    try:
        if path.stat().st_size > _LARGEST_JSON:
            raise CheckpointError("{path} is larger than {limit} bytes", path=path, limit=_LARGEST_JSON)
        # Windows editors put a byte order mark in front.
        value = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise CheckpointError("{path} is missing", path=path) from None
    except (OSError, ValueError, RecursionError) as error:
        raise CheckpointError("cannot read {path}: {reason}", path=path, reason=error) from None
    if not isinstance(value, dict):
        raise CheckpointError("{path} is not a JSON object", path=path)
    return value


def write_json(path: Path, value: object) -> None:
    """Write JSON so that a reader sees the old file or the new one, never half."""
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8") as file:
        file.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


def weight_files(folder: Path) -> list[Path]:
    """List the safetensors files of a folder, by its index where it has one.

    Raises:
        CheckpointError: There are none, one is missing, or the index names a file elsewhere.
    """
    if not (folder / _INDEX).exists():
        if not (folder / _SINGLE).exists():
            raise CheckpointError(
                "{path} holds no {single} and no {index}", path=folder, single=_SINGLE, index=_INDEX
            )
        return [folder / _SINGLE]
    where = read_json(folder / _INDEX).get("weight_map")
    if not isinstance(where, Mapping) or not all(isinstance(name, str) for name in where.values()):
        raise CheckpointError("{path} has no weight_map", path=folder / _INDEX)
    names = sorted(set(where.values()))
    for name in names:
        if Path(name).name != name or not name.endswith(".safetensors"):
            raise CheckpointError(
                "{path} names a file outside the folder: {name!r}", path=folder / _INDEX, name=name
            )
        if not (folder / name).is_file():
            raise CheckpointError("{path} is missing", path=folder / name)
    return [folder / name for name in names]


def require_room(folder: Path, parameters: int) -> None:
    """Refuse a config that asks for more weights than the files can hold, before memory is taken for them.

    Raises:
        CheckpointError: It does, or the weight files are not usable.
    """
    if parameters > sum(path.stat().st_size for path in weight_files(folder)):
        raise CheckpointError(
            "{path}: config.json asks for {parameters} weights, more than the files hold",
            path=folder,
            parameters=parameters,
        )


def write_folder(
    folder: Path, config: Mapping[str, Any], weights: Mapping[str, Tensor], shard_bytes: int = SHARD_BYTES
) -> None:
    """Write config.json and sharded weights with their index.

    Args:
        folder: Made if missing; earlier weight files in it are removed.
        config: The content of config.json.
        weights: Tensors by their names in the files.
        shard_bytes: Largest size of one shard, unless a single tensor is larger.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for old in [*folder.glob("model*.safetensors"), folder / _INDEX]:
        old.unlink(missing_ok=True)
    write_json(folder / "config.json", config)
    where: dict[str, str] = {}
    shards = _shards(weights, shard_bytes)
    for number, shard in enumerate(shards, 1):
        name = f"model-{number:05}-of-{len(shards):05}.safetensors"
        save_file(shard, str(folder / name), metadata={"format": "pt"})
        (folder / name).chmod(0o644)  # safetensors writes for the owner alone
        where |= dict.fromkeys(shard, name)
    total = sum(_bytes(weight) for weight in weights.values())
    write_json(folder / _INDEX, {"metadata": {"total_size": total}, "weight_map": where})


def _shards(weights: Mapping[str, Tensor], limit: int) -> list[dict[str, Tensor]]:
    shards: list[dict[str, Tensor]] = [{}]
    used = 0
    for name, weight in weights.items():
        if shards[-1] and used + _bytes(weight) > limit:
            shards.append({})
            used = 0
        shards[-1][name] = weight.contiguous()
        used += _bytes(weight)
    return shards


def _bytes(weight: Tensor) -> int:
    return weight.numel() * weight.element_size()


@dataclass(frozen=True, slots=True)
class Place:
    """Where one of our weights lies in a file.

    Args:
        name: The tensor's name there.
        part: Which of its equal parts, along our first axis.
        parts: How many there are.
        transposed: Whether its two axes are the other way round.
    """

    name: str
    part: int = 0
    parts: int = 1
    transposed: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """The table of a family.

    Args:
        place: From one of our names to its place.
        renamed: From a name as found in a file (old ones, with or without a prefix) to that of ``place``.
        ignored: Names in files that are no weights.
    """

    place: Callable[[str], Place]
    renamed: Callable[[str], str]
    ignored: re.Pattern[str]


_GPT2_TOP = {
    "model.embed_tokens.weight": "transformer.wte.weight",
    "model.embed_positions.weight": "transformer.wpe.weight",
    "model.norm.weight": "transformer.ln_f.weight",
    "model.norm.bias": "transformer.ln_f.bias",
    "lm_head.weight": "lm_head.weight",
}
_GPT2_MATRICES = {
    "self_attn.q_proj": ("attn.c_attn", 0, 3),
    "self_attn.k_proj": ("attn.c_attn", 1, 3),
    "self_attn.v_proj": ("attn.c_attn", 2, 3),
    "self_attn.o_proj": ("attn.c_proj", 0, 1),
    "mlp.up_proj": ("mlp.c_fc", 0, 1),
    "mlp.down_proj": ("mlp.c_proj", 0, 1),
}
_GPT2_NORMS = {"input_layernorm": "ln_1", "post_attention_layernorm": "ln_2"}


def _gpt2_place(name: str) -> Place:
    if name in _GPT2_TOP:
        return Place(_GPT2_TOP[name])
    _, _, layer, rest = name.split(".", 3)
    module, kind = rest.rsplit(".", 1)
    if module in _GPT2_NORMS:
        return Place(f"transformer.h.{layer}.{_GPT2_NORMS[module]}.{kind}")
    theirs, part, parts = _GPT2_MATRICES[module]
    return Place(f"transformer.h.{layer}.{theirs}.{kind}", part, parts, transposed=kind == "weight")


def _gpt2_renamed(name: str) -> str:
    """The first published files have no ``transformer.`` before their names."""
    return f"transformer.{name}" if re.match(r"(h\.\d|wte|wpe|ln_f)", name) else name


PLAIN = Layout(Place, str, re.compile(r".*rotary_emb\.inv_freq"))
"""Llama and its kin, whose names are ours; old files hold their tables of frequencies, too."""
GPT2 = Layout(_gpt2_place, _gpt2_renamed, re.compile(r".*\.attn\.(masked_)?bias"))
"""GPT-2; old files hold its causal mask, too."""


@torch.no_grad()
def fill(targets: Mapping[str, Tensor], folder: Path, layout: Layout, spare: Iterable[str] = ()) -> None:
    """Copy every weight of a model from the files of a folder, checked one by one.

    Args:
        targets: What to fill, by our names.
        folder: A model folder with safetensors files.
        layout: Where each lies.
        spare: Names in the files, after ``layout.renamed``, that may be there and are not needed.

    Raises:
        CheckpointError: A weight is missing, unknown, damaged, of another shape or not finite.
    """
    wanted = _by_place(targets, layout)
    spare = set(spare)
    for path in weight_files(folder):
        try:
            with safe_open(str(path), framework="pt") as shard:
                for name in shard.keys():  # noqa: SIM118 - it is a file handle, not a mapping
                    theirs = layout.renamed(name)
                    if theirs in wanted:
                        _copy(wanted.pop(theirs), shard, name, path)
                    elif theirs not in spare and not layout.ignored.fullmatch(name):
                        raise CheckpointError("{path} holds an unknown weight {name!r}", path=path, name=name)
        except (SafetensorError, OSError) as error:
            raise CheckpointError("{path} is damaged: {reason}", path=path, reason=error) from None
    if wanted:
        raise CheckpointError(
            "{path} lacks the weight {name!r} ({missing} missing)",
            path=folder,
            name=min(wanted),
            missing=len(wanted),
        )


def differ(folder: Path, layout: Layout, first: str, second: str) -> bool:
    """Tell whether a folder holds two weights, by our names, that are not the same values.

    Raises:
        CheckpointError: The files are damaged.
    """
    found: dict[str, Tensor] = {}
    wanted = {layout.place(name).name for name in (first, second)}
    for path in weight_files(folder):
        try:
            with safe_open(str(path), framework="pt") as shard:
                for name in shard.keys():  # noqa: SIM118 - it is a file handle, not a mapping
                    if layout.renamed(name) in wanted:
                        found[layout.renamed(name)] = shard.get_tensor(name)
        except (SafetensorError, OSError) as error:
            raise CheckpointError("{path} is damaged: {reason}", path=path, reason=error) from None
    if len(found) < len(wanted):
        return False
    one, other = found.values()
    if one.dtype != other.dtype:
        one, other = one.float(), other.float()
    return one.shape != other.shape or not torch.equal(one, other)


def collect(sources: Mapping[str, Tensor], layout: Layout, dtype: torch.dtype) -> dict[str, Tensor]:
    """Return a model's weights as the files of its family hold them: the inverse of :func:`fill`."""
    found: dict[str, Tensor] = {}
    for name, pieces in _by_place(sources, layout).items():
        values = [tensor.detach().to("cpu", dtype) for _, tensor in pieces]
        whole = torch.cat(values) if len(values) > 1 else values[0]
        found[name] = (whole.T if pieces[0][0].transposed else whole).contiguous()
    return found


_Pieces = list[tuple[Place, Tensor]]


def _by_place(tensors: Mapping[str, Tensor], layout: Layout) -> dict[str, _Pieces]:
    found: dict[str, _Pieces] = {}
    for name, tensor in tensors.items():
        place = layout.place(name)
        found.setdefault(place.name, []).append((place, tensor))
    for pieces in found.values():
        pieces.sort(key=lambda piece: piece[0].part)
    return found


def _copy(pieces: _Pieces, shard: Any, name: str, path: Path) -> None:
    place, first = pieces[0]
    wanted = (first.shape[0] * place.parts, *first.shape[1:])
    wanted = tuple(reversed(wanted)) if place.transposed else wanted
    shape = tuple(shard.get_slice(name).get_shape())
    if shape != wanted:
        raise CheckpointError(
            "{path}: {name} has shape {shape}, config.json says {wanted}",
            path=path,
            name=name,
            shape=str(shape),
            wanted=str(wanted),
        )
    value = shard.get_tensor(name)
    if not value.is_floating_point() or not bool(torch.isfinite(value).all()):
        raise CheckpointError("{path}: {name} holds values that are not finite numbers", path=path, name=name)
    whole = value.T if place.transposed else value
    for (_, target), part in zip(pieces, whole.chunk(place.parts), strict=True):
        target.copy_(part)
