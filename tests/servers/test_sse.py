"""Server-sent events, however the bytes are cut, and no line without end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigc_tui.servers.client import MAX_EVENT, EventStream, EventTooLongError


def read(*chunks: bytes) -> list[str]:
    stream = EventStream()
    return [data for chunk in chunks for data in stream.push(chunk)]


@pytest.mark.parametrize(
    ("body", "events"),
    [
        (b"data: one\n\ndata:two\n\n", ["one", "two"]),
        (b"data: a\r\n\r\ndata: b\r\n\r\n", ["a", "b"]),
        (b"data: a\rdata: b\r\r.", ["a\nb"]),
        (b"data: a\ndata: b\n\n", ["a\nb"]),
        (b": a comment\nevent: x\nid: 3\nretry: 9\ndata: a\n\n", ["a"]),
        (b"\n\n\ndata\n\n", [""]),
        (b"\xef\xbb\xbfdata: bom\n\n", ["bom"]),
        (b"data: never ended", []),
        (b"data: \xff\n\n", ["\ufffd"]),
        ("data: 你好\n\n".encode(), ["你好"]),
    ],
)
def test_the_format_is_read_as_it_is_written_down(body: bytes, events: list[str]) -> None:
    assert read(body) == events


LINES = st.lists(
    st.sampled_from([b"data: a", "data: 好👍".encode(), b": c", b"", b"data:", b"other: x", b"\xff"]),
    max_size=8,
)


@given(LINES, st.sampled_from([b"\n", b"\r\n"]), st.lists(st.integers(1, 7), max_size=40))
def test_any_cut_gives_the_same_events(lines: list[bytes], end: bytes, sizes: list[int]) -> None:
    body = end.join([*lines, b"", b""])
    chunks, rest = [], body
    for size in sizes:
        chunks.append(rest[:size])
        rest = rest[size:]
    assert read(*chunks, rest) == read(body)


@pytest.mark.parametrize("piece", [b"x" * 65536, b"data: " + b"x" * 65000 + b"\n"])
def test_what_never_ends_is_refused(piece: bytes) -> None:
    with pytest.raises(EventTooLongError):
        read(*[piece] * (MAX_EVENT // 65000 + 2))
