"""Lessons that the tests of making share: small, whole, written for them."""

from __future__ import annotations

from aigc_tui.quiz.generation.make import make_quiz
from aigc_tui.quiz.lesson.reading import lesson_from_text
from aigc_tui.quiz.lesson.records import Lesson
from aigc_tui.quiz.planning.records import Finished, MakingEvent
from aigc_tui.quiz.records import Item, Quiz, QuizRequest

CELLS = """# The cell

## Parts of the cell

A **mitochondrion** is a membrane-bound organelle that produces most of the energy of the cell.
The **nucleus** is the organelle that stores the genetic material of the cell.
A **ribosome** is a small particle that assembles proteins from amino acids.
The **vacuole** is the compartment in which plant cells store water and salts.
The **cytoplasm** is the jelly-like fluid that fills the space inside the membrane.

## How cells were discovered

In 1665 Robert Hooke described the small compartments of cork under a microscope.
In 1838 Matthias Schleiden proposed that all plants consist of cells.
In 1839 Theodor Schwann extended the theory to animals.
In 1855 Rudolf Virchow published the rule that cells arise from existing cells.
The first electron microscope was built in 1931 in Berlin.

## How a cell divides

1. The chromosomes are copied inside the nucleus.
2. The chromosomes line up in the middle of the cell.
3. The copies are pulled to the two ends.
4. The membrane closes between the two halves.
"""

GEOGRAPHY = """# 地球的圈层

## 大气

**大气层**是指包围在地球外部的气体圈层。
**对流层**是指大气层中最贴近地面的一层，天气现象都发生在这里。
**平流层**是指对流层上方气流平稳的一层，飞机常在这里飞行。
**臭氧层**是指平流层中臭氧浓度较高、能吸收紫外线的部分。
对流层的平均厚度约为 12 千米，温度随高度增加而降低。

## 认识地球的历史

1522年，麦哲伦的船队完成了第一次环球航行。
1687年，牛顿发表了万有引力定律。
1912年，德国科学家魏格纳提出了大陆漂移学说。
1961年，苏联宇航员加加林第一次从太空看到了地球。
"""


def cells() -> Lesson:
    """An English lesson with definitions, dated facts and steps."""
    return lesson_from_text(CELLS, "The cell", "en")


def geography() -> Lesson:
    """A Chinese lesson with definitions and dated facts."""
    return lesson_from_text(GEOGRAPHY, "地球的圈层", "zh")


def events(lesson: Lesson, request: QuizRequest, exclude: tuple[Item, ...] = ()) -> list[MakingEvent]:
    """Make a quiz to its end."""
    return list(make_quiz(lesson, request, exclude=exclude))


def quiz_of(lesson: Lesson, request: QuizRequest, exclude: tuple[Item, ...] = ()) -> Quiz:
    """The quiz that the last event holds."""
    last = events(lesson, request, exclude)[-1]
    assert isinstance(last, Finished)
    return last.quiz
