"""The plan of a quiz, and the events of carrying it out. Rules and models fill the same slots."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from aigc_tui.message import Message
from aigc_tui.quiz.analysis.records import Alias, Definition, Mention, Sequence
from aigc_tui.quiz.records import Bloom, Item, ItemType, Quiz

FEWEST, MOST = 3, 6
"""Pairs of a matching item, steps of an ordering item."""


class Form(StrEnum):
    """How a slot's stem is built; what the makers of a type can choose between."""

    SENTENCE = "sentence"
    """The sentence itself: with a blank, as a statement to judge, or turned into a question."""
    TERM = "term"
    """The definition is given, the term is asked for."""
    MEANING = "meaning"
    """The term is given, its definition is asked for."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One place of the plan: the sentence, what is asked of it, as which type.

    Args:
        number: Its place in the quiz, from 0.
        section: Index into `Lesson.sections`.
        sentence: Index into `Lesson.sentences`; for match and order the first one.
        answer: None for match and order.
        definition: The definition it stands on, where it does.
        definitions: match: the pairs.
    """

    number: int
    type: ItemType
    section: int
    sentence: int
    answer: Mention | None = None
    definition: Definition | None = None
    definitions: tuple[Definition, ...] = ()
    sequence: Sequence | None = None
    bloom: Bloom = Bloom.REMEMBER
    form: Form = Form.SENTENCE


@dataclass(frozen=True, slots=True)
class Filled:
    """A slot, its rule-made item, and spare distractors of the same kind (best first), for swaps, models."""

    slot: Slot
    item: Item
    spares: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GenerationStep:
    """A long step moved on; `stage` is analyse, plan, make, propose or check. `total` 0: unknown."""

    stage: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Made:
    """One item is there."""

    filled: Filled


@dataclass(frozen=True, slots=True)
class Refused:
    """One candidate was turned away; `reason` is a check's name or a short phrase."""

    reason: str


@dataclass(frozen=True, slots=True)
class GenerationNote:
    """Something to say beside a quiz: a key of the catalogues, and the values of its placeholders."""

    key: str
    values: tuple[tuple[str, str | int | Message], ...] = ()


@dataclass(frozen=True, slots=True)
class Finished:
    """The quiz as a whole; nothing follows. `notes` tell a model's share, and what was off."""

    quiz: Quiz
    aliases: tuple[Alias, ...] = ()
    notes: tuple[GenerationNote, ...] = ()


MakingEvent: TypeAlias = GenerationStep | Made | Refused | Finished
