"""Who acts in a story, and what is no story."""

from __future__ import annotations

from aigc_tui.quiz.analysis.rules_en import find_characters, mark_characters, tells_a_story
from aigc_tui.quiz.analysis.words_en import tokenise

TALE = """In a wood lived a fox whose name was Rufus. "Come in," said the old woman. Rufus walked home.
Rufus laughed at her. "Never," answered the miller to the fox. In Greece he asked the miller again.
He went away."""


def _marked(text: str) -> list[str]:
    tokens = tokenise(text, frozenset({"Rufus", "Sunday"}))
    return [text[one.start : one.end] for one in mark_characters(tokens, find_characters(TALE))]


def test_those_who_speak_or_act_are_characters_with_their_adjectives() -> None:
    assert _marked("The old woman gave Rufus a jar.") == ["old woman", "Rufus"]
    assert _marked("The miller saw the fox.") == ["miller", "fox"]


def test_places_days_and_verbs_are_no_characters() -> None:
    assert "Greece" not in find_characters(TALE)
    assert _marked("On Sunday Rufus ate nothing.") == ["Rufus"]
    assert _marked("The boy had to doctor the wine.") == ["boy"]


def test_a_biography_is_no_story() -> None:
    assert tells_a_story(TALE, 8)
    life = "He was born in 1900. She met him in 1920. He died in 1950."
    assert not tells_a_story(life, 3)
