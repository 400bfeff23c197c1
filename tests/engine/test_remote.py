"""The remote engine against a real loopback server that behaves, misbehaves, and dies."""

from __future__ import annotations

import asyncio
import gzip
import threading
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from aigc_tui.config import Paths
from aigc_tui.engine import remote
from aigc_tui.engine.protocol import (
    Delta,
    Done,
    Event,
    Failed,
    FailureCode,
    FinishReason,
    GenerateRequest,
    Grammar,
    GrammarKind,
    ModelSpec,
    Progress,
    Sampling,
    Scored,
    ScoreRequest,
    Stage,
    Usage,
)
from aigc_tui.engine.remote import RemoteEngine
from tests.support.models import assistant, system, user
from tests.support.openai_server import openai_server
from tests.support.raw_server import DONE, Script, chunk, event, raw_server

KEY = "sk-very-secret"
PLAIN = Sampling(temperature=0.5, repetition_penalty=1.0, max_tokens=9, stop=("END",), seed=4)


def request_to(base_url: str, **changes: object) -> GenerateRequest:
    model = ModelSpec("big", kind="openai", base_url=base_url, model="org/big")
    asked = GenerateRequest("r", model, (system("s"), user("hi")), PLAIN)
    return replace(asked, **changes)  # type: ignore[arg-type]


def ask(request: GenerateRequest, home: Path = Path("/nonexistent"), **times: float) -> list[Event]:
    async def work() -> list[Event]:
        engine = RemoteEngine(Paths(home), **times)
        found = [event async for event in engine.generate(request)]
        await engine.close()
        return found

    return asyncio.run(asyncio.wait_for(work(), 30))


def serve(*scripts: Script, **changes: object) -> list[Event]:
    with raw_server(*scripts) as seen:
        return ask(request_to(seen.base_url, **changes))


def text(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, Delta))


def failure(events: list[Event]) -> Failed:
    assert isinstance(events[-1], Failed)
    assert sum(isinstance(event, Done | Failed) for event in events) == 1
    return events[-1]


def test_a_reply_is_streamed_with_the_servers_count() -> None:
    usage = {"prompt_tokens": 7, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 5}}
    pieces = [
        chunk("你"),
        b": comment\n\n",
        chunk("好"),
        chunk(reason="stop"),
        event({"choices": [], "usage": usage}),
    ]
    events = serve(Script([*pieces, DONE]))
    assert [type(event) for event in events] == [Progress, Progress, Delta, Delta, Done]
    assert text(events) == "你好"
    assert isinstance(events[-1], Done)
    assert events[-1].usage == Usage(7, 5, 2)
    assert events[-1].reason is FinishReason.STOP


def test_what_is_asked_is_what_the_protocol_of_openai_says() -> None:
    with raw_server(Script([chunk("a", "length"), DONE])) as seen:
        events = ask(request_to(seen.base_url))
    assert isinstance(events[-1], Done)
    assert events[-1].reason is FinishReason.LENGTH
    assert seen.bodies == [
        {
            "model": "org/big",
            "messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "hi"}],
            "stream": True,
            "stream_options": {"include_usage": True},
            "max_tokens": 9,
            "temperature": 0.5,
            "top_p": 0.9,
            "presence_penalty": 0.0,
            "frequency_penalty": 0.0,
            "stop": ["END"],
            "seed": 4,
        }
    ]
    assert "authorization" not in seen.headers[0]


def test_a_strict_server_is_asked_again_without_the_settings_that_it_does_not_know() -> None:
    refusal = Script([b'{"error": {"message": "Unrecognized request argument: min_p"}}'], 400)
    sampling = replace(PLAIN, min_p=0.1, top_k=5, repetition_penalty=1.2, typical_p=0.9)
    with raw_server(refusal, Script([chunk("ok", "stop"), DONE])) as seen:
        events = ask(request_to(seen.base_url, sampling=sampling))
    assert text(events) == "ok"
    first, second = seen.bodies
    assert first["min_p"] == 0.1
    assert first["repetition_penalty"] == first["repeat_penalty"] == 1.2
    assert not {"min_p", "top_k", "repetition_penalty", "stream_options"} & second.keys()


def test_a_reply_that_goes_on_is_asked_for_as_such() -> None:
    with raw_server(Script([chunk("b", "stop"), DONE])) as seen:
        ask(request_to(seen.base_url, messages=(user("hi"), assistant("a")), continue_final=True))
    assert seen.bodies[0]["continue_final_message"] is True
    assert seen.bodies[0]["messages"][-1] == {"role": "assistant", "content": "a"}


