"""Time to the first token of turn 20, with the prefix cache and without.

The promise: at least ten times sooner, with the same tokens. Two real workers answer the same requests in
turns, one with a cache, one without. Unless told another, the model is the starter, or a random one of its
shape where it is missing; the chat fills most of a context of 1,024 tokens.

    python -m bench.turn --rounds 12
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from pathlib import Path

from aigc_tui.config import Paths, shipped
from aigc_tui.engine.client import LocalEngine
from aigc_tui.engine.protocol import (
    ChatMessage,
    Delta,
    Done,
    EngineOptions,
    Failed,
    GenerateRequest,
    ModelSpec,
    Role,
    Sampling,
)
from bench.report import Ratio, write_json

TARGET = 10.0
ROUNDS = 12
TURNS = 20
REPLY_TOKENS = 24
FULL = 900
"""Prompt tokens of the written part of the chat."""
QUESTION = "Tell me about {} ({})."
TALE = (
    "the river a house my friend and the old dog who had some bread with warm milk in the morning before "
    "they went to work but it was cold that day so we all stayed near the fire"
)
WORDS = TALE.split()
GREEDY = Sampling(temperature=0.0, repetition_penalty=1.0, max_tokens=REPLY_TOKENS)
KIND = ChatMessage(Role.SYSTEM, "You are a kind helper. Answer in one or two short sentences.")
STERN = ChatMessage(Role.SYSTEM, "You are a stern editor. Point out every mistake that you see.")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a worker said, and how soon it began."""

    text: str
    tokens: int
    prompt: int
    reused: int
    first: float
    """Seconds from asking to the first token's text."""


@dataclass(frozen=True, slots=True)
class Case:
    """One way on from the chat: were the tokens those of a cold run, and how much was reused."""

    name: str
    equal: bool
    prompt: int
    reused: int


class Pair:
    """The same model in two workers, one of which remembers."""

    def __init__(self, folder: Path, warm: LocalEngine, cold: LocalEngine) -> None:
        self._model = ModelSpec(folder.name, path=str(folder))
        self._engines = {True: warm, False: cold}
        self._count = 0

    async def ask(self, messages: Sequence[ChatMessage], warm: bool) -> Answer:
        """Ask one of the two.

        Raises:
            RuntimeError: The engine failed.
        """
        self._count += 1
        request = GenerateRequest(str(self._count), self._model, tuple(messages), GREEDY)
        text, first, start = "", 0.0, time.perf_counter()
        async with aclosing(self._engines[warm].generate(request)) as events:
            async for event in events:
                if isinstance(event, Failed):
                    raise RuntimeError(event.message)
                if isinstance(event, Delta):
                    first = first or time.perf_counter() - start
                    text += event.text
                if isinstance(event, Done):
                    usage = event.usage
        return Answer(text, usage.new_tokens, usage.prompt_tokens, usage.reused_tokens, first)

    async def compare(self, name: str, messages: Sequence[ChatMessage]) -> Case:
        """Ask both and compare."""
        warm, cold = await self.ask(messages, warm=True), await self.ask(messages, warm=False)
        equal = (warm.text, warm.tokens, warm.prompt) == (cold.text, cold.tokens, cold.prompt)
        return Case(name, equal, warm.prompt, warm.reused)


def _user(text: str) -> ChatMessage:
    return ChatMessage(Role.USER, text)


def _script(turns: int, words: int) -> list[ChatMessage]:
    """Write a chat of so many turns, with replies of so many words."""
    chat = [KIND]
    supply = itertools.cycle(WORDS)
    for turn in range(turns):
        chat.append(_user(QUESTION.format(next(supply), turn)))
        reply = " ".join(itertools.islice(supply, words + turn % 3))
        chat.append(ChatMessage(Role.ASSISTANT, f"{reply}."))
    return chat


async def _chat(pair: Pair) -> list[ChatMessage]:
    """Fill the context to the brim with a written chat and talk once, so that the worker remembers it."""
    few, many = [(await pair.ask([*_script(TURNS - 2, n), _user("?")], warm=False)).prompt for n in (5, 10)]
    words = int(5 + 5 * (FULL - few) / max(many - few, 1))
    history = [*_script(TURNS - 2, words), _user(QUESTION.format("the sea", TURNS - 1))]
    answer = await pair.ask(history, warm=True)
    return [*history, ChatMessage(Role.ASSISTANT, answer.text)]


