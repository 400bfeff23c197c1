"""Every family of tasks: well-formed, in both languages, the same by the same seed, no special tokens."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path

import pytest

from aigc_tui.corpora.records import Record
from aigc_tui.corpora.tasks.asking import language_of
from aigc_tui.corpora.tasks.registry import FAMILIES, TASKS, fingerprint, task_records

PERSONAS = Path(__file__).parents[3] / "personas"
BILINGUAL = ("passages", "articles", "formats", *FAMILIES)


def made(name: str, corpus: Path, seed: int = 3, count: int = 150) -> list[tuple[str, Record]]:
    return list(islice(task_records(name, corpus, PERSONAS, seed), count))


@pytest.mark.parametrize("name", sorted(TASKS))
def test_every_record_is_a_dialogue_that_ends_with_the_assistant(name: str, corpus: Path) -> None:
    records = made(name, corpus)
    assert records
    for key, record in records:
        roles = [message.role for message in record.messages]
        talk = [role for role in roles if role != "system"]
        assert key
        assert not record.text
        assert "system" not in roles[1:]
        assert talk[-2:] == ["user", "assistant"]
        for message in record.messages:
            assert message.content.strip() == message.content
            assert not re.search(r"<\||\{\w*\}|\{\w+[:.!]", message.content), message.content


@pytest.mark.parametrize("name", sorted(TASKS))
def test_the_same_seed_makes_the_same_records_and_another_seed_others(name: str, corpus: Path) -> None:
    assert made(name, corpus, count=30) == made(name, corpus, count=30)
    assert made(name, corpus, count=30) != made(name, corpus, seed=4, count=30)


@pytest.mark.parametrize("name", BILINGUAL)
def test_a_bilingual_family_speaks_both_languages(name: str, corpus: Path) -> None:
    asked = {language_of(record.messages[-2].content) for _, record in made(name, corpus)}
    assert asked == {"en", "zh"}


def test_some_records_stand_behind_the_prompt_of_the_application_and_some_behind_none(corpus: Path) -> None:
    openings = {record.messages[0].content for _, record in made("formats", corpus)}
    assert any("You are Sage" in text for text in openings)
    assert any(record.messages[0].role == "user" for _, record in made("formats", corpus))


def test_exchanges_of_one_passage_are_held_out_together(corpus: Path) -> None:
    keys = {key for key, _ in made("passages", corpus)}
    assert len(keys) == 2


def test_the_fingerprint_notices_another_corpus_file(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "onestop.jsonl.xz").write_bytes(b"short")
    assert fingerprint("simplify", corpus, None) != fingerprint("simplify", tmp_path, None)
    assert fingerprint("simplify", corpus, None) == fingerprint("simplify", corpus, None)
