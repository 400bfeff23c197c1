"""The honest line about what a model wrote, which every export carries.

Why it exists: readers of an exported conversation have a right to know its AI share, and some laws demand
that it is said. A greeting from a persona file or a reply that the user rewrote does not count: no model
wrote it.
"""

from __future__ import annotations

from collections.abc import Sequence

from aigc_tui.locale import Catalogue, Language
from aigc_tui.store.records import Message
from aigc_tui.text import guess_language, one_line


def by_model(message: Message) -> bool:
    """Whether a language model wrote this message."""
    return message.role == "assistant" and bool(message.model)


def ai_label(messages: Sequence[Message], catalogue: Catalogue) -> str:
    """Word how many of the messages, and what share of the characters, a model wrote."""
    written = [message for message in messages if by_model(message)]
    if not written:
        return catalogue.text("transfer.ai_none")
    characters = sum(len(message.content) for message in messages)
    share = round(100 * sum(len(message.content) for message in written) / max(characters, 1))
    models = ", ".join(sorted({one_line(message.model, 60) for message in written}))
    return catalogue.text(
        "transfer.ai_label", messages=len(written), total=len(messages), share=share, models=models
    )


def speaker(message: Message, catalogue: Catalogue) -> str:
    """Who speaks, as a reader is told."""
    roles = {
        "user": catalogue.text("transfer.role_user"),
        "assistant": catalogue.text("transfer.role_assistant"),
        "system": catalogue.text("transfer.role_system"),
        "notice": catalogue.text("transfer.role_notice"),
    }
    return roles.get(message.role, one_line(message.role, 40))


def catalogue_for(messages: Sequence[Message]) -> Catalogue:
    """The catalogue of the language that the messages are mostly in."""
    sample = "\n".join(message.content[:2000] for message in messages[:50])
    language: Language = "zh" if guess_language(sample) == "zh" else "en"
    return Catalogue.load(language)
