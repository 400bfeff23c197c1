"""Suites: kinds and languages told from the files, made from a corpus by the very split of training."""

from __future__ import annotations

import json
import lzma
from pathlib import Path
from typing import Any

import pytest

from aigc_tui.corpora.records import CorpusError, Record, is_development, read_records
from aigc_tui.evaluation.model import EvaluationError
from aigc_tui.evaluation.suite import (
    DIALOGUE,
    QUESTIONS,
    TEXT,
    built_in,
    make_suite,
    open_suite,
    questions,
    records,
    train_records,
)


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    path.write_bytes(lzma.compress(data) if path.suffix == ".xz" else data)
    return path


def texts(count: int) -> list[dict[str, Any]]:
    return [{"text": f"Text number {i} about one thing and another."} for i in range(count)]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    write(folder / "prose.jsonl.xz", texts(600))
    talk = [{"role": "user", "content": "你好吗？"}, {"role": "assistant", "content": "很好。"}]
    write(
        folder / "talk.jsonl",
        [{"messages": [*talk, {"role": "user", "content": f"第{i}次"}]} for i in range(400)],
    )
    asked = [
        {"context": f"Passage {i} says that Ben went home.", "question": f"{q} went home?", "answer": "Ben"}
        for i in range(300)
        for q in ("Who", "Which boy")
    ]
    write(folder / "asked.jsonl", asked)
    write(folder / "words.jsonl", [{"members": ["dog"], "definition": "an animal"}] * 5)
    return folder


def test_a_suite_is_the_held_out_split_and_nothing_of_it_is_in_the_training_sample(
    corpus: Path, tmp_path: Path
) -> None:
    made = make_suite(corpus, tmp_path / "suite", lambda *_: None)
    assert sorted(made) == ["asked", "prose", "talk"]
    found = {source.name: source for source in open_suite(tmp_path / "suite")}
    assert {s.name: (s.kind, s.language) for s in found.values()} == {
        "asked": (QUESTIONS, "en"),
        "prose": (TEXT, "en"),
        "talk": (DIALOGUE, "zh"),
    }
    everything = list(read_records(corpus / "prose.jsonl.xz"))
    held_out, train = records(found["prose"], 10**9), train_records(found["prose"], 10**9)
    assert held_out
    assert sorted(one.text for one in held_out) == sorted(o.text for o in everything if is_development(o))
    assert len(held_out) + len(train) == len(everything)


def test_questions_are_held_out_by_their_passage(corpus: Path, tmp_path: Path) -> None:
    make_suite(corpus, tmp_path / "suite", lambda *_: None)
    source = next(s for s in open_suite(tmp_path / "suite") if s.kind == QUESTIONS)
    found = questions(source, 100)
    assert found
    assert all(is_development(Record(text=one.context)) for one in found)
    passages = [one.context for one in found]
    assert len(found) == 2 * len(set(passages))
    assert len(set(passages[: len(passages) // 2])) == len(passages) // 2


def test_making_it_again_gives_the_same_bytes(corpus: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        make_suite(corpus, tmp_path / name, lambda *_: None)
    files = [path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.jsonl")]
    assert files
    assert all((tmp_path / "one" / f).read_bytes() == (tmp_path / "two" / f).read_bytes() for f in files)


def test_samples_are_bounded_and_spread(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from aigc_tui.evaluation import suite as module

    monkeypatch.setattr(module, "TRAIN_BYTES", 2000)
    make_suite(corpus, tmp_path / "suite", lambda *_: None)
    source = next(s for s in open_suite(tmp_path / "suite") if s.name == "prose")
    numbers = [int(one.text.split()[2]) for one in train_records(source, 10**9)]
    assert 20 < len(numbers) < 60
    assert max(numbers) > 400


def test_reading_stops_before_the_limit_but_gives_one_record(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", texts(10))
    [source] = open_suite(tmp_path)
    assert len(records(source, 1)) == 1
    assert len(records(source, 100)) == 2
    assert train_records(source, 100) == []


@pytest.mark.parametrize("content", ["", None, "{not json}\n"])
def test_what_is_no_suite_is_one_line(tmp_path: Path, content: str | None) -> None:
    if content:
        (tmp_path / "a.jsonl").write_text(content)
    folder = tmp_path if content is not None else tmp_path / "missing"
    with pytest.raises((EvaluationError, CorpusError)) as caught:
        open_suite(folder)
    assert "\n" not in str(caught.value)


def test_a_corpus_without_anything_to_hold_out_is_one_line(tmp_path: Path) -> None:
    write(tmp_path / "words.jsonl", [{"members": ["dog"]}])
    with pytest.raises(EvaluationError, match=r"holds no \.jsonl file with text"):
        make_suite(tmp_path, tmp_path / "suite", lambda *_: None)


def test_the_built_in_suite_has_every_kind_in_both_languages() -> None:
    found = {(source.kind, source.language) for source in built_in()}
    assert found == {(kind, lang) for kind in (TEXT, DIALOGUE, QUESTIONS) for lang in ("en", "zh")}
    for source in built_in():
        if source.kind == QUESTIONS:
            raw = [json.loads(line) for line in source.held_out.read_text(encoding="utf-8").splitlines()]
            assert len(questions(source, 100)) == len(raw) >= 8
        else:
            assert len(records(source, 10**6)) >= 7
