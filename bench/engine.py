"""Decoding, reading a prompt, loading and memory of a GGUF model: our engine beside its peers, in turns.

Ours is the real worker on the folder that `model add` prepares. llama.cpp runs the same file with as many
threads, through `xllamacpp` (the extra ``bench``; without it ours is measured alone), transformers the same
weights in float32. Each side is a child process of its own, and they take turns, since machines are shared:
only ratios count.

    python -m bench.engine qwen2.5-coder-0.5b-instruct-q4_k_m.gguf --rounds 5
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aigc_tui.config import Paths
from aigc_tui.engine.client import LocalEngine
from aigc_tui.engine.preparing import prepare
from aigc_tui.engine.protocol import (
    ChatMessage,
    Done,
    EngineOptions,
    Failed,
    GenerateRequest,
    ModelSpec,
    Role,
    Sampling,
)
from bench.report import Ratio, write_json

ROUNDS = 5
NEW_TOKENS = 64
SENTENCE = "The ship sailed on over the blue sea, and nobody knew where the wind would take it. "
GREEDY = Sampling(temperature=0.0, repetition_penalty=1.0, max_tokens=NEW_TOKENS)

LLAMA, TRANSFORMERS = "llama.cpp", "transformers"
_LLAMA = """
import json, resource, sys, time
import xllamacpp
path, threads = sys.argv[1], int(sys.argv[2])
options = xllamacpp.CommonParams()
options.model.path, options.n_ctx, options.n_parallel = path, 4096, 1
options.cpuparams.n_threads = options.cpuparams_batch.n_threads = threads
began = time.perf_counter()
server = xllamacpp.Server(options)
print(json.dumps({"load": time.perf_counter() - began}), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    answer = server.handle_completions({
        "prompt": asked["prompt"], "n_predict": asked["tokens"], "temperature": 0, "cache_prompt": False,
        "ignore_eos": True,
    })
    timings = (answer if isinstance(answer, dict) else json.loads(answer))["timings"]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    found = {"memory": peak, "prefill": timings["prompt_per_second"]}
    print(json.dumps({**found, "decode": timings["predicted_per_second"]}), flush=True)
"""

_TRANSFORMERS = """
import json, os, resource, sys, time
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
path, threads = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(threads)
folder, name = os.path.split(os.path.abspath(path))
began = time.perf_counter()
tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=name)
model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=name, dtype=torch.float32)
print(json.dumps({"load": time.perf_counter() - began}), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    read = tokenizer(asked["prompt"], return_tensors="pt")
    options = dict(do_sample=False, eos_token_id=[], pad_token_id=0)
    began = time.perf_counter()
    with torch.inference_mode():
        model.generate(**read, min_new_tokens=1, max_new_tokens=1, **options)
        first = time.perf_counter() - began
        model.generate(**read, min_new_tokens=asked["tokens"], max_new_tokens=asked["tokens"], **options)
    rest = time.perf_counter() - began - 2 * first
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    found = {"memory": peak, "prefill": read["input_ids"].shape[1] / first}
    print(json.dumps({**found, "decode": (asked["tokens"] - 1) / rest}), flush=True)
"""
PEERS = {LLAMA: _LLAMA, TRANSFORMERS: _TRANSFORMERS}


@dataclass(slots=True)
class Side:
    """What one of the two gave, round by round."""

    load: float = 0.0
    decode: list[float] = field(default_factory=list)
    prefill: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)


class Peer:
    """Another program in a child process.

    Args:
        name: Of `PEERS`.
        model: The GGUF file.
        threads: How many it may use.
    """

    def __init__(self, name: str, model: Path, threads: int) -> None:
        self.name = name
        self._child = subprocess.Popen(
            [sys.executable, "-c", PEERS[name], str(model), str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.side = Side(load=self._read()["load"])

    def _read(self) -> dict[str, Any]:
        assert self._child.stdout is not None
        while line := self._child.stdout.readline():
            # Whatever the library itself prints is no JSON object.
            if line.startswith("{"):
                found: dict[str, Any] = json.loads(line)
                return found
        raise RuntimeError(f"{self.name} ended")

    def round(self, prompt: str) -> None:
        """Answer once."""
        assert self._child.stdin is not None
        self._child.stdin.write(json.dumps({"prompt": prompt, "tokens": NEW_TOKENS}) + "\n")
        self._child.stdin.flush()
        found = self._read()
        self.side.decode.append(found["decode"])
        self.side.prefill.append(found["prefill"])
        self.side.memory.append(found["memory"])

    def close(self) -> None:
        self._child.kill()
        self._child.wait()


class Ours:
    """Our worker."""

    def __init__(self, folder: Path, home: Path, threads: int) -> None:
        self._model = ModelSpec(folder.name, path=str(folder))
        self._engine = LocalEngine(Paths(home), EngineOptions(cache_mb=0, threads=threads))
        self._count = 0
        self.side = Side()

    async def round(self, prompt: str) -> None:
        """Answer once.

        Raises:
            RuntimeError: The engine failed.
        """
        self._count += 1
        messages = (ChatMessage(Role.USER, prompt),)
        request = GenerateRequest(str(self._count), self._model, messages, GREEDY)
        async with aclosing(self._engine.generate(request)) as events:
            async for event in events:
                if isinstance(event, Failed):
                    raise RuntimeError(event.message)
                if isinstance(event, Done):
                    usage, timing = event.usage, event.timing
        self.side.load = self.side.load or timing.load
        self.side.decode.append(usage.new_tokens / timing.decode)
        self.side.prefill.append((usage.prompt_tokens - usage.reused_tokens) / timing.prefill)
        self.side.memory.append(_peak(self._engine))

    async def close(self) -> None:
        await self._engine.close()


def _peak(engine: LocalEngine) -> float:
    """Read the most memory that the worker has held so far, in bytes; 0 where the system does not say."""
    try:
        lines = Path(f"/proc/{engine.pid}/status").read_text("ascii").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) * 1024.0 for line in lines if line.startswith("VmHWM")), 0.0)


async def measure(
    model: Path, folder: Path, home: Path, rounds: int, threads: int, words: int, names: Sequence[str]
) -> tuple[Side, dict[str, Side]]:
    """Let all answer in turns; the first answer of each warms up and does not count."""
    ours = Ours(folder, home, threads)
    peers = [Peer(name, model, threads) for name in names]
    try:
        for number in range(rounds + 1):
            prompt = f"{number}. " + SENTENCE * words
            await ours.round(prompt)
            for peer in peers:
                peer.round(prompt)
    finally:
        await ours.close()
        for peer in peers:
            peer.close()
    return ours.side, {peer.name: peer.side for peer in peers}


def _ratios(ours: Side, name: str, peer: Side) -> Sequence[Ratio]:
    return (
        Ratio.of(f"decode, ours / {name}", ours.decode[1:], peer.decode[1:]),
        Ratio.of(f"prompt, ours / {name}", ours.prefill[1:], peer.prefill[1:]),
        Ratio.of(f"peak memory, ours / {name}", ours.memory[1:], peer.memory[1:]),
    )


def run(
    model: Path, rounds: int, threads: int, words: int, peers: Sequence[str], out: Path | None = None
) -> Mapping[str, object]:
    """Measure, print and write.

    Args:
        model: A GGUF file.
        rounds: Answers of each side.
        threads: Of each side.
        words: How many times the prompt's sentence is repeated.
        peers: Of `PEERS`.
        out: The JSON file; None: `bench/results/engine.json`.

    Returns:
        The numbers.
    """
    if LLAMA in peers and not importlib.util.find_spec("xllamacpp"):
        print("llama.cpp is not measured: pip install xllamacpp")
        peers = [name for name in peers if name != LLAMA]
    with tempfile.TemporaryDirectory(prefix="aigc-bench-") as name:
        folder, began = Path(name) / model.stem, time.perf_counter()
        prepare(model, folder)
        prepared = time.perf_counter() - began
        ours, others = asyncio.run(measure(model, folder, Path(name), rounds, threads, words, peers))
    print(f"{model.name}, {threads} threads; prepared in {prepared:.0f} s, then loaded in {ours.load:.2f} s")
    print(f"ours: {_line(ours)}")
    ratios = {}
    for name, peer in others.items():
        ratios[name] = _ratios(ours, name, peer)
        print(f"{name}: {_line(peer)}, loaded in {peer.load:.2f} s", *ratios[name], sep="\n")
    result: dict[str, object] = {
        "model": model.name,
        "threads": threads,
        "prepare_seconds": prepared,
        "ours": ours,
        "peers": others,
        "ratios": ratios,
    }
    print(f"written to {write_json('engine', result, out)}")
    return result


def _line(side: Side) -> str:
    decode, prefill = sorted(side.decode[1:]), sorted(side.prefill[1:])
    middle = len(decode) // 2
    megabytes = max(side.memory) / 2**20
    return f"decode {decode[middle]:.1f}, prompt {prefill[middle]:.1f} tokens/s, {megabytes:.0f} MB"


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--words", type=int, default=18, help="sentences of the prompt")
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=[LLAMA])
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    run(options.model, options.rounds, options.threads, options.words, options.peers, options.out)


if __name__ == "__main__":
    main()
