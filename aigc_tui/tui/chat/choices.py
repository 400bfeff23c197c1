"""What the pickers of the chat pane offer: personas, models, themes and languages as rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from aigc_tui.locale import Translate
from aigc_tui.tui.widgets.picker import Choice
from aigc_tui.tui.widgets.text import quoted

if TYPE_CHECKING:
    from aigc_tui.engine.models import ModelInfo
    from aigc_tui.personas import Persona


def persona_choices(personas: Iterable[Persona], language: str, t: Translate) -> list[Choice]:
    """One row a persona: avatar and name, its description, and its greeting beside the list."""
    return [
        Choice(
            id=persona.id,
            title=persona.text("name", language),
            mark=persona.avatar,
            words=" ".join((*persona.tags, persona.name.en, persona.name.zh)),
            detail=_persona_detail(persona, language, t),
        )
        for persona in personas
    ]


def _persona_detail(persona: Persona, language: str, t: Translate) -> str:
    parts = [persona.text("description", language), quoted(persona.text("greeting", language).strip())]
    if persona.safety == "counselling":
        parts.append(t("chat.persona_counselling"))
    return "\n\n".join(part for part in parts if part.strip("“”"))


def model_choices(models: Iterable[ModelInfo], language: str, t: Translate) -> list[Choice]:
    """One row a model: its name, size and context."""
    return [
        Choice(id=model.name, title=model.name, subtitle=_model_line(model, language, t), detail=model.path)
        for model in models
    ]


def _model_line(model: ModelInfo, language: str, t: Translate) -> str:
    if model.problem:
        return t("chat.model_broken", problem=model.problem)
    if model.kind != "local":
        return t("chat.model_remote")
    size = parameter_count(model.parameters, language)
    return t("chat.model_local", parameters=size, context=f"{model.context:,}")


def parameter_count(parameters: int, language: str) -> str:
    """A count of parameters as people say it: 6.5M, 596M, 1.7B; 约 650 万, 约 6 亿."""
    if language == "zh":
        unit, name = (100_000_000, "亿") if parameters >= 100_000_000 else (10_000, "万")
        return f"约 {_two_digits(parameters / unit)} {name}"
    if parameters >= 1_000_000_000:
        return f"{parameters / 1e9:.1f}B"
    return f"{parameters / 1e6:.1f}M" if parameters < 100_000_000 else f"{parameters / 1e6:.0f}M"


def _two_digits(value: float) -> str:
    """A number rounded to two significant digits: 654.8 -> 650, 5.96 -> 6, 17.2 -> 17."""
    return f"{float(f'{value:.2g}'):g}"


def named(typed: str, table: Mapping[str, Iterable[str]]) -> str | None:
    """Which entry a user means by a name, or by the beginning of one that no other has.

    Args:
        typed: What was typed, in any case.
        table: The names of each entry, by its id, which is a name as well.

    Returns:
        The id, or None when no entry or more than one is meant.
    """
    wanted = typed.casefold().strip()
    names = {one: [one.casefold(), *(name.casefold() for name in called)] for one, called in table.items()}
    exact = [one for one, called in names.items() if wanted in called]
    begun = [one for one, called in names.items() if any(name.startswith(wanted) for name in called)]
    found = exact or begun
    return found[0] if wanted and len(found) == 1 else None


def persona_names(personas: Iterable[Persona]) -> dict[str, tuple[str, str]]:
    """What each persona is called, in every language, by its id."""
    return {persona.id: (persona.name.en, persona.name.zh) for persona in personas}


def theme_choices(names: Iterable[str]) -> list[Choice]:
    """One row a theme."""
    return [Choice(id=name, title=name) for name in names]


def language_choices(codes: Iterable[str], t: Translate) -> list[Choice]:
    """One row a language, each named in itself."""
    names = {"auto": t("chat.language_auto"), "en": "English", "zh": "中文"}
    return [Choice(id=code, title=names.get(code, code)) for code in codes]
