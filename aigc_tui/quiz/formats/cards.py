"""An item as the two sides of a plain-text card, for Anki's text import and for Quizlet.

Why it exists: both know only a front and a back. What a sheet of paper would show of the question goes in
front: the options lettered, the left sides and the right sides; the key and the explanation go behind.
"""

from __future__ import annotations

from aigc_tui.quiz.formats.holding import (
    UnfitError,
    accepted_of,
    key_of,
    rights_and_extras,
)
from aigc_tui.quiz.parts import letter, pairs, steps
from aigc_tui.quiz.records import Item, ItemType

_MOST_OPTIONS = 26
_TRUTHS = {"en": ("True", "False"), "zh": ("正确", "错误")}
_ALSO = {"en": "also: ", "zh": "也可答："}


def front(item: Item, language: str) -> str:
    """The question's side, in lines.

    Raises:
        UnfitError: It has more options than there are letters.
    """
    lines = [item.stem.strip()]
    if item.type is ItemType.TF:
        lines.append(" / ".join(_truths(language)))
    if item.type is ItemType.MATCH:
        lines += [f"{number}. {left.strip()}" for number, (left, _) in enumerate(pairs(item), 1)]
    return "\n".join([*lines, *_lettered(_offered(item))])


def back(item: Item, language: str) -> str:
    """The answer's side, in lines: the key, then the explanation, then the reasons for each option."""
    lines = _answer(item, language)
    if item.explanation.strip():
        lines.append(item.explanation.strip())
    lines += [f"{letter(index)}. {said.strip()}" for index, said in enumerate(item.feedback) if said.strip()]
    return "\n".join(lines)


def _answer(item: Item, language: str) -> list[str]:
    if item.type is ItemType.MC:
        key = key_of(item)
        return [f"{letter(key)}. {item.options[key].strip()}"]
    if item.type is ItemType.TF:
        return [_truths(language)[0 if item.answer else 1]]
    if item.type is ItemType.MATCH:
        return [
            f"{number}. {left.strip()} — {right.strip()}"
            for number, (left, right) in enumerate(pairs(item), 1)
        ]
    if item.type is ItemType.ORDER:
        return [f"{number}. {step.strip()}" for number, step in enumerate(steps(item), 1)]
    main, *others = accepted_of(item)
    return [main, *([_ALSO.get(language, _ALSO["en"]) + " / ".join(others)] if others else [])]


def _offered(item: Item) -> list[str]:
    if item.type is ItemType.MATCH and not item.options:
        return sorted(rights_and_extras(item)[0])
    if item.type is ItemType.ORDER and not item.options:
        return sorted(steps(item))
    return list(item.options)


def _lettered(options: list[str]) -> list[str]:
    if len(options) > _MOST_OPTIONS:
        raise UnfitError(f"it has more than {_MOST_OPTIONS} options; they are lettered A to Z")
    return [f"{letter(index)}. {option.strip()}" for index, option in enumerate(options)]


def _truths(language: str) -> tuple[str, str]:
    return _TRUTHS.get(language, _TRUTHS["en"])
