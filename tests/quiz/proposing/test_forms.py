"""The forms hold for real: a random model under them writes what they say, and a human's question fits."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from aigc_tui.engine.protocol import Grammar, GrammarKind, Sampling
from aigc_tui.quiz.analysis.records import TermKind
from aigc_tui.quiz.proposing.forms import STEM_LENGTH, rest_form, stem_form, stem_pattern
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
