"""Fits a chat into the model's context: the oldest turns are dropped, whole.

More than necessary is dropped (down to three quarters of the room): turn by turn, every later turn would
shift the whole prompt and the prefix cache would never fit again. The cut is found by walking the chat from
its beginning, so without memory of earlier requests the same chat is cut at the same place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aigc_tui.inference.types import ChatMessage, Role
from aigc_tui.message import AppError

LOW_WATER = 0.75
LEAST_REPLY = 16
"""Tokens left for the reply when even the last turn alone hardly fits."""


class PromptTooLongError(AppError):
    """The last message alone does not fit into the context."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A prompt that fits."""

    tokens: tuple[int, ...]
    dropped: int
    """How many of the oldest messages were left out."""


@dataclass(frozen=True, slots=True)
class Measures:
    """How a model counts.

    Args:
        encode: Turns messages into the prompt's ids.
        count: Counts the tokens of one message, the template's share included.
        context: The model's context length in tokens.
    """

    encode: Callable[[Sequence[ChatMessage]], list[int]]
    count: Callable[[ChatMessage], int]
    context: int


def fit(messages: Sequence[ChatMessage], measures: Measures, max_tokens: int) -> Fit:
    """Choose what of a chat the model reads.

    Args:
        messages: The whole chat; system messages at its beginning are always kept.
        measures: How the model counts.
        max_tokens: Tokens asked for the reply; kept free, but at most half of the context.

    Raises:
        PromptTooLongError: The last turn with the system prompt is longer than the context.
    """
    head, turns = split_turns(messages)
    room = measures.context - min(max_tokens, measures.context // 2)
    start = _start(_sizes(head, turns, measures), room)
    while True:
        kept = [*head, *(message for turn in turns[start:] for message in turn)]
        tokens = measures.encode(kept)
        last = start >= len(turns) - 1
        if len(tokens) <= (measures.context - LEAST_REPLY if last else room):
            return Fit(tuple(tokens), len(messages) - len(kept))
        if last:
            raise PromptTooLongError(
                "the last message and the system prompt take {tokens:,} tokens, but the model reads "
                "only {context:,}; shorten the message or choose a model with a longer context",
                tokens=len(tokens),
                context=measures.context,
            )
        start += 1


def split_turns(
    messages: Sequence[ChatMessage],
) -> tuple[list[ChatMessage], list[list[ChatMessage]]]:
    """Split a chat into the system messages in front and turns, each beginning with the user's message."""
    lead = next((i for i, message in enumerate(messages) if message.role is not Role.SYSTEM), len(messages))
    turns: list[list[ChatMessage]] = []
    for message in messages[lead:]:
        if message.role is Role.USER or not turns:
            turns.append([])
        turns[-1].append(message)
    return list(messages[:lead]), turns


@dataclass(frozen=True, slots=True)
class _Sizes:
    """Tokens of the head, of each turn as it was asked, and of each turn with its reply."""

    head: int
    asked: Sequence[int]
    whole: Sequence[int]


def _sizes(head: Sequence[ChatMessage], turns: Sequence[Sequence[ChatMessage]], measures: Measures) -> _Sizes:
    counts = [[measures.count(message) for message in turn] for turn in turns]
    asked = [turn[0] for turn in counts[:-1]] + [sum(turn) for turn in counts[-1:]]
    return _Sizes(sum(map(measures.count, head)), asked, [sum(turn) for turn in counts])


def _start(sizes: _Sizes, room: int) -> int:
    """Walk through the chat as it grew and find the first turn that is still read today."""
    start, kept = 0, sizes.head
    for now, asked in enumerate(sizes.asked):
        if kept + asked > room:
            while start < now and kept + asked > room * LOW_WATER:
                kept -= sizes.whole[start]
                start += 1
        kept += sizes.whole[now]
    return start
