"""Next-reply choice: which of four replies was really said? Chance is 1 in 4.

The three others are assistant turns of other dialogues of the same source, so topic and manner alone do not
give the answer away (as in Lowe et al., arXiv:1506.08909, section 4.2, with nine others). Two ways to choose:

- by length-normalised log-probability, log p(reply | dialogue) / tokens, and
- by PMI, log p(reply | dialogue) - log p(reply | nothing): what the dialogue adds, which takes away the
  advantage of phrases that are likely everywhere (Holtzman et al., arXiv:2104.08315, section 3).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aigc_tui.corpora.records import DialogueMessage, Record
from aigc_tui.evaluation.model import EvaluatedModel

CHOICES = 4
_CONTEXT_MESSAGES = 5
_NOTHING = (DialogueMessage("user", "…"),)
"""Templates demand that somebody speaks before the assistant."""


@dataclass(frozen=True, slots=True)
class ReplyChoice:
    """A dialogue up to an assistant's turn, and four candidates for it, of which one was said."""

    before: tuple[DialogueMessage, ...]
    replies: tuple[str, ...]
    right: int


@dataclass(frozen=True, slots=True)
class ReplyScore:
    """How many choices there were and how many were right, by probability and by PMI."""

    items: int = 0
    right: int = 0
    right_pmi: int = 0

    def __add__(self, other: ReplyScore) -> ReplyScore:
        return ReplyScore(
            self.items + other.items, self.right + other.right, self.right_pmi + other.right_pmi
        )

    @property
    def accuracy(self) -> float:
        """Share of right choices by length-normalised probability."""
        return self.right / self.items if self.items else 0.0

    @property
    def accuracy_pmi(self) -> float:
        return self.right_pmi / self.items if self.items else 0.0


def make_choices(records: Sequence[Record], most: int, seed: int = 0) -> list[ReplyChoice]:
    """Draw choices from dialogues, as evenly over them as possible; the same seed draws the same.

    Args:
        records: The dialogues of one source.
        most: How many choices at most.
        seed: Of the draw of turns and of the other replies.
    """
    chance = random.Random(seed)
    turns = [_replies(record) for record in records]
    places = [[(i, place) for place in found] for i, found in enumerate(turns)]
    for found in places:
        chance.shuffle(found)
    rounds = [found[n] for n in range(max(map(len, places), default=0)) for found in places if n < len(found)]
    made = (_choice(records, turns, i, place, chance) for i, place in rounds)
    return [choice for choice, _ in zip((one for one in made if one), range(most), strict=False)]


def measure(model: EvaluatedModel, choices: Sequence[ReplyChoice], tell: Callable[[], None]) -> ReplyScore:
    """Let a model choose; `tell` is called after each choice."""
    total = ReplyScore()
    for choice in choices:
        here = model.score_replies(choice.before, choice.replies)
        anywhere = model.score_replies(_NOTHING, choice.replies)
        plain = [-one.loss for one in here]
        pmi = [alone.nats - told.nats for told, alone in zip(here, anywhere, strict=True)]
        total += ReplyScore(1, _best(plain) == choice.right, _best(pmi) == choice.right)
        tell()
    return total


def _replies(record: Record) -> list[int]:
    return [
        place
        for place, message in enumerate(record.messages)
        if place
        and message.role == "assistant"
        and message.content.strip()
        and record.messages[place - 1].role == "user"
    ]


def _choice(
    records: Sequence[Record], turns: Sequence[Sequence[int]], which: int, place: int, chance: random.Random
) -> ReplyChoice | None:
    messages = records[which].messages
    said = messages[place].content.strip()
    others = {
        records[i].messages[at].content.strip() for i, found in enumerate(turns) if i != which for at in found
    } - {said}
    if len(others) < CHOICES - 1:
        return None
    replies = [said, *chance.sample(sorted(others), CHOICES - 1)]
    chance.shuffle(replies)
    return ReplyChoice(_context(messages[:place]), tuple(replies), replies.index(said))


def _context(messages: Sequence[DialogueMessage]) -> tuple[DialogueMessage, ...]:
    """The system message and the last turns, the user's first: what a chat window would still show."""
    system = [message for message in messages[:1] if message.role == "system"]
    recent = list(messages[len(system) :][-_CONTEXT_MESSAGES:])
    while len(recent) > 1 and recent[0].role != "user":
        recent.pop(0)
    return (*system, *recent)


def _best(scores: Sequence[float]) -> int:
    return max(range(len(scores)), key=scores.__getitem__)
