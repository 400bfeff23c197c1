"""Make the prompt from a persona and a history, and choose the sampling of its reply.

The order is fixed (instructions, examples, history), so that the prefix cache can keep its beginning.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aigc_tui.config import Settings
from aigc_tui.config.sampling import OFFERED, InForce, in_force
from aigc_tui.engine.protocol import ChatMessage, Role, Sampling
from aigc_tui.persona_format.schema import Persona
from aigc_tui.store.records import Message

_SPOKEN = {"user": Role.USER, "assistant": Role.ASSISTANT}
_IDENTITY = {
    "en": "You are {name}, a character of the local program aigc-tui,"
    " made by its authors and not by a company.",
    "zh": "你是{name}，本地程序 aigc-tui 里的角色，由 aigc-tui 的作者创作，不是哪家公司开发的。",
}
"""Models of the hubs say who trained them, or, like Qwen2.5-Coder, that OpenAI did, unless told.

Says what is so rather than only what is not, and names no company: a 0.5B model that reads "not made by
OpenAI, Alibaba or any other company" answers "I was created by OpenAI, Alibaba".
"""


def assemble(
    persona: Persona, language: str, history: Sequence[Message], *, identify: bool = False
) -> tuple[ChatMessage, ...]:
    """Make the messages of a request: the instructions, the examples' turns, the history's turns.

    Notices and empty rows of the history (oldest first) are left out; unfinished and failed replies stay with
    the words that they have, since the user has read them.

    Args:
        persona: Who answers.
        language: Of instructions and examples.
        history: The conversation so far.
        identify: Whether the instructions end with who the model is; see `engine.models.needs_identity`.
    """
    text = instructions(persona, language, identify=identify)
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


def instructions(persona: Persona, language: str, *, identify: bool) -> str:
    """Word the system prompt: the persona's own words, and on request one sentence that says what it is."""
    own = persona.instructions(language)
    if not identify:
        return own
    chinese = language == "zh"
    who = _IDENTITY["zh" if chinese else "en"].format(name=persona.text("name", language))
    return ("" if chinese else " ").join(part for part in (own, who) if part)


def sampling_in_force(
    persona: Persona | None, settings: Settings, recommended: Mapping[str, float]
) -> dict[str, InForce]:
    """Tell every sampling parameter of a reply, and whose word it is; see `config.sampling.in_force`.

    Args:
        persona: Who answers; None: nobody in particular, as in a quiz.
        settings: The user's.
        recommended: What the model's makers recommend, `ModelCatalogue.defaults`.
    """
    mine = {name: getattr(settings, name) for name in OFFERED}
    return in_force(mine, persona.sampling if persona else {}, recommended)


def sampling_for(persona: Persona | None, settings: Settings, recommended: Mapping[str, float]) -> Sampling:
    """Choose the sampling of a reply; the arguments are those of `sampling_in_force`."""
    chosen = sampling_in_force(persona, settings, recommended)
    values: dict[str, Any] = {name: each.value for name, each in chosen.items()}
    if persona is not None and "stop" in persona.sampling:
        values["stop"] = persona.sampling["stop"]
    return Sampling(**values, sampling_order=settings.sampling_order)
