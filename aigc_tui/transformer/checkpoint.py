"""Weights in and out: ordinary Hugging Face folders (config.json, safetensors shards, index).

Files are a stranger's: sizes, names, shapes and values are checked before a weight is used, and
nothing but safetensors is read, since other formats can run code.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor
from torch.overrides import TorchFunctionMode

from aigc_tui.transformer.causal_lm import CausalLM
from aigc_tui.transformer.config import ConfigError, ModelConfig, from_hf, unsupported_reason

_INDEX = "model.safetensors.index.json"
_SINGLE = "model.safetensors"
_LARGEST_JSON = 16_000_000
_HEAD = "lm_head.weight"


class CheckpointError(ValueError):
    """A model folder cannot be used; the message names the file and what is wrong."""


class _NoInit(TorchFunctionMode):
    """Skips `torch.nn.init`: the weights come from a file.

    The meta device would, too, but makes torch import its compiler and sympy, 2 s before the first word.
    """

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Return the tensor as it is from an initialiser; let every other function run."""
        if getattr(func, "__module__", "") == "torch.nn.init":
            return (kwargs or {}).get("tensor", args[0] if args else None)
        return func(*args, **(kwargs or {}))


@contextmanager
def _made_of(dtype: torch.dtype) -> Iterator[None]:
    """Let new weights be of a type from the start, so that no second copy of them is ever held."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def supports(folder: Path) -> bool:
    """Say whether this Transformer can run the model in ``folder`` (weights are not looked at)."""
    try:
        raw = read_json(folder / "config.json")
        return unsupported_reason(raw) is None and bool(from_hf(raw))
    except (CheckpointError, ConfigError):
        return False


def load_model(
    folder: Path, dtype: torch.dtype = torch.float32, device: torch.device | str = "cpu"
) -> CausalLM:
    """Load a model for use (in evaluation mode).

    Args:
        folder: A Hugging Face folder of model type llama.
        dtype: Type to hold the weights in.
        device: Where to hold them.

    Raises:
        CheckpointError: Config or weights are missing, damaged, or of another model.
    """
    try:
        config = from_hf(read_json(folder / "config.json"))
    except ConfigError as error:
        raise CheckpointError(f"{folder / 'config.json'}: {error}") from None
    _check_size(config, folder)
    with torch.device(device), _NoInit(), _made_of(dtype):
        model = CausalLM(config)
    _tie(model)
    _fill(model, folder)
    return model.eval()


def save_model(
    model: CausalLM, folder: Path, shard_bytes: int = 15_000_000, dtype: torch.dtype = torch.bfloat16
) -> None:
    """Write config.json, generation_config.json and sharded weights.

    Args:
        model: What to write; tied weights are written once.
        folder: Made if missing; earlier weight files in it are removed.
        shard_bytes: Largest size of one shard, unless a single tensor is larger.
        dtype: Type to store.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for old in [*folder.glob("model*.safetensors"), folder / _INDEX]:
        old.unlink(missing_ok=True)
    names = str(dtype).removeprefix("torch.")
    write_json(folder / "config.json", model.config.to_hf(names))
    write_json(folder / "generation_config.json", _generation(model.config))
    weights = {n: t.detach().to("cpu", dtype).contiguous() for n, t in _stored(model)}
    shards = _shards(weights, shard_bytes)
    where: dict[str, str] = {}
    for number, shard in enumerate(shards, 1):
        name = f"model-{number:05}-of-{len(shards):05}.safetensors"
        save_file(shard, str(folder / name), metadata={"format": "pt"})
        (folder / name).chmod(0o644)  # safetensors writes for the owner alone
        where |= dict.fromkeys(shard, name)
    total = sum(t.numel() * t.element_size() for t in weights.values())
    write_json(folder / _INDEX, {"metadata": {"total_size": total}, "weight_map": where})


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object of bounded size.

    Raises:
        CheckpointError: It is missing, too large, or not a JSON object.
    """
    try:
        if path.stat().st_size > _LARGEST_JSON:
            raise CheckpointError(f"{path} is larger than {_LARGEST_JSON} bytes")
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CheckpointError(f"{path} is missing") from None
    except (OSError, ValueError, RecursionError) as error:
        raise CheckpointError(f"{path} cannot be read: {error}") from None
    if not isinstance(value, dict):
        raise CheckpointError(f"{path} is not a JSON object")
    return value


def write_json(path: Path, value: object) -> None:
    """Write JSON so that a reader sees the old file or the new one, never half."""
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8") as file:
        file.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


def _check_size(config: ModelConfig, folder: Path) -> None:
    """Refuse a config that asks for more weights than the files can hold, before memory is taken for them."""
    held = sum(path.stat().st_size for path in _weight_files(folder))
    if config.parameters > held:
        raise CheckpointError(
            f"{folder}: config.json asks for {config.parameters} weights, more than the files hold"
        )


def _tie(model: CausalLM) -> None:
    """Make input and output matrix one again; moving a module between devices splits them."""
    if model.config.tied:
        model.lm_head.weight = model.model.embed_tokens.weight


def _stored(model: CausalLM) -> Iterator[tuple[str, Tensor]]:
    for name, weight in model.state_dict().items():
        if not (model.config.tied and name == _HEAD):
            yield name, weight


@torch.no_grad()
def _fill(model: CausalLM, folder: Path) -> None:
    """Copy every weight from the shards, checked one by one."""
    wanted = dict(_stored(model))
    for path in _weight_files(folder):
        try:
            with safe_open(str(path), framework="pt") as shard:
                for name in shard.keys():  # noqa: SIM118 - it is a file handle, not a mapping
                    if name in wanted:
                        _copy(wanted.pop(name), shard, name, path)
                    elif not _ignorable(name, model.config):
                        raise CheckpointError(f"{path} holds an unknown weight {name!r}")
        except (SafetensorError, OSError) as error:
            raise CheckpointError(f"{path} is damaged: {error}") from None
    if wanted:
        raise CheckpointError(f"{folder} lacks the weight {min(wanted)!r} ({len(wanted)} missing)")


def _copy(target: Tensor, shard: Any, name: str, path: Path) -> None:
    shape = tuple(shard.get_slice(name).get_shape())
    if shape != tuple(target.shape):
        raise CheckpointError(f"{path}: {name} has shape {shape}, config.json says {tuple(target.shape)}")
    value = shard.get_tensor(name)
    if not value.is_floating_point() or not bool(torch.isfinite(value).all()):
        raise CheckpointError(f"{path}: {name} holds values that are not finite numbers")
    target.copy_(value)


def _ignorable(name: str, config: ModelConfig) -> bool:
    """Tolerate a stored copy of the tied matrix, and the frequency tables of old Llama files."""
    return (config.tied and name == _HEAD) or name.endswith("rotary_emb.inv_freq")


def _weight_files(folder: Path) -> list[Path]:
    if not (folder / _INDEX).exists():
        if not (folder / _SINGLE).exists():
            raise CheckpointError(f"{folder} holds no {_SINGLE} and no {_INDEX}")
        return [folder / _SINGLE]
    where = read_json(folder / _INDEX).get("weight_map")
    if not isinstance(where, Mapping) or not all(isinstance(name, str) for name in where.values()):
        raise CheckpointError(f"{folder / _INDEX} has no weight_map")
    names = sorted(set(where.values()))
    for name in names:
        if Path(name).name != name or not name.endswith(".safetensors"):
            raise CheckpointError(f"{folder / _INDEX} names a file outside the folder: {name!r}")
        if not (folder / name).is_file():
            raise CheckpointError(f"{folder / name} is missing")
    return [folder / name for name in names]


def _shards(weights: dict[str, Tensor], limit: int) -> list[dict[str, Tensor]]:
    shards: list[dict[str, Tensor]] = [{}]
    used = 0
    for name, weight in weights.items():
        size = weight.numel() * weight.element_size()
        if shards[-1] and used + size > limit:
            shards.append({})
            used = 0
        shards[-1][name] = weight
        used += size
    return shards


def _generation(config: ModelConfig) -> dict[str, Any]:
    return {
        "do_sample": True,
        "temperature": 0.6,
        "top_p": 0.9,
        "repetition_penalty": 1.02,
        "bos_token_id": config.bos_id,
        "eos_token_id": list(config.eos_ids),
        "pad_token_id": config.pad_id,
    }
