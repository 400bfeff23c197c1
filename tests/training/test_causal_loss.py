"""The chunked loss is cross-entropy, value and gradients; packed rows are their documents read separately."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import pytest
import torch
from torch.nn import functional

from aigc_tui.training import causal_loss as module
from aigc_tui.training.causal_loss import causal_loss, linear_cross_entropy
from aigc_tui.training.data_loader import IGNORED
from aigc_tui.transformer.causal_lm import CausalLM, initialise
from aigc_tui.transformer.config import ModelConfig
from tests.training.test_checkpointing import SHAPE

DOCUMENTS = ([5, 9, 3, 7, 1], [8, 8, 2], [6, 4, 4, 9, 9, 2, 1])


def case(rows: int, kind: torch.dtype) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(rows)
    states = torch.randn(rows, 8, generator=generator).to(kind).requires_grad_()
    weight = (torch.randn(11, 8, generator=generator) * 3).to(kind).requires_grad_()
    targets = torch.randint(0, 11, (rows,), generator=generator)
    targets[::4] = IGNORED
    return states, weight, targets


@pytest.mark.parametrize("rows", [1, 2, 7, 40])
def test_it_is_cross_entropy_and_so_are_its_gradients(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_CHUNK_BYTES", 4 * 11 * 3)  # three rows a chunk
    states, weight, targets = case(rows, torch.float64)
    expected = functional.cross_entropy(states @ weight.T, targets, ignore_index=IGNORED, reduction="sum")
    loss = linear_cross_entropy(states, weight, targets)
    assert torch.allclose(loss, expected)
    wanted = torch.autograd.grad(2 * expected, (states, weight))
    found = torch.autograd.grad(2 * loss, (states, weight))
    assert all(torch.allclose(a, b) for a, b in zip(wanted, found, strict=True))


def test_scores_far_apart_give_no_infinite_loss() -> None:
    weight = torch.tensor([[100.0], [-100.0]], requires_grad=True)
    loss = linear_cross_entropy(torch.tensor([[5.0]]), weight, torch.tensor([1]))
    assert loss.item() == pytest.approx(1000.0)


def test_rows_without_any_target_cost_nothing_and_can_be_stepped_over() -> None:
    states, weight, _ = case(4, torch.float32)
    loss = linear_cross_entropy(states, weight, torch.full((4,), IGNORED))
    loss.backward()  # type: ignore[no-untyped-call]
    assert loss.item() == 0
    assert weight.grad is not None
    assert not weight.grad.any()


def test_a_model_that_only_gives_scores_has_the_same_loss() -> None:
    model = CausalLM(SHAPE)
    tokens = torch.randint(0, 64, (2, 6), generator=torch.Generator().manual_seed(1))
    targets = tokens.roll(-1, 1)
    assert torch.allclose(
        causal_loss(model, tokens, targets, None), causal_loss(lambda t: model(t), tokens, targets, None)
    )


def separate_and_packed(config: ModelConfig) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    """Logits, loss and gradients of documents read one by one, and of the same in one row."""
    model = CausalLM(config)
    initialise(model, 3)
    for weight in model.parameters():  # far enough from zero for a leak between documents to show
        weight.data += 0.1 * torch.randn(
            weight.shape, generator=torch.Generator().manual_seed(weight.numel())
        )

    def measured(rows: Sequence[tuple[list[int], list[int], list[int] | None]]) -> dict[str, torch.Tensor]:
        model.zero_grad()
        logits, total = [], torch.zeros(())
        for ids, wanted, segments in rows:
            tokens, targets = torch.tensor([ids]), torch.tensor([wanted])
            given = None if segments is None else torch.tensor([segments])
            logits.append(model(tokens, segments=given)[0])
            loss = causal_loss(model, tokens, targets, given)
            loss.backward()  # type: ignore[no-untyped-call]
            total = total + loss.detach()
        grads = {n: p.grad.clone() for n, p in model.named_parameters() if p.grad is not None}
        return {"logits": torch.cat(logits).detach(), "loss": total, **grads}

    targets = [[*document[1:], IGNORED] for document in DOCUMENTS]
    alone = [(list(d), t, None) for d, t in zip(DOCUMENTS, targets, strict=True)]
    segments = [number for number, document in enumerate(DOCUMENTS) for _ in document]
    packed = [([*chain(*DOCUMENTS)], [*chain(*targets)], segments)]
    return measured(alone), measured(packed)


GPT2 = ModelConfig(
    vocab_size=64, hidden_size=16, layers=2, heads=2, kv_heads=2, head_dim=8, ffn_size=24, max_positions=16,
    family="gpt2", norm="layer", positions="learned", activation="gelu_new",
    qkv_bias=True, o_bias=True, ffn_bias=True,
)  # fmt: skip


@pytest.mark.parametrize("config", [SHAPE, GPT2], ids=["rotary", "learned"])
def test_packed_documents_give_the_logits_loss_and_gradients_of_separate_ones(config: ModelConfig) -> None:
    alone, packed = separate_and_packed(config)
    assert alone.keys() == packed.keys()
    for name in alone:
        assert torch.allclose(alone[name], packed[name], atol=1e-5, rtol=1e-5), name
