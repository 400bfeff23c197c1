"""Items out of files that anybody may have written: lengths, counts and keys are checked here."""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from aigc_tui.documents.read.decoding import decode_text, is_binary
from aigc_tui.ids import uuid7
from aigc_tui.message import AppError, Message, message
from aigc_tui.quiz.formats.holding import fault
from aigc_tui.quiz.formats.records import Problem
from aigc_tui.quiz.records import BLANK, Answer, Bloom, Item, ItemType, Origin, Pair, QuizError
from aigc_tui.text import clean, one_line

LARGEST_FILE = 64 << 20
"""Bytes of a question file."""
MOST_QUESTIONS = 20_000
MOST_PROBLEMS = 200
LONGEST_TEXT = 20_000
"""Characters of one text of a question."""
_MOST_PARTS = 100
"""Options, pairs, steps or accepted answers of one question."""
_LONGEST_ID = 64

TOP_CATEGORY = "$course$/top/"
"""Where Moodle puts the categories of a course."""
_GAP = re.compile(r"_{3,}")
_BLOOM = "bloom:"


class UnreadableError(AppError, ValueError):
    """This question cannot be read; the message is the reason."""


def human(kind: ItemType, stem: str, answer: Answer, *, options: Sequence[str] = (), **more: Any) -> Item:
    """Make an item out of a file, cleaned and checked against caps and type; an empty `id` becomes a new one.

    Raises:
        UnreadableError: A text or a list is too long, or it is no question of that type.
    """
    more["id"] = _id(more.get("id", ""))
    if source := more.get("source"):
        more["source"] = replace(source, section=text(source.section), quote=text(source.quote))
    for part in ("accepted", "feedback", "tags"):
        more[part] = tuple(text(each) for each in more.get(part, ()))
    item = Item(
        type=kind,
        stem=text(stem),
        answer=_cleaned(answer),
        options=tuple(text(each) for each in options),
        origin=more.pop("origin", Origin.HUMAN),
        explanation=text(more.pop("explanation", "")),
        **more,
    )
    _within(item)
    if reason := fault(item):
        raise UnreadableError(reason)
    return item


def match(stem: str, pairs: Sequence[Pair], extras: Sequence[str] = (), **more: Any) -> Item:
    """Make a match item; its right sides are shuffled by its stem, the same way every time."""
    rights = [*(right for _, right in pairs), *extras]
    return human(ItemType.MATCH, stem, tuple(pairs), options=shuffled(rights, stem), **more)


def order(stem: str, steps: Sequence[str], **more: Any) -> Item:
    """Make an order item; its steps are shuffled by its stem, the same way every time."""
    return human(ItemType.ORDER, stem, tuple(steps), options=shuffled(steps, stem), **more)


def worded(stem: str, answers: Sequence[str], **more: Any) -> Item:
    """Make a cloze item where the stem has one gap, else a short one; the first answer is the main one."""
    if not answers:
        raise UnreadableError("it has no right answer")
    gap = len(_GAP.findall(stem)) == 1
    kind = ItemType.CLOZE if gap else ItemType.SHORT
    return human(kind, _GAP.sub(BLANK, stem) if gap else stem, answers[0], accepted=answers[1:], **more)


def shuffled(parts: Sequence[str], stem: str) -> tuple[str, ...]:
    """Shuffle by the stem: a file says nothing about an order, and the same file must give the same item."""
    mixed = sorted(parts)
    random.Random(zlib.crc32(stem.encode("utf-8", "replace"))).shuffle(mixed)
    turns = (tuple(mixed[at:] + mixed[:at]) for at in range(len(mixed)))
    return next((turn for turn in turns if turn != tuple(parts)), tuple(mixed))


def text(value: str) -> str:
    """Clean and strip one text of a question.

    Raises:
        UnreadableError: It is longer than any question's text.
    """
    if len(value) > LONGEST_TEXT:
        raise UnreadableError("a text of it is longer than {most} characters", most=LONGEST_TEXT)
    return clean(value).strip()