def test_hostile_words_are_clean_when_they_arrive() -> None:
    events = serve(Script([chunk("\x1b]52;c;AAAA\x07\u202e"), chunk("\ud800", "stop"), DONE]))
    assert "\x1b" not in text(events)
    assert text(events) == "␛]52;c;AAAA␇\ufffd\ufffd"


def test_lone_surrogates_of_the_user_do_not_break_the_request() -> None:
    events = serve(Script([chunk("a", "stop"), DONE]), messages=(user("\ud800"),))
    assert isinstance(events[-1], Done)


@pytest.mark.parametrize(
    ("script", "code", "words"),
    [
        (Script([chunk("half ")], reset=True), FailureCode.REMOTE_INTERRUPTED, "broke off"),
        (Script([chunk("half ")]), FailureCode.REMOTE_INTERRUPTED, "ended in the middle"),
        (
            Script([chunk("half "), event({"error": {"message": "out of \x1b[31mmemory"}})]),
            FailureCode.REMOTE_ERROR,
            "the server broke off: out of ␛[31mmemory",
        ),
        (Script([chunk("half "), event({"error": "boom"})]), FailureCode.REMOTE_ERROR, "boom"),
        (Script([chunk("half "), b"data: {nonsense\n\n"]), FailureCode.REMOTE_ERROR, "sent no JSON object"),
        (
            Script([chunk("half "), b"data: " + b"[" * 9999 + b"\n\n"]),
            FailureCode.REMOTE_ERROR,
            "no JSON object",
        ),
        (Script([chunk("half "), b"x" * 2**20, b"y"]), FailureCode.REMOTE_ERROR, "a line of more than"),
    ],
)
def test_a_server_that_fails_in_the_middle_leaves_the_words_and_one_line(
    script: Script, code: FailureCode, words: str
) -> None:
    events = serve(script)
    failed = failure(events)
    assert text(events) == "half "
    assert failed.code is code
    assert words in str(failed.message)
    assert "\n" not in str(failed.message)
    assert failed.usage.new_tokens == 1


@pytest.mark.parametrize(
    ("script", "code", "words"),
    [
        (
            Script([b'{"error": {"message": "no such model"}}'], 404),
            FailureCode.REMOTE_ERROR,
            "404: no such model",
        ),
        (Script([b'{"detail": "slow down"}'], 429), FailureCode.REMOTE_ERROR, "429: slow down"),
        (Script([b"<html>oops</html>"], 500), FailureCode.REMOTE_ERROR, "500: <html>oops"),
        (Script([b""], 503), FailureCode.REMOTE_ERROR, "503: no reason given"),
        (Script([b"\x1b[2J" * 9999], 502), FailureCode.REMOTE_ERROR, "502: ␛[2J"),
        (Script([b'{"error": "no"}'], 401), FailureCode.KEY_MISSING, "name it in key_env"),
        (
            Script([], 302, {"Location": "http://169.254.169.254/"}),
            FailureCode.REMOTE_ERROR,
            "redirects elsewhere",
        ),
    ],
)
def test_a_refusal_is_told_in_the_servers_words(script: Script, code: FailureCode, words: str) -> None:
    failed = failure(serve(script))
    assert failed.code is code
    assert words in str(failed.message)
    assert len(str(failed.message)) < 650


@pytest.mark.parametrize(
    "base_url", ["", "localhost:8080", "ftp://x/v1", "http://", "http://[", "file:///etc"]
)
def test_an_address_that_is_none_is_told(base_url: str) -> None:
    assert failure(ask(request_to(base_url))).code is FailureCode.REMOTE_UNREACHABLE


def test_nobody_there_is_told_without_the_password_of_the_address() -> None:
    with raw_server(Script()) as seen:
        address = seen.base_url.replace("http://", "http://me:hunter2@")
    failed = failure(ask(request_to(address)))
    assert failed.code is FailureCode.REMOTE_UNREACHABLE
    assert "127.0.0.1" in str(failed.message)
    assert "hunter2" not in str(failed.message)


def test_a_server_that_says_nothing_is_given_up() -> None:
    with raw_server(Script([chunk("half ")], hold=threading.Event(), silent=True)) as seen:
        events = ask(request_to(seen.base_url), idle_seconds=0.2)
    assert failure(events).code is FailureCode.REMOTE_INTERRUPTED
    assert text(events) == "half "


def test_a_server_that_never_ends_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "MAX_REPLY", 100)
    failed = failure(serve(Script([chunk("x" * 30)] * 10)))
    assert "does not end its reply" in str(failed.message)


