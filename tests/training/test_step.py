"""One step: parts add up to the whole, the gradient is clipped, and what is no number changes nothing."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from aigc_tui.training.causal_loss import causal_loss
from aigc_tui.training.data_loader import IGNORED, TokenBatch
from aigc_tui.training.distributed import ProcessGroup
from aigc_tui.training.loop import Intervals, Run, train_stage
from aigc_tui.training.optim import Optimizers, adamw
from aigc_tui.training.recipe import Stage
from aigc_tui.training.step import BFLOAT16, FLOAT32, LossModule, NotFiniteError, train_step
from aigc_tui.transformer.causal_lm import CausalLM, initialise
from tests.training.test_checkpointing import SHAPE


def loss_module(precision: str = FLOAT32) -> LossModule:
    model = CausalLM(SHAPE)
    initialise(model, 0)
    return LossModule(model, causal_loss, precision)


def batch() -> TokenBatch:
    tokens = torch.randint(0, 64, (4, 12), generator=torch.Generator().manual_seed(0))
    targets = tokens.roll(-1, 1)
    targets[0, :10] = IGNORED  # rows count differently, so a mean of means would be wrong
    targets[3] = IGNORED
    return TokenBatch(tokens, targets, None)


@pytest.mark.parametrize("precision", [FLOAT32, BFLOAT16])
@pytest.mark.parametrize("micro_rows", [1, 2, 3])
def test_small_batches_add_up_to_a_large_one(micro_rows: int, precision: str) -> None:
    after = []
    for rows in (4, micro_rows):
        learns = loss_module(precision)
        result = train_step(learns, adamw(learns.model, 0.01), ProcessGroup(), batch(), rows, clip=1.0)
        after.append((result.loss, torch.cat([p.detach().flatten() for p in learns.parameters()])))
    (loss, weights), (other_loss, other) = after
    assert loss == pytest.approx(other_loss, abs=1e-5 if precision == FLOAT32 else 1e-2)
    if precision == FLOAT32:  # where a gradient is nearly nothing, AdamW makes a step of its rounding
        assert float((weights - other).norm() / weights.norm()) < 1e-3


def test_the_loss_is_the_mean_over_targets() -> None:
    learns = loss_module()
    result = train_step(learns, adamw(learns.model, 0.0), ProcessGroup(), batch(), 2, clip=0.0)
    logits = learns.model(batch().tokens)
    expected = functional.cross_entropy(logits.flatten(0, 1), batch().targets.flatten(), ignore_index=IGNORED)
    assert result.loss == pytest.approx(expected.item(), abs=1e-5)


def test_the_gradient_is_shortened_to_the_limit_and_its_length_told() -> None:
    norms = []
    for limit in (0.0, 1e-3):
        learns = loss_module()
        norms.append(train_step(learns, Optimizers((), ()), ProcessGroup(), batch(), 4, limit).norm)
    assert norms[1] == pytest.approx(norms[0])
    length = torch.stack([p.grad.norm() for p in learns.parameters() if p.grad is not None]).norm()
    assert float(length) == pytest.approx(1e-3, rel=1e-3)


def test_a_loss_that_is_no_number_leaves_the_weights_as_they_were() -> None:
    learns = loss_module()
    before = [p.detach().clone() for p in learns.parameters()]
    learns.loss = lambda *_: torch.stack([p.sum() for p in learns.model.parameters()]).sum() * float("nan")
    with pytest.raises(NotFiniteError):
        train_step(learns, adamw(learns.model, 0.1), ProcessGroup(), batch(), 4, clip=1.0)
    assert all(torch.equal(a, b) for a, b in zip(before, learns.parameters(), strict=True))


@dataclass(frozen=True)
class Labelled:
    ids: Tensor
    labels: Tensor

    @property
    def tensors(self) -> tuple[Tensor | None, ...]:
        return self.ids, self.labels

    @property
    def counted(self) -> int:
        return len(self.labels)


class Sums:
    """Pairs of numbers whose label is whether the first is larger."""

    def batch(self, rows: int, mine: slice = slice(None)) -> Labelled:
        numbers = torch.randn(rows, 2)
        return Labelled(numbers[mine], (numbers[:, 0] > numbers[:, 1]).long()[mine])

    def state(self) -> dict[str, object]:
        return {}

    def restore(self, state: dict[str, object]) -> None:
        pass


def test_the_same_loop_trains_what_is_no_language_model() -> None:
    torch.manual_seed(0)
    model = nn.Linear(2, 2)

    def loss(model: nn.Module, ids: Tensor, labels: Tensor) -> Tensor:
        return functional.cross_entropy(model(ids), labels, reduction="sum")

    run = Run(LossModule(model, loss, FLOAT32), adamw(model, 0.1, 0.0), intervals=Intervals(log_steps=50))
    assert train_stage(run, Stage("sort", {}, steps=60, rows=32, micro_rows=16), Sums())
    fresh = Sums().batch(400)
    assert float((model(fresh.ids).argmax(1) == fresh.labels).float().mean()) > 0.95
