"""The rules file: every pattern can be reached, and damage is one clear line."""

from __future__ import annotations

from pathlib import Path

import pytest

from aigc_tui.config import shipped
from aigc_tui.safety.crisis import CrisisKind, RulesError, load_rules
from tests.safety.contrast import load

RULES = shipped("data") / "safety" / "crisis.yaml"


def test_both_languages_have_patterns_of_every_kind() -> None:
    found = {(pattern.kind, pattern.language) for pattern in load_rules().patterns}
    assert found == {(kind, language) for kind in CrisisKind for language in ("en", "zh")}


def test_every_placeholder_was_filled() -> None:
    for pattern in load_rules().patterns:
        assert "<" not in pattern.phrase.pattern.replace("(?<", "")


def test_no_pattern_fires_on_the_language_it_is_not_for() -> None:
    texts = [text for kind in load("crisis_cases.yaml")["explicit"].values() for text in kind]
    english = [text.casefold() for text in texts if text.isascii()]
    chinese = [pattern.phrase for pattern in load_rules().patterns if pattern.language == "zh"]
    assert not [text for text in english if any(phrase.search(text) for phrase in chinese)]


def test_variants_pair_up() -> None:
    variants = load_rules().variants
    assert variants[ord("殺")] == ord("杀")
    assert all(source != target for source, target in variants.items())


def test_a_second_reading_costs_nothing() -> None:
    assert load_rules() is load_rules()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("responses:", "answers:"), "crisis.yaml: not a file of crisis rules: KeyError('responses')"),
        (("kind: abuse", "kind: rude"), "crisis.yaml: not a file of crisis rules: ValueError"),
        (("patterns:", "patterns: ["), "crisis.yaml:"),
        (("words:", "words: 3\nnot_words:"), "crisis.yaml: not a file of crisis rules"),
    ],
)
def test_a_damaged_file_is_one_clear_line(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    file = tmp_path / "crisis.yaml"
    file.write_text(RULES.read_text(encoding="utf-8").replace(*change, 1), encoding="utf-8")
    with pytest.raises(RulesError) as caught:
        load_rules(file)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)
