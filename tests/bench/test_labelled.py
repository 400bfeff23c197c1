"""Labelled texts out of dialogues with a topic, from files as the corpus has them."""

from __future__ import annotations

import json
import lzma
from pathlib import Path
from typing import Any

import pytest

from aigc_tui.corpora.records import CorpusError
from aigc_tui.course.classification.labelled import Example
from bench.labelled import intents, topics

_FILES = ("sgd", "kdconv", "smile", "taskmaster", "howtocook")


def talk(text: str, topic: str = "") -> dict[str, Any]:
    turns = [{"role": "user", "content": text}, {"role": "assistant", "content": "Yes."}]
    return {"messages": turns, **({"topic": topic} if topic else {})}


def write(folder: Path, name: str, rows: list[Any]) -> None:
    with lzma.open(folder / f"{name}.jsonl.xz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    for name in _FILES:
        write(tmp_path, name, [])
    return tmp_path


def test_the_opening_is_the_text_and_the_topic_its_label(corpus: Path) -> None:
    flights = [talk(f"A flight to {n}", "Flights") for n in range(700)]
    both = [talk(f"Both {n}", "Flights, Hotels") for n in range(200)]
    seldom = [talk(f"Rent {n}", "RentalCars") for n in range(20)]
    write(corpus, "sgd", [*flights, *both, *seldom])
    write(corpus, "kdconv", [talk(f"去北京{n}", "北京旅游") for n in range(160)])
    write(corpus, "howtocook", [{"text": f"# 番茄炒蛋 {n}\n" + "很长" * 200} for n in range(150)])
    found = topics(corpus)
    labels = [example.label for example in found]
    assert (labels.count("flights"), labels.count("travel"), labels.count("cooking")) == (600, 160, 150)
    assert set(labels) == {"flights", "travel", "cooking"}
    assert found[0] == Example("A flight to 0", "flights")
    assert max(len(example.text) for example in found) == 100


@pytest.mark.parametrize("row", [[1], {"topic": "Flights"}, {"topic": "F", "messages": [{"role": "user"}]}])
def test_a_record_of_another_shape_is_one_line(corpus: Path, row: object) -> None:
    write(corpus, "sgd", [row])
    with pytest.raises(CorpusError) as caught:
        topics(corpus)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_missing_or_broken_is_named(corpus: Path) -> None:
    (corpus / "sgd.jsonl.xz").write_bytes(b"not xz")
    with pytest.raises(CorpusError, match="sgd"):
        topics(corpus)
    (corpus / "sgd.jsonl.xz").unlink()
    with pytest.raises(CorpusError, match="sgd"):
        topics(corpus)


def test_the_grammars_give_messages_with_their_intent() -> None:
    made = intents(200, seed=0)
    assert made == intents(200, seed=0)
    assert len({e.label for e in made}) == 8
    assert all(e.text and "{" not in e.text for e in made)
