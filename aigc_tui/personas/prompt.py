"""Make the prompt from a persona and a history, and choose the sampling of its reply.

The order is fixed (instructions, examples, history), so that the prefix cache can keep its beginning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from aigc_tui.config import Settings
from aigc_tui.engine.protocol import ChatMessage, Role, Sampling
from aigc_tui.persona_format.schema import Persona
from aigc_tui.store.records import Message

_SPOKEN = {"user": Role.USER, "assistant": Role.ASSISTANT}
_SAMPLING_FIELDS = tuple(item.name for item in fields(Sampling))


def assemble(persona: Persona, language: str, history: Sequence[Message]) -> tuple[ChatMessage, ...]:
    """Make the messages of a request: the instructions, the examples' turns, the history's turns.

    Notices and empty rows of the history (oldest first) are left out; unfinished and failed replies stay with
    the words that they have, since the user has read them.
    """
    text = persona.instructions(language)
    system = (ChatMessage(Role.SYSTEM, text),) if text else ()
    examples = tuple(
        ChatMessage(Role(turn.role), turn.text.get(language)) for turns in persona.examples for turn in turns
    )
    spoken = tuple(
        ChatMessage(_SPOKEN[message.role], message.content)
        for message in history
        if message.role in _SPOKEN and message.content
    )
    return system + examples + spoken


def sampling_for(persona: Persona, settings: Settings, defaults: Sampling) -> Sampling:
    """The sampling of a reply: the user's settings first, then the persona's, then the model's own."""
    chosen: dict[str, Any] = {}
    for name in _SAMPLING_FIELDS:
        mine = getattr(settings, name, None)
        if mine is not None:
            chosen[name] = mine
        elif name in persona.sampling:
            chosen[name] = persona.sampling[name]
    return replace(defaults, **chosen)
