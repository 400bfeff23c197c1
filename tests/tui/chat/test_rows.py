"""How conversations and search hits read in the list."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from aigc_tui.store.records import Conversation, SearchHit
from aigc_tui.tui.chat.conversation_list import ConversationRow, Face, conversation_row, hit_row, when

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def conversation(
    title: str = "A title", persona: str = "tutor", updated: str = "2026-03-01T08:05:00Z"
) -> Conversation:
    return Conversation("1", "chat", title, persona, "", updated, updated)


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        ("2026-03-01T08:05:00.123Z", "08:05"),
        ("2026-02-28T23:59:00Z", "02-28"),
        ("2025-12-31T12:00:00Z", "2025-12-31"),
        ("no time at all", ""),
    ],
)
def test_a_time_is_as_short_as_it_can_be(moment: str, written: str) -> None:
    assert when(moment, NOW) == written


def test_times_are_those_of_the_reader_s_zone() -> None:
    shanghai = NOW.astimezone(timezone(timedelta(hours=8)))
    assert when("2026-02-28T23:59:00Z", shanghai) == "07:59"


def test_a_conversation_shows_title_persona_and_time() -> None:
    row = conversation_row(conversation(), {"tutor": Face("Ms. Lin", "📖")}, "New", NOW)
    assert row.draw("", current=False).plain == "📖 A title\nMs. Lin · 08:05"


def test_an_untitled_one_and_one_of_a_lost_persona_still_have_names() -> None:
    row = conversation_row(conversation(title="", persona="gone"), {}, "New", NOW)
    assert row.draw("", current=False).plain == "New\ngone · 08:05"


def test_a_hit_marks_the_words_wherever_they_stand_and_in_any_case() -> None:
    row = hit_row(SearchHit("1", "2", "chat", "On Light", "…the light reaction, 光合作用…"), "New", "title")
    drawn = row.draw("LIGHT 光合", current=False)
    marked = [drawn.plain[span.start : span.end] for span in drawn.spans if span.style == "$text-warning"]
    assert marked == ["Light", "light", "光合"]


def test_a_hit_marks_words_of_the_same_stem_and_quoted_ones() -> None:
    row = hit_row(SearchHit("1", "2", "chat", "", "…a run"), "New", "title")
    drawn = row.draw('"running', current=False)
    marked = [drawn.plain[span.start : span.end] for span in drawn.spans if span.style == "$text-warning"]
    assert marked == ["run"]


def test_a_hit_in_a_title_does_not_repeat_it() -> None:
    row = hit_row(SearchHit("1", "", "chat", "On Light", "On Light"), "New", "the title")
    assert row.draw("light", current=False).plain == "On Light\nthe title"


def test_searched_words_are_no_patterns_and_titles_no_markup() -> None:
    row = ConversationRow("1", "[/x] (a+b)*", "\x1b[31mred")
    drawn = row.draw("(a+b)* [", current=True).plain
    assert "[/x] (a+b)*" in drawn
    assert "\x1b" not in drawn
