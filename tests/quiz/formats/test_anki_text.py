"""Anki's text import takes our lines as they are meant, in Anki itself."""

from __future__ import annotations

import html
from pathlib import Path

from hypothesis import HealthCheck, given, settings

from aigc_tui.quiz.formats.cards import back, front, write_anki_text
from aigc_tui.quiz.formats.records import Options
from aigc_tui.quiz.records import Item, ItemType, Quiz
from tests.support.anki_desk import AnkiDesk
from tests.support.any_quiz import one_of_each, quiz_of, quizzes


def test_anki_takes_every_line_with_its_deck_id_and_tags(tmp_path: Path) -> None:
    with AnkiDesk(tmp_path) as desk:
        counts = desk.take_text(write_anki_text(one_of_each(), Options(language="zh")).data)
        assert counts["new"] == 6
        assert desk.sound()
        assert desk.note("id-mc").tags == ["bloom:understand", "section:光反应"]
        assert desk.collection.decks.id_for_name("光合作用 / unit 3") is not None
        assert _shown(desk.fields("id-match")[0]).splitlines() == [
            *("Match.", "1. leaf", "2. root", "A. takes up water", "B. makes sugar")
        ]


def test_a_second_import_updates(tmp_path: Path) -> None:
    with AnkiDesk(tmp_path) as desk:
        desk.take_text(write_anki_text(quiz_of(Item("t", ItemType.SHORT, "Old?", "x")), Options()).data)
        counts = desk.take_text(
            write_anki_text(quiz_of(Item("t", ItemType.SHORT, "New?", "x")), Options()).data
        )
        assert (counts["new"], counts["updated"]) == (0, 1)
        assert desk.fields("t")[0] == "New?"
        assert desk.collection.note_count() == 1


def test_any_text_arrives_in_anki_as_it_was(tmp_path: Path) -> None:
    drawn: list[Quiz] = []

    @settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(quizzes((ItemType.SHORT, ItemType.MC, ItemType.CLOZE)))
    def draw(quiz: Quiz) -> None:
        drawn.append(quiz)

    draw()
    quiz = quiz_of(*{item.id: item for each in drawn for item in each.items}.values())
    written = write_anki_text(quiz, Options())
    left = {each.id for each in written.left_out}
    with AnkiDesk(tmp_path) as desk:
        desk.collection.set_config("normalize_note_text", False)
        desk.take_text(written.data)
        for item in quiz.items:
            if item.id not in left:
                shown = [_shown(field) for field in desk.fields(item.id)[:2]]
                assert shown == [front(item, "en"), back(item, "en")]


def _shown(field: str) -> str:
    return html.unescape(field.replace("<br>", "\n"))
