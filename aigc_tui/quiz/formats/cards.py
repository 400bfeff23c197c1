"""Plain-text cards of two sides, for Anki's text import and for Quizlet.

What a sheet of paper would show of the question goes in front: the options lettered, the left sides
and the right sides; the key and the explanation go behind.
"""

from __future__ import annotations

import re

from aigc_tui.quiz.formats.building import tags_of
from aigc_tui.quiz.formats.holding import (
    UnfitError,
    accepted_of,
    gather,
    key_of,
    rights_and_extras,
    truths_in,
    written,
)
from aigc_tui.quiz.formats.records import Format, Options, Written
from aigc_tui.quiz.records import Item, ItemType, Quiz, letter, pairs, steps
from aigc_tui.text import one_line

_MOST_OPTIONS = 26
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
        raise UnfitError("it has more than {most} options; they are lettered A to Z", most=_MOST_OPTIONS)
    return [f"{letter(index)}. {option.strip()}" for index, option in enumerate(options)]


def _truths(language: str) -> tuple[str, str]:
    return truths_in(language)


ANKI_CARRIES = frozenset({"explanation", "accepted", "tags", "feedback"})
_SPACES = re.compile(r"\s+")
_COMMAND = re.compile(r"\[(?:sound:|anki:|latex\]|\$)")


def write_anki_text(quiz: Quiz, options: Options) -> Written:
    """Write a quiz as text for Anki: front and back, as the note type Basic has them, then tags and id."""
    held, left = gather(quiz, lambda item: _line(item, options.language))
    deck = one_line(options.deck or quiz.title) or "Quiz"
    head = [
        "#separator:tab",
        "#html:false",
        f"#deck:{deck}",
        "#columns:Front\tBack\tTags\tId",
        "#tags column:3",
        "#guid column:4",
    ]
    text = "\n".join([*head, *(form for _, form in held)]) + "\n"
    return written(text.encode(), held, left, ANKI_CARRIES)


def _line(item: Item, language: str) -> str:
    tags = " ".join(_SPACES.sub("_", tag.strip()) for tag in tags_of(item))
    cells = [front(item, language), back(item, language), tags, item.id]
    if any(_COMMAND.search(cell) for cell in cells):
        raise UnfitError("Anki would run the '[...]' in it; use the package (anki) instead")
    return "\t".join(_quoted(cell) for cell in cells)


def _quoted(cell: str) -> str:
    """A cell in quotes where it must be: Anki reads newlines, tabs and quotes within them as they are."""
    risky = any(char in cell for char in '\n\t"') or cell.startswith("#")
    return '"' + cell.replace('"', '""') + '"' if risky else cell


ANKI_TEXT = Format("anki-text", ".txt", write_anki_text)


QUIZLET_CARRIES = frozenset({"explanation", "accepted", "feedback"})
_BREAK = re.compile(r"(?<!\s)\s*\n\s*")


def write_quizlet(quiz: Quiz, options: Options) -> Written:
    """Write a quiz as lines to paste; a matching question becomes one card a pair, for Quizlet's own game."""
    held, left = gather(quiz, lambda item: _cards(item, options.language))
    text = "".join(f"{card}\n" for _, cards in held for card in cards)
    return written(text.encode(), held, left, QUIZLET_CARRIES)


def _cards(item: Item, language: str) -> list[str]:
    if item.type is ItemType.MATCH:
        return [f"{_flat(left)}\t{_flat(right)}" for left, right in pairs(item)]
    return [f"{_flat(front(item, language))}\t{_flat(back(item, language))}"]


def _flat(side: str) -> str:
    return _BREAK.sub(" / ", side.strip()).replace("\t", " ")


QUIZLET = Format("quizlet", ".txt", write_quizlet)
