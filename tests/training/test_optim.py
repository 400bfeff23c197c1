"""Which optimizer gets which weights, and at what rate."""

from __future__ import annotations

from dataclasses import replace

import torch

from aigc_tui.training.optim import make_optimizers
from aigc_tui.training.recipe import Recipe
from aigc_tui.transformer.causal_lm import CausalLM
from tests.training.test_checkpointing import SHAPE


def weights_of(optimizer: torch.optim.Optimizer) -> set[int]:
    return {id(weight) for group in optimizer.param_groups for weight in group["params"]}


def test_muon_gets_the_matrices_of_the_blocks_and_adamw_the_rest(tiny: Recipe) -> None:
    model = CausalLM(SHAPE)
    adam, muon = make_optimizers(model, tiny).parts
    matrices = {id(w) for n, w in model.named_parameters() if ".layers." in n and w.ndim == 2}
    assert weights_of(muon) == matrices
    assert weights_of(adam) == {id(w) for w in model.parameters()} - matrices


def test_without_a_matrix_rate_adamw_gets_everything(tiny: Recipe) -> None:
    model = CausalLM(SHAPE)
    (adam,) = make_optimizers(model, replace(tiny, matrix_learning_rate=0.0)).parts
    assert weights_of(adam) == {id(w) for w in model.parameters()}


def test_embeddings_and_norms_do_not_decay(tiny: Recipe) -> None:
    model = CausalLM(SHAPE)
    (adam,) = make_optimizers(model, replace(tiny, matrix_learning_rate=0.0)).parts
    plain = next(group for group in adam.param_groups if group["weight_decay"] == 0.0)
    assert id(model.model.embed_tokens.weight) in {id(weight) for weight in plain["params"]}


def test_the_factor_scales_each_peak(tiny: Recipe) -> None:
    optimizers = make_optimizers(CausalLM(SHAPE), replace(tiny, learning_rate=0.1, matrix_learning_rate=0.2))
    optimizers.set_factor(0.5)
    assert [part.param_groups[0]["lr"] for part in optimizers.parts] == [0.05, 0.1]
