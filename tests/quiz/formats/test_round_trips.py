"""What a format takes it gives back: any text, every type, or the item is left out by name."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aigc_tui.quiz.formats.holding import EVERY_PART
from aigc_tui.quiz.formats.records import Options
from aigc_tui.quiz.formats.registry import FORMATS
from aigc_tui.quiz.records import Item, Quiz
from aigc_tui.text import one_line
from tests.support.any_quiz import TEXTS, canonical, one_of_each, quiz_of, quizzes

_MOODLE = frozenset({"explanation", "feedback", "accepted", "tags"})
CARRIES = {
    "gift": _MOODLE,
    "aiken": frozenset[str](),
    "moodle-xml": _MOODLE,
    "anki": EVERY_PART,
    "csv": EVERY_PART,
    "json": EVERY_PART,
}
_SETTINGS = settings(
    max_examples=80, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@pytest.mark.parametrize("name", CARRIES)
@_SETTINGS
@given(quizzes(), st.sampled_from(["en", "zh"]))
def test_every_item_comes_back_equal_or_is_left_out_with_a_reason(
    name: str, quiz: Quiz, language: str
) -> None:
    form = FORMATS[name]
    written = form.write(quiz, Options(language=language))
    assert form.read is not None
    read = form.read(written.data)
    left = {each.id: str(each.reason) for each in written.left_out}
    kept = [item for item in quiz.items if item.id not in left]
    assert read.problems == ()
    assert all(left.values())
    assert len(read.items) == len(kept)
    for before, after in zip(kept, read.items, strict=True):
        assert _seen(after, name) == _seen(before, name)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("title", ["", "\ufffe", "a/b\\n: {x}"])
def test_an_empty_quiz_and_an_odd_title_are_a_file_of_every_format(name: str, title: str) -> None:
    form = FORMATS[name]
    written = form.write(quiz_of(title=title), Options())
    assert written.left_out == ()
    if name in CARRIES and form.read is not None:
        assert form.read(written.data).items == ()


@pytest.mark.parametrize("name", ["gift", "moodle-xml", "anki", "json"])
@settings(max_examples=40)
@given(TEXTS)
def test_any_title_comes_back(name: str, title: str) -> None:
    form = FORMATS[name]
    assert form.read is not None
    read = form.read(form.write(replace(one_of_each(), title=title), Options()).data)
    kept = title if name == "json" else one_line(title)
    assert read.title == kept or (name == "moodle-xml" and "\ufffe" in title)


@pytest.mark.parametrize("name", [name for name in CARRIES if name != "aiken"])
def test_ids_survive_where_the_format_has_room_for_one(name: str) -> None:
    quiz, form = one_of_each(), FORMATS[name]
    assert form.read is not None
    ids = [item.id for item in form.read(form.write(quiz, Options()).data).items]
    left = {"id-order"} if name == "gift" else set()
    assert ids == [item.id for item in quiz.items if item.id not in left]


@pytest.mark.parametrize("name", CARRIES)
def test_a_second_export_of_what_was_read_is_the_same(name: str) -> None:
    form = FORMATS[name]
    assert form.read is not None
    once = form.read(form.write(one_of_each(), Options()).data)
    again = form.read(form.write(Quiz("q", once.title, one_of_each().lesson, 0, once.items), Options()).data)
    assert [_seen(item, name) for item in again.items] == [_seen(item, name) for item in once.items]


def _seen(item: Item, name: str) -> tuple[object, ...]:
    return canonical(item, CARRIES[name])
