"""Run every measure on one model, in one order, under fixed limits.

The limits are counts and never seconds: a faster machine must not measure on other data.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from aigc_tui.config.sampling import drawing, in_force
from aigc_tui.evaluation import (
    formats,
    next_reply,
    passage_qa,
    samples,
)
from aigc_tui.evaluation.model import EvaluatedModel, EvaluationError, NoProbabilitiesError, Progress
from aigc_tui.evaluation.report import LANGUAGES, ModelReport, Obeyed, Sampled, SourceScore
from aigc_tui.evaluation.scoring import Scored
from aigc_tui.evaluation.suite import DIALOGUE, QUESTIONS, Source, questions, records
from aigc_tui.message import Message, message


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is measured: bytes and items a source, tasks and samples a language, bytes to learn from."""

    bytes: int
    choices: int
    questions: int
    tasks: int
    samples: int
    sample_tokens: int
    ngram_bytes: int
    xz_bytes: int


FULL = Limits(
    bytes=24_000,
    choices=20,
    questions=20,
    tasks=100,
    samples=12,
    sample_tokens=100,
    ngram_bytes=1_000_000,
    xz_bytes=500_000,
)
QUICK = Limits(
    bytes=6_000,
    choices=8,
    questions=5,
    tasks=8,
    samples=4,
    sample_tokens=60,
    ngram_bytes=150_000,
    xz_bytes=150_000,
)
CHAT_SAMPLING: Mapping[str, float] = drawing(in_force({}, {}, {}))
_CHOICE_BYTES = 1_000_000
"""Dialogues read for drawing choices: more than are scored, since the other replies come from them, too."""


def evaluate_model(
    name: str,
    model: EvaluatedModel,
    sources: Sequence[Source],
    limits: Limits,
    seed: int,
    tell: Progress,
    sampling: Mapping[str, float] | None = None,
) -> ModelReport:
    """Measure everything.

    Args:
        name: The model's, for the report.
        model: The model.
        sources: Held-out texts.
        limits: How much of each is measured.
        seed: Of choices and samples.
        tell: Told of the progress.
        sampling: How samples are taken; default: as a chat in which nobody sets anything.

    Raises:
        EvaluationError: The model is damaged, or a source cannot be scored.
    """
    begun = time.monotonic()
    sampling = CHAT_SAMPLING if sampling is None else sampling
    skipped: list[str] = []
    found = [_source(model, source, limits, seed, skipped, _labelled(tell, name)) for source in sources]
    report = ModelReport(name, model.engine, tuple(found), sampling=sampling)
    report = replace(
        report,
        formats={
            language: _formats(model, language, limits, _labelled(tell, name)) for language in LANGUAGES
        },
        samples={
            language: _samples(model, language, limits, seed, _labelled(tell, name), sampling)
            for language in LANGUAGES
        },
        skipped=tuple(dict.fromkeys(skipped)),
    )
    return replace(report, seconds=time.monotonic() - begun)


def score_sources(
    name: str, model: EvaluatedModel, sources: Sequence[Source], limits: Limits | None, tell: Progress
) -> ModelReport:
    """Measure bits per byte alone; without limits each source to its end.

    Raises:
        EvaluationError: The model is damaged, or a source holds no text.
    """
    found = []
    for source in sources:
        scored = _scored(model, source, limits, tell)
        found.append(SourceScore(source.name, source.language, source.kind, scored=scored))
    return ModelReport(name, model.engine, tuple(found))


def _source(
    model: EvaluatedModel, source: Source, limits: Limits, seed: int, skipped: list[str], tell: Progress
) -> SourceScore:
    score = SourceScore(source.name, source.language, source.kind)
    if source.kind == QUESTIONS:
        asked = questions(source, limits.questions)
        count = _Counter(message("{source}: questions", source=source.name), len(asked), tell)
        return replace(score, answered=passage_qa.measure(model, asked, source.language, count))
    try:
        score = replace(score, scored=_scored(model, source, limits, tell))
        if source.kind == DIALOGUE:
            choices = next_reply.make_choices(records(source, _CHOICE_BYTES), limits.choices, seed)
            count = _Counter(message("{source}: next reply", source=source.name), len(choices), tell)
            score = replace(score, chosen=next_reply.measure(model, choices, count))
    except NoProbabilitiesError as error:
        skipped.append(str(error))
    return score


def _scored(model: EvaluatedModel, source: Source, limits: Limits | None, tell: Progress) -> Scored:
    held_out = records(source, limits.bytes if limits else 2**62)
    count = _Counter(message("{source}: bits per byte", source=source.name), len(held_out), tell)
    scored = Scored()
    for record in held_out:
        scored += model.score(record)
        count()
    if not scored.bytes:
        raise EvaluationError("{held_out} holds no text to score", held_out=source.held_out)
    if not math.isfinite(scored.nats):
        raise EvaluationError("the model gives no finite probabilities; its weights are damaged")
    return scored


def _formats(model: EvaluatedModel, language: str, limits: Limits, tell: Progress) -> Obeyed:
    tasks = formats.load_tasks(language)[: limits.tasks]
    return formats.measure(
        model, tasks, _Counter(message("format obedience {language}", language=language), len(tasks), tell)
    )


def _samples(
    model: EvaluatedModel,
    language: str,
    limits: Limits,
    seed: int,
    tell: Progress,
    sampling: Mapping[str, float],
) -> Sampled:
    prompts = samples.load_prompts(language)[: limits.samples]
    count = _Counter(message("samples {language}", language=language), len(prompts), tell)
    return samples.measure(model, prompts, limits.sample_tokens, seed, count, sampling)


def _labelled(tell: Progress, name: str) -> Progress:
    return lambda what, done, total: tell(message("{name}: {what}", name=name, what=what), done, total)


class _Counter:
    """Counts items of one step and tells of each."""

    def __init__(self, what: Message, total: int, tell: Progress) -> None:
        self._what, self._total, self._tell, self._done = what, total, tell, 0
        tell(what, 0, total)

    def __call__(self) -> None:
        self._done += 1
        self._tell(self._what, self._done, self._total)
