"""Who did it: what follows a person becomes a question, as far as it belongs to them."""

from __future__ import annotations

import pytest

from aigc_tui.quiz.planning.questions_en import who_question


@pytest.mark.parametrize(
    ("after", "asked"),
    [
        (" discovered radium.", "Who discovered radium?"),
        (" walked around the jar three times.", "Who walked around the jar three times?"),
        (" took the goblet and emptied it at a single draught.",
         "Who took the goblet and emptied it at a single draught?"),
        (" boldly attacked the enemy, but the magician brought a fog.", "Who boldly attacked the enemy?"),
        (" stood on the sea-shore and wept; for she knew why.", "Who stood on the sea-shore and wept?"),
        (" was a wicked magician, his head was made of iron.", "Who was a wicked magician?"),
    ],
)  # fmt: skip
def test_what_a_person_did_is_asked_without_the_next_clause(after: str, asked: str) -> None:
    assert who_question(after) == asked


@pytest.mark.parametrize(
    "after",
    [
        " gave it to them before the evening came.",  # what, to whom?
        " joined the school as a pupil and Alexander became its captain.",
        " did not go on the long journey to the sea.",
        " wept.",
        ", the king of the country, was ill.",
        " and his wife lived in a cottage.",
    ],
)
def test_what_leans_on_other_sentences_or_people_is_not_asked(after: str) -> None:
    assert who_question(after) == ""
