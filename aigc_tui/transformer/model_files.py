"""Files of a model folder: JSON under a cap, the list of weight shards, and writing them whole.

Files are a stranger's: what they name is checked before it is opened, and nothing but safetensors is ever
read, since other formats can run code.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

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
        value = json.loads(path.read_text(encoding="utf-8"))
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
