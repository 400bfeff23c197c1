"""Look inside a model while it reads: attention maps, what each head found, hidden states.

The fused kernels never hold an attention map, so it has to be computed by the formula: :func:`observe` puts
that in the kernel's place for as long as it lasts. A model that is not observed pays nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from torch import Tensor, nn
from torch.nn import functional
from torch.utils.hooks import RemovableHandle

from aigc_tui.transformer.attention import (
    MultiHeadAttention,
    View,
    attention_weights,
    causal_mask,
    spread_heads,
)
from aigc_tui.transformer.causal_lm import GroupedAttention

_ATTENDING = (MultiHeadAttention, GroupedAttention)


class Observable(Protocol):
    """A model whose blocks are known."""

    def spine(self) -> tuple[Sequence[nn.Module], nn.Module]:
        """Return the blocks, bottom to top, and the module that makes the last hidden states."""
        ...


@dataclass(slots=True)
class Seen:
    """What the latest forward pass did.

    Args:
        attention: For each block, how much each query took from each key (B, H, T, S).
        heads: For each block, what each head mixed (B, H, T, D), before the output matrix;
            ``attention.head_contributions`` turns it into what each wrote into the residual stream.
        hidden: The residual stream (B, T, C) as it entered each block, and last the final hidden states.
    """

    attention: list[Tensor] = field(default_factory=list)
    heads: list[Tensor] = field(default_factory=list)
    hidden: list[Tensor] = field(default_factory=list)

    def clear(self) -> None:
        for kept in (self.attention, self.heads, self.hidden):
            kept.clear()


@contextmanager
def observe(model: Observable) -> Iterator[Seen]:
    """Record what happens inside a model while it runs.

    Use it as ``with observe(model) as seen: model(tokens)``.

    Args:
        model: Any model of this package (of BERT, its encoder).

    Yields:
        The record, filled by each forward pass anew. Tensors keep their gradients; use ``torch.no_grad``
        where those are not wanted.
    """
    seen = Seen()
    blocks, last = model.spine()
    layers = [part for block in blocks for part in block.modules() if isinstance(part, _ATTENDING)]
    kernels = [layer.attend for layer in layers]
    hooks = list(_hooks(seen, blocks, last))
    for layer in layers:
        layer.attend = partial(_recorded, seen)
    try:
        yield seen
    finally:
        for layer, kernel in zip(layers, kernels, strict=True):
            layer.attend = kernel
        for hook in hooks:
            hook.remove()


def _hooks(seen: Seen, blocks: Sequence[nn.Module], last: nn.Module) -> Iterator[RemovableHandle]:
    def entered(block: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        if block is blocks[0]:
            seen.clear()
        seen.hidden.append(inputs[0])

    def left(module: nn.Module, inputs: object, output: Tensor) -> None:
        seen.hidden.append(output)

    yield from (block.register_forward_pre_hook(entered) for block in blocks)
    yield last.register_forward_hook(left)


def _recorded(seen: Seen, q: Tensor, k: Tensor, v: Tensor, view: View, dropout: float = 0.0) -> Tensor:
    """Do as ``attention.attend`` by the formula, and write down what there is to see."""
    k, v = (spread_heads(x[:, :, -view.keys :], q.shape[1]) for x in (k, v))
    mask = causal_mask(q.shape[2], view.keys, q.device) if view.causal else view.mask
    weights = attention_weights(q, k, mask)
    mixed: Tensor = functional.dropout(weights, dropout) @ v
    seen.attention.append(functional.pad(weights, (view.total - view.keys, 0)))
    seen.heads.append(mixed)
    return mixed
