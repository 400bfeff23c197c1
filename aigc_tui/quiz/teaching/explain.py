"""解析: the key as a key sheet says it, why it is right, and the sentence that says so.

Put together from what the item carries (its explanation, its source); it adds no claim of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from aigc_tui.locale import Catalogue, Translate
from aigc_tui.quiz.records import Item, ItemType, letter, offered, pairs, steps


def words(language: str) -> Translate:
    """The catalogue of a sheet's language; anything but Chinese is English."""
    return Catalogue.load("zh" if language == "zh" else "en").text


@dataclass(frozen=True, slots=True)
class Explained:
    """One item's explanation.

    Args:
        key: The answer as it stands on the key sheet: "B. 1687", "True", "1-C, 2-A".
        because: Why, in the item's own words; may be empty.
        quote: The verbatim sentence; empty for imported questions.
        section: Where it stands in the lesson.
    """

    key: str
    because: str
    quote: str
    section: str


def explain(item: Item, t: Translate) -> Explained:
    """Gather an item's explanation, in the words of the worksheet's language."""
    source = item.source
    return Explained(
        key=key_line(item, t),
        because=item.explanation,
        quote=source.quote if source else "",
        section=source.section if source else "",
    )


def key_line(item: Item, t: Translate) -> str:
    """The answer as a key sheet says it."""
    if item.type is ItemType.MC and isinstance(item.answer, int):
        return f"{letter(item.answer)}. {item.key}"
    if item.type is ItemType.TF:
        return t("teaching.true") if item.answer else t("teaching.false")
    if item.type is ItemType.MATCH:
        rights = offered(item)
        marks = [letter(rights.index(right)) for _, right in pairs(item)]
        return ", ".join(f"{number}-{mark}" for number, mark in enumerate(marks, 1))
    if item.type is ItemType.ORDER:
        shown = offered(item)
        return ", ".join(letter(place) for place in _places(steps(item), shown))
    return item.key


def _places(wanted: tuple[str, ...], shown: tuple[str, ...]) -> list[int]:
    """Where each step is shown; a step that occurs twice takes its places one after the other."""
    free = list(range(len(shown)))
    places = []
    for step in wanted:
        place = next(index for index in free if shown[index] == step)
        free.remove(place)
        places.append(place)
    return places
