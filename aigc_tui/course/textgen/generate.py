"""Write texts: one temperature or a list of them cycled by position, samples across temperatures, to a file.

A temperature list is textgenrnn's nicest idea: with 1.0, 0.2, 0.2 the model takes a risk at every third token
and is careful between, so that a text surprises without falling apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from aigc_tui.course.textgen.model import TextModel
from aigc_tui.course.textgen.windowed_model import WindowedModel
from aigc_tui.files import write_text
from aigc_tui.inference.decode import DecodeSession
from aigc_tui.inference.types import FinishReason
from aigc_tui.message import AppError, message
from aigc_tui.text import clean
from aigc_tui.transformer.decoding import Limits

SHEET = (0.2, 0.5, 1.0)
_MOST = 100_000
_SHARED_FILE = 0o644


class GenerateError(AppError, ValueError):
    """Nothing can be written as asked; the message says what would be right."""


@dataclass(frozen=True, slots=True)
class Style:
    """How to choose tokens and when to end.

    Args:
        temperature: One, or several that are cycled by position; 0 takes the likeliest token.
        max_length: Most tokens to write.
        top_k: Draw from so many likeliest tokens; 0: from all.
        stop: Texts that end the writing when they appear; they are not part of the result.
        seed: Of the draws.
    """

    temperature: tuple[float, ...] = (0.5,)
    max_length: int = 300
    top_k: int = 0
    stop: tuple[str, ...] = ()
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.temperature or not all(0 <= t <= 10 for t in self.temperature):
            raise GenerateError(
                "temperatures must be from 0 to 10, not {temperature}", temperature=list(self.temperature)
            )
        if not 1 <= self.max_length <= _MOST:
            raise GenerateError(
                "the longest text must have 1 to {most} tokens, not {max_length}",
                most=_MOST,
                max_length=self.max_length,
            )
        if self.top_k < 0 or "" in self.stop:
            raise GenerateError("top-k must not be negative, and a text that stops must not be empty")


@dataclass(frozen=True, slots=True)
class Written:
    """A text, its label ("" for none), and why it ended: ``end``, ``stop`` or ``length``."""

    text: str
    label: str
    ended: str


def generate(
    made: TextModel, n: int = 1, prefix: str = "", label: str = "", style: Style | None = None
) -> list[Written]:
    """Write ``n`` texts.

    Args:
        made: Who writes.
        n: How many.
        prefix: How each begins; it is part of the result.
        label: Of what kind; "" lets a generator with labels draw one by its share.
        style: How to choose.

    Raises:
        GenerateError: ``n`` is not positive, or the generator does not know the label.
    """
    return list(generate_each(made, n, prefix, label, style))


def generate_each(
    made: TextModel, n: int = 1, prefix: str = "", label: str = "", style: Style | None = None
) -> Iterator[Written]:
    """Write texts one by one, each as soon as it is ready; see :func:`generate`."""
    if not 1 <= n <= _MOST:
        raise GenerateError("the number of texts must be 1 to {most}, not {n}", most=_MOST, n=n)
    if label and label not in made.notes.labels:
        known = tuple(made.notes.labels)[:10] or message("none")
        raise GenerateError("the model has no label {label!r}; it has: {known}", label=label, known=known)
    style = style or Style()
    random = torch.Generator().manual_seed(style.seed)
    model = WindowedModel(made)
    for _ in range(n):
        chosen = label or draw_label(made, random)
        yield _write(made, model, clean(prefix), chosen, style, random)


def generate_samples(
    made: TextModel,
    n: int = 3,
    temperatures: Sequence[float] = SHEET,
    prefix: str = "",
    style: Style | None = None,
    seed: int = 0,
) -> dict[float, list[Written]]:
    """Write ``n`` texts at each of several temperatures, to compare them side by side."""
    base = replace(style or Style(), seed=seed)
    return {t: generate(made, n, prefix, style=replace(base, temperature=(t,))) for t in temperatures}


def generate_to_file(
    made: TextModel,
    path: Path,
    n: int = 1,
    prefix: str = "",
    label: str = "",
    style: Style | None = None,
    on_text: Callable[[int], None] = lambda _done: None,
) -> None:
    """Write ``n`` texts into a file, one a line; the file appears whole or not at all.

    Line breaks inside a text become spaces, so that a line is a text. ``on_text`` is told how many are done.

    Raises:
        OSError: The file cannot be written.
    """
    lines: list[str] = []
    for written in generate_each(made, n, prefix, label, style):
        lines.append(" ".join(written.text.split("\n")))
        on_text(len(lines))
    write_text(path, "\n".join(lines) + "\n", _SHARED_FILE)


def draw(logits: Tensor, temperature: float, top_k: int, random: torch.Generator) -> int:
    """Choose a token from logits (V,): the likeliest at temperature 0, else at random by softmax."""
    if temperature == 0:
        return int(logits.argmax())
    return int(torch.multinomial(probabilities(logits, temperature, top_k), 1, generator=random))


def probabilities(logits: Tensor, temperature: float, top_k: int = 0) -> Tensor:
    """Return the distribution (V,) that :func:`draw` draws from, for a temperature above 0."""
    if top_k and top_k < len(logits):
        logits = logits.masked_fill(logits < logits.topk(top_k).values[-1], float("-inf"))
    return (logits.double() / temperature).softmax(dim=-1)


def draw_label(made: TextModel, random: torch.Generator) -> str:
    """Draw a label as often as it stood in the training texts; "" for a generator without labels."""
    names = list(made.notes.labels)
    if not names:
        return ""
    shares = torch.tensor(list(made.notes.labels.values()), dtype=torch.float64)
    return names[int(torch.multinomial(shares, 1, generator=random))]


@dataclass(slots=True)
class _StyleSampler:
    """Samples by a style: the temperature goes by the position."""

    style: Style
    random: torch.Generator
    finished: bool = False

    def begin(self, prompt: Sequence[int]) -> None:
        """Nothing of the prompt counts."""

    def forced(self) -> Sequence[int]:
        return ()

    def sample(self, logits: Tensor, reply: Sequence[int]) -> int:
        temperatures = self.style.temperature
        return draw(logits, temperatures[len(reply) % len(temperatures)], self.style.top_k, self.random)


def _write(
    made: TextModel, model: WindowedModel, prefix: str, label: str, style: Style, random: torch.Generator
) -> Written:
    model.crop(0)
    ids = [*made.opening(label), *made.encode(prefix)]
    limits = Limits(style.max_length, frozenset(made.ends))
    session, text = DecodeSession(model, ids, _StyleSampler(style, random), limits), ""
    for _ in session.prefill():
        pass
    for _ in session.tokens():
        text = clean(made.decode(session.reply))
        if (cut := _first(text, style.stop)) is not None:
            return Written(prefix + text[:cut], label, "stop")
    return Written(prefix + text, label, "end" if session.finish_reason is FinishReason.STOP else "length")


def _first(text: str, stop: tuple[str, ...]) -> int | None:
    """Return where the first of the stop texts begins."""
    found = [at for part in stop if (at := text.find(part)) >= 0]
    return min(found, default=None)
