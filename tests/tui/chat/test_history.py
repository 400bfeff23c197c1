"""What was sent before comes back in order, and a draft survives the walk."""

from __future__ import annotations

from aigc_tui.tui.chat.prompt import HISTORY_LIMIT, History


def test_walking_back_shows_the_newest_first() -> None:
    history = History(["one", "two"])
    assert [history.previous("draft"), history.previous("two"), history.previous("one")] == [
        "two",
        "one",
        None,
    ]


def test_walking_forward_ends_at_the_draft() -> None:
    history = History(["one", "two"])
    history.previous("half a thou")
    history.previous("two")
    assert [history.next(), history.next(), history.next()] == ["two", "half a thou", None]


def test_sending_ends_the_walk() -> None:
    history = History(["one"])
    history.previous("")
    history.add("two")
    assert history.previous("") == "two"


def test_the_same_text_twice_in_a_row_is_kept_once() -> None:
    history = History(["one", "one", "two", "one"])
    assert [history.previous(""), history.previous(""), history.previous(""), history.previous("")] == [
        "one",
        "two",
        "one",
        None,
    ]


def test_blank_texts_and_very_old_ones_are_forgotten() -> None:
    history = History([*(str(number) for number in range(HISTORY_LIMIT + 10)), " \n"])
    walked = []
    while (text := history.previous("")) is not None:
        walked.append(text)
    assert len(walked) == HISTORY_LIMIT
    assert walked[-1] == "10"
