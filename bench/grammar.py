"""What a grammar costs: seconds per token of free replies and of replies under a grammar, in turns.

The grammar allows any text, so that both replies have as many tokens to sample and only the mask differs.
A second figure shows what a JSON form saves by its forced tokens, which need no sampling.

    aigc-tui bench grammar -- [--model DIR] [--rounds N]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from aigc_tui.engine.protocol import (
    ChatMessage,
    Done,
    GenerateRequest,
    Grammar,
    GrammarKind,
    ModelSpec,
    PipeMessage,
    Role,
    Sampling,
)
from aigc_tui.engine.worker_channel import Channel
from aigc_tui.engine.worker_service import answer
from aigc_tui.inference.loader import LoadedModel, Loader
from aigc_tui.inference.prefix_cache import PrefixCache
from aigc_tui.quiz.analysis.records import TermKind
from aigc_tui.quiz.llm_items.prompts import stem_form
from bench.report import Ratio, write_json

STARTER = Path(__file__).parent.parent / "data" / "models" / "starter"
TOKENS = 96
FREE = Sampling(temperature=0.8, repetition_penalty=1.0, max_tokens=TOKENS)
ANYTHING = Grammar(GrammarKind.REGEX, r"(?s:.{1000,4000})")
"""Any text, too long to end by itself."""
STEM = Grammar(GrammarKind.JSON_SCHEMA, json.dumps(stem_form("en", TermKind.TERM)))


def seconds_a_token(loaded: LoadedModel, path: Path, grammar: Grammar | None, seed: int) -> float:
    """Write one reply; the prompt does not count."""
    sent: list[PipeMessage] = []
    request = GenerateRequest(
        "bench",
        ModelSpec(path.name, path=str(path)),
        (ChatMessage(Role.USER, "Tell me about the sea."),),
        replace(FREE, seed=seed),
        grammar=grammar,
    )
    channel = Channel(request, sent.append)
    channel.begin()
    answer(loaded, PrefixCache(0), channel, 0.0)
    done = sent[-1]
    assert isinstance(done, Done)
    return done.timing.decode / max(done.usage.new_tokens, 1)


def main(arguments: Sequence[str]) -> None:
    """Print and write the ratios."""
    parser = argparse.ArgumentParser(prog="aigc-tui bench grammar")
    parser.add_argument("--model", type=Path, default=STARTER)
    parser.add_argument("--rounds", type=int, default=15)
    given = parser.parse_args(arguments)
    torch.set_num_threads(1)
    loaded = Loader(0).load(given.model, "model", lambda done, total: None)
    # Ends would cut the free replies short; both kinds run to the limit.
    endless = replace(loaded, eos_ids=frozenset())
    began = time.perf_counter()
    loaded.grammars.guide(ANYTHING)
    first = time.perf_counter() - began
    rounds = [
        [seconds_a_token(endless, given.model, grammar, seed) for grammar in (None, ANYTHING, STEM)]
        for seed in range(given.rounds + 1)
    ][1:]
    free, guided, stems = zip(*rounds, strict=True)
    ratios = [Ratio.of("guided / free", guided, free), Ratio.of("JSON form / free", stems, free)]
    for ratio in ratios:
        print(ratio)
    print(f"first grammar, vocabulary sorted: {first * 1000:.1f} ms")
    write_json("grammar", {"ratios": [str(ratio) for ratio in ratios], "first_seconds": first})


if __name__ == "__main__":
    main(sys.argv[1:])
