"""What the pickers of the chat pane offer: personas, models, themes and languages as rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from aigc_tui.locale import Translate
from aigc_tui.tui.chat.picker import Choice

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
            words=" ".join(persona.tags),
            detail=_persona_detail(persona, language, t),
        )
        for persona in personas
    ]


def _persona_detail(persona: Persona, language: str, t: Translate) -> str:
    parts = [persona.text("description", language), f"“{persona.text('greeting', language).strip()}”"]
    if persona.safety == "counselling":
        parts.append(t("chat.persona_counselling"))
    return "\n\n".join(part for part in parts if part.strip("“”"))


def model_choices(models: Iterable[ModelInfo], t: Translate) -> list[Choice]:
    """One row a model: its name, size and context."""
    return [
        Choice(id=model.name, title=model.name, subtitle=_model_line(model, t), detail=model.path)
        for model in models
    ]


def _model_line(model: ModelInfo, t: Translate) -> str:
    if model.problem:
        return t("chat.model_broken", problem=model.problem)
    if model.kind != "local":
        return t("chat.model_remote")
    size = f"{model.parameters / 1e6:,.0f}M"
    return t("chat.model_local", parameters=size, context=f"{model.context:,}")


def theme_choices(names: Iterable[str]) -> list[Choice]:
    """One row a theme."""
    return [Choice(id=name, title=name) for name in names]


def language_choices(codes: Iterable[str], t: Translate) -> list[Choice]:
    """One row a language, each named in itself."""
    names = {"auto": t("chat.language_auto"), "en": "English", "zh": "中文"}
    return [Choice(id=code, title=names.get(code, code)) for code in codes]
