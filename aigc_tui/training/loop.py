"""The training loop: draw rows, predict, step; measure, save, and say how long it will take.

One plain loop for pretraining and chat tuning: only the rows and which tokens count differ.
"""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from aigc_tui.training.checkpointing import Position, save_checkpoint
from aigc_tui.training.mixing import Batch, Mixer
from aigc_tui.training.optim import Optimizers
from aigc_tui.training.packing import IGNORED
from aigc_tui.training.recipe import Recipe, Stage
from aigc_tui.training.schedule import derived_warmup, progress, rate_factor
from aigc_tui.transformer.causal_lm import CausalLM

_CLIP = 1.0
_SPIKE = 2.0  # batches of a mix differ; a jump is more than another source
_EVAL_ROWS = 4

LossFunction = Callable[[Tensor, Tensor, Tensor | None], Tensor]


class TrainingError(RuntimeError):
    """The run cannot go on: the loss is not a number any more."""


@dataclass(slots=True)
class Run:
    """All that one run holds while it lasts."""

    recipe: Recipe
    model: CausalLM
    optimizers: Optimizers
    loss: LossFunction
    held_out: Mapping[str, Batch]
    bytes_of_token: Tensor
    say: Callable[[str], str]
    position: Position = field(default_factory=Position)
    stop: Callable[[], bool] = lambda: False


def summed_loss(model: CausalLM, tokens: Tensor, targets: Tensor, segments: Tensor | None) -> Tensor:
    """Sum of -log p(target) over all targets that count, in nats (a 0-d tensor).

    A sum and not a mean, so that gradients of several small batches add up to that of a large one.
    """
    with torch.autocast(tokens.device.type, torch.bfloat16):
        logits = model(tokens, segments=segments)
    return functional.cross_entropy(
        logits.flatten(0, 1).float(), targets.flatten(), ignore_index=IGNORED, reduction="sum"
    )


def train_stage(run: Run, stage: Stage, mixer: Mixer) -> bool:
    """Train until the stage is over.

    Returns:
        False if it was stopped early (a checkpoint is written then too).
    """
    at, recipe = run.position, run.recipe
    warmup = derived_warmup(recipe.stages, recipe.warmup_steps)
    clock = saved = time.monotonic()
    average: float | None = None
    while progress(stage, at.stage_steps, at.stage_seconds) < 1 and not run.stop():
        done = progress(stage, at.stage_steps, at.stage_seconds)
        factor = rate_factor(stage, done, at.total_steps, warmup)
        run.optimizers.set_factor(factor)
        loss, norm = _step(run, stage, mixer)
        average = _watch(loss, average, run)
        now = time.monotonic()
        at.stage_seconds, at.seconds = at.stage_seconds + now - clock, at.seconds + now - clock
        rate, clock = stage.rows * stage.seq_len / (now - clock), now
        if at.total_steps % recipe.log_steps == 0:
            row = {"loss": loss, "norm": norm, "factor": factor, "tokens_per_second": rate}
            _report(run, stage, "train", row)
        if at.total_steps % recipe.eval_steps == 0:
            _report(run, stage, "held_out", measure(run))
            _sample(run)
        if now - saved > 60 * recipe.save_minutes:
            _save(run, mixer)
            saved = time.monotonic()
    _report(run, stage, "held_out", measure(run))
    _save(run, mixer)
    return progress(stage, at.stage_steps, at.stage_seconds) >= 1


def _step(run: Run, stage: Stage, mixer: Mixer) -> tuple[float, float]:
    """One optimizer step; returns mean loss in nats per counted token, and the gradient's norm."""
    batch = mixer.batch(stage.rows)
    counted = max(1, int((batch.targets != IGNORED).sum()))
    total = 0.0
    for begin in range(0, stage.rows, stage.micro_rows):
        part = slice(begin, begin + stage.micro_rows)
        segments = batch.segments[part] if stage.isolate else None
        loss = run.loss(batch.tokens[part], batch.targets[part], segments) / counted
        loss.backward()  # type: ignore[no-untyped-call]
        total += loss.item()
    norm = float(torch.nn.utils.clip_grad_norm_(run.model.parameters(), _CLIP))
    if not math.isfinite(total) or not math.isfinite(norm):
        raise TrainingError(
            f"loss is {total}, gradient norm is {norm} at step {run.position.total_steps}: "
            "resume from the last checkpoint with a smaller learning rate"
        )
    run.optimizers.step()
    at = run.position
    at.stage_steps, at.total_steps = at.stage_steps + 1, at.total_steps + 1
    at.tokens += stage.rows * stage.seq_len
    return total, norm


def _watch(loss: float, average: float | None, run: Run) -> float:
    """Keep a running mean of the loss and warn of a jump."""
    if average is not None and loss > _SPIKE * average:
        print(f"warning: loss jumped to {loss:.2f} (mean {average:.2f})", file=sys.stderr)
        row = {"kind": "spike", "step": run.position.total_steps, "loss": loss}
        append_metric(run.recipe.work, row)
    return loss if average is None else 0.95 * average + 0.05 * loss


@torch.no_grad()
def measure(run: Run) -> dict[str, float]:
    """Held-out loss per source: ``NAME`` in nats per token and ``NAME.bpb`` in bits per byte."""
    found: dict[str, float] = {}
    for name, batch in run.held_out.items():
        nats, count, size = 0.0, 0, 0
        for begin in range(0, len(batch.tokens), _EVAL_ROWS):
            part = slice(begin, begin + _EVAL_ROWS)
            tokens, targets = batch.tokens[part], batch.targets[part]
            nats += summed_loss(run.model, tokens, targets, None).item()
            counted = targets[targets != IGNORED]
            count, size = count + counted.numel(), size + int(run.bytes_of_token[counted].sum())
        if count and size:
            found[name] = round(nats / count, 4)
            found[f"{name}.bpb"] = round(nats / math.log(2) / size, 4)
    return found


def _sample(run: Run) -> None:
    for prompt in run.recipe.prompts:
        text = run.say(prompt)
        append_metric(
            run.recipe.work,
            {"kind": "sample", "step": run.position.total_steps, "prompt": prompt, "text": text},
        )


def _report(run: Run, stage: Stage, kind: str, values: Mapping[str, float]) -> None:
    at = run.position
    left = stage.minutes * 60 - at.stage_seconds if stage.minutes else 0.0
    row = {"kind": kind, "stage": stage.name, "step": at.total_steps, "tokens": at.tokens}
    append_metric(run.recipe.work, {**row, "seconds": round(at.seconds, 1), "left": round(left), **values})
    shown = " ".join(f"{name}={value:.4g}" for name, value in values.items())
    where = f"{stage.name} step {at.total_steps} {at.tokens / 1e6:.2f}M tokens, {left / 60:.1f} min left"
    print(f"{where}: {shown}", file=sys.stderr, flush=True)


def _save(run: Run, mixer: Mixer) -> None:
    run.position.mixer = mixer.state()
    save_checkpoint(run.recipe.work / "checkpoints", run.model, run.optimizers, run.position)


def append_metric(work: Path, row: Mapping[str, object]) -> None:
    """Append one row to ``metrics.jsonl``."""
    with (work / "metrics.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(row, ensure_ascii=False) + "\n")
