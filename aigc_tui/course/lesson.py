"""The baseline of the course: a bigram model, which knows only the character before.

What a Transformer learns beyond this is what attention brings. A baseline must be a good one of its kind, or
beating it says nothing: counts are smoothed by Witten and Bell's method (1991), which has nothing to tune.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from aigc_tui.course.article_lm import TransformerLM
from aigc_tui.course.data import Vocabulary, in_batches, loader, rows, split


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
class Plan:
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
class Lesson:
    """What came out: the model, its vocabulary, the T that it knows, both held-out losses in nats."""

    model: TransformerLM
    vocabulary: Vocabulary
    length: int
    loss: float
    bigram: float


def learn(
    pieces: list[str], plan: Plan | None = None, tell: Callable[[int, int, float], None] = lambda *_: None
) -> Lesson:
    """Train the article's model on texts and measure it beside a bigram model on those set aside.

    Args:
        pieces: Dialogues or paragraphs.
        plan: Sizes.
        tell: Is told steps done, steps in all, and the loss of the step.

    Raises:
        CourseError: The texts are too short.
    """
    plan = plan or Plan()
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
    return Lesson(model, vocabulary, plan.length, held_out_loss(model, held_ids, plan), baseline)


def fit(model: TransformerLM, ids: Tensor, plan: Plan, tell: Callable[[int, int, float], None]) -> None:
    """Run the article's loop over a text (M,)."""
    optimizer = torch.optim.Adam(model.parameters(), lr=plan.learning_rate)
    criterion = nn.CrossEntropyLoss()
    dataloader = loader(ids, plan.length, plan.batch, plan.seed)
    total = plan.epochs * len(dataloader)
    falling = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.1, total)
    model.train()
    done = 0
    for _epoch in range(plan.epochs):
        for inputs, targets in dataloader:
            outputs = model(inputs)
            loss = criterion(outputs.view(-1, outputs.shape[-1]), targets.reshape(-1))

            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

            falling.step()
            done += 1
            tell(done, total, loss.item())
    model.eval()


@torch.no_grad()
def held_out_loss(model: TransformerLM, ids: Tensor, plan: Plan) -> float:
    """Return the mean of -log p(next character) in nats over a text that was not learnt from (M,)."""
    model.eval()
    nats, count = 0.0, 0
    for inputs, targets in in_batches(ids, plan.length, plan.batch):
        scores = model(inputs).log_softmax(dim=-1)
        nats -= float(scores.gather(-1, targets[..., None]).sum())
        count += targets.numel()
    return nats / count


@torch.no_grad()
def write(lesson: Lesson, prompt: str, length: int = 120, temperature: float = 0.5, seed: int = 0) -> str:
    """Continue a text, character by character (article, section 3.2.3).

    The model looks back T characters and no more: positions that it never saw would confuse it.
    """
    random = torch.Generator().manual_seed(seed)
    ids = lesson.vocabulary.encode(prompt)
    for _ in range(length):
        scores = lesson.model(ids[None, -lesson.length :])[0, -1]
        chances = (scores / temperature).softmax(dim=-1)
        ids = torch.cat([ids, torch.multinomial(chances, 1, generator=random)])
    return lesson.vocabulary.decode(ids)
