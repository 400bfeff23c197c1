"""Put a prompt together from a persona and a history, and decide how its reply is drawn.

Why it exists: both front ends, evaluation and training must mean the same prompt by the same persona. The
order is fixed (instructions, examples, history), so that the prefix cache can keep its beginning.
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


def system_text(persona: Persona, language: str) -> str:
    """Word a persona's instructions: who it is, then how it speaks.

    Args:
        persona: The persona.
        language: ``"en"`` or ``"zh"``, the language of the instructions.
    """
    return persona.instructions(language)


def assemble(persona: Persona, language: str, history: Sequence[Message]) -> tuple[ChatMessage, ...]:
    """Make the messages of a request.

    Args:
        persona: Who answers.
        language: The language of instructions and examples.
        history: The path on show, oldest first. Notices and empty rows are left out; unfinished and failed
            replies stay with the words that they have, since the user has read them.

    Returns:
        One system message (if the persona has instructions), the examples' turns, the history's turns.
    """
    text = system_text(persona, language)
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
    """Decide how a reply is drawn: the user's settings first, then the persona's, then the model's.

    Args:
        persona: Who answers.
        settings: Its sampling settings are None where the user has not chosen.
        defaults: What the model's own folder recommends.
    """
    chosen: dict[str, Any] = {}
    for name in _SAMPLING_FIELDS:
        mine = getattr(settings, name, None)
        if mine is not None:
            chosen[name] = mine
        elif name in persona.sampling:
            chosen[name] = persona.sampling[name]
    return replace(defaults, **chosen)
