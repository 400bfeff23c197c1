"""Stop strings end a reply wherever tokens cut them, and nothing of them is ever shown."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aigc_tui.inference.stopping import StopStrings

LETTERS = st.text("ab\n", max_size=30)
STOPS = st.lists(st.text("ab\n", min_size=1, max_size=4), max_size=3)


def run(stops: list[str], pieces: list[str]) -> tuple[str, bool]:
    filter_ = StopStrings(stops)
    shown = "".join(filter_.push(piece) for piece in pieces)
    return shown + filter_.flush(), filter_.found


@given(LETTERS, STOPS, st.lists(st.integers(1, 5), max_size=30))
def test_what_is_shown_is_the_text_before_the_first_stop_string_however_it_is_cut(
    text: str, stops: list[str], sizes: list[int]
) -> None:
    pieces, rest = [], text
    for size in sizes:
        pieces.append(rest[:size])
        rest = rest[size:]
    pieces.append(rest)
    shown, found = run(stops, pieces)
    whole, whole_found = run(stops, [*text])
    assert (shown, found) == (whole, whole_found)
    ends = {text.find(stop) + len(stop): text.find(stop) for stop in stops if stop in text}
    assert found == bool(ends)
    if not ends:
        assert shown == text
    else:
        # The string that is complete first wins; among those complete at once, the one that began first.
        first_end = min(ends)
        starts = [text.find(s) for s in stops if s in text and text.find(s) + len(s) == first_end]
        assert shown == text[: min(starts)]


def test_half_a_stop_string_is_held_back_until_it_is_certain() -> None:
    filter_ = StopStrings(["###"])
    assert filter_.push("one #") == "one "
    assert filter_.push("#") == ""
    assert filter_.push(" two") == "## two"
    assert not filter_.found


def test_a_text_that_ends_with_half_a_stop_string_is_shown_whole() -> None:
    assert run(["END"], ["The EN"]) == ("The EN", False)
