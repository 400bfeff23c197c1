"""What a persona is, in Python: frozen data with every text in English and Chinese.

Panes, commands, the prompt and the training grammar know only `Persona`; `parse` knows the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Literal, TypeAlias

from aigc_tui.message import AppError

TextField: TypeAlias = Literal["name", "greeting", "description", "style", "system"]
DEFAULT_AVATAR = "💬"


class PersonaError(AppError):
    """A persona is missing or its file is wrong; the message is one line that names file and line."""


class SafetyClass(StrEnum):
    """How much care a persona's talk needs."""

    GENERAL = "general"
    COUNSELLING = "counselling"
    FICTION = "fiction"


@dataclass(frozen=True, slots=True)
class Texts:
    """One text in both languages; one of them may be empty."""

    en: str = ""
    zh: str = ""

    def get(self, language: str) -> str:
        """Return the text in a language, or in the other one if it was not written in that one."""
        return (self.zh or self.en) if language == "zh" else (self.en or self.zh)


@dataclass(frozen=True, slots=True)
class ExampleTurn:
    """One turn of an example dialogue; ``role`` is ``user`` or ``assistant``."""

    role: str
    text: Texts


@dataclass(frozen=True, slots=True)
class Persona:
    """A character to talk to. `id` is its file's name without the ending."""

    id: str
    name: Texts
    greeting: Texts = field(default_factory=Texts)
    description: Texts = field(default_factory=Texts)
    style: Texts = field(default_factory=Texts)
    """How it speaks; follows the system prompt."""
    system: Texts = field(default_factory=Texts)
    """Who it is, in one or two sentences: small models have little room."""
    examples: tuple[tuple[ExampleTurn, ...], ...] = ()
    sampling: Mapping[str, object] = field(default_factory=dict)
    """Fields of `engine.protocol.Sampling` that the character needs; the rest is the model's."""
    tags: tuple[str, ...] = ()
    safety: SafetyClass = SafetyClass.GENERAL
    avatar: str = DEFAULT_AVATAR
    extra: Mapping[str, object] = field(default_factory=dict)
    """Keys of the file that this version does not know, kept as they are."""
    source: Path | None = field(default=None, compare=False)

    def text(self, name: TextField, language: str) -> str:
        texts: Texts = getattr(self, name)
        return texts.get(language)

    def instructions(self, language: str) -> str:
        """Word the system prompt: who the persona is, then how it speaks; ``""`` if the file says neither."""
        parts = (self.text("system", language), self.text("style", language))
        return ("" if language == "zh" else " ").join(part for part in parts if part)
