"""How much the crisis check finds and how often it is wrong, in figures; -rP shows them."""

from __future__ import annotations

import pytest

from aigc_tui.safety import crisis
from tests.safety.contrast import Cases, false_positives, load, recall, report

SETS = ("crisis_cases.yaml", "crisis_heldout.yaml")


@pytest.fixture(scope="module")
def mended_on() -> Cases:
    return load("crisis_cases.yaml")


@pytest.fixture(scope="module")
def held_out() -> Cases:
    return load("crisis_heldout.yaml")


@pytest.mark.parametrize("name", SETS)
def test_a_set_is_bilingual_and_about_half_of_it_must_not_fire(name: str) -> None:
    cases = load(name)
    firing = [text for group in ("explicit", "indirect") for kind in cases[group].values() for text in kind]
    quiet = [text for kind in cases["lookalikes"].values() for text in kind]
    assert len(firing) + len(quiet) >= 110
    assert 0.4 <= len(quiet) / (len(firing) + len(quiet)) <= 0.65
    for texts in (firing, quiet):
        chinese = sum(any("\u4e00" <= char <= "\u9fff" for char in text) for text in texts)
        assert 0.35 <= chinese / len(texts) <= 0.65
    assert len(set(firing + quiet)) == len(firing + quiet)


def test_no_text_is_in_both_sets(mended_on: Cases, held_out: Cases) -> None:
    seen, unseen = (
        {text for kinds in cases.values() for texts in kinds.values() for text in texts}
        for cases in (mended_on, held_out)
    )
    assert seen & unseen == set()


def test_explicit_words_are_found_and_everyday_chat_is_left_alone(mended_on: Cases) -> None:
    print(report("development set", mended_on))
    assert recall(mended_on, "explicit").share >= 0.95, recall(mended_on, "explicit").wrong
    assert recall(mended_on, "indirect").share >= 0.7, recall(mended_on, "indirect").wrong
    assert false_positives(mended_on).share <= 0.05, false_positives(mended_on).wrong


def test_words_never_mended_on_keep_the_level_of_first_sight(held_out: Cases) -> None:
    # First sight: explicit 43/48, indirect 2/10, false positives 2/57. Only hinted danger is mostly missed.
    print(report("held-out set", held_out))
    assert recall(held_out, "explicit").share >= 0.85, recall(held_out, "explicit").wrong
    assert false_positives(held_out).share <= 0.05, false_positives(held_out).wrong


def test_what_is_found_is_named_rightly(mended_on: Cases) -> None:
    wrong = [
        text
        for kind, texts in mended_on["explicit"].items()
        for text in texts
        if (found := crisis.check(text)) is not None and found.kind != kind
    ]
    assert len(wrong) / sum(map(len, mended_on["explicit"].values())) <= 0.05, wrong
