"""Search strategies that look at more than one candidate per step: beam, diverse beam and contrastive search.

Beam search keeps the K likeliest hypotheses. Diverse beam search splits the beams into groups and penalises
tokens that earlier groups chose at the same step. Contrastive search weighs a token's probability against the
similarity of its hidden state to those before: a_t = argmax (1 - a) * p(v) - a * max cos(h_v, h_j).

Sources: Lowerre, "The Harpy speech recognition system", 1976; length penalty: Wu et al., arXiv:1609.08144;
when a search ends: transformers 5 (`early_stopping=False`), to which beam search here is equal; diverse
beams: Vijayakumar et al., arXiv:1610.02424, algorithm 1 with Hamming diversity; contrastive search: Su et
al., arXiv:2202.06417, section 4.2.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from aigc_tui.transformer.decoding.model import DecodingModel, HiddenStateModel, Limits, before_end
from aigc_tui.transformer.sampling.filters import NEVER


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A finished text: its tokens without the end, and its log-probability over length ** penalty."""

    tokens: tuple[int, ...]
    score: float


@dataclass(frozen=True, slots=True)
class BeamSettings:
    """How wide to search.

    Args:
        beams: Hypotheses that live at a time, over all groups.
        length_penalty: Above 0 favours longer texts: log-probability / length ** penalty.
        groups: Groups of beams that shun each other's choices; divides `beams`.
        diversity: How much a token loses for each time a group before chose it.
    """

    beams: int = 4
    length_penalty: float = 1.0
    groups: int = 1
    diversity: float = 0.0

    def __post_init__(self) -> None:
        if self.beams < 1 or self.groups < 1 or self.beams % self.groups:
            raise ValueError(
                f"beams ({self.beams}) must be a multiple of groups ({self.groups}), both above 0"
            )


