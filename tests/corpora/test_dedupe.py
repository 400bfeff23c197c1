"""The same words and nearly the same words are found again; other words are not, and memory is fixed."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigc_tui.corpora.dedupe import Fingerprint, Seen, fingerprint, split_of
from tests.support import corpora

LONG = corpora.prose(1, 40)


def jaccard(one: str, two: str, size: int) -> float:
    """The true share of common shingles."""
    first, second = ({text[i : i + size] for i in range(len(text) - size + 1)} for text in (one, two))
    return len(first & second) / len(first | second)


def changed(text: str, share: float, seed: int) -> str:
    """A text with some of its words replaced by others."""
    chance = random.Random(seed)
    return " ".join(f"w{chance.random()}" if chance.random() < share else word for word in text.split())


def test_case_spaces_and_punctuation_make_no_difference() -> None:
    assert fingerprint("The  mill, by the river!\n").exact == fingerprint("the mill by the river").exact


@pytest.mark.parametrize("text", [LONG, corpora.HAN_PROSE * 4])
def test_small_changes_are_near_and_other_texts_are_not(text: str) -> None:
    seen = Seen(256)
    seen.add(fingerprint(text))
    assert seen.find(fingerprint(text)) == "exact"
    assert seen.find(fingerprint(text.replace("那一年", "去年").replace("flood", "fire", 1))) == "near"
    assert seen.find(fingerprint(corpora.prose(500, 40)[::-1])) == ""


def test_likeness_is_estimated_within_its_spread() -> None:
    errors = []
    for seed in range(30):
        other = changed(LONG, 0.02, seed)
        one, two = fingerprint(LONG).near, fingerprint(other).near
        assert one is not None
        assert two is not None
        estimate = (np.mean(one == two) - 1 / 256) / (1 - 1 / 256)
        errors.append(abs(estimate - jaccard(LONG.lower(), other.lower(), 16)))
    # The deviation of a mean of 128 draws is at most 0.044; twice that leaves room for shared bins.
    assert sum(errors) / len(errors) < 0.09


def test_short_texts_are_compared_exactly_only() -> None:
    assert fingerprint("Good morning to you").near is None


def test_memory_is_fixed_and_the_oldest_are_forgotten() -> None:
    seen = Seen(64)
    marks = [fingerprint(changed(LONG, 0.9, seed)) for seed in range(200)]
    for mark in marks:
        seen.add(mark)
    assert seen.find(marks[-1]) == "exact"
    assert sum(seen.find(mark) == "exact" for mark in marks) <= 128
    assert seen.find(fingerprint(LONG)) == ""


def test_a_log_brings_back_what_was_seen(tmp_path: Path) -> None:
    marks = [fingerprint(text) for text in (LONG, "short", corpora.HAN_PROSE * 3)]
    (tmp_path / "log").write_bytes(b"".join(mark.to_bytes() for mark in marks))
    seen = Seen(64)
    seen.replay(tmp_path / "log")
    assert [seen.find(mark) for mark in marks] == ["exact"] * 3
    assert seen.find(fingerprint(changed(LONG, 0.005, 3))) == "near"


@given(st.integers(0, 2**64 - 1), st.binary(min_size=128, max_size=128).filter(any))
def test_a_fingerprint_comes_back_from_its_bytes(exact: int, near: bytes) -> None:
    mark = Fingerprint(exact, np.frombuffer(near, dtype=np.uint8))
    again = Fingerprint.from_bytes(mark.to_bytes())
    assert again.exact == exact
    assert again.near is not None
    assert again.near.tobytes() == near


def test_shares_come_out_as_asked() -> None:
    parts = [split_of(fingerprint(str(i), near=False).exact, 0.2, 0.1) for i in range(2000)]
    assert abs(parts.count("dev") / 2000 - 0.2) < 0.03
    assert abs(parts.count("test") / 2000 - 0.1) < 0.03
