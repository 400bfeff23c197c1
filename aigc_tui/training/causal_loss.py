"""The loss of reading on: -log p(next token), summed, without ever holding all logits at once.

The logits of a batch are their largest tensor by far: 16 rows of 512 tokens over 16k ids are 0.5 GiB in
float32, several times over while the softmax is taken. But each token's loss needs only its own row, and
the gradient (softmax minus one at the target) is known as soon as the row is: so logits are made in chunks
that fit into the cache, and rows without a target are skipped. (The idea is that of Liger's fused
linear cross-entropy, arXiv:2410.10989.) A compiler that sees the whole fuses the plain formula into less
time still, for more memory, so under ``torch.compile`` that is what it gets to see.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from aigc_tui.training.data_loader import IGNORED

_CHUNK_BYTES = 8_000_000  # of float32 logits


def causal_loss(model: Any, tokens: Tensor, targets: Tensor, segments: Tensor | None) -> Tensor:
    """Sum of -log p(target) over all targets that count, in nats (a 0-d tensor).

    A sum and not a mean, so that gradients of several small batches add up to that of a large one.

    Args:
        model: Our causal language model; any other with ``model(tokens) -> logits`` will do, slower.
        tokens: Ids (B, T).
        targets: Ids (B, T), or ``IGNORED``.
        segments: Document number of each token (B, T) where packed documents may not see each other.
    """
    hidden, head = getattr(model, "hidden", None), getattr(model, "lm_head", None)
    if hidden is None or not isinstance(head, nn.Linear) or head.bias is not None:
        given = {} if segments is None else {"segments": segments}
        logits = model(tokens, **given)
        return functional.cross_entropy(
            logits.flatten(0, 1).float(), targets.flatten(), ignore_index=IGNORED, reduction="sum"
        )
    states = hidden(tokens, segments=segments)
    if torch.compiler.is_compiling():
        return functional.cross_entropy(
            head(states).flatten(0, 1).float(), targets.flatten(), ignore_index=IGNORED, reduction="sum"
        )
    return linear_cross_entropy(states.flatten(0, 1), head.weight, targets.flatten())


def linear_cross_entropy(states: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
    """Compute ``cross_entropy(states @ weight.T, targets, reduction="sum")`` chunk by chunk.

    Args:
        states: Last hidden states (N, C).
        weight: Output matrix (V, C).
        targets: Ids (N,), or ``IGNORED`` where nothing is to be predicted.
    """
    if torch.is_autocast_enabled(states.device.type):
        kind = torch.get_autocast_dtype(states.device.type)
        states = states.to(kind)
    kept = targets != IGNORED
    return _LinearCrossEntropy.apply(states[kept], weight, targets[kept])  # type: ignore[no-any-return,no-untyped-call]


class _LinearCrossEntropy(torch.autograd.Function):
    """The gradients are made in the forward pass, while a chunk's logits are at hand."""

    @staticmethod
    def forward(context: Any, states: Tensor, weight: Tensor, targets: Tensor) -> Tensor:
        learns = any(context.needs_input_grad)
        narrow = weight.to(states.dtype)
        grad_states = torch.empty_like(states) if learns else None
        grad_weight = torch.zeros_like(weight) if learns else None
        wide = torch.promote_types(states.dtype, torch.float32)
        total = torch.zeros((), dtype=wide, device=states.device)
        size = max(1, _CHUNK_BYTES // (4 * len(weight)))
        for begin in range(0, len(states), size):
            cut = slice(begin, begin + size)
            logits, chosen = states[cut] @ narrow.T, targets[cut, None]
            probabilities = logits.softmax(dim=-1, dtype=wide)
            # log(sum(exp(logits))), from the likeliest token, whose share is never too small for a logarithm.
            log_sum = logits.amax(dim=-1).to(wide) - probabilities.amax(dim=-1).log()
            total += log_sum.sum() - logits.gather(1, chosen).to(wide).sum()
            if grad_states is not None and grad_weight is not None:
                slope = probabilities.scatter_add_(1, chosen, torch.full_like(chosen, -1, dtype=wide))
                slope = slope.to(states.dtype)
                grad_states[cut] = slope @ narrow
                grad_weight += slope.T @ states[cut]
        context.save_for_backward(grad_states, grad_weight)
        return total

    @staticmethod
    def backward(context: Any, *grads: Tensor) -> tuple[Tensor | None, Tensor | None, None]:
        """Scale the kept gradients."""
        grad_states, grad_weight = context.saved_tensors
        return grad_states * grads[0].to(grad_states.dtype), grad_weight * grads[0], None
