"""The child behind `aigc-tui model sample`: continues a prompt, and tells how each token was chosen.

``python -m aigc_tui.inference.sample_job``; `engine.sampling_job` starts it. `transformer.decoding` has the
strategies as pure functions of a model; here each gets what the request says for it, and a setting that a
strategy cannot heed is refused instead of ignored.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from aigc_tui.inference import memory
from aigc_tui.inference.decode import DecodeSession
from aigc_tui.inference.loader import LoadedModel, LoadOptions, load_model, use_threads
from aigc_tui.inference.sampling import BREAKING_MARKS, Guidance, LogitsError, Sampler
from aigc_tui.inference.tokens import Tokens
from aigc_tui.inference.types import (
    ChatMessage,
    Role,
    SampleReport,
    SampleRequest,
    ShownGuesses,
    ShownStage,
    ShownStep,
    ShownText,
    ShownToken,
)
from aigc_tui.message import AppError, Message, message
from aigc_tui.process.child import caller
from aigc_tui.process.codec import from_plain
from aigc_tui.text import one_line
from aigc_tui.transformer.decoding import (
    BeamSettings,
    CachedModel,
    Chooser,
    DraftModel,
    Limits,
    PromptLookup,
    beam_search,
    contrastive_search,
    speculative,
)
from aigc_tui.transformer.decoding.speculative import Proposer
from aigc_tui.transformer.decoding.trace import Trace, TraceStage, TraceStep, replay
from aigc_tui.transformer.sampling import Context, SamplingError, SamplingSettings, links, order_of


class SampleError(AppError):
    """The request cannot be met."""


@dataclass(slots=True)
class Outcome:
    """What a strategy made."""

    texts: list[tuple[list[int], float | None]]
    guesses: ShownGuesses | None = None


@dataclass(slots=True)
class Job:
    """One request on its way.

    Args:
        request: What is asked.
        loaded: The model.
        tokens: The prompt.
        settings: The chain.
        trace: What will be shown of the steps.
    """

    request: SampleRequest
    loaded: LoadedModel
    tokens: list[int]
    settings: SamplingSettings
    trace: Trace
    generator: torch.Generator = field(default_factory=torch.Generator)

    @property
    def prompt(self) -> Tensor:
        return torch.tensor([self.tokens])

    @property
    def limits(self) -> Limits:
        room = self.loaded.context - len(self.tokens)
        return Limits(min(self.request.max_tokens, room), self.loaded.eos_ids)

    @property
    def breakers(self) -> frozenset[int]:
        """Tokens that no repetition reaches across, if DRY is on."""
        tokens = self.loaded.tokens
        return (
            tokens.control | tokens.holding(BREAKING_MARKS)
            if self.settings.dry_multiplier > 0
            else frozenset()
        )

    def model(self) -> _Told:
        """Open the model so that it reports how far the text is."""
        return _Told(self.loaded.open(), len(self.tokens), self.limits.new)

    def option(self, name: str) -> float:
        return self.request.options[name]


class _Told:
    """A model that says on stderr how far the text is."""

    def __init__(self, inner: CachedModel, prompt: int, limit: int) -> None:
        self._inner, self._prompt, self._limit = inner, prompt, limit

    @property
    def length(self) -> int:
        return self._inner.length

    def forward(self, tokens: Tensor, last: int = 1) -> Tensor:
        logits = _checked(self._inner.forward(tokens, last))
        tell(message("Writing"), max(0, self.length - self._prompt), self._limit)
        return logits

    def forward_hidden(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        states, logits = self._inner.forward_hidden(tokens)
        tell(message("Writing"), max(0, self.length - self._prompt), self._limit)
        return states, _checked(logits)

    def crop(self, length: int) -> None:
        self._inner.crop(length)

    def select(self, rows: Tensor) -> None:
        self._inner.select(rows)


def _checked(logits: Tensor) -> Tensor:
    if not bool(logits.amax(-1).isfinite().all()):
        raise LogitsError("the model's logits are not finite numbers; copy or pull the model again")
    return logits


def tell(stage: Message, done: int, total: int) -> None:
    """Say how far a stage is."""
    caller().progress(stage, done, total)


def load(request: SampleRequest, folder: Path) -> tuple[LoadedModel, list[int]]:
    """Load a model and put the prompt into its tokens.

    Raises:
        ModelError: The folder cannot be used.
        ChatTemplateError: The template refuses the chat.
        SampleError: The prompt is empty or too long.
    """
    tell(message("Loading the model"), 0, 1)
    options = LoadOptions(
        template="required" if request.messages else "none", reserve=request.reserve_mb * memory.MEGABYTE
    )
    loaded = load_model(folder, one_line(folder.name, 80), options)
    use_threads(loaded.threads)
    if request.messages:
        prompt = loaded.chat.encode([ChatMessage(Role(role), text) for role, text in request.messages])
    else:
        prompt = loaded.plain(request.prompt)
    if not 0 < len(prompt) < loaded.context:
        raise SampleError(
            "the prompt has {tokens} tokens; this model takes 1 to {limit}",
            tokens=len(prompt),
            limit=loaded.context - 1,
        )
    return loaded, prompt


def _sampled(job: Job) -> Outcome:
    guidance = None
    if job.settings.guidance_scale != 1.0:
        start = job.loaded.plain(job.request.negative) or job.tokens[-1:]
        guidance = Guidance(job.loaded.open(), start)
    sampler = Sampler(job.settings, job.generator, job.breakers, guidance=guidance, watcher=job.trace)
    session = DecodeSession(job.model(), job.tokens, sampler, job.limits)
    return Outcome([(session.run(), None)])


def _beams(job: Job) -> Outcome:
    diverse = job.request.strategy == "diverse-beam"
    groups, diversity = (int(job.option("groups")), job.option("diversity")) if diverse else (1, 0.0)
    wide = BeamSettings(int(job.option("beams")), job.option("length_penalty"), groups, diversity)
    found = beam_search(job.model(), job.prompt, job.limits, wide)[0]
    return Outcome([(list(one.tokens), one.score) for one in found])


def _contrastive(job: Job) -> Outcome:
    candidates, weight = int(job.option("candidates")), job.option("weight")
    return Outcome([(contrastive_search(job.model(), job.prompt, job.limits, candidates, weight)[0], None)])


def _guessed(job: Job) -> Outcome:
    if job.settings.xtc_probability > 0:
        raise SamplingError("XTC samples anew for every guess, which cannot be shown; use --strategy sample")
    chooser = Chooser(job.settings, len(job.tokens), job.generator, job.breakers)
    made = speculative(
        job.model(), _proposer(job, chooser), job.prompt, job.limits, chooser, int(job.option("ahead"))
    )
    return Outcome([(made.tokens, None)], ShownGuesses(made.passes, made.proposed, made.accepted))


def _proposer(job: Job, chooser: Chooser) -> Proposer:
    if job.request.strategy == "prompt-lookup":
        return PromptLookup(int(job.option("lookup")))
    draft, _ = load(job.request, Path(job.request.draft))
    if not draft.tokens.same_vocabulary(job.loaded.tokens):
        raise SampleError("the draft model has another vocabulary, so it cannot guess this model's tokens")
    return DraftModel(draft.open(), chooser)


STRATEGIES: dict[str, Callable[[Job], Outcome]] = {
    "greedy": _sampled,
    "sample": _sampled,
    "beam": _beams,
    "diverse-beam": _beams,
    "contrastive": _contrastive,
    "prompt-lookup": _guessed,
    "draft": _guessed,
}
"""All strategies by name."""


_EXPECTED = (AppError, ValueError)
"""What may go wrong with a request; each carries one line for the user."""


def settings_of(request: SampleRequest, tokens: Tokens) -> SamplingSettings:
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
    settings = SamplingSettings(**values, sequence_bias=biases, order=order_of(request.order))  # type: ignore[arg-type]
    links(settings)
    return settings


def run(request: SampleRequest) -> SampleReport:
    """Do what is asked.

    Raises:
        SampleError: The request cannot be met.
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


def _step(tokens: Tokens, number: int, step: TraceStep) -> ShownStep:
    chosen = _token(tokens, step.token, step.probability)
    return ShownStep(number, tuple(_stage(tokens, stage) for stage in step.stages), chosen)


def _stage(tokens: Tokens, stage: TraceStage) -> ShownStage:
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
