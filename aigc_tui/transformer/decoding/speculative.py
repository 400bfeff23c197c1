"""Speculative decoding: guess several tokens cheaply, check them in one pass of the model, change nothing.

A model reads five tokens in hardly more time than one, since the weights have to be fetched from memory
either way. So something cheap proposes a few tokens, the model scores all of them at once, and each is kept
with a probability such that the text is distributed exactly as if the model had drawn every token itself.
Leviathan, Kalman and Matias, "Fast inference from transformers via speculative decoding", arXiv:2211.17192.

What proposes is either a smaller model (`DraftModel`) or the text itself (`PromptLookup`): where the last
tokens occurred before, what followed then may follow now. Saxena, "Prompt lookup decoding", 2023.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from aigc_tui.transformer.decoding.model import DecodingModel, Limits
from aigc_tui.transformer.sampling import Context, SamplingError, SamplingSettings, filtered, is_greedy


class Proposer(Protocol):
    """Something that guesses how a text goes on."""

    def propose(self, text: Sequence[int], count: int, width: int) -> tuple[list[int], Tensor]:
        """Guess up to `count` tokens.

        Args:
            text: The text so far.
            count: The most tokens wanted.
            width: The size of the vocabulary.

        Returns:
            The tokens (N), and the distributions (N, V) that they were drawn from.
        """
        ...


@dataclass(frozen=True, slots=True)
class Chooser:
    """The chain of filters as speculation needs it: logits and a text in, a distribution out.

    Args:
        settings: The chain.
        prompt: How many tokens of the text are the prompt.
        generator: The source of chance.
        breakers: For DRY.
    """

    settings: SamplingSettings
    prompt: int
    generator: torch.Generator
    breakers: Collection[int] = ()

    def distribution(self, logits: Tensor, text: Sequence[int]) -> Tensor:
        """Return the probabilities (V,) of the next token, by logits (V,) behind a text."""
        tokens = torch.tensor(text, dtype=torch.long)
        reply, prompt = tokens[self.prompt :], tokens[: self.prompt]
        context = Context(tokens, tokens, reply, prompt, self.breakers, generator=self.generator)
        logits = filtered(logits, self.settings, context)
        if is_greedy(self.settings):
            return torch.nn.functional.one_hot(logits.argmax(), len(logits)).float()
        return logits.softmax(-1)

    def draw(self, chances: Tensor) -> int:
        """Draw a token from probabilities (V,)."""
        return int(torch.multinomial(chances, 1, generator=self.generator))


@dataclass(frozen=True, slots=True)
class Speculation:
    """What came of it.

    Args:
        tokens: The new tokens.
        passes: How often the model was run; one by one it would have been once a token.
        proposed: Tokens that were guessed.
        accepted: Tokens of those that were kept.
    """

    tokens: list[int]
    passes: int
    proposed: int
    accepted: int


class DraftModel:
    """A smaller model of the same vocabulary guesses, through the same chain of filters.

    Args:
        model: The smaller model.
        chooser: The chain.
    """

    def __init__(self, model: DecodingModel, chooser: Chooser) -> None:
        self._model = model
        self._chooser = chooser

    def propose(self, text: Sequence[int], count: int, width: int) -> tuple[list[int], Tensor]:
        self._model.crop(min(self._model.length, len(text) - 1))
        tokens, chances = list(text), []
        for _ in range(count):
            logits = self._model.forward(torch.tensor([tokens[self._model.length :]]))[0, -1]
            chances.append(self._chooser.distribution(logits, tokens))
            tokens.append(self._chooser.draw(chances[-1]))
        return tokens[len(text) :], torch.stack(chances) if chances else torch.zeros(0, width)


class PromptLookup:
    """The text itself guesses: what followed the last few tokens where they occurred before.

    Args:
        longest: The longest sequence of last tokens that is looked for; shorter ones come after.
    """

    def __init__(self, longest: int = 3) -> None:
        self._longest = longest

    def propose(self, text: Sequence[int], count: int, width: int) -> tuple[list[int], Tensor]:
        found = self._continuation(list(text), count)
        sure = torch.nn.functional.one_hot(torch.tensor(found, dtype=torch.long), width).float()
        return found, sure

    def _continuation(self, text: list[int], count: int) -> list[int]:
        for size in range(min(self._longest, len(text) - 1), 0, -1):
            tail = text[-size:]
            for start in range(len(text) - size - 1, -1, -1):
                if text[start : start + size] == tail:
                    return text[start + size : start + size + count]
        return []


def speculative(
    model: DecodingModel, proposer: Proposer, prompt: Tensor, limits: Limits, chooser: Chooser, ahead: int = 4
) -> Speculation:
    """Continue a prompt as sampling would, in fewer passes of the model.

    Args:
        model: The model; it has read nothing yet.
        proposer: What guesses.
        prompt: Tokens (1, T): how many guesses are right differs from row to row.
        limits: When to end.
        chooser: The chain of filters.
        ahead: The most tokens to guess at a time.

    Raises:
        SamplingError: The chain has mirostat, whose state a rejected guess would have to undo.
    """
    if chooser.settings.mirostat:
        raise SamplingError("mirostat needs every token before the next; it cannot go with guessing ahead")
    text: list[int] = prompt[0].tolist()
    start, passes, proposed, accepted, width = len(text), 0, 0, 0, 0
    while len(text) - start < limits.new:
        room = min(ahead, limits.new - (len(text) - start) - 1)
        guess, drafted = proposer.propose(text, room, width) if width else ([], torch.zeros(0, 0))
        logits = model.forward(torch.tensor([[*text[model.length :], *guess]]), len(guess) + 1)[0]
        width, passes, proposed = logits.shape[-1], passes + 1, proposed + len(guess)
        made = [chooser.distribution(score, [*text, *guess[:place]]) for place, score in enumerate(logits)]
        kept, token = verify(torch.stack(made), drafted, guess, chooser.generator)
        accepted += kept
        for new in [*guess[:kept], token]:
            if new in limits.ends:
                return Speculation(text[start:], passes, proposed, accepted)
            text.append(new)
        model.crop(min(model.length, len(text) - 1))
    return Speculation(text[start:], passes, proposed, accepted)


def verify(
    target: Tensor, drafted: Tensor, guess: Sequence[int], generator: torch.Generator
) -> tuple[int, int]:
    """Decide how many guesses stay, and draw the token behind them (algorithm 1 of arXiv:2211.17192).

    A guess x that was drawn with probability q(x) is kept with min(1, p(x) / q(x)). In place of the first one
    that is not, a token is drawn from max(0, p - q), which makes up exactly for what was kept too seldom.

    Args:
        target: The model's distributions (N + 1, V) at and behind the guesses.
        drafted: The distributions (N, V) that the guesses were drawn from.
        guess: The guesses (N).
        generator: The source of chance.

    Returns:
        How many guesses stay, and the next token.
    """
    for place, token in enumerate(guess):
        luck = float(torch.rand((), generator=generator))
        if luck * float(drafted[place, token]) >= float(target[place, token]):
            rest = (target[place] - drafted[place]).clamp(min=0.0)
            # Where both agree up to rounding, nothing may be left of the difference.
            rest = rest if bool(rest.any()) else target[place]
            return place, int(torch.multinomial(rest, 1, generator=generator))
    return len(guess), int(torch.multinomial(target[len(guess)], 1, generator=generator))
