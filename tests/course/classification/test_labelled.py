"""Labelled lines of a stranger: read, cleaned, parted by hash; a bad line is named."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigc_tui.corpora.records import CorpusError
from aigc_tui.course.classification import labelled
from aigc_tui.course.classification.labelled import Example, majority_accuracy, read_labelled, split


def test_lines_are_read_and_cleaned(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    first = {"text": " two\x1b[31m lattes\r ", "label": "cof\nfee"}
    rows = [first, {"text": "去北京", "label": "旅行", "x": 1}]
    file.write_text("\ufeff" + "\n\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")
    assert list(read_labelled(file)) == [Example("two␛[31m lattes", "cof fee"), Example("去北京", "旅行")]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "not JSON"),
        ("[1]", "JSON object"),
        ('{"text": "a"}', "'label' must be a text"),
        ('{"text": "", "label": "b"}', "'text' must be a text"),
        ('{"text": 5, "label": "b"}', "'text' must be a text"),
        ("[" * 100_000, "not JSON"),
        ("\x00\xff", "not JSON"),
    ],
)
def test_a_bad_line_is_named_with_its_number(tmp_path: Path, line: str, message: str) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(f'{{"text": "good", "label": "x"}}\n{line}\n', encoding="latin-1")
    with pytest.raises(CorpusError, match=rf"a\.jsonl line 2: .*{message}") as caught:
        list(read_labelled(file))
    assert "\n" not in str(caught.value)


@given(st.binary(max_size=200))
def test_no_bytes_make_it_fail_otherwise(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "any.jsonl"
    file.write_bytes(content)
    with suppress(CorpusError):
        assert all(e.text and e.label for e in read_labelled(file))


def test_a_line_without_end_and_a_missing_file_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(labelled, "_LONGEST_LINE", 100)
    file = tmp_path / "a.jsonl"
    file.write_text(json.dumps({"text": "x" * 1000, "label": "y"}))
    with pytest.raises(CorpusError, match="longer than 100"):
        list(read_labelled(file))
    with pytest.raises(CorpusError, match="cannot read"):
        list(read_labelled(tmp_path / "none.jsonl"))


def test_the_same_text_is_never_on_both_sides_and_order_does_not_matter() -> None:
    examples = [Example(f"text {n % 150}", "ab"[n % 2]) for n in range(300)]
    one, other = split(examples), split(list(reversed(examples)))
    assert not {e.text for e in one.train} & {e.text for e in one.held_out}
    assert set(one.held_out) == set(other.held_out)
    assert one.labels == ("a", "b")
    assert len(one.train) + len(one.held_out) == 150


def test_the_baseline_says_the_most_frequent_label_of_training() -> None:
    examples = [Example(f"text {n}", "rare" if n % 4 == 0 else "often") for n in range(400)]
    assert majority_accuracy(split(examples)) == pytest.approx(0.75, abs=0.12)


@pytest.mark.parametrize(
    ("examples", "message"),
    [
        ([Example(f"t{n}", "same") for n in range(50)], "2 to 200 labels"),
        ([Example(f"t{n}", str(n)) for n in range(500)], "2 to 200 labels"),
        ([Example("a", "x"), Example("b", "y")], "too few"),
    ],
)
def test_what_cannot_be_learned_or_judged_is_refused(examples: list[Example], message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        split(examples)
