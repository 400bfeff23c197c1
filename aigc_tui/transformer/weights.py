"""Weights between our modules and the files of others: where each of ours lies in theirs, both ways.

Most families keep our names. GPT-2 has other ones, stores its matrices the other way round (its layers are
called Conv1D) and queries, keys and values as one. One table a family, of :class:`Place`, serves reading and
writing; every name, shape and value of a file is checked on the way in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from aigc_tui.transformer.model_files import CheckpointError, weight_files


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
    """Group our weights by the tensor of the file that they lie in, parts in their order."""
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