def bloom_and_tags(tags: Sequence[str]) -> dict[str, Any]:
    """Take the level of thinking out of the tags, where `tags_of` had put it."""
    levels = {f"{_BLOOM}{level.value}": level for level in Bloom}
    found = [levels[tag] for tag in tags if tag in levels]
    rest = tuple(tag for tag in tags if tag not in levels)
    return {"tags": rest, "bloom": found[0] if found else Bloom.REMEMBER}


def category_name(path: str) -> str:
    """Return the last part of the path of a Moodle category; a slash in a name is doubled."""
    path = path.strip().removeprefix(TOP_CATEGORY).replace("//", "\ud800")
    return path.rpartition("/")[2].replace("\ud800", "/").strip()


def tags_of(item: Item) -> list[str]:
    """Give an item's tags for a format that has tags: its own, its level of thinking and its section."""
    section = item.source.section if item.source else ""
    place = [f"section:{one_line(section)}"] if section.strip() else []
    return list(dict.fromkeys([*item.tags, f"{_BLOOM}{item.bloom.value}", *place]))


def decode(data: bytes) -> str:
    """Decode a question file, whatever encoding it was saved in.

    Raises:
        QuizError: It is too large, or no text.
    """
    if len(data) > LARGEST_FILE:
        raise too_large()
    text = decode_text(data)
    # Control codes in valid UTF-8 are somebody's paste; `clean` makes them harmless.
    if is_binary(data) and text.encode("utf-8", "replace") != data:
        raise QuizError("the file is binary, not text; use one of the formats that can be read")
    return clean(text)


def named(where: Message, name: str) -> Message:
    """Put the beginning of a question's name behind its number, where it has a name."""
    return (
        Message("{where} {name}", {"where": where, "name": name}) if (name := one_line(name, 40)) else where
    )


def too_large() -> QuizError:
    """Make the error for a file of more than `LARGEST_FILE` bytes."""
    return QuizError("the file is larger than {most} MB; split it", most=LARGEST_FILE >> 20)


class Reading:
    """What a reader has found so far: items and problems, both under their caps."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.problems: list[Problem] = []

    def add(self, item: Item) -> None:
        """Take an item; one whose id is already there gets a new one.

        Raises:
            QuizError: There are more items than a question file has.
        """
        if len(self.items) >= MOST_QUESTIONS:
            raise QuizError("more than {most} questions; split the file", most=MOST_QUESTIONS)
        self.items.append(item)

    def note(self, where: Message, reason: Message) -> None:
        """Take a problem; beyond a number that anybody reads, only that there are more."""
        if len(self.problems) < MOST_PROBLEMS:
            values = {name: one_line(v) if isinstance(v, str) else v for name, v in reason.values.items()}
            self.problems.append(Problem(where, Message(reason.template, values)))
        elif len(self.problems) == MOST_PROBLEMS:
            self.problems.append(Problem(where, message("and further problems from here on")))

    def distinct(self) -> tuple[Item, ...]:
        """Give the items; where two have one id, the later gets a new one."""
        seen: set[str] = set()
        items = []
        for item in self.items:
            items.append(replace(item, id=uuid7()) if item.id in seen else item)
            seen.add(item.id)
        return tuple(items)


def _id(value: str) -> str:
    name = one_line(value, _LONGEST_ID)
    return name if name and name == value.strip() else uuid7()


def _cleaned(answer: Answer) -> Answer:
    if isinstance(answer, str):
        return text(answer)
    if isinstance(answer, tuple):
        if answer and isinstance(answer[0], tuple):
            return tuple((text(part[0]), text(part[1])) for part in answer)
        return tuple(text(part) for part in answer if isinstance(part, str))
    return answer


def _within(item: Item) -> None:
    parts = len(item.answer) if isinstance(item.answer, tuple) else 0
    if max(len(item.options), len(item.accepted), len(item.tags), parts) > _MOST_PARTS:
        raise UnreadableError("it has more than {most} options or answers", most=_MOST_PARTS)
