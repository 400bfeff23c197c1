"""The baseline of the course: a bigram model, which knows only the character before.

What a Transformer learns beyond this is what attention brings. A baseline must be a good one of its kind, or
beating it says nothing: counts are smoothed by Witten and Bell's method (1991), which has nothing to tune.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from aigc_tui.course.article_lm import TransformerLM
from aigc_tui.course.data import Vocabulary, in_batches, loader, rows, split
from aigc_tui.training.causal_loss import causal_loss
from aigc_tui.training.data_loader import ReadyBatches, TokenBatch
from aigc_tui.training.hardware import use_threads_for
from aigc_tui.training.loop import Run, train_stage
from aigc_tui.training.optim import Optimizers
from aigc_tui.training.recipe import Stage
from aigc_tui.training.step import FLOAT32, LossModule


def bigram_table(ids: Tensor, size: int) -> Tensor:
    """Return log p(next | previous) (V, V) from counts in a text.

    A character that was followed by T different ones in N occurrences keeps N / (N + T) for what was seen
    after it; the rest goes to the plain frequencies, where every character is counted once more than it
    occurred, so that nothing is impossible.

    Args:
        ids: The training text (M,).
        size: V.
    """
    pairs = torch.zeros(size, size, dtype=torch.float64)
    pairs.index_put_((ids[:-1], ids[1:]), torch.ones(len(ids) - 1, dtype=torch.float64), accumulate=True)
    single = torch.bincount(ids, minlength=size).double() + 1
    seen = pairs.sum(dim=1, keepdim=True)
    different = (pairs > 0).sum(dim=1, keepdim=True)
    new = (different / (seen + different).clamp_min(1)).where(seen > 0, torch.ones(size, 1).double())
    mixed = (1 - new) * pairs / seen.clamp_min(1) + new * single / single.sum()
    return mixed.log()


def bigram_loss(train: Tensor, inputs: Tensor, targets: Tensor, size: int) -> float:
    """Return the mean of -log p(target | input) in nats, on the very pairs that the Transformer is judged by.

    Args:
        train: The training text (M,).
        inputs: Characters before, of any shape.
        targets: Characters to be predicted, of the same shape.
        size: V.
    """
    return float(-bigram_table(train, size)[inputs, targets].mean())


@dataclass(frozen=True, slots=True)
class Hyperparameters:
    """Sizes of the lesson; the defaults take well under a minute on one core.

    Args:
        embed_dim, num_heads, ff_dim, num_layers, dropout: As in the article.
        length: Characters of a row (T).
        batch: Rows of a step (B).
        epochs: Times that the text is read.
        learning_rate: Of Adam, at its peak; it falls to a tenth in a straight line.
        seed: Of weights, order and dropout.
    """

    embed_dim: int = 64
    num_heads: int = 4
    ff_dim: int = 256
    num_layers: int = 2
    dropout: float = 0.05
    length: int = 64
    batch: int = 16
    epochs: int = 3
    learning_rate: float = 5e-3
    seed: int = 0


@dataclass(frozen=True, slots=True)
class LessonResult:
    """What the lesson gives: the model, its vocabulary, the T that it knows, both held-out losses in nats."""

    model: TransformerLM
    vocabulary: Vocabulary
    length: int
    loss: float
    bigram: float


def learn(
    pieces: list[str],
    plan: Hyperparameters | None = None,
    tell: Callable[[int, int, float], None] = lambda *_: None,
) -> LessonResult:
    """Train the article's model on texts and measure it beside a bigram model on those set aside.

    Args:
        pieces: Dialogues or paragraphs.
        plan: Sizes.
        tell: Is told steps done, steps in all, and the loss of the step.

    Raises:
        CourseError: The texts are too short.
    """
    plan = plan or Hyperparameters()
    train_text, held_text = split(pieces)
    vocabulary = Vocabulary.of(train_text)
    train_ids, held_ids = vocabulary.encode(train_text), vocabulary.encode(held_text)
    inputs, targets = rows(held_ids, plan.length)
    torch.manual_seed(plan.seed)
    model = TransformerLM(
        len(vocabulary), plan.embed_dim, plan.num_heads, plan.ff_dim, plan.num_layers, plan.dropout
    )
    fit(model, train_ids, plan, tell)
    baseline = bigram_loss(train_ids, inputs, targets, len(vocabulary))
    return LessonResult(model, vocabulary, plan.length, held_out_loss(model, held_ids, plan), baseline)


def fit(
    model: TransformerLM, ids: Tensor, plan: Hyperparameters, tell: Callable[[int, int, float], None]
) -> None:
    """Run the article's loop over a text (M,).

    Forward, loss, backward and update are the steps of `training/step.py`, which every model here learns by.
    """
    use_threads_for(model)
    dataloader = loader(ids, plan.length, plan.batch, plan.seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=plan.learning_rate)
    run = Run(
        LossModule(model, causal_loss, FLOAT32), Optimizers((optimizer,), (plan.learning_rate,)), clip=0.0
    )
    total = plan.epochs * len(dataloader)
    stage = Stage(
        "lesson", {}, steps=total, seq_len=plan.length, rows=plan.batch, micro_rows=plan.batch, end=0.1
    )
    run.after_step = lambda result: tell(run.state.total_steps, total, result.loss)
    epochs = (TokenBatch(inputs, targets, None) for _ in range(plan.epochs) for inputs, targets in dataloader)
    model.train()
    train_stage(run, stage, ReadyBatches(epochs))
    model.eval()


@torch.no_grad()
def held_out_loss(model: TransformerLM, ids: Tensor, plan: Hyperparameters) -> float:
    """Return the mean of -log p(next character) in nats over a text that was not learnt from (M,)."""
    model.eval()
    nats, count = 0.0, 0
    for inputs, targets in in_batches(ids, plan.length, plan.batch):
        log_probabilities = model(inputs).log_softmax(dim=-1)
        nats -= float(log_probabilities.gather(-1, targets[..., None]).sum())
        count += targets.numel()
    return nats / count


@torch.no_grad()
def write(
    lesson: LessonResult, prompt: str, length: int = 120, temperature: float = 0.5, seed: int = 0
) -> str:
    """Continue a text, character by character (article, section 3.2.3).

    The model looks back T characters and no more: positions that it never saw would confuse it.
    """
    random = torch.Generator().manual_seed(seed)
    ids = lesson.vocabulary.encode(prompt)
    for _ in range(length):
        logits = lesson.model(ids[None, -lesson.length :])[0, -1]
        probabilities = (logits / temperature).softmax(dim=-1)
        ids = torch.cat([ids, torch.multinomial(probabilities, 1, generator=random)])
    return lesson.vocabulary.decode(ids)
