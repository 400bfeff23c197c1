"""Personas: who answers. Files, the library that finds them, and the prompt made from one.

Importing this package does not import PyYAML; reading the first persona does.
"""

from __future__ import annotations

from aigc_tui.persona_format.schema import ExampleTurn, Persona, PersonaError, SafetyClass, Texts
from aigc_tui.personas.library import PersonaLibrary
from aigc_tui.personas.prompt import assemble, sampling_for, sampling_in_force

__all__ = [
    "ExampleTurn",
    "Persona",
    "PersonaError",
    "PersonaLibrary",
    "SafetyClass",
    "Texts",
    "assemble",
    "sampling_for",
    "sampling_in_force",
]
