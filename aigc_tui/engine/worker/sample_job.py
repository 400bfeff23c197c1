"""The child of `engine.sampling_job`: load a model, continue a prompt, and tell how each token was chosen.

Why it exists: the command line shows what the filters and strategies of `transformer/` do with any model that
can be named. Reads a request from stdin and writes a report to stdout.
"""

from __future__ import annotations

import sys
from pathlib import Path

from aigc_tui.engine.sampling_job import (
    SampleReport,
    SampleRequest,
    ShownStage,
    ShownStep,
    ShownText,
    ShownToken,
)
from aigc_tui.inference.jinja import ChatTemplateError
from aigc_tui.inference.sampling import ScoresError
from aigc_tui.inference.source import ModelError
from aigc_tui.inference.strategies import STRATEGIES, Job, JobProblemError, Outcome, load
from aigc_tui.inference.tokens import Tokens
from aigc_tui.process.child import caller
from aigc_tui.process.codec import from_plain
from aigc_tui.transformer.decoding.trace import Stage, Step, Trace, replay
from aigc_tui.transformer.sampling import Context, SamplingError, Settings, links, order_of

_EXPECTED = (JobProblemError, ModelError, SamplingError, ScoresError, ChatTemplateError, ValueError)
"""What may go wrong with a request; each carries one line for the user."""


def settings_of(request: SampleRequest, tokens: Tokens) -> Settings:
    """Read the chain, and refuse one in which something would have no effect.

    Raises:
        SamplingError: An order that lacks a filter that is on, or knows one that does not exist.
    """
    biases = tuple((tuple(tokens.encode_plain(text)), value) for text, value in request.biases)
    if any(not sequence for sequence, _ in biases):
        raise SamplingError("a bias needs a text of at least one token")
    values = dict(request.settings)
    if request.strategy == "greedy":
        values["temperature"] = 0.0
    settings = Settings(**values, sequence_bias=biases, order=order_of(request.order))  # type: ignore[arg-type]
    links(settings)
    return settings


def run(request: SampleRequest) -> SampleReport:
    """Do what is asked.

    Raises:
        JobProblemError: The request cannot be met.
        ModelError: A model cannot be used.
        SamplingError: The settings contradict each other.
    """
    loaded, prompt = load(request, Path(request.folder))
    job = Job(request, loaded, prompt, settings_of(request, loaded.tokens), Trace(request.steps, request.top))
    job.generator.manual_seed(request.seed)
    outcome = STRATEGIES[request.strategy](job)
    if not job.trace.steps:
        # The strategies that look ahead: their best text goes through the chain once more.
        made = outcome.texts[0][0][: request.steps]
        context = Context(breakers=job.breakers, generator=job.generator)
        replay(loaded.open(), prompt, made, job.settings, context, job.trace)
    return _report(job, outcome)


def _report(job: Job, outcome: Outcome) -> SampleReport:
    tokens = job.loaded.tokens
    return SampleReport(
        strategy=job.request.strategy,
        seed=job.request.seed,
        prompt_tokens=len(job.tokens),
        order=tuple(link.name for link in links(job.settings)),
        steps=tuple(_step(tokens, number, step) for number, step in enumerate(job.trace.steps, 1)),
        texts=tuple(ShownText(tokens.decode(made), len(made), score) for made, score in outcome.texts),
        guesses=outcome.guesses,
    )


def _step(tokens: Tokens, number: int, step: Step) -> ShownStep:
    chosen = _token(tokens, step.token, step.probability)
    return ShownStep(number, tuple(_stage(tokens, stage) for stage in step.stages), chosen)


def _stage(tokens: Tokens, stage: Stage) -> ShownStage:
    best = tuple(_token(tokens, *pair) for pair in stage.best)
    removed = tuple(_token(tokens, *pair) for pair in stage.removed)
    return ShownStage(stage.name, stage.kept, stage.bits, best, removed, stage.removed_mass)


def _token(tokens: Tokens, id_: int, probability: float) -> ShownToken:
    return ShownToken(id_, tokens.shown(id_), probability)


def main() -> int:
    """Answer the request on stdin; returns the exit code."""
    parent = caller()
    try:
        parent.answer(run(from_plain(SampleRequest, parent.request())))
    except _EXPECTED as problem:
        return parent.fail(problem)
    return 0


if __name__ == "__main__":
    sys.exit(main())