def test_a_compressed_answer_is_read() -> None:
    body = gzip.compress(chunk("packed", "stop") + DONE)
    assert text(serve(Script([body], headers={"Content-Encoding": "gzip"}))) == "packed"


def test_a_stop_closes_the_connection_and_keeps_the_words() -> None:
    with raw_server(Script([chunk("half ")], hold=threading.Event())) as seen:

        async def work() -> list[Event]:
            engine = RemoteEngine(Paths(Path("/nonexistent")))
            events = []
            async with aclosing(engine.generate(request_to(seen.base_url))) as stream:
                async for event in stream:
                    events.append(event)
                    if isinstance(event, Delta):
                        assert engine.stage is Stage.DECODE
                        await engine.stop("r")
            return events

        events = asyncio.run(asyncio.wait_for(work(), 30))
        assert isinstance(events[-1], Done)
        assert events[-1].reason is FinishReason.CANCELLED
        assert events[-1].usage.new_tokens == 1
        assert text(events) == "half "
        assert seen.left.wait(10)


def test_closing_ends_what_runs() -> None:
    with raw_server(Script([chunk("half ")], hold=threading.Event())) as seen:

        async def work() -> list[Event]:
            engine = RemoteEngine(Paths(Path("/nonexistent")))
            events = []
            async with aclosing(engine.generate(request_to(seen.base_url))) as stream:
                async for event in stream:
                    events.append(event)
                    if isinstance(event, Delta):
                        await engine.close()
            return events

        assert isinstance(asyncio.run(asyncio.wait_for(work(), 30))[-1], Done)


def test_the_key_goes_to_the_server_and_nowhere_else(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    paths.make(paths.keys)
    (paths.keys / "BIG_KEY").write_text(KEY)
    (paths.keys / "BIG_KEY").chmod(0o600)
    refusal = Script([f'{{"error": {{"message": "bad key {KEY}"}}}}'.encode()], 401)
    with raw_server(refusal) as seen:
        request = request_to(seen.base_url)
        request = replace(request, model=replace(request.model, key_env="BIG_KEY"))
        failed = failure(ask(request, tmp_path))
    assert seen.headers[0]["authorization"] == f"Bearer {KEY}"
    assert str(failed.message) == "the server answered 401: bad key [key]"


def test_a_missing_key_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    with raw_server(Script()) as seen:
        request = request_to(seen.base_url)
        request = replace(request, model=replace(request.model, key_env="NO_SUCH_KEY_HERE"))
        failed = failure(ask(request, tmp_path))
    assert failed.code is FailureCode.KEY_MISSING
    assert seen.bodies == []


SCHEMA = Grammar(GrammarKind.JSON_SCHEMA, '{"type": "object"}')


def test_a_server_that_refuses_structured_output_is_asked_once_more_and_writes_freely() -> None:
    no = Script([b'{"error": {"message": "response_format is not supported"}}'], 400)
    with raw_server(no, no, Script([chunk("{}"), chunk(reason="stop"), DONE])) as seen:
        events = ask(request_to(seen.base_url, grammar=SCHEMA))
    assert text(events) == "{}"
    assert ["response_format" in body for body in seen.bodies] == [True, True, False]


def test_a_server_that_takes_the_form_is_asked_once() -> None:
    with raw_server(Script([chunk("{}"), chunk(reason="stop"), DONE])) as seen:
        events = ask(request_to(seen.base_url, grammar=SCHEMA))
    assert isinstance(events[-1], Done)
    assert len(seen.bodies) == 1


def test_given_words_are_scored_where_the_server_offers_it_and_it_is_asked_once_where_not() -> None:
    engine = RemoteEngine(Paths(Path("/nonexistent")))

    def score(base_url: str) -> Scored:
        model = ModelSpec("big", kind="openai", base_url=base_url, model="m")
        return asyncio.run(engine.score(ScoreRequest("s", model, (user("hi"),), ("a", "bcd"))))

    with openai_server([], scores=lambda prompt: [(letter, -1.0) for letter in prompt]) as server:
        found = score(server.base_url)
        assert server.requests[0]["prompt"] == "\nuser: hi\nassistant: a"
    assert [(each.logprob, each.tokens) for each in found.scores] == [(-1.0, 1), (-3.0, 3)]
    with openai_server(["Two ", "words"]) as server:
        refusals = [score(server.base_url).failure for _ in range(2)]
        assert [each.code for each in refusals if each] == [FailureCode.NOT_OFFERED] * 2
        assert len(server.requests) == 1
    gone = score(server.base_url.replace("/v1", "/v2")).failure
    assert gone is not None
    assert gone.code is FailureCode.REMOTE_UNREACHABLE
