"""Samples the tokens of one sequence: the chain of `transformer.sampling`, with what one text remembers.

The filters are pure functions that know nothing of texts. Here the tokens of prompt and reply become what the
penalties look at, a grammar goes first, and what lives from token to token (the source of chance, mirostat's
level, the cache of guidance) is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from aigc_tui.inference.grammar import Guide
from aigc_tui.message import AppError
from aigc_tui.transformer.decoding import DecodingModel
from aigc_tui.transformer.sampling import Context, SamplingSettings, Watcher, choose, links

BREAKING_MARKS = '\n:"*：“”「」『』'
"""No repetition that DRY counts reaches across a token with one of these: line ends, quotation, emphasis."""


class LogitsError(AppError):
    """A model's logits are not finite: its weights are damaged, or too large for their type."""


@dataclass(frozen=True, slots=True)
class PenaltyWindows:
    """How far back penalties look.

    Args:
        recent: Tokens of prompt and reply that the repetition penalty counts.
        dry: Tokens that DRY searches.
        left_out: Tokens of the prompt that the repetition penalty does not count: control tokens.
    """

    recent: int
    dry: int
    left_out: frozenset[int] = frozenset()


@dataclass(slots=True)
class Guidance:
    """What classifier-free guidance compares with (arXiv:2306.17806).

    Args:
        model: The same model with a cache of its own.
        prompt: What it reads in place of the prompt: a negative prompt, or the bare start of a text.
    """

    model: DecodingModel
    prompt: Sequence[int]

    def logits(self, reply: Sequence[int]) -> Tensor:
        """Return the logits (V,) behind the reply without the real prompt."""
        read = self.model.length
        unread = [*self.prompt[read:], *reply[max(read - len(self.prompt), 0) :]]
        return self.model.forward(torch.tensor([unread]))[0, -1]


class _Tokens:
    """Tokens in a tensor that grows in place.

    Args:
        start: The first ones.
        window: How many of the last ones are looked at; 0: all.
    """

    def __init__(self, start: Sequence[int], window: int = 0) -> None:
        self._window, self._begin, self._size = window, len(start), len(start)
        self._held = torch.empty(2 * len(start) + 64, dtype=torch.long)
        self._held[: self._size] = torch.tensor(start, dtype=torch.long)

    def cut(self) -> None:
        """Go back to the first ones."""
        self._size = self._begin

    def add(self, tokens: Sequence[int]) -> None:
        size = self._size + len(tokens)
        if size > len(self._held):
            self._held = torch.cat([self._held, torch.empty(size, dtype=torch.long)])
        self._held[self._size : size] = torch.tensor(tokens, dtype=torch.long)
        self._size = size

    @property
    def last(self) -> Tensor:
        """The last ones (T,); valid until more are added."""
        return self._held[max(self._size - self._window, 0) if self._window else 0 : self._size]


class Sampler:
    """Samples the tokens of one sequence.

    Args:
        settings: The chain; temperature 0 takes the best token.
        generator: The source of chance; its seed decides the tokens.
        breakers: Tokens that no repetition reaches across, for DRY.
        windows: How far back penalties look; None: over all of prompt and reply.
        guide: The form that the text must have. It comes first: the filters choose among what it allows.
        guidance: For `settings.guidance_scale`.
        watcher: Looks on.

    Raises:
        SamplingError: The order of the chain makes no sense.
    """

    def __init__(
        self,
        settings: SamplingSettings,
        generator: torch.Generator,
        breakers: Collection[int] = (),
        windows: PenaltyWindows | None = None,
        guide: Guide | None = None,
        guidance: Guidance | None = None,
        watcher: Watcher | None = None,
    ) -> None:
        # The marks of a form must repeat; a ban on repetition could leave no token at all.
        self._settings = settings if guide is None else replace(settings, no_repeat_ngram=0)
        self._seen = frozenset(link.sees for link in links(self._settings) if link.sees)
        self._context = Context(breakers=breakers, generator=generator)
        self._windows, self._guide, self._guidance, self._watcher = windows, guide, guidance, watcher
        self._texts: dict[str, _Tokens] = {}
        self._reply: Sequence[int] = ()
        self._taken = 0

    @property
    def finished(self) -> bool:
        return self._guide is not None and self._guide.over

    def begin(self, prompt: Sequence[int]) -> None:
        self._reply, self._taken = (), 0
        if "prompt" in self._seen:
            self._context.prompt = torch.tensor(prompt, dtype=torch.long)
        w, recent, text = self._windows, prompt, prompt
        if w is not None:
            recent = [id_ for id_ in prompt[-2 * w.recent :] if id_ not in w.left_out]
            text = prompt[-w.dry :]
        # Only what a filter looks at is kept.
        texts = {
            "recent": (recent, w.recent if w else 0),
            "text": (text, w.dry if w else 0),
            "reply": ((), 0),
        }
        self._texts = {name: _Tokens(*of) for name, of in texts.items() if name in self._seen}

    def forced(self) -> Sequence[int]:
        return () if self._guide is None else self._guide.forced()

    def sample(self, logits: Tensor, reply: Sequence[int]) -> int:
        """Choose the token behind a reply.

        Args:
            logits: The model's, for this token (V,).
            reply: The tokens so far.

        Raises:
            LogitsError: A logit is NaN or infinite.
            GrammarError: The form's automaton gave up.
        """
        # The largest one tells of all: NaN beats every number, and -inf alone may rule a token out.
        if not bool(logits.max().isfinite()):
            raise LogitsError("the model's logits are not finite numbers; copy or pull the model again")
        if self._guide is not None:
            logits = self._guide.masked(logits)
        context = self._context
        self._follow(reply)
        if self._guidance is not None:
            context.unconditional = self._guidance.logits(reply)
        token = choose(logits, self._settings, context, self._watcher)
        if self._guide is not None:
            self._guide.take(token)
        return token

    def _follow(self, reply: Sequence[int]) -> None:
        """Bring the texts that filters look at up to the reply, by what is new in it."""
        if not self._texts:
            return
        if reply is not self._reply or len(reply) < self._taken:
            self._reply, self._taken = reply, 0
            for text in self._texts.values():
                text.cut()
        new, self._taken = reply[self._taken :], len(reply)
        for name, text in self._texts.items():
            text.add(new)
            setattr(self._context, name, text.last)
