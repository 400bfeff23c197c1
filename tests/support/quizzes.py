"""Quizzes and lessons for tests: one of each type, in both languages, grounded in a short lesson."""

from __future__ import annotations

import hashlib

from aigc_tui.quiz.lesson.records import Lesson, Section, Sentence
from aigc_tui.quiz.records import Bloom, Item, ItemType, LessonRef, Origin, Quiz, Source

ENGLISH = (
    "Light",
    "Reflection is the return of light from a surface. Isaac Newton published Opticks in 1704.",
    "Glass",
    "A lens is a piece of glass with a curved face. The speed of light in glass is about 200,000 km/s.",
)
CHINESE = (
    "光",
    "反射是指光从物体表面返回的现象。牛顿在1704年出版了《光学》。",
    "玻璃",
    "透镜是指表面弯曲的玻璃片。光在玻璃中的速度约为每秒20万公里。",
)


def tiny_lesson(language: str = "en") -> Lesson:
    """Two sections of two sentences."""
    parts = CHINESE if language == "zh" else ENGLISH
    text = "\n\n".join(parts)
    first = text.index(parts[2])
    sections = (
        Section(parts[0], 1, 0, first, (parts[0],)),
        Section(parts[2], 1, first, len(text), (parts[2],)),
    )
    sentences = tuple(_sentences(text, parts))
    return Lesson(parts[0], language, text, hashlib.sha256(text.encode()).hexdigest(), sections, sentences)


def _sentences(text: str, parts: tuple[str, ...]) -> list[Sentence]:
    stop = "。" if "。" in text else ". "
    found = []
    for section, body in ((0, parts[1]), (1, parts[3])):
        start = text.index(body)
        cut = start + body.index(stop) + 1
        end = start + len(body)
        second = cut + (text[cut] == " ")
        found += [Sentence(start, cut, section, section), Sentence(second, end, section, section)]
    return found


def tiny_quiz(language: str = "en") -> Quiz:
    """One item of each type about `tiny_lesson`."""
    lesson = tiny_lesson(language)
    items = _chinese(lesson) if language == "zh" else _english(lesson)
    ref = LessonRef(lesson.title, lesson.sha256, language)
    return Quiz(f"quiz-{language}", lesson.title, ref, 7, items)


def _source(lesson: Lesson, index: int) -> Source:
    sentence = lesson.sentences[index]
    title = lesson.sections[sentence.section].title
    return Source(title, sentence.start, sentence.end, lesson.quote(sentence))


def _english(lesson: Lesson) -> tuple[Item, ...]:
    cited = [_source(lesson, index) for index in range(4)]
    return (
        Item("mc1", ItemType.MC, "What is the return of light from a surface called?", 1,
             ("Refraction", "Reflection", "A lens"), "The lesson says so.", cited[0],
             feedback=("Refraction bends light.", "", "A lens is glass."), tags=("light",)),
        Item("cloze1", ItemType.CLOZE, "Isaac Newton published Opticks in ____.", "1704", source=cited[1]),
        Item("tf1", ItemType.TF, "A lens is a piece of glass with a flat face.", False,
             explanation="It is curved.", source=cited[2]),
        Item("short1", ItemType.SHORT, "What is a piece of glass with a curved face?", "lens",
             source=cited[2], accepted=("a lens",), bloom=Bloom.UNDERSTAND),
        Item("match1", ItemType.MATCH, "Match each term with its meaning.",
             (("Reflection", "the return of light"), ("lens", "curved glass")),
             ("curved glass", "the return of light"), source=cited[0]),
        Item("order1", ItemType.ORDER, "Put the steps in order.", ("look", "measure", "write"),
             ("measure", "write", "look"), source=cited[3], difficulty=0.9),
    )  # fmt: skip


def _chinese(lesson: Lesson) -> tuple[Item, ...]:
    cited = [_source(lesson, index) for index in range(4)]
    return (
        Item("mc1", ItemType.MC, "光从物体表面返回的现象称为什么？", 1, ("折射", "反射", "透镜"),
             "课文这样说。", cited[0], feedback=("折射使光弯折。", "", "透镜是玻璃。")),
        Item("cloze1", ItemType.CLOZE, "牛顿在____年出版了《光学》。", "1704", source=cited[1]),
        Item("tf1", ItemType.TF, "透镜是指表面平直的玻璃片。", False, source=cited[2]),
        Item("short1", ItemType.SHORT, "表面弯曲的玻璃片叫什么？", "透镜", source=cited[2],
             origin=Origin.MODEL, model="starter"),
        Item("match1", ItemType.MATCH, "把概念与含义对应起来。",
             (("反射", "光返回的现象"), ("透镜", "弯曲的玻璃")), ("弯曲的玻璃", "光返回的现象"),
             source=cited[0]),
        Item("order1", ItemType.ORDER, "按正确顺序排列。", ("看", "量", "写"), ("量", "写", "看"),
             source=cited[3]),
    )  # fmt: skip
