"""The strategies of decoding as `aigc-tui model sample` runs them: one small function each, by name.

Why it exists: `transformer.decoding` has them as pure functions of a reader; here each gets what the request
says for it, and a setting that a strategy cannot heed is refused instead of ignored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from aigc_tui.engine.sampling_job import SampleRequest, ShownGuesses
from aigc_tui.inference import memory
from aigc_tui.inference.loader import LoadedModel, LoadOptions, load_model
from aigc_tui.inference.sampling import BREAKING_MARKS, ScoresError
from aigc_tui.inference.types import ChatMessage, Role
from aigc_tui.message import Message, message
from aigc_tui.process.child import caller
from aigc_tui.text import one_line
from aigc_tui.transformer.decoding import (
    BeamSettings,
    CachedModel,
    Chooser,
    DraftModel,
    Guide,
    Limits,
    PromptLookup,
    beam_search,
    contrastive_search,
    sample,
    speculative,
)
from aigc_tui.transformer.decoding.speculative import Proposer
from aigc_tui.transformer.decoding.trace import Trace
from aigc_tui.transformer.sampling import SamplingError, Settings


class JobProblemError(Exception):
    """The request cannot be met; the message is one line."""


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
    settings: Settings
    trace: Trace
    generator: torch.Generator = field(default_factory=torch.Generator)

    @property
    def prompt(self) -> Tensor:
        """The prompt as a batch of one (1, T)."""
        return torch.tensor([self.tokens])

    @property
    def limits(self) -> Limits:
        """When the text is over: at the limit asked for, or where the context ends."""
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
        """What the strategy was given."""
        return self.request.options[name]


class _Told:
    """A model that says on stderr how far the text is."""

    def __init__(self, inner: CachedModel, prompt: int, limit: int) -> None:
        self._inner, self._prompt, self._limit = inner, prompt, limit

    @property
    def length(self) -> int:
        return self._inner.length

    def forward(self, tokens: Tensor, last: int = 1) -> Tensor:
        scores = _checked(self._inner.forward(tokens, last))
        tell(message("Writing"), max(0, self.length - self._prompt), self._limit)
        return scores

    def forward_hidden(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        states, scores = self._inner.forward_hidden(tokens)
        tell(message("Writing"), max(0, self.length - self._prompt), self._limit)
        return states, _checked(scores)

    def crop(self, length: int) -> None:
        self._inner.crop(length)

    def select(self, rows: Tensor) -> None:
        self._inner.select(rows)


def _checked(scores: Tensor) -> Tensor:
    if not bool(scores.amax(-1).isfinite().all()):
        raise ScoresError("the model's scores are no finite numbers; copy or pull it again")
    return scores


def tell(stage: Message, done: int, total: int) -> None:
    """Say how far a stage is."""
    caller().progress(stage, done, total)


def load(request: SampleRequest, folder: Path) -> tuple[LoadedModel, list[int]]:
    """Load a model and put the prompt into its tokens.

    Raises:
        ModelError: The folder cannot be used.
        ChatTemplateError: The template refuses the chat.
        JobProblemError: The prompt is empty or too long.
    """
    tell(message("Loading the model"), 0, 1)
    options = LoadOptions(
        template="required" if request.messages else "none", reserve=request.reserve_mb * memory.MEGABYTE
    )
    loaded = load_model(folder, one_line(folder.name, 80), options)
    torch.set_num_threads(loaded.threads)
    if request.messages:
        prompt = loaded.chat.encode([ChatMessage(Role(role), text) for role, text in request.messages])
    else:
        prompt = loaded.plain(request.prompt)
    if not 0 < len(prompt) < loaded.context:
        raise JobProblemError(
            f"the prompt must be of 1 to {loaded.context - 1} tokens for this model, not {len(prompt)}"
        )
    return loaded, prompt


def _sampled(job: Job) -> Outcome:
    guide = None
    if job.settings.guidance_scale != 1.0:
        start = job.loaded.plain(job.request.negative) or job.tokens[-1:]
        guide = Guide(job.loaded.open(), torch.tensor([start]))
    made = sample(
        job.model(), job.prompt, job.settings, job.limits, job.generator, job.breakers, guide, job.trace
    )
    return Outcome([(made[0], None)])


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
        raise SamplingError(
            "XTC draws its luck anew for every guess, which cannot be shown; use --strategy sample"
        )
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
        raise JobProblemError(
            "the draft model has another vocabulary, so it cannot guess this model's tokens"
        )
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
