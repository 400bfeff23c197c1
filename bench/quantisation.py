"""What quantising costs: bits per byte of a GGUF model on fixed texts, and its speed, scheme by scheme.

The weights as the file gives them, in float32, are the yardstick. Texts are read in windows of 512 tokens,
each from nothing, so that every scheme predicts the same tokens from the same context.

    python -m bench.quantisation qwen2.5-0.5b-instruct-q4_k_m.gguf en.txt zh.txt --schemes int4 int8
"""

from __future__ import annotations

import argparse
import math
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import torch
from torch.nn import functional

from aigc_tui.inference.loader import LoadedModel, LoadOptions, load_model
from aigc_tui.inference.prepare import prepare_gguf
from aigc_tui.transformer.cache import KVCache
from aigc_tui.transformer.fused import FusedLM, fuse
from aigc_tui.transformer.gguf import load_gguf
from aigc_tui.transformer.packed import BF16, INT8, Scheme
from bench.report import write_json

WINDOW = 512
FLOAT = "float32"
SCHEMES = {
    "int4": Scheme(),
    "int4, down in int8": Scheme(sensitive=(".down",)),
    "int8": Scheme(blocks=INT8),
    "int8, head in bf16": Scheme(blocks=INT8, head=BF16),
}
_TOKENS = 24
"""Tokens written to tell the speed."""


@torch.inference_mode()
def bits_per_byte(model: FusedLM, ids: Sequence[int], size: int, every: int = 1) -> float:
    """Measure the bits that a model needs for each byte of a text.

    Args:
        model: The model.
        ids: The text's tokens.
        size: The text's bytes.
        every: 4: only each fourth window is read, spread over the text.
    """
    total, read = 0.0, 0
    for start in range(0, len(ids) - 1, WINDOW * every):
        window = torch.tensor([ids[start : start + WINDOW + 1]])
        logits = model(window[:, :-1]).float()[0]
        total += functional.cross_entropy(logits, window[0, 1:], reduction="sum").item()
        read += logits.shape[0]
    return total / math.log(2) / (size * read / len(ids))


@torch.inference_mode()
def seconds_a_token(model: FusedLM) -> float:
    """Measure writing a token behind 64 others: the median of some."""
    cache, spent = KVCache.for_model(model.config), []
    model(torch.zeros(1, 64, dtype=torch.long), cache, last=1)
    for token in range(_TOKENS):
        began = time.perf_counter()
        model(torch.tensor([[token]]), cache)
        spent.append(time.perf_counter() - began)
    return statistics.median(spent)


def run(
    model: Path,
    texts: Sequence[Path],
    schemes: Sequence[str],
    threads: int,
    every: int = 1,
    out: Path | None = None,
) -> dict[str, object]:
    """Measure, print and write.

    Args:
        model: A GGUF file.
        texts: UTF-8 files.
        schemes: Of `SCHEMES`; the yardstick comes first in any case.
        threads: Of torch.
        every: See `bits_per_byte`.
        out: The JSON file; None: `bench/results/quantisation.json`.

    Returns:
        The numbers.
    """
    torch.set_num_threads(threads)
    found: dict[str, dict[str, float]] = {}
    result: dict[str, object] = {"model": model.name, "threads": threads, "bits per byte": found}
    with tempfile.TemporaryDirectory(prefix="aigc-bench-") as name:
        for kind in (FLOAT, *schemes):
            folder = Path(name) / kind.replace(", ", "-").replace(" ", "-")
            prepare_gguf(model, folder, lambda done, size: None, SCHEMES.get(kind, SCHEMES["int8"]))
            loaded = load_model(folder, options=LoadOptions(template="none"))
            network = fuse(load_gguf(model)) if kind == FLOAT else _fused(loaded)
            found[kind] = {"tokens/s": 1 / seconds_a_token(network)}
            for text in texts:
                content = text.read_text(encoding="utf-8")
                bits = bits_per_byte(
                    network, loaded.tokens.encode_plain(content), len(content.encode()), every
                )
                more = bits / found[FLOAT].get(text.name, bits) - 1
                found[kind][text.name] = bits
                print(f"{kind}: {text.name} {bits:.4f} bits per byte ({more:+.2%})", flush=True)
            print(f"{kind}: {found[kind]['tokens/s']:.1f} tokens/s", flush=True)
    print(f"written to {write_json('quantisation', result, out)}")
    return result


def _fused(loaded: LoadedModel) -> FusedLM:
    network = loaded.model.module
    assert isinstance(network, FusedLM)
    return network


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path)
    parser.add_argument("texts", type=Path, nargs="+")
    parser.add_argument("--schemes", nargs="+", choices=SCHEMES, default=list(SCHEMES))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--every", type=int, default=1, help="read each N-th window of 512 tokens only")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    run(options.model, options.texts, options.schemes, options.threads, options.every, options.out)


if __name__ == "__main__":
    main()
