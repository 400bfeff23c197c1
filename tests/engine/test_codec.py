"""The pipe's lines: what is written is what is read, and everything else is refused."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigc_tui.engine.protocol import (
    ChatMessage,
    Delta,
    Done,
    Failed,
    FailureCode,
    FinishReason,
    Fitted,
    GenerateRequest,
    Grammar,
    GrammarKind,
    ModelSpec,
    PipeMessage,
    Progress,
    Ready,
    Role,
    Sampling,
    Score,
    Scored,
    ScoreRequest,
    Stage,
    StopRequest,
    Timing,
    Usage,
    decode,
    encode,
)
from aigc_tui.message import Message
from aigc_tui.process.codec import ProtocolError
from aigc_tui.text import clean

TEXT = st.text(st.characters(codec=None), max_size=30)
COUNT = st.integers(0, 2**53)
SECONDS = st.floats(0, 1e9)
USAGES = st.builds(Usage, COUNT, COUNT, COUNT)
TIMINGS = st.builds(Timing, SECONDS, SECONDS, SECONDS)
SAMPLINGS = st.builds(
    Sampling,
    temperature=SECONDS,
    seed=st.none() | COUNT,
    stop=st.lists(TEXT, max_size=3).map(tuple),
)
REQUESTS = st.builds(
    GenerateRequest,
    id=TEXT,
    model=st.builds(ModelSpec, TEXT, TEXT, TEXT),
    messages=st.lists(st.builds(ChatMessage, st.sampled_from(Role), TEXT), max_size=4).map(tuple),
    sampling=SAMPLINGS,
    continue_final=st.booleans(),
    grammar=st.none() | st.builds(Grammar, st.sampled_from(GrammarKind), TEXT),
)
SCORINGS = st.builds(
    ScoreRequest,
    id=TEXT,
    model=st.builds(ModelSpec, TEXT),
    messages=st.lists(st.builds(ChatMessage, st.sampled_from(Role), TEXT), max_size=2).map(tuple),
    continuations=st.lists(TEXT, max_size=3).map(tuple),
    text=TEXT,
)
CLEAN = TEXT.map(clean)
REASONS = st.builds(Message, CLEAN, st.dictionaries(CLEAN, CLEAN | COUNT, max_size=2))
FAILURES = st.builds(Failed, TEXT, st.sampled_from(FailureCode), REASONS, USAGES, TIMINGS)
SCORES = st.lists(st.builds(Score, st.floats(-1e9, 0), COUNT), max_size=3).map(tuple)
MESSAGES: st.SearchStrategy[PipeMessage] = st.one_of(
    REQUESTS,
    SCORINGS,
    st.builds(StopRequest, TEXT),
    st.builds(Ready, COUNT),
    st.builds(Progress, TEXT, st.sampled_from(Stage), COUNT, COUNT, TEXT),
    st.builds(Fitted, TEXT, COUNT, COUNT, COUNT, COUNT),
    st.builds(Delta, TEXT, TEXT, COUNT),
    st.builds(Done, TEXT, st.sampled_from(FinishReason), USAGES, TIMINGS),
    st.builds(Scored, TEXT, SCORES, st.none() | FAILURES),
    FAILURES,
)


@given(MESSAGES)
def test_what_is_written_is_what_is_read_even_with_lone_surrogates(message: PipeMessage) -> None:
    line = encode(message)
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert line.isascii()
    assert decode(line) == message


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_a_protocol_error(line: bytes) -> None:
    with contextlib.suppress(ProtocolError):
        decode(line)


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ([], "must be a JSON object"),
        ({}, "unknown message type None"),
        ({"type": ["x"]}, "unknown message type"),
        ({"type": "Evil", "id": "a"}, "unknown message type 'Evil'"),
        ({"type": "StopRequest"}, "id"),
        ({"type": "StopRequest", "id": 1}, "StopRequest.id must be of type str"),
        ({"type": "StopRequest", "id": "a", "more": 1}, "StopRequest has no field 'more'"),
        ({"type": "Delta", "id": "a", "text": "x", "tokens": True}, "Delta.tokens must be of type int"),
        ({"type": "Progress", "id": "a", "stage": "lost"}, "Progress.stage must be one of"),
        (
            {"type": "Done", "id": "a", "reason": "stop", "usage": [], "timing": {}},
            "Done.usage must be an object",
        ),
    ],
)
def test_a_wrong_message_is_named(body: Any, complaint: str) -> None:
    with pytest.raises(ProtocolError, match=complaint.replace("[", r"\[")):
        decode(json.dumps(body).encode())


@pytest.mark.parametrize("line", [b"", b"{", b"[" * 100_000, b'{"type":"Done","id":NaN}', b"\xff\xfe"])
def test_a_line_that_is_no_json_is_a_protocol_error(line: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode(line)


def test_a_number_that_json_lacks_is_not_written() -> None:
    request = GenerateRequest("a", ModelSpec("m"), (), Sampling(temperature=float("nan")))
    with pytest.raises(ProtocolError, match="cannot write a GenerateRequest"):
        encode(request)