async def _race(
    pair: Pair, history: Sequence[ChatMessage], questions: Sequence[str]
) -> list[tuple[Answer, Answer]]:
    """Ask turn 20 in many wordings, each new to the cache, and turn about which worker goes first."""
    pairs = []
    for number, question in enumerate(questions):
        asked = [*history, _user(question)]
        order = (True, False) if number % 2 else (False, True)
        answers = {warm: await pair.ask(asked, warm) for warm in order}
        pairs.append((answers[True], answers[False]))
    return pairs


async def _cases(pair: Pair, history: Sequence[ChatMessage], question: str) -> list[Case]:
    last = [*history, _user(question)]
    middle = len(history) // 2 | 1
    edited = [*history[:middle], _user("No, tell me something else."), *last[middle + 1 :]]
    return [
        await pair.compare("new turn", last),
        await pair.compare("regenerate", last),
        await pair.compare("edit", edited),
        await pair.compare("persona switch", [STERN, *last[1:]]),
        await pair.compare("persona switched back", [*last[:-1], _user(f"{question} Please.")]),
    ]


async def measure(folder: Path, home: Path, rounds: int) -> dict[str, object]:
    """Run the chat and the comparisons with two workers.

    Args:
        folder: The model.
        home: Where the workers' logs go.
        rounds: How many wordings of turn 20.
    """
    async with AsyncExitStack() as stack:
        engines = [
            LocalEngine(Paths(home / name), EngineOptions(cache_mb=size)) for name, size in _SIZES.items()
        ]
        for engine in engines:
            stack.push_async_callback(engine.close)
        pair = Pair(folder, *engines)
        history = await _chat(pair)
        questions = [QUESTION.format(WORDS[n % len(WORDS)], f"{TURNS}.{n}") for n in range(rounds + 2)]
        await _race(pair, history, questions[:2])
        answers = await _race(pair, history, questions[2:])
        cases = await _cases(pair, history, QUESTION.format("home", TURNS))
        return _result(folder, answers, cases)


_SIZES = {"warm": 512, "cold": 0}
_VERDICT = {True: "same tokens", False: "DIFFERENT TOKENS"}


def _result(
    folder: Path, answers: Sequence[tuple[Answer, Answer]], cases: Sequence[Case]
) -> dict[str, object]:
    warm, cold = zip(*answers, strict=True)
    same = all((a.text, a.tokens) == (b.text, b.tokens) for a, b in answers)
    return {
        "model": str(folder),
        "turn": TURNS,
        "prompt_tokens": statistics.median(answer.prompt for answer in warm),
        "reused_tokens": statistics.median(answer.reused for answer in warm),
        "first_token_seconds": {
            "with": [answer.first for answer in warm],
            "without": [answer.first for answer in cold],
        },
        "ratio": Ratio.of(
            "first token, without the cache / with it", [a.first for a in cold], [a.first for a in warm]
        ),
        "target": TARGET,
        "rounds_equal": same,
        "cases": list(cases),
    }


def run(rounds: int = ROUNDS, model: Path | None = None, out: Path | None = None) -> Mapping[str, object]:
    """Measure, print and write.

    Args:
        rounds: How many wordings of turn 20.
        model: A model folder; None: the starter.
        out: The JSON file; None: `bench/results/turn.json`.

    Returns:
        The numbers.
    """
    with tempfile.TemporaryDirectory(prefix="aigc-bench-") as name:
        folder = model or shipped("data") / "models" / "starter"
        if not (folder / "config.json").is_file():
            from bench.random_model import make_starter_shape

            folder = make_starter_shape(Path(name) / "random-starter")
        result = asyncio.run(measure(folder, Path(name), rounds))
    print(f"turn {TURNS}, {result['prompt_tokens']:g} prompt tokens, {result['reused_tokens']:g} reused")
    print(result["ratio"], f"(goal: {TARGET:g}x)")
    for case in result["cases"]:  # type: ignore[attr-defined]
        print(f"{case.name}: {_VERDICT[case.equal]}, {case.reused} of {case.prompt} reused")
    print(f"all {rounds} rounds: {_VERDICT[bool(result['rounds_equal'])]}")
    print(f"written to {write_json('turn', result, out)}")
    return result


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--model", type=Path, help="a model folder; default: the starter")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    run(options.rounds, options.model, options.out)


if __name__ == "__main__":
    main()
