"""What each family claims: an answer that stands in its passage, a reply that follows from the request."""

from __future__ import annotations

import json
import re
from itertools import islice
from random import Random

import pytest

from aigc_tui.corpora.grammar.rules import parse
from aigc_tui.corpora.tasks import knowledge, reading, registry
from aigc_tui.corpora.tasks.asking import Asked, around, closed, sentences
from aigc_tui.corpora.tasks.formats import make as make_formats
from tests.corpora.tasks.conftest import ROWS


def asked_of(form: str, count: int = 4000) -> list[tuple[str, str]]:
    """Requests and replies of made forms in which a pattern occurs."""
    found = [asked.turns for asked in islice(make_formats((), Random(5)), count)]
    return [(turns[0], turns[1]) for turns in found if re.search(form, turns[0])]


def test_an_answer_is_a_part_of_the_passage_that_the_request_shows() -> None:
    rows = ROWS["fairytale_qa"] + ROWS["squadlike"]
    answers = {row["question"]: row["answer"] for row in rows}
    made = [asked for seed in range(20) for asked in reading.make_passages(rows, Random(seed))]
    assert made
    for asked in made:
        question = next((q for q in answers if q in asked.turns[0]), None)
        if (
            question
            and "not" not in asked.turns[1]
            and "没" not in asked.turns[1]
            and "不" not in asked.turns[1]
        ):
            assert answers[question] in asked.turns[0]
            assert asked.turns[1].rstrip(".。").lower() == answers[question].lower()


def test_a_question_whose_answer_is_not_in_the_passage_is_left_out() -> None:
    rows = ROWS["fairytale_qa"]
    made = [asked for seed in range(10) for asked in reading.make_passages(rows, Random(seed))]
    assert not any("How did he feel?" in turn for asked in made for turn in asked.turns)


def test_a_passage_asked_about_another_one_says_that_it_does_not_tell() -> None:
    rows = ROWS["squadlike"] * 20
    replies = {asked.turns[1] for asked in reading.make_passages(rows, Random(1))}
    assert replies & {"文中没有提到。", "这段文字里没有说。", "从这段文字里看不出来。"}


@pytest.mark.parametrize(("needed", "limit"), [("silver spoon", 60), ("cake", 120), ("1932年", 20)])
def test_a_cut_holds_what_is_needed_within_its_limit(needed: str, limit: int) -> None:
    text = next(
        row["context"] for row in ROWS["fairytale_qa"] + ROWS["squadlike"] if needed in row["context"]
    )
    cut = around(text, needed, limit)
    assert needed in cut
    assert len(cut) <= limit


def test_nothing_is_cut_where_no_sentence_fits() -> None:
    assert around("One very long sentence without an end", "long", 10) == ""
    assert around("Short. Other.", "missing", 100) == ""


def test_sentences_end_at_the_stops_of_both_languages() -> None:
    assert sentences("One. Two! “Three?” Four") == ["One.", "Two!", "“Three?”", "Four"]
    assert sentences("一。二！三") == ["一。", "二！", "三"]
    assert closed("你好") == "你好。"


def test_simplified_sentences_are_pairs_of_one_article() -> None:
    made = list(reading.make_simplify(ROWS["onestop"], Random(0)))
    assert {asked.turns[1] for asked in made} == {"Tea is still the most popular drink in the land."}


def test_a_place_described_keeps_the_names_of_its_attributes() -> None:
    made = list(knowledge.make_attributes(ROWS["e2e"] * 5, Random(2)))
    names = set()
    for asked in made:
        if name := re.search(r"[Nn]ame: ([^\n;]+)", asked.turns[0]):
            assert name[1] in asked.turns[1]
            names.add(name[1])
    assert len(names) > 5


def test_a_word_to_be_chosen_is_among_the_options() -> None:
    for asked in knowledge.make_definitions(ROWS["wordnet"] * 4, Random(0)):
        if "Which of" in asked.turns[0]:
            assert asked.turns[1].rstrip(".").lower() in asked.turns[0]


