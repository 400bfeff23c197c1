"""Show how a model chooses its tokens, in a process of its own: what is asked, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aigc_tui.message import message
from aigc_tui.process import runner
from aigc_tui.process.codec import ProtocolError, from_plain, to_plain
from aigc_tui.process.messages import JobError
from aigc_tui.process.runner import Tell

_CHILD = "engine.worker.sample_job"


@dataclass(frozen=True, slots=True)
class SampleRequest:
    """What to continue and how.

    Args:
        folder: The model's folder.
        prompt: Plain text to continue, if there are no messages.
        messages: A chat as (role, text), put through the model's template.
        strategy: `greedy`, `sample`, `beam`, `diverse-beam`, `contrastive`, `prompt-lookup` or `draft`.
        settings: Fields of `transformer.sampling.Settings` that are not neutral.
        order: The filters' order, by name or as a list with commas.
        biases: Texts whose last token gets a bonus where the others came before.
        negative: What guidance compares with; empty: the bare start of a text.
        draft: The folder of the draft model.
        options: What the strategy takes: `beams`, `ahead`, ...
    """

    folder: str
    prompt: str = ""
    messages: tuple[tuple[str, str], ...] = ()
    strategy: str = "sample"
    settings: Mapping[str, float] = field(default_factory=dict)
    order: str = "temperature-first"
    biases: tuple[tuple[str, float], ...] = ()
    negative: str = ""
    draft: str = ""
    options: Mapping[str, float] = field(default_factory=dict)
    max_tokens: int = 64
    steps: int = 1
    top: int = 10
    seed: int = 0
    reserve_mb: int = 512


@dataclass(frozen=True, slots=True)
class ShownToken:
    """A token with its probability."""

    id: int
    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class ShownStage:
    """The distribution behind one filter; `filter` is `model` for what came in.

    Args:
        filter: Its name.
        kept: Tokens that can still come.
        entropy: In bits.
        tokens: The likeliest ones.
        removed: The likeliest of those that it cut, with their probability before.
        removed_probability: What all that it cut held before.
    """

    filter: str
    kept: int
    entropy: float
    tokens: tuple[ShownToken, ...]
    removed: tuple[ShownToken, ...]
    removed_probability: float


@dataclass(frozen=True, slots=True)
class ShownStep:
    """One token's way through the chain."""

    step: int
    stages: tuple[ShownStage, ...]
    chosen: ShownToken


@dataclass(frozen=True, slots=True)
class ShownText:
    """A text that was made; `score` is the beams' (log-probability over length ** penalty), else None."""

    text: str
    tokens: int
    score: float | None


@dataclass(frozen=True, slots=True)
class ShownGuesses:
    """What guessing ahead saved."""

    passes: int
    proposed: int
    accepted: int


@dataclass(frozen=True, slots=True)
class SampleReport:
    """How the tokens were chosen, and what text that gave, best first.

    Args:
        strategy: How it was searched.
        seed: Which repeats it.
        prompt_tokens: How many tokens the prompt has.
        order: The filters that ran, first one first.
        steps: The first steps.
        texts: What was made.
        guesses: For strategies that guess ahead.
    """

    strategy: str
    seed: int
    prompt_tokens: int
    order: tuple[str, ...]
    steps: tuple[ShownStep, ...]
    texts: tuple[ShownText, ...]
    guesses: ShownGuesses | None


def run(request: SampleRequest, tell: Tell | None = None) -> SampleReport:
    """Continue a prompt in a child process.

    Args:
        request: What and how.
        tell: Told of the progress.

    Raises:
        JobError: Model or settings cannot be used; the message is one line.
    """
    answer = runner.run(_CHILD, name=message("the sampling"), request=to_plain(request), tell=tell)
    try:
        return from_plain(SampleReport, answer)
    except ProtocolError:
        raise JobError("the sampling gave no report") from None
