"""The schemas of replies, and the passages that a model sees."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace

import pytest

from aigc_tui.engine.protocol import Grammar, GrammarKind, Sampling
from aigc_tui.quiz.analysis.records import TermKind
from aigc_tui.quiz.lesson.reading import lesson_from_text
from aigc_tui.quiz.llm_items.asking import Asker
from aigc_tui.quiz.llm_items.prompts import (
    MOST,
    STEM_LENGTH,
    passage_of,
    rest_form,
    stem_form,
    stem_pattern,
    titles_of,
)
from tests.quiz.llm_items.scripted import LOCAL, Scripted
from tests.support.desk import Desk
from tests.support.models import make_model, user

FREE = Sampling(temperature=1.0, top_p=1.0, repetition_penalty=1.0, max_tokens=220)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(make_model(tmp_path_factory.mktemp("forms") / "llama", "llama", context=512))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("kind", TermKind)
def test_a_random_model_writes_a_stem_of_the_form(desk: Desk, language: str, kind: TermKind) -> None:
    grammar = Grammar(GrammarKind.JSON_SCHEMA, json.dumps(stem_form(language, kind)))
    reply = desk.ask(user("?"), sampling=replace(FREE, seed=3), grammar=grammar)
    value = json.loads(reply.text)
    assert list(value) == ["stem"]
    assert re.fullmatch(stem_pattern(language, kind), value["stem"])
    assert len(value["stem"]) <= STEM_LENGTH[language][1]


@pytest.mark.parametrize(("language", "key"), [("en", "chlorophyll"), ("zh", "叶绿素")])
def test_wrong_answers_are_about_as_long_as_the_key(desk: Desk, language: str, key: str) -> None:
    grammar = Grammar(GrammarKind.JSON_SCHEMA, json.dumps(rest_form(language, key, with_wrong=True)))
    sampling = replace(FREE, seed=1, max_tokens=480)
    value = json.loads(desk.ask(user("?"), sampling=sampling, grammar=grammar).text)
    assert list(value) == ["wrong", "why"]
    assert len(value["wrong"]) in (4, 5)
    assert all(len(key) // 2 <= len(each) <= 2 * len(key) + 2 for each in value["wrong"])


@pytest.mark.parametrize(
    ("language", "kind", "stem"),
    [
        ("en", TermKind.TERM, "What is the green pigment that absorbs red and blue light called?"),
        ("en", TermKind.DATE, "In which year did Melvin Calvin receive the Nobel Prize in Chemistry?"),
        ("en", TermKind.PERSON, "Who found that a sprig of mint could restore the air?"),
        ("en", TermKind.QUANTITY, "How much did the willow gain in five years?"),
        ("en", TermKind.PLACE, "Where do the light-dependent reactions take place?"),
        ("zh", TermKind.TERM, "测量液体密度的仪器叫做什么？"),
        ("zh", TermKind.DATE, "阿基米德出生于哪一年？"),
        ("zh", TermKind.PERSON, "谁发现了浮力定律？"),
        ("zh", TermKind.QUANTITY, "这块石头受到的浮力约为多少牛顿？"),
    ],
)
def test_a_person_s_question_fits_its_form(language: str, kind: TermKind, stem: str) -> None:
    assert re.fullmatch(stem_pattern(language, kind), stem)


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


def test_a_question_is_sampled_as_chosen_but_may_always_repeat_the_lessons_words() -> None:
    engine = Scripted(lambda _: {"a": "b"})
    chosen = Sampling(
        temperature=0.2, top_p=0.8, repetition_penalty=1.3, presence_penalty=1.5, no_repeat_ngram=3, seed=1,
        dry_multiplier=0.8, frequency_penalty=0.5, max_tokens=9, stop=("}",),
    )  # fmt: skip
    asyncio.run(Asker(engine, LOCAL, chosen).ask("?", {}, 7, 80))
    asyncio.run(Asker(engine, LOCAL).ask("?", {}, 7, 80))
    first, second = (request.sampling for request in engine.asked)
    assert first == Sampling(temperature=0.2, top_p=0.8, repetition_penalty=1.0, seed=7, max_tokens=80)
    assert second == Sampling(repetition_penalty=1.0, seed=7, max_tokens=80)
