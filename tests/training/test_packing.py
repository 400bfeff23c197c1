"""Rows: every token once, targets within a document only, and files that say what they were made from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from aigc_tui.inference.chat_template import Rendered
from aigc_tui.training.data_loader import (
    IGNORED,
    TokenFile,
    is_current,
    open_token_file,
    pack,
    read_row,
    write_token_file,
)

LENGTHS = st.lists(st.integers(1, 200), min_size=1, max_size=20)


def starts_of(lengths: list[int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.cumsum([0, *lengths])


def stream(*documents: list[int], spoken: list[bool] | None = None) -> TokenFile:
    ids = [i for document in documents for i in document]
    own = spoken if spoken is not None else [True] * len(ids)
    return TokenFile(
        np.array(ids, np.uint16), np.array(own, np.bool_), starts_of([len(d) for d in documents])
    )


@given(LENGTHS)
def test_reading_on_keeps_every_token_exactly_once(lengths: list[int]) -> None:
    rows = pack(starts_of(lengths), range(len(lengths)), 64, whole=False)
    seen = sorted(i for row in rows for begin, end in row for i in range(begin, end))
    assert seen == list(range(sum(lengths)))


@given(LENGTHS)
def test_whole_documents_start_at_their_beginning_and_never_overflow_a_row(lengths: list[int]) -> None:
    starts = starts_of(lengths)
    for row in pack(starts, range(len(lengths)), 64, whole=True):
        assert sum(end - begin for begin, end in row) <= 64
        assert all(begin in starts for begin, _ in row)


def test_the_target_of_a_token_is_the_next_one_of_its_document() -> None:
    row = read_row(stream([5, 6, 7], [8, 9]), [(0, 3), (3, 5)], 7, pad=0, assistant_only=False)
    assert row.tokens.tolist() == [5, 6, 7, 8, 9, 0, 0]
    assert row.targets.tolist() == [6, 7, IGNORED, 9, IGNORED, IGNORED, IGNORED]
    assert row.segments.tolist() == [0, 0, 0, 1, 1, 2, 2]


def test_with_assistant_only_the_other_tokens_are_no_targets() -> None:
    file = stream([5, 6, 7, 8], spoken=[False, False, True, True])
    assert read_row(file, [(0, 4)], 4, pad=0, assistant_only=True).targets.tolist() == [
        IGNORED,
        7,
        8,
        IGNORED,
    ]


def test_a_token_file_comes_back_and_knows_its_key(tmp_path: Path) -> None:
    documents = [Rendered([1, 2, 3], [False, True, True]), Rendered([4], [False])]
    write_token_file(tmp_path / "a", documents, "key")
    file = open_token_file(tmp_path / "a")
    assert file.ids.tolist() == [1, 2, 3, 4]
    assert file.loss_mask.tolist() == [False, True, True, False]
    assert file.starts.tolist() == [0, 3, 4]
    assert is_current(tmp_path / "a", "key")
    assert not is_current(tmp_path / "a", "other")
    assert not is_current(tmp_path / "b", "key")


def test_a_large_vocabulary_keeps_its_ids_and_a_small_one_stays_small(tmp_path: Path) -> None:
    for vocabulary, last, size in ((65_536, 65_535, 2), (151_936, 151_935, 4)):
        write_token_file(tmp_path, [Rendered([1, last], [True, True])], "key", vocabulary)
        file = open_token_file(tmp_path)
        assert file.ids.tolist() == [1, last]
        assert file.ids.itemsize == size
        assert read_row(file, [(0, 2)], 2, pad=0, assistant_only=False).tokens.tolist() == [1, last]


def test_rewriting_does_not_disturb_a_reader(tmp_path: Path) -> None:
    write_token_file(tmp_path, [Rendered([1, 2, 3], [True] * 3)], "one")
    reader = open_token_file(tmp_path)
    write_token_file(tmp_path, [Rendered([9], [True])], "two")
    assert reader.ids.tolist() == [1, 2, 3]
    assert open_token_file(tmp_path).ids.tolist() == [9]


def test_a_source_without_records_gives_an_empty_file(tmp_path: Path) -> None:
    write_token_file(tmp_path, [], "key")
    assert len(open_token_file(tmp_path).ids) == 0
