from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

import pytest

from bench.corpus import Corpus
from bench.search import run


def test_a_small_run_measures_every_kind_of_query(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(messages=300, out=tmp_path / "search.json", queries=16)
    result = json.loads((tmp_path / "search.json").read_text(encoding="utf-8"))
    assert result["messages"] == 300
    kinds = [timing["kind"] for timing in result["timings"]]
    assert kinds[:3] == ["two-character Chinese", "English word", "two English words"]
    assert all(0 < timing["p50"] <= timing["p95"] <= timing["slowest"] for timing in result["timings"])
    assert result["sizes"]["index"] > 0
    assert all(kind in capsys.readouterr().out for kind in kinds[:1])


def test_the_corpus_is_mixed_and_the_same_for_a_seed() -> None:
    texts = list(Corpus(3).messages(200))
    assert texts == list(Corpus(3).messages(200))
    assert texts != list(Corpus(4).messages(200))
    english = sum(text.isascii() for text in texts)
    chinese = sum(not any(letter.isascii() for letter in text) for text in texts)
    assert english > 70
    assert chinese > 50
    assert len(texts) > english + chinese


def test_queries_are_words_that_messages_hold() -> None:
    corpus = Corpus()
    texts = "\n".join(islice(corpus.messages(5000), 5000))
    words = [corpus.word(corpus.chinese, first=10, last=1000) for _ in range(20)]
    assert all(len(word) == 2 and word in texts for word in words)
