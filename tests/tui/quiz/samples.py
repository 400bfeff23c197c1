"""A short lesson and a quiz about it in both languages, made by hand: frames must not follow the rules."""

from __future__ import annotations

from collections.abc import Callable

from aigc_tui.quiz.lesson.reading import lesson_from_text
from aigc_tui.quiz.lesson.records import Lesson
from aigc_tui.quiz.records import Bloom, Item, ItemType, LessonRef, Origin, Quiz, Rejection, Source
from aigc_tui.quiz.repository import QuizRepository
from aigc_tui.store import Store

TEXTS = {
    "en": "# Leaves\n\n## What a leaf does\n\nA leaf takes in light. Photosynthesis is the process by which "
    "a leaf makes sugar from carbon dioxide and water. Oxygen is released.\n\n## Where it happens\n\n"
    "Photosynthesis takes place in the chloroplasts. In 1779 Jan Ingenhousz showed that it needs light.\n",
    "zh": "# 叶子\n\n## 叶子做什么\n\n叶子吸收阳光。"
    "光合作用是叶子把二氧化碳和水制造成糖的过程。同时放出氧气。\n\n"
    "## 在哪里进行\n\n光合作用在叶绿体中进行。1779年，英格豪斯证明光合作用需要光。\n",
}
WORDS = {
    "en": {
        "mc": ("Where does photosynthesis take place?", "takes place in the chloroplasts"),
        "options": ("in the roots", "in the chloroplasts", "in the bark", "in the flowers"),
        "short": ("What do we call the process by which a leaf makes sugar?", "Photosynthesis"),
        "tf": ("Photosynthesis needs light.", "Jan Ingenhousz showed that it needs light"),
        "why": "The lesson says that it takes place in the chloroplasts.",
    },
    "zh": {
        "mc": ("光合作用在哪里进行？", "光合作用在叶绿体中进行"),
        "options": ("根", "叶绿体", "树皮", "花"),
        "short": ("叶子把二氧化碳和水制造成糖的过程叫什么？", "光合作用"),
        "tf": ("光合作用需要光。", "英格豪斯证明光合作用需要光"),
        "why": "课文说光合作用在叶绿体中进行。",
    },
}  # fmt: skip


def sample_lesson(language: str) -> Lesson:
    return lesson_from_text(TEXTS[language], language=language)


def source(lesson: Lesson, quote: str) -> Source:
    start = lesson.text.index(quote)
    title = next(each.title for each in lesson.sections if each.start <= start < each.end)
    return Source(title, start, start + len(quote), quote)


def sample_quiz(language: str, lesson: Lesson) -> Quiz:
    """Three items: a choice, a short answer, a true/false one."""
    words = WORDS[language]
    choice = Item(
        "one", ItemType.MC, words["mc"][0], 1, tuple(words["options"]), str(words["why"]),
        source(lesson, words["mc"][1]),
    )  # fmt: skip
    short = Item(
        "two", ItemType.SHORT, words["short"][0], words["short"][1],
        source=source(lesson, words["short"][1]), bloom=Bloom.UNDERSTAND,
    )  # fmt: skip
    truth = Item(
        "three", ItemType.TF, words["tf"][0], True, source=source(lesson, words["tf"][1]), origin=Origin.MODEL
    )
    about = LessonRef(lesson.title, lesson.sha256, language)
    rejected = (Rejection("duplicate", 1), Rejection("too few distractors", 2))
    return Quiz("quiz", lesson.title, about, 6, (choice, short, truth), rejected)


def with_quiz(language: str) -> Callable[[Store], None]:
    """Fill a store with the lesson and the quiz."""

    def fill(store: Store) -> None:
        bank, lesson = QuizRepository(store), sample_lesson(language)
        bank.add_lesson(lesson)
        bank.keep(sample_quiz(language, lesson))

    return fill