@dataclass(slots=True)
class _Group:
    size: int
    penalty: float
    limits: Limits
    rows: list[int]
    """The row of the batch that holds each living beam."""
    texts: list[list[int]] = field(default_factory=lambda: [[]])
    scores: Tensor = field(default_factory=lambda: torch.zeros(1))
    finished: list[Hypothesis] = field(default_factory=list)
    open: bool = True

    def step(self, log_probs: Tensor, handicap: Tensor) -> tuple[list[int], list[int]]:
        """Continue the beams by log-probabilities (K, V) and a penalty ``handicap`` (V,) that is not scored.

        Returns which beam each new one continues, and with which token.
        """
        width, size = log_probs.shape[-1], len(self.texts[0]) + 1
        totals = (log_probs + self.scores.unsqueeze(1)).flatten()
        choice = (totals.view(-1, width) - handicap).flatten()
        wanted = max(2, 1 + len(self.limits.ends)) * self.size
        best = torch.topk(choice, min(wanted, choice.numel())).indices
        parents, tokens = (best // width).tolist(), (best % width).tolist()
        ends = [token in self.limits.ends or size == self.limits.new for token in tokens]
        self._finish(totals[best], parents, tokens, ends)
        alive = [place for place, over in enumerate(ends) if not over][: self.size]
        if not alive:
            self.open = False
            return [], []
        self.texts = [[*self.texts[parents[place]], tokens[place]] for place in alive]
        self.scores = totals[best][alive]
        self._close_if_settled(size)
        return [parents[place] for place in alive], [tokens[place] for place in alive]

    def _finish(self, totals: Tensor, parents: list[int], tokens: list[int], ends: list[bool]) -> None:
        """Take over the texts that end here, if they are among the best `size` continuations."""
        size = len(self.texts[0]) + 1
        scores = (totals / size**self.penalty).tolist()
        for place in range(min(self.size, len(tokens))):
            if ends[place] and totals[place] > NEVER:
                tail = [] if tokens[place] in self.limits.ends else [tokens[place]]
                text = (*self.texts[parents[place]], *tail)
                self.finished.append(Hypothesis(text, scores[place]))
        self.finished = sorted(self.finished, key=lambda one: -one.score)[: self.size]

    def _close_if_settled(self, size: int) -> None:
        """Stop taking texts in once the best living beam is worse than all that are finished."""
        if len(self.finished) == self.size:
            best = float(self.scores[0]) / size**self.penalty
            self.open = best > self.finished[-1].score


def beam_search(
    model: DecodingModel, prompt: Tensor, limits: Limits, settings: BeamSettings
) -> list[list[Hypothesis]]:
    """Search for the likeliest continuations of each prompt.

    Args:
        model: The model; it has read nothing yet.
        prompt: Tokens (B, T), equally long.
        limits: When a text is over.
        settings: How wide to search; with several groups it is diverse beam search.

    Returns:
        For each row its finished hypotheses, best first.
    """
    width = settings.beams // settings.groups
    searches = [
        [_Group(width, settings.length_penalty, limits, [row]) for _ in range(settings.groups)]
        for row in range(len(prompt))
    ]
    log_probs = model.forward(prompt)[:, -1].log_softmax(-1)
    while any(group.open for groups in searches for group in groups):
        rows: list[int] = []
        tokens: list[int] = []
        for groups in searches:
            continued, chosen = _step(groups, log_probs, settings.diversity, len(rows))
            rows += continued
            tokens += chosen
        if not rows:
            break
        model.select(torch.tensor(rows))
        log_probs = model.forward(torch.tensor(tokens).unsqueeze(1))[:, -1].log_softmax(-1)
    return [
        sorted((one for group in groups for one in group.finished), key=lambda one: -one.score)
        for groups in searches
    ]


def _step(
    groups: list[_Group], log_probs: Tensor, diversity: float, offset: int
) -> tuple[list[int], list[int]]:
    """Let the groups of one prompt choose; returns the batch's next rows and tokens, from `offset` on."""
    rows: list[int] = []
    tokens: list[int] = []
    handicap = torch.zeros(log_probs.shape[-1])
    for group in groups:
        if not group.open:
            continue
        parents, chosen = group.step(log_probs[group.rows], handicap)
        first = offset + len(rows)
        rows += [group.rows[parent] for parent in parents]
        tokens += chosen
        group.rows = list(range(first, first + len(chosen)))
        taken = torch.bincount(torch.tensor(chosen, dtype=torch.long), minlength=len(handicap))
        handicap = handicap + diversity * taken
    return rows, tokens


def contrastive_search(
    model: HiddenStateModel, prompt: Tensor, limits: Limits, candidates: int = 4, weight: float = 0.6
) -> list[list[int]]:
    """Continue each prompt by contrastive search.

    Args:
        model: The model; it has read nothing yet.
        prompt: Tokens (B, T), equally long.
        limits: When to end.
        candidates: How many of the likeliest tokens are tried, `k`; 1 is greedy search.
        weight: How much repeating counts, `a`, from 0 (greedy search) to 1.

    Returns:
        The new tokens of each row.
    """
    batch, made = len(prompt), prompt[:, :0]
    states, logits = model.forward_hidden(prompt)
    over = torch.zeros(batch, dtype=torch.bool)
    while made.shape[1] < limits.new and not bool(over.all()):
        chances, tokens = torch.topk(logits.softmax(-1), candidates)
        model.select(torch.arange(batch).repeat_interleave(candidates))
        tried, next_logits = model.forward_hidden(tokens.view(-1, 1))
        chosen = contrast(chances, tried.view(batch, candidates, -1), states, weight)
        rows = torch.arange(batch) * candidates + chosen
        model.select(rows)
        states, logits = torch.cat([states, tried[rows]], 1), next_logits[rows]
        new = tokens.gather(1, chosen.unsqueeze(1))
        made = torch.cat([made, new], 1)
        over |= torch.tensor([int(token) in limits.ends for token in new])
    return [before_end(row, limits.ends) for row in made.tolist()]


def contrast(chances: Tensor, tried: Tensor, states: Tensor, weight: float) -> Tensor:
    """Choose among candidates (equation 5 of the paper).

    Args:
        chances: The candidates' probabilities (B, K).
        tried: Their hidden states (B, K, C).
        states: Those of the text before (B, T, C).
        weight: How much likeness counts.

    Returns:
        The place of the chosen candidate (B,).
    """
    unit_tried = torch.nn.functional.normalize(tried.float(), dim=-1)
    unit_states = torch.nn.functional.normalize(states.float(), dim=-1)
    likeness = (unit_tried @ unit_states.transpose(1, 2)).max(-1).values
    return ((1 - weight) * chances - weight * likeness).argmax(-1)
