"""Show how a model chooses its tokens, in a process of its own: what is asked, and what comes back.

Why it exists: `aigc-tui model sample` must not import torch. Both sides of the pipe know these records: the
request goes to the child's stdin, the report comes from its stdout, one JSON object each.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any

from aigc_tui.text import clean
from aigc_tui.training.jobs import JobError, environment

PROGRESS = "progress "
ERROR = "error: "
_CHILD = "aigc_tui.engine.worker.sample_job"

Tell = Callable[[str, int, int], None]
"""Is told a stage (`loading`, `writing`), how much of it is done, and how much there is."""


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


def run(request: SampleRequest, tell: Tell) -> SampleReport:
    """Continue a prompt in a child process.

    Args:
        request: What and how.
        tell: Told of the progress.

    Raises:
        JobError: Model or settings cannot be used; the message is one line.
    """
    with subprocess.Popen(
        # -P: a file named random.py in the folder where the program was started must not be imported.
        [sys.executable, "-P", "-m", _CHILD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        env=environment(),
    ) as job:
        assert job.stdin is not None
        assert job.stdout is not None
        assert job.stderr is not None
        # A child that died at once says why on stderr, and that is what the user has to read.
        with suppress(BrokenPipeError), job.stdin as pipe:
            pipe.write(json.dumps(asdict(request)))
        error = ""
        for line in job.stderr:
            # What libraries say goes nowhere: the line that matters is the last one that begins as an error.
            error = clean(line.strip()) if line.startswith(ERROR) else error
            _pass_on(line, tell)
        answer = job.stdout.read()
        code = job.wait()
    if code:
        raise JobError(error.removeprefix(ERROR) or f"the sampling ended with code {code}")
    try:
        return _report(json.loads(answer))
    except (ValueError, TypeError, KeyError):
        raise JobError("the sampling gave no report") from None


def _pass_on(line: str, tell: Tell) -> None:
    parts = line.split()
    if line.startswith(PROGRESS) and len(parts) == 4 and parts[2].isdecimal() and parts[3].isdecimal():
        tell(parts[1], int(parts[2]), int(parts[3]))


def _report(raw: Mapping[str, Any]) -> SampleReport:
    guesses = raw["guesses"]
    return SampleReport(
        strategy=raw["strategy"],
        seed=raw["seed"],
        prompt_tokens=raw["prompt_tokens"],
        order=tuple(raw["order"]),
        steps=tuple(_step(step) for step in raw["steps"]),
        texts=tuple(ShownText(**text) for text in raw["texts"]),
        guesses=None if guesses is None else ShownGuesses(**guesses),
    )


def _step(raw: Mapping[str, Any]) -> ShownStep:
    stages = tuple(
        ShownStage(**{**stage, "tokens": _tokens(stage["tokens"]), "removed": _tokens(stage["removed"])})
        for stage in raw["stages"]
    )
    return ShownStep(raw["step"], stages, ShownToken(**raw["chosen"]))


def _tokens(raw: Sequence[Mapping[str, Any]]) -> tuple[ShownToken, ...]:
    return tuple(ShownToken(**token) for token in raw)
