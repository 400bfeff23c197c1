"""The real child process: streams, queues, stops, dies and comes back, and goes when told."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import stat
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from aigc_tui.config import Paths
from aigc_tui.engine.client import LocalEngine
from aigc_tui.engine.protocol import (
    ChatMessage,
    Delta,
    Done,
    EngineOptions,
    Event,
    Failed,
    FailureCode,
    FinishReason,
    Fitted,
    GenerateRequest,
    Grammar,
    GrammarKind,
    Progress,
    Sampling,
    ScoreRequest,
    Stage,
)
from aigc_tui.process.environment import environment
from tests.support.model_fixtures import ModelMaker
from tests.support.models import spec_of, user

T = TypeVar("T")
ENDLESS = Sampling(temperature=1.0, max_tokens=200, seed=1)
SHORT = replace(ENDLESS, max_tokens=6)
LONG = user("The quick brown fox jumps over the lazy dog near the river bank. " * 2)
OPTIONS = EngineOptions(cache_mb=16, threads=1, memory_reserve_mb=0)
PATIENCE = 60.0


class Bench:
    """One engine and one event loop for many tests: a worker takes seconds to start."""

    def __init__(self, home: Path, folder: Path) -> None:
        self.runner = asyncio.Runner()
        self.paths = Paths(home)
        self.folder = folder
        self.engine = LocalEngine(self.paths, OPTIONS)
        self._count = 0

    def stage(self) -> Stage:
        return self.engine.stage

    def run(self, work: Callable[[], Awaitable[T]]) -> T:
        async def main() -> T:
            return await asyncio.wait_for(work(), PATIENCE)

        return self.runner.run(main())

    def request(self, *messages: ChatMessage, sampling: Sampling = SHORT) -> GenerateRequest:
        self._count += 1
        return GenerateRequest(
            f"r{self._count}", spec_of(self.folder), messages or (user("Hello"),), sampling
        )

    async def ask(self, *messages: ChatMessage, sampling: Sampling = SHORT) -> list[Event]:
        return [event async for event in self.engine.generate(self.request(*messages, sampling=sampling))]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, tiny: ModelMaker) -> Iterator[Bench]:
    made = Bench(tmp_path_factory.mktemp("home"), tiny("llama"))
    yield made
    made.run(made.engine.close)
    made.runner.close()


@asynccontextmanager
async def until(engine: LocalEngine, request: GenerateRequest, kind: type) -> AsyncIterator[list[Event]]:
    """Run a request up to the first event of a kind; the rest is read after the block."""
    events: list[Event] = []
    async with aclosing(engine.generate(request)) as stream:
        async for event in stream:
            events.append(event)
            if isinstance(event, kind):
                break
        yield events
        events += [event async for event in stream]


def text(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, Delta))


def the_end(events: list[Event]) -> Done | Failed:
    ends = [event for event in events if isinstance(event, Done | Failed)]
    assert ends == [events[-1]]
    assert isinstance(events[-1], Done | Failed)
    return events[-1]


def test_the_first_request_starts_the_worker_and_tells_its_steps(bench: Bench) -> None:
    assert bench.stage() is Stage.OFF
    events = bench.run(bench.ask)
    stages = [event.stage for event in events if isinstance(event, Progress)]
    assert stages[0] is Stage.STARTING
    assert [stage for place, stage in enumerate(stages) if stage not in stages[:place]] == [
        Stage.STARTING,
        Stage.LOADING,
        Stage.PREFILL,
    ]
    done = the_end(events)
    assert isinstance(done, Done)
    assert (done.reason, done.usage.new_tokens) == (FinishReason.LENGTH, 6)
    assert done.timing.load > 0
    assert bench.stage() is Stage.READY


def test_the_next_request_finds_worker_model_and_prompt(bench: Bench) -> None:
    bench.run(bench.ask)
    pid = bench.engine.pid
    events = bench.run(bench.ask)
    assert bench.engine.pid == pid
    assert {event.stage for event in events if isinstance(event, Progress)} == {Stage.PREFILL}
    (fitted,) = [event for event in events if isinstance(event, Fitted)]
    assert fitted.reused_tokens == fitted.prompt_tokens - 1


def test_a_stop_while_writing_keeps_the_words_and_the_next_reply_is_right(bench: Bench) -> None:
    async def work() -> tuple[list[Event], list[Event]]:
        whole = await bench.ask(LONG, sampling=replace(ENDLESS, max_tokens=60))
        request = bench.request(LONG, sampling=ENDLESS)
        async with until(bench.engine, request, Delta) as events:
            await bench.engine.stop(request.id)
        return whole, events

    whole, stopped = bench.run(work)
    done = the_end(stopped)
    assert isinstance(done, Done)
    assert done.reason is FinishReason.CANCELLED
    assert text(stopped)
    assert done.usage.new_tokens < 200
    shared = min(len(text(whole)), len(text(stopped)))
    assert text(stopped)[:shared] == text(whole)[:shared]
    assert text(bench.run(lambda: bench.ask(LONG, sampling=replace(ENDLESS, max_tokens=60)))) == text(whole)


def test_requests_wait_for_one_another_and_a_waiting_one_can_be_stopped(bench: Bench) -> None:
    async def work() -> list[list[Event]]:
        first, second, third = (bench.request(sampling=ENDLESS) for _ in range(3))
        tasks = []
        async with until(bench.engine, first, Delta) as events:
            for request in (second, third):
                tasks.append(asyncio.create_task(collect(bench.engine, request)))
            await asyncio.sleep(0)
            await bench.engine.stop(second.id)
            waiting = await tasks[0]
            await bench.engine.stop(first.id)
        await bench.engine.stop(third.id)
        return [events, waiting, await tasks[1]]

    first, second, third = bench.run(work)
    assert [type(event) for event in second] == [Done]
    for events in (first, second, third):
        end = the_end(events)
        assert isinstance(end, Done)
        assert end.reason is FinishReason.CANCELLED


async def collect(engine: LocalEngine, request: GenerateRequest) -> list[Event]:
    return [event async for event in engine.generate(request)]


def test_a_stream_that_is_left_early_does_not_block_the_next(bench: Bench) -> None:
    async def work() -> list[Event]:
        async with aclosing(bench.engine.generate(bench.request(sampling=ENDLESS))) as stream:
            async for event in stream:
                if isinstance(event, Delta):
                    break
        return await bench.ask()

    assert isinstance(the_end(bench.run(work)), Done)


def test_what_is_wrong_with_a_model_is_one_line_and_the_worker_lives_on(bench: Bench, tmp_path: Path) -> None:
    async def work() -> list[Event]:
        request = replace(bench.request(), model=spec_of(tmp_path / "nowhere"))
        return await collect(bench.engine, request)

    bench.run(bench.ask)
    pid = bench.engine.pid
    end = the_end(bench.run(work))
    assert isinstance(end, Failed)
    assert end.code is FailureCode.MODEL_MISSING
    assert "there is no model folder" in str(end.message)
    assert isinstance(the_end(bench.run(bench.ask)), Done)
    assert bench.engine.pid == pid


def test_an_adapter_that_is_not_there_is_not_silently_left_out(bench: Bench) -> None:
    end = the_end(bench.run(lambda: collect(bench.engine, replace(bench.request(), adapter="a" * 64))))
    assert isinstance(end, Failed)
    assert end.code is FailureCode.MODEL_MISSING


def test_a_message_longer_than_the_context_is_refused(bench: Bench) -> None:
    end = the_end(bench.run(lambda: bench.ask(user("x " * 2000))))
    assert isinstance(end, Failed)
    assert end.code is FailureCode.PROMPT_TOO_LONG


def test_numbers_that_cannot_be_sent_fail_at_once(bench: Bench) -> None:
    end = the_end(bench.run(lambda: bench.ask(sampling=replace(SHORT, temperature=float("nan")))))
    assert isinstance(end, Failed)
    assert end.code is FailureCode.INTERNAL


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSEGV])
def test_a_killed_worker_fails_the_reply_once_and_another_one_answers(
    bench: Bench, how: signal.Signals
) -> None:
    async def work() -> list[Event]:
        async with until(bench.engine, bench.request(sampling=ENDLESS), Delta) as events:
            assert bench.engine.pid is not None
            os.kill(bench.engine.pid, how)
        return events

    events = bench.run(work)
    end = the_end(events)
    assert isinstance(end, Failed)
    assert (end.code, bench.engine.stage) == (FailureCode.CRASHED, Stage.FAILED)
    assert how.name in str(end.message)
    assert text(events)
    assert isinstance(the_end(bench.run(bench.ask)), Done)


def test_a_worker_killed_between_two_requests_is_replaced(bench: Bench) -> None:
    async def work() -> list[Event]:
        await bench.ask()
        assert bench.engine.pid is not None
        os.kill(bench.engine.pid, signal.SIGKILL)
        while bench.engine.pid is not None:
            await asyncio.sleep(0.01)
        return await bench.ask()

    events = bench.run(work)
    assert isinstance(events[0], Progress)
    assert events[0].stage is Stage.STARTING
    assert isinstance(the_end(events), Done)


def test_a_stop_while_the_model_loads_ends_the_request_at_once(bench: Bench) -> None:
    async def work() -> tuple[list[Event], list[Event]]:
        await bench.engine.close()
        request = bench.request()
        async with until(bench.engine, request, Progress) as events:
            await bench.engine.stop(request.id)
        return events, await bench.ask()

    stopped, after = bench.run(work)
    end = the_end(stopped)
    assert isinstance(end, Done)
    assert (end.reason, end.usage.new_tokens) == (FinishReason.CANCELLED, 0)
    assert isinstance(the_end(after), Done)


def test_closing_in_the_middle_of_a_reply_leaves_no_process(bench: Bench) -> None:
    async def work() -> tuple[list[Event], int]:
        async with until(bench.engine, bench.request(sampling=ENDLESS), Delta) as events:
            assert bench.engine.pid is not None
            pid = bench.engine.pid
            await bench.engine.close()
        return events, pid

    events, pid = bench.run(work)
    assert isinstance(the_end(events), Done)
    assert bench.engine.stage is Stage.OFF
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_closing_while_the_worker_is_being_born_leaves_no_process(bench: Bench) -> None:
    async def work() -> None:
        asking = asyncio.create_task(bench.ask())
        for _ in range(3):
            await asyncio.sleep(0)
        await bench.engine.close()
        assert isinstance(the_end(await asking), Done)
        assert bench.engine.pid is None

    bench.run(work)


def test_a_worker_whose_client_is_gone_ends_even_while_it_computes(bench: Bench) -> None:
    async def work() -> None:
        async with until(bench.engine, bench.request(sampling=ENDLESS), Delta):
            child = bench.engine._child
            assert child is not None
            assert child._process.stdin is not None
            child._process.stdin.close()

    bench.run(work)
    assert bench.engine.pid is None
    assert bench.engine.stage is Stage.FAILED


def test_the_log_is_private_and_holds_no_word_of_the_chat(bench: Bench) -> None:
    bench.run(lambda: bench.ask(user("a very secret word")))
    log = bench.paths.logs / "engine.log"
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    for file in bench.paths.logs.iterdir():
        assert b"secret" not in file.read_bytes()


def test_the_worker_is_offline_and_gives_way_when_memory_runs_out(bench: Bench) -> None:
    bench.run(bench.ask)
    found = environment()
    assert (found["HF_HUB_OFFLINE"], found["HF_HUB_DISABLE_TELEMETRY"]) == ("1", "1")
    adjustment = Path(f"/proc/{bench.engine.pid}/oom_score_adj")
    assert not adjustment.exists() or adjustment.read_text().strip() == "500"


def test_the_worker_opens_no_socket(bench: Bench) -> None:
    bench.run(bench.ask)
    descriptors = Path(f"/proc/{bench.engine.pid}/fd")
    # Descriptor 0 is the pipe from the client, which asyncio makes of a pair of Unix sockets.
    others = [link for link in descriptors.iterdir() if link.name != "0"] if descriptors.is_dir() else []
    assert not [link for link in others if os.readlink(link).startswith("socket:")]


def test_ctrl_c_in_the_terminal_does_not_reach_the_worker(bench: Bench) -> None:
    bench.run(bench.ask)
    assert bench.engine.pid is not None
    assert os.getsid(bench.engine.pid) == bench.engine.pid


def test_a_grammar_holds_across_the_pipe(bench: Bench) -> None:
    async def work() -> list[Event]:
        asked = replace(bench.request(sampling=ENDLESS), grammar=Grammar(GrammarKind.REGEX, "[a-d]{3,6}"))
        return [event async for event in bench.engine.generate(asked)]

    events = bench.run(work)
    assert re.fullmatch("[a-d]{3,6}", text(events))
    done = the_end(events)
    assert isinstance(done, Done)
    assert done.reason is FinishReason.STOP


def test_a_grammar_that_cannot_be_compiled_fails_and_the_worker_goes_on(bench: Bench) -> None:
    async def work() -> list[Event]:
        asked = replace(bench.request(), grammar=Grammar(GrammarKind.REGEX, "a("))
        return [event async for event in bench.engine.generate(asked)]

    failed = the_end(bench.run(work))
    assert isinstance(failed, Failed)
    assert failed.code is FailureCode.GRAMMAR_REFUSED
    assert isinstance(the_end(bench.run(bench.ask)), Done)


def test_given_words_are_scored_and_the_engine_is_ready_again(bench: Bench) -> None:
    request = ScoreRequest("s", spec_of(bench.folder), (user("Hello"),), ("one", "two three"))
    first, again = (
        bench.run(lambda: bench.engine.score(request)),
        bench.run(lambda: bench.engine.score(request)),
    )
    assert first == again
    assert first.failure is None
    assert len(first.scores) == 2
    assert all(score.logprob < 0 < score.tokens for score in first.scores)
    assert bench.stage() is Stage.READY


def test_scoring_with_a_model_that_is_not_there_says_why(bench: Bench, tmp_path: Path) -> None:
    request = ScoreRequest("s", spec_of(tmp_path / "none"), (user("Hello"),), ("one",))
    found = bench.run(lambda: bench.engine.score(request))
    assert found.failure is not None
    assert found.failure.code is FailureCode.MODEL_MISSING


def test_a_scoring_that_is_given_up_leaves_a_worker_that_answers(bench: Bench) -> None:
    request = ScoreRequest("s", spec_of(bench.folder), (LONG,), ("one",) * 400)

    async def work() -> list[Event]:
        scoring = asyncio.create_task(bench.engine.score(request))
        while bench.stage() is not Stage.PREFILL:
            await asyncio.sleep(0.01)
        scoring.cancel()
        await asyncio.gather(scoring, return_exceptions=True)
        return await bench.ask()

    assert isinstance(the_end(bench.run(work)), Done)