def test_a_quiz_tells_the_right_answer_to_whoever_guesses() -> None:
    made = list(knowledge.make_trivia(ROWS["trivia"] * 4, Random(0)))
    assert all("Wren" in asked.turns[-1] for asked in made)
    assert all(
        "一场空" in asked.turns[-1] for asked in knowledge.make_riddles(ROWS["xiehouyu"][:1] * 3, Random(0))
    )


def test_a_title_or_year_found_stands_in_the_text() -> None:
    made = [
        a for seed in range(8) for a in reading.make_articles(ROWS["enwiki"] + ROWS["zhwiki"], Random(seed))
    ]
    for asked in made:
        found = re.search(r"Bento Bridge|青石桥|\d{4}", asked.turns[1])
        assert found is not None
        assert found[0] in asked.turns[0]


def test_a_story_goes_on_where_it_was_left() -> None:
    text = ROWS["fairytale"][0]["text"]
    told = [
        asked for asked in reading.make_continuing([{"text": text}], Random(0)) if "story" in asked.turns[0]
    ]
    assert told
    assert all(asked.turns[1][:20] in text for asked in told)


def test_lists_have_as_many_lines_as_were_asked_for() -> None:
    for request, reply in asked_of(r"three \w+ in a numbered list|有三.+编号列表"):
        assert [line[:2] for line in reply.splitlines()] == ["1.", "2.", "3."], request


def test_json_has_the_keys_that_were_asked_for_and_values_of_the_sentence() -> None:
    made = asked_of("JSON")
    assert made
    for request, reply in made:
        for key, value in json.loads(reply).items():
            assert key in request
            assert str(value) in request


def test_an_ending_that_was_asked_for_is_the_ending() -> None:
    for request, reply in asked_of(r"must end with|最后要写"):
        mark = re.search(r'with "(.+)"|写“(.+)”', request)
        assert mark is not None
        assert reply.rstrip(".。").endswith(mark[1] or mark[2])


def test_only_a_number_is_only_a_number() -> None:
    made = asked_of(r"[Oo]nly (a|the) number|just the number|只(回答|说|写)数字")
    assert made
    assert all(reply.isdigit() for _, reply in made)


@pytest.mark.parametrize("family", registry.FAMILIES)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_line_of_a_family_can_be_said(family: str, language: str) -> None:
    grammar, random = registry.load(family, language), Random(0)
    exchanges = grammar.roles["task"].exchanges
    assert len(exchanges) > 8
    for exchange in exchanges:
        for _ in range(12):
            turns = registry.said(exchange, grammar, random)
            assert len(turns) % 2 == 0
            assert all(turns)


def test_a_story_keeps_its_hero_to_the_end() -> None:
    for asked in islice(registry.maker("telling")((), Random(4)), 400):
        hero = re.search(r"(?:about|story about) an? (\w+)[.!]?$", asked.turns[0])
        if hero and asked.language == "en" and len(asked.turns) == 2:
            assert hero[1] in asked.turns[1].split(".")[0] + asked.turns[1].split(".")[1]


def test_names_said_back_are_those_of_the_request() -> None:
    for asked in islice(registry.maker("extraction")((), Random(4)), 600):
        if re.search(r"Which people are named|这里提到了谁", asked.turns[0]):
            names = re.split(" and |和", asked.turns[1].rstrip(".。"))
            assert all(name in asked.turns[0] for name in names)


def test_a_politer_request_is_about_the_same_thing() -> None:
    for language, request in (
        ("en", r"olite.* (?:the|a) (\w+)[.!\"]"),
        ("zh", r"礼貌.*把(\w+?)(?:给我|发给)"),
    ):
        found = 0
        for asked in islice(registry.maker("rewriting")((), Random(6)), 3000):
            if asked.language == language and (thing := re.search(request, asked.turns[0])):
                found += 1
                assert thing[1] in asked.turns[1]
        assert found


def test_an_exchange_defaults_to_being_its_own_key() -> None:
    assert Asked("en", ("a", "b")).key == ""
    assert parse(["= rule", "one / two"]).rules["rule"] == [("one",), ("two",)]
