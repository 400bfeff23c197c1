"""A question as text that can be edited, and back.

Why it exists: one form serves all six types. The answers are lines; what a line means depends on the type.

- mc: one option a line, the right one begins with `*`;
- cloze, short: the answer on the first line, other right answers below it;
- tf: `true` or `false`, in the interface's words or in English;
- match: `left = right` a line; order: the steps in their right order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aigc_tui.locale import Translate
from aigc_tui.quiz.records import Answer, Item, ItemType, Origin, Pair
from aigc_tui.text import clean

KEY_MARK = "*"
PAIR_MARK = "="


class WrongFormError(ValueError):
    """The answers cannot be read; the message is a catalogue key."""


def answers_text(item: Item, t: Translate) -> str:
    """The answers of an item as lines."""
    answer = item.answer
    if isinstance(answer, bool):
        return t("quiz.true" if answer else "quiz.false")
    if isinstance(answer, int):
        marks = [KEY_MARK + " " if place == answer else "  " for place in range(len(item.options))]
        return "\n".join(mark + option for mark, option in zip(marks, item.options, strict=True))
    if isinstance(answer, str):
        return "\n".join((answer, *item.accepted))
    return "\n".join(part if isinstance(part, str) else f" {PAIR_MARK} ".join(part) for part in answer)


def edited(item: Item, stem: str, answers: str, explanation: str, t: Translate) -> Item:
    """The item with what was written in the form; a question of a person's from now on, if it changed.

    Raises:
        WrongFormError: The answers cannot be read as the type asks.
    """
    lines = [line.strip() for line in clean(answers).split("\n") if line.strip()]
    answer, options, accepted = _read(item, lines, t)
    feedback = _feedback(item, options)
    new = replace(
        item,
        stem=clean(stem).strip(),
        answer=answer,
        options=options,
        accepted=accepted,
        feedback=feedback,
        explanation=clean(explanation).strip(),
    )
    return new if new == item else replace(new, origin=Origin.HUMAN)


def _read(item: Item, lines: list[str], t: Translate) -> tuple[Answer, tuple[str, ...], tuple[str, ...]]:
    """The answer, the options and the accepted answers that the lines hold."""
    match item.type:
        case ItemType.MC:
            return *_choice(lines), ()
        case ItemType.TF:
            return _truth(lines, t), (), ()
        case ItemType.MATCH:
            pairs = tuple(_pair(line) for line in lines)
            return pairs, _shuffled([right for _, right in pairs], item.options), ()
        case ItemType.ORDER:
            return tuple(lines), _shuffled(lines, item.options), ()
    if not lines:
        raise WrongFormError("quiz.form_no_answer")
    return lines[0], (), tuple(dict.fromkeys(lines[1:]))


def _choice(lines: list[str]) -> tuple[int, tuple[str, ...]]:
    keys = [place for place, line in enumerate(lines) if line.startswith(KEY_MARK)]
    if len(keys) != 1:
        raise WrongFormError("quiz.form_one_key")
    return keys[0], tuple(line.removeprefix(KEY_MARK).strip() for line in lines)


def _truth(lines: list[str], t: Translate) -> bool:
    word = lines[0].casefold() if lines else ""
    for value, english, key in ((True, "true", "quiz.true"), (False, "false", "quiz.false")):
        if word in (english, english[0], t(key).casefold()):
            return value
    raise WrongFormError("quiz.form_true_false")


def _pair(line: str) -> Pair:
    left, mark, right = (part.strip() for part in line.partition(PAIR_MARK))
    if not (left and mark and right):
        raise WrongFormError("quiz.form_pairs")
    return left, right


def _shuffled(right: Sequence[str], before: tuple[str, ...]) -> tuple[str, ...]:
    """An order to show that is not the right one: as before, if nothing else changed; else turned around."""
    if sorted(before) == sorted(right):
        return before
    return (*right[1:], *right[:1]) if len(right) > 1 else tuple(right)


def _feedback(item: Item, options: tuple[str, ...]) -> tuple[str, ...]:
    """What was said of each option stays with the option that it was said of."""
    if not item.feedback:
        return ()
    said = dict(zip(item.options, item.feedback, strict=False))
    return tuple(said.get(option, "") for option in options)
