"""Causal language models in and out: ordinary Hugging Face folders of every family that we know."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from aigc_tui.transformer.causal_lm import CausalLM
from aigc_tui.transformer.config import ModelConfig, ModelConfigError
from aigc_tui.transformer.hf_config import from_hf, to_hf, unsupported_reason
from aigc_tui.transformer.weights import (
    GPT2,
    PLAIN,
    SHARD_BYTES,
    CheckpointError,
    Layout,
    collect,
    differ,
    fill,
    read_json,
    require_room,
    weight_files,
    write_folder,
    write_json,
)

__all__ = [
    "CheckpointError",
    "layout_of",
    "load_model",
    "made_for_loading",
    "read_json",
    "save_model",
    "stored",
    "supports",
    "weight_files",
    "write_folder",
    "write_json",
]

_HEAD = "lm_head.weight"
_EMBEDDINGS = "model.embed_tokens.weight"


class _NoInit(TorchFunctionMode):
    """Skips `torch.nn.init`: the weights come from a file.

    The meta device would, too, but makes torch import its compiler and sympy, 2 s before the first word.
    """

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        if getattr(func, "__module__", "") == "torch.nn.init":
            return (kwargs or {}).get("tensor", args[0] if args else None)
        return func(*args, **(kwargs or {}))


@contextmanager
def made_for_loading(dtype: torch.dtype, device: torch.device | str) -> Iterator[None]:
    """Let modules made inside have weights of a type, on a device, unset: a second copy is never held."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with torch.device(device), _NoInit():
            yield
    finally:
        torch.set_default_dtype(before)


def supports(folder: Path) -> bool:
    """Say whether this Transformer can run the model in ``folder`` (weights are not looked at)."""
    try:
        raw = read_json(folder / "config.json")
        return unsupported_reason(raw) is None and bool(from_hf(raw))
    except (CheckpointError, ModelConfigError):
        return False


def load_model(
    folder: Path, dtype: torch.dtype = torch.float32, device: torch.device | str = "cpu"
) -> CausalLM:
    """Load a model for use (in evaluation mode).

    Args:
        folder: A Hugging Face folder of a family in ``config.FAMILIES``.
        dtype: Type to hold the weights in.
        device: Where to hold them.

    Raises:
        CheckpointError: Config or weights are missing, damaged, or of another model.
    """
    try:
        config = from_hf(read_json(folder / "config.json"))
    except ModelConfigError as error:
        raise CheckpointError("{path}: {reason}", path=folder / "config.json", reason=error) from None
    if config.tied and differ(folder, layout_of(config), _EMBEDDINGS, _HEAD):
        # As fine-tunes and merges leave it; transformers uses such a head, too.
        config = replace(config, tied=False)
    require_room(folder, config.parameters)
    with made_for_loading(dtype, device):
        model = CausalLM(config)
    if config.tied:  # moving a module between devices splits the two
        model.lm_head.weight = model.model.embed_tokens.weight
    fill(stored(model), folder, layout_of(config), spare=[_HEAD] if config.tied else [])
    return model.eval()


def save_model(
    model: CausalLM, folder: Path, shard_bytes: int = SHARD_BYTES, dtype: torch.dtype = torch.bfloat16
) -> None:
    """Write config.json, generation_config.json and sharded weights, which transformers loads.

    Args:
        model: What to write; tied weights are written once.
        folder: Made if missing; earlier weight files in it are removed.
        shard_bytes: Largest size of one shard, unless a single tensor is larger.
        dtype: Type to store.
    """
    weights = collect(stored(model), layout_of(model.config), dtype)
    raw = to_hf(model.config, str(dtype).removeprefix("torch."))
    write_folder(folder, raw, weights, shard_bytes)
    write_json(folder / "generation_config.json", _generation(model.config))


def layout_of(config: ModelConfig) -> Layout:
    """Return the table of names of a model's family."""
    return GPT2 if config.family == "gpt2" else PLAIN


def stored(model: CausalLM) -> dict[str, Tensor]:
    """Return the weights that files hold, by our names: a tied matrix once."""
    return {n: w for n, w in model.state_dict().items() if not (model.config.tied and n == _HEAD)}


def _generation(config: ModelConfig) -> dict[str, Any]:
    return {
        "do_sample": True,
        "temperature": 0.6,
        "top_p": 0.9,
        "min_p": 0.25,  # small models: the likely words are good, the unlikely ones are slips
        "repetition_penalty": 1.02,
        "bos_token_id": config.bos_id,
        "eos_token_id": list(config.eos_ids),
        "pad_token_id": config.pad_id,
    }
