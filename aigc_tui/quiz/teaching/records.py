"""The lesson plan as data, before it is laid out; questions are named by their number in the quiz, from 1."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Objective:
    """What pupils can do afterwards, and the questions that test it (never none)."""

    text: str
    questions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class HardPoint:
    """What is hard, why, and the question that shows it."""

    text: str
    why: str
    question: int


@dataclass(frozen=True, slots=True)
class KeyPoint:
    """A sentence of the lesson, verbatim, that the class must take away."""

    term: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the lesson with its minutes."""

    title: str
    minutes: int
    teacher: str
    pupils: str


@dataclass(frozen=True, slots=True)
class BoardLine:
    """One line of the board; level 0 is a section, 1 a key term below it."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A lesson plan (教案)."""

    title: str
    language: str
    minutes: int
    objectives: tuple[Objective, ...]
    key_points: tuple[KeyPoint, ...]
    hard_points: tuple[HardPoint, ...]
    materials: tuple[str, ...]
    steps: tuple[Step, ...]
    in_class: tuple[int, ...]
    homework: tuple[int, ...]
    board: tuple[BoardLine, ...]
    notes: tuple[str, ...]
