"""A model is shown what stands around a sentence, in order, within its room and its section."""

from __future__ import annotations

from aigc_tui.quiz.lesson.reading import lesson_from_text
from aigc_tui.quiz.proposing.passages import MOST, passage_of, titles_of

LESSON = lesson_from_text(
    "# Sky\n\n## Day\n\n"
    + " ".join(f"Sentence number {n} tells something about the day." for n in range(60))
    + "\n\n## Night\n\nStars shine. The Moon shines too.\n",
    title="Sky",
)


def index_of(words: str) -> int:
    return next(i for i, each in enumerate(LESSON.sentences) if words in LESSON.quote(each))


def test_a_long_section_is_cut_around_the_sentence() -> None:
    passage = passage_of(LESSON, index_of("number 30 "))
    assert "number 30 " in passage
    assert "number 29 " in passage
    assert "number 31 " in passage
    assert "number 0 " not in passage
    assert len(passage) <= MOST["en"]
    numbers = [int(word) for word in passage.split() if word.isdigit()]
    assert numbers == list(range(numbers[0], numbers[-1] + 1))


def test_neither_headings_nor_other_sections_are_in_it() -> None:
    assert passage_of(LESSON, index_of("Stars")) == "Stars shine. The Moon shines too."
    assert titles_of(LESSON, index_of("Stars")) == "Sky / Night"


def test_a_sentence_longer_than_the_room_is_shown_whole() -> None:
    long = lesson_from_text("# X\n\n" + "word " * 400 + "end.\n\nNext one here.\n", title="X")
    at = next(i for i, each in enumerate(long.sentences) if "end." in long.quote(each))
    assert passage_of(long, at) == " ".join(long.quote(long.sentences[at]).split())
