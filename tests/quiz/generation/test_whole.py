"""Whole quizzes over all sample lessons, judged from the quiz file alone.

Why it exists: the maker's own checks could share its mistakes. Nothing here imports the checks or the
makers' ideas of sameness: only the lesson's text and the quiz as JSON, by plain code.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from aigc_tui.quiz.analysis.analyse import analyse
from aigc_tui.quiz.codec import quiz_to_json
from aigc_tui.quiz.generation.make import make_quiz
from aigc_tui.quiz.lesson.reading import lesson_from_text
from aigc_tui.quiz.lesson.records import Lesson
from aigc_tui.quiz.planning.records import Finished
from aigc_tui.quiz.records import QuizRequest

FOLDER = Path(__file__).parents[3] / "data" / "lessons"
FILES = sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")
ENOUGH = 3
Value = dict[str, Any]


@cache
def _lesson(path: Path) -> Lesson:
    return lesson_from_text(path.read_text(encoding="utf-8"), path.stem)


@cache
def _quiz(path: Path, count: int = 0, seed: int = 0) -> str:
    last = list(make_quiz(_lesson(path), QuizRequest(count=count, seed=seed)))[-1]
    assert isinstance(last, Finished)
    return json.dumps(quiz_to_json(last.quiz), ensure_ascii=False)


def _items(path: Path, count: int = 0) -> list[Value]:
    items: list[Value] = json.loads(_quiz(path, count))["items"]
    return items


def _bare(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.findall(r"[a-z0-9]+|[^\W_a-z0-9]", folded))


def _key(item: Value) -> str:
    return str(item["options"][item["answer"]] if item["type"] == "mc" else item["answer"])


def _shown(key: str, stem: str) -> bool:
    """Whether a stem holds a key as whole words; one Han character is part of too many words to tell."""
    bare = _bare(key)
    return len(bare) > 1 and f" {bare} " in f" {_bare(stem.replace('____', ' '))} "


every_lesson = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def test_there_are_lessons() -> None:
    assert len(FILES) >= 4


_CHARACTERS = {"en-fable-crane-and-fox": {"rufus", "grisela"}}
"""Characters of the sample stories: each may be asked for twice."""


@every_lesson
def test_every_quote_is_the_lesson_to_the_letter(path: Path) -> None:
    text = _lesson(path).text
    assert _items(path)
    for item in _items(path):
        source = item["source"]
        assert source["quote"]
        assert text[source["start"] : source["end"]] == source["quote"]


@every_lesson
def test_the_key_stands_in_the_quote(path: Path) -> None:
    for item in _items(path):
        if item["type"] in ("cloze", "short", "mc"):
            assert _bare(_key(item)) in _bare(item["source"]["quote"]), item
        elif item["type"] == "match":
            quote = _bare(item["source"]["quote"])
            assert all(_bare(side) in quote for pair in item["answer"] for side in pair), item
        elif item["type"] == "order":
            places = [item["source"]["quote"].find(step.split("\n")[0][:12]) for step in item["answer"]]
            assert places == sorted(places), item


@every_lesson
def test_true_is_said_by_the_lesson_and_false_is_not(path: Path) -> None:
    text = _bare(_lesson(path).text)
    for item in _items(path):
        if item["type"] == "tf":
            assert (_bare(item["stem"]) in text) is item["answer"], item


@every_lesson
def test_nothing_is_asked_or_offered_twice(path: Path) -> None:
    items = _items(path)
    stems = [
        _bare(f"{item['stem']} {item['answer']}" * (item["type"] in ("match", "order")) or item["stem"])
        for item in items
    ]
    keys = [_bare(_key(item)) for item in items if item["type"] in ("cloze", "short", "mc")]
    assert len(set(stems)) == len(stems)
    twice = {key for key in keys if keys.count(key) > 1}
    assert twice <= _CHARACTERS.get(path.stem, set())  # who did this, and who did that
    assert all(keys.count(key) == 2 for key in twice)
    for item in items:
        assert len({_bare(option) for option in item["options"]}) == len(item["options"]), item


@every_lesson
def test_no_stem_gives_its_answer_away(path: Path) -> None:
    for item in _items(path):
        if item["type"] in ("cloze", "short", "mc"):
            assert not _shown(_key(item), item["stem"]), item
            assert not any(_shown(other, item["stem"]) for other in item["accepted"]), item


@every_lesson
def test_the_form_of_each_type(path: Path) -> None:
    for item in _items(path):
        assert len(item["stem"]) > 5
        if item["type"] == "mc":
            assert 3 <= len(item["options"]) <= 4
            assert len(item["feedback"]) == len(item["options"])
        elif item["type"] == "cloze":
            assert item["stem"].count("____") == 1
        elif item["type"] in ("match", "order"):
            assert 3 <= len(item["answer"]) <= 6
            right = [part[1] if item["type"] == "match" else part for part in item["answer"]]
            assert Counter(right) == Counter(item["options"])
            assert right != item["options"]


@every_lesson
def test_nine_sections_of_ten_that_can_carry_an_item_have_one(path: Path) -> None:
    lesson = _lesson(path)
    usable = Counter(
        sentence.section
        for sentence, worth in zip(lesson.sentences, analyse(lesson).worth, strict=True)
        if worth.usable
    )
    rich = {lesson.sections[section].title for section, count in usable.items() if count >= ENOUGH}
    items = _items(path, max(10, len(rich)))
    covered = {
        section.title
        for section in lesson.sections
        for item in items
        if section.start <= item["source"]["start"] < section.end
    }
    assert len(rich & covered) >= 0.9 * len(rich), rich - covered


@every_lesson
def test_the_same_request_gives_the_same_file(path: Path) -> None:
    first = _quiz(path, 8, 5)
    _quiz.cache_clear()
    assert _quiz(path, 8, 5) == first


def test_over_all_quizzes_no_place_of_the_key_is_a_good_guess() -> None:
    """Numbers stand in their order, so only the other items' keys are dealt."""
    places: Counter[int] = Counter()
    for path in FILES:
        for item in _items(path):
            worded = item["type"] == "mc" and not any(re.search(r"\d", option) for option in item["options"])
            if worded and len(item["options"]) == 4:
                places[item["answer"]] += 1
    total = sum(places.values())
    assert all(places[place] <= max(3, 0.45 * total) for place in range(4)), places
