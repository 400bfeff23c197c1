"""Train a soft prompt: vectors in front of every question, so that a frozen model gives the right answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

import torch
from torch import Tensor, nn

from aigc_tui.course.classification.labelled import Example
from aigc_tui.course.prompts.prompt_classifier import PromptClassifier
from aigc_tui.course.prompts.reader import Reader, log_probabilities
from aigc_tui.course.prompts.soft_prompt import PromptTask, SoftPrompt, frozen, in_front
from aigc_tui.training.data_loader import IGNORED, EpochLoader, padded, shuffled
from aigc_tui.training.hardware import use_threads_for
from aigc_tui.training.loop import Intervals, Run, train_stage
from aigc_tui.training.metrics import MetricsWriter
from aigc_tui.training.optim import adamw
from aigc_tui.training.recipe import Stage
from aigc_tui.training.step import FLOAT32, LossModule

_ROW = tuple[list[int], list[int]]


@dataclass(frozen=True, slots=True)
class SoftPlan:
    """How to train.

    Args:
        vectors: How many stand in front.
        steps: Optimizer steps.
        rows: Examples a step.
        learning_rate: High, since few numbers learn and each must move far.
        seed: Of the order and the first vectors.
    """

    vectors: int = 16
    steps: int = 300
    rows: int = 16
    learning_rate: float = 0.02
    seed: int = 0


@dataclass(frozen=True, slots=True)
class AnswerBatch:
    """Questions with their answers: ids (B, T), and the answers' tokens where they are to be said (B, T)."""

    tokens: Tensor
    targets: Tensor

    @property
    def tensors(self) -> tuple[Tensor, ...]:
        return self.tokens, self.targets

    @property
    def counted(self) -> int:
        return int((self.targets != IGNORED).sum())


class Prompted(nn.Module):
    """A frozen model behind a prompt."""

    def __init__(self, reader: Reader, prompt: SoftPrompt) -> None:
        super().__init__()
        self.module, self.prompt, self._reader = reader.model.module, prompt, reader

    def forward(self, tokens: Tensor, targets: Tensor) -> Tensor:
        """Return log p of each row's answer (B,)."""
        with in_front(self.prompt, self._reader.table):
            return log_probabilities(self._reader.model, tokens, targets)


def answer_loss(model: Prompted, tokens: Tensor, targets: Tensor) -> Tensor:
    """Sum of -log p over the tokens of the right answers, in nats (a 0-d tensor)."""
    said: Tensor = model(tokens, targets)
    return -said.sum()


def train_soft_prompt(
    reader: Reader,
    task: PromptTask,
    examples: Sequence[Example],
    plan: SoftPlan,
    writer: MetricsWriter,
    stop: Callable[[], bool] = lambda: False,
) -> SoftPrompt:
    """Train vectors for a task on examples.

    Args:
        reader: The model; none of its weights moves, which is checked.
        task: Template, labels, words.
        examples: What to learn from.
        plan: How.
        writer: Where progress is told.
        stop: Asked before each step whether to end early.
    """
    use_threads_for(reader.model.module)
    prompt = SoftPrompt(first_vectors(reader, plan))
    asked = PromptClassifier(reader, task, soft=prompt)
    words = dict(zip(task.labels, task.words, strict=True))
    rows = [asked.row(e.text, words[e.label]) for e in examples]
    with frozen(reader.model.module):
        run = Run(
            loss_module=LossModule(Prompted(reader, prompt), answer_loss, FLOAT32),
            optimizers=adamw(prompt, plan.learning_rate, weight_decay=0.0),
            writer=writer,
            intervals=Intervals(log_steps=max(1, plan.steps // 20)),
            warmup=max(1, plan.steps // 20),
            stop=stop,
        )
        stage = Stage(
            "soft prompt", {}, steps=plan.steps, seq_len=1, rows=plan.rows, micro_rows=plan.rows, end=0.05
        )
        train_stage(run, stage, EpochLoader(shuffled(rows), _collate, plan.seed))
    return prompt


@torch.no_grad()
def first_vectors(reader: Reader, plan: SoftPlan) -> Tensor:
    """Draw embeddings of the model's own tokens to start from (N, C)."""
    weight = reader.table.weight
    assert isinstance(weight, Tensor)
    chosen = Random(plan.seed).choices(range(len(weight)), k=plan.vectors)
    return weight[chosen].float()


def _collate(rows: Sequence[_ROW], _random: Random) -> AnswerBatch:
    ids, targets = zip(*rows, strict=True)
    return AnswerBatch(padded(ids, 0), padded(targets, IGNORED))
