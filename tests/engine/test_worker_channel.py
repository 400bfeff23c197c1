"""Exactly one last event a request, whoever sends it, and a stop that need not wait for loading."""

from __future__ import annotations

import os
import threading

from aigc_tui.engine.protocol import (
    Delta,
    Done,
    Failed,
    FailureCode,
    FinishReason,
    GenerateRequest,
    ModelSpec,
    PipeMessage,
    Timing,
    Usage,
    decode,
)
from aigc_tui.engine.worker_channel import Channel, Outbox
from aigc_tui.message import message

REQUEST = GenerateRequest("r", ModelSpec("m"), ())
DONE = Done("r", FinishReason.STOP, Usage(), Timing())


def channel() -> tuple[Channel, list[PipeMessage]]:
    sent: list[PipeMessage] = []
    return Channel(REQUEST, sent.append), sent


def test_nothing_follows_the_last_event() -> None:
    line, sent = channel()
    for event in (
        Delta("r", "a"),
        DONE,
        Delta("r", "b"),
        Failed("r", FailureCode.INTERNAL, message("x")),
        DONE,
    ):
        line.emit(event)
    assert sent == [Delta("r", "a"), DONE]


def test_deltas_within_a_frame_are_joined_the_first_at_once_and_the_end_brings_the_rest() -> None:
    sent: list[PipeMessage] = []
    moments = iter([0.0, 0.001, 0.002, 0.04, 0.041])
    line = Channel(REQUEST, sent.append, lambda: next(moments))
    line.emit(Delta("r", "a", 1))
    assert sent == [Delta("r", "a", 1)]
    for text in "bcde":
        line.emit(Delta("r", text, 2))
    assert sent[1:] == [Delta("r", "bcd", 6)]
    line.emit(DONE)
    assert sent[2:] == [Delta("r", "e", 2), DONE]


def test_a_failure_does_not_swallow_what_was_written() -> None:
    sent: list[PipeMessage] = []
    failed = Failed("r", FailureCode.INTERNAL, message("x"))
    line = Channel(REQUEST, sent.append, lambda: 0.0)
    for event in (Delta("r", "a"), Delta("r", "b"), failed):
        line.emit(event)
    assert sent == [Delta("r", "a"), Delta("r", "b"), failed]


def test_a_request_that_waits_or_loads_is_over_as_soon_as_it_is_stopped() -> None:
    line, sent = channel()
    line.stop()
    assert sent == [Done("r", FinishReason.CANCELLED, Usage(), Timing())]
    assert not line.begin()


def test_a_request_that_computes_ends_itself() -> None:
    line, sent = channel()
    assert line.begin()
    line.stop()
    assert sent == []
    assert line.stopped()


def test_a_stop_from_another_thread_never_makes_a_second_end() -> None:
    for _ in range(200):
        line, sent = channel()
        stopper = threading.Thread(target=line.stop)
        stopper.start()
        if line.begin():
            line.emit(DONE)
        stopper.join()
        assert sum(isinstance(message, Done) for message in sent) == 1


def test_messages_of_many_threads_stay_whole_lines() -> None:
    reading, writing = os.pipe()
    outbox = Outbox(writing)
    message = Delta("r", "x" * 50_000)
    threads = [threading.Thread(target=outbox.send, args=(message,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    with os.fdopen(reading, "rb") as lines:
        assert [decode(lines.readline()) for _ in threads] == [message] * len(threads)
    for thread in threads:
        thread.join()
    os.close(writing)
