"""What makers of all types share: citation, explanation, feedback, an estimate of difficulty."""

from __future__ import annotations

from aigc_tui.quiz.generation.randomness import Randomness
from aigc_tui.quiz.planning.material import Material
from aigc_tui.quiz.planning.records import Slot
from aigc_tui.quiz.planning.words import content, name_of, occurrences, overlap
from aigc_tui.quiz.records import Answer, Item, Source

_MOST_QUOTED = 160


def write_item(
    slot: Slot,
    stem: str,
    answer: Answer,
    material: Material,
    draw: Randomness,
    *,
    options: tuple[str, ...] = (),
    accepted: tuple[str, ...] = (),
    feedback: tuple[str, ...] = (),
    explanation: str = "",
    source: Source | None = None,
    distractors: tuple[str, ...] = (),
) -> Item:
    """Write an item for a slot; the citation is the slot's sentence unless another is given."""
    quoted = source or material.source(material.sentence(slot.sentence))
    words = material.wording
    return Item(
        id=draw.item_id(slot),
        type=slot.type,
        stem=stem,
        answer=answer,
        options=options,
        explanation=explanation or words.says.format(quote=shortly(quoted.quote)),
        source=quoted,
        bloom=slot.bloom,
        difficulty=difficulty(slot, material, distractors),
        accepted=accepted,
        feedback=feedback,
        seed=draw.seed,
    )


def in_context(stem: str, material: Material, key: str) -> str:
    """Say which story a question is about: "who found the ring?" means nothing in a mixed deck of cards.

    A sentence of the story with a blank, or to be judged, shows where it comes from by itself. A title that
    names the answer ("The Fox and the Crane") cannot be told.
    """
    title = material.lesson.title
    if any(occurrences(name, title) for name in (key, *material.aliases(key))):
        return stem
    if not material.story or not title or title.casefold() in stem.casefold():
        return stem
    return material.wording.in_story.format(title=title, stem=stem[:1].lower() + stem[1:])


def from_section(stem: str, slot: Slot, material: Material) -> str:
    """Say from which section the things come that are to be matched or ordered."""
    title = material.lesson.sections[slot.section].title
    return stem.format(section=material.wording.of_section.format(title=title) if title else "")


def shortly(quote: str) -> str:
    """A quote on one line, cut at a word if long; the citation itself is never cut."""
    line = " ".join(quote.split())
    if len(line) <= _MOST_QUOTED:
        return line
    cut = line[:_MOST_QUOTED]
    return (cut.rsplit(" ", 1)[0] if cut.isascii() else cut) + "…"


def difficulty(slot: Slot, material: Material, distractors: tuple[str, ...] = ()) -> float:
    """Estimate how hard an item is from 0 to 1, before anybody tried it (quiz.md 4.2, step 9)."""
    worth = material.analysis.worth[slot.sentence].score
    answer = slot.answer
    if answer is None:
        return round(min(0.9, 0.4 + 0.05 * max(len(slot.definitions), _steps(slot))), 3)
    length = min(1.0, len(answer.text) / (12 if not answer.text.isascii() else 30))
    key = content(answer.text)
    alike = max((overlap(key, content(other)) for other in distractors), default=0.0)
    return round(
        min(0.95, 0.2 + 0.3 * (1 - worth) + 0.2 * length + 0.2 * alike + 0.1 * (1 - answer.weight)), 3
    )


def _steps(slot: Slot) -> int:
    return len(slot.sequence.steps) if slot.sequence else 0


def feedback_for(options: tuple[str, ...], place: int, slot: Slot, material: Material) -> tuple[str, ...]:
    """Word the feedback of every option of a multiple-choice item whose options are names."""
    quote = shortly(material.words(slot.sentence))
    said = material.wording.key_feedback.format(quote=quote)
    return tuple(
        said if at == place else _wrong(option, options[place], material) for at, option in enumerate(options)
    )


def _wrong(option: str, key: str, material: Material) -> str:
    where = material.places.get(name_of(option), ())
    prose = [index for index in where if material.analysis.worth[index].usable] or list(where)
    if not prose:
        return material.wording.instead.format(key=key)
    return material.wording.elsewhere.format(option=option, quote=shortly(material.words(prose[0])))
