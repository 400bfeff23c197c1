"""What crosses a pipe comes out as it went in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aigc_tui.process.codec import from_plain, to_plain


@dataclass(frozen=True)
class Numbers:
    settings: Mapping[str, float]


def test_a_whole_number_among_numbers_stays_whole() -> None:
    found = from_plain(Numbers, to_plain(Numbers({"top_k": 40, "top_p": 0.9})))
    assert [type(value) for value in found.settings.values()] == [int, float]
