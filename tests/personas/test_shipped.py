"""The eight shipped personas: bilingual throughout, short enough for a small model, and each its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from aigc_tui.config import Paths
from aigc_tui.config.sampling import OFFERED
from aigc_tui.engine.protocol import Role
from aigc_tui.personas import Persona, PersonaLibrary, SafetyClass, Texts, assemble
from aigc_tui.personas.library import SHIPPED
from aigc_tui.text import guess_language, width

LIBRARY = PersonaLibrary(Paths(Path("/nonexistent")))
PERSONAS = LIBRARY.all()
MAX_ENGLISH_WORDS = 70
MAX_CHINESE_LETTERS = 120


def texts(persona: Persona) -> list[Texts]:
    fields = [persona.name, persona.greeting, persona.description, persona.style, persona.system]
    return fields + [turn.text for turns in persona.examples for turn in turns]


@pytest.mark.parametrize("persona", PERSONAS, ids=SHIPPED)
def test_every_text_is_there_in_both_languages(persona: Persona) -> None:
    for text in texts(persona):
        assert text.en
        assert text.zh
        assert guess_language(text.en) == "en"
        assert guess_language(text.zh) == "zh"


@pytest.mark.parametrize("persona", PERSONAS, ids=SHIPPED)
def test_instructions_are_short_and_examples_leave_room(persona: Persona) -> None:
    for identify, more in ((False, 0), (True, 30)):
        system = assemble(persona, "en", [], identify=identify)[0].content
        assert len(system.split()) <= MAX_ENGLISH_WORDS + more
        assert (
            len(assemble(persona, "zh", [], identify=identify)[0].content) <= MAX_CHINESE_LETTERS + 2 * more
        )
    assert sum(len(message.content) for message in assemble(persona, "en", [])) <= 900


@pytest.mark.parametrize("persona", PERSONAS, ids=SHIPPED)
def test_examples_go_from_the_user_to_the_persona_in_turns(persona: Persona) -> None:
    assert persona.examples
    for turns in persona.examples:
        roles = [turn.role for turn in turns]
        assert roles == [Role.USER, Role.ASSISTANT] * (len(turns) // 2)


@pytest.mark.parametrize("persona", PERSONAS, ids=SHIPPED)
def test_it_has_a_face_tags_and_its_own_way_of_speaking(persona: Persona) -> None:
    assert width(persona.avatar) == 2
    assert persona.tags
    assert persona.extra == {}
    assert "max_tokens" in persona.sampling


@pytest.mark.parametrize("persona", PERSONAS, ids=SHIPPED)
def test_a_persona_leaves_sampling_to_the_model_unless_its_file_says_why(persona: Persona) -> None:
    assert persona.source is not None
    lines = persona.source.read_text(encoding="utf-8").splitlines()
    for place, line in enumerate(lines):
        name = line.split(":")[0].strip()
        if line.startswith("  ") and name in OFFERED and name != "max_tokens":
            assert lines[place - 1].startswith("  # ")


def test_no_two_personas_share_a_name_a_greeting_or_a_prompt() -> None:
    for field in ("name", "greeting", "system", "description"):
        assert len({getattr(persona, field) for persona in PERSONAS}) == len(SHIPPED)


def test_the_listener_counsels_and_the_storytellers_play() -> None:
    classes = {persona.id: persona.safety for persona in PERSONAS}
    assert classes.pop("listener") is SafetyClass.COUNSELLING
    assert {name for name, safety in classes.items() if safety is SafetyClass.FICTION} == {"narrator", "npc"}


def test_the_shops_policy_has_the_same_numbers_in_both_languages() -> None:
    system = LIBRARY.get("shopkeeper").system
    for number in ("14", "3", "5", "6", "88", "9", "21"):
        assert number in system.en
        assert number in system.zh
