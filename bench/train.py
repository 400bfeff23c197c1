"""Speed of a training step: ours, transformers' models and nanoGPT's layout, in the same loop.

All models are trained by our loop, on the same batches, with the same optimizer and precision, in turns.
Each is also given as a share of the rate at which this machine multiplies two large matrices.

    python -m bench.train --rounds 10
    python -m bench.train --compile
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
from torch import Tensor, nn

from aigc_tui.training.causal_loss import causal_loss
from aigc_tui.training.data_loader import TokenBatch
from aigc_tui.training.distributed import ProcessGroup
from aigc_tui.training.hardware import AUTO, choose_device, choose_precision, device_name
from aigc_tui.training.optim import Optimizers, adamw
from aigc_tui.training.step import BFLOAT16, LossModule, train_step
from aigc_tui.transformer.causal_lm import CausalLM, initialise
from aigc_tui.transformer.checkpoint import save_model
from aigc_tui.transformer.config import ModelConfig
from bench.nano_block import NanoModel
from bench.report import Ratio, write_json

LLAMA = ModelConfig(
    vocab_size=8192,
    hidden_size=256,
    layers=6,
    heads=4,
    kv_heads=2,
    head_dim=64,
    ffn_size=704,
    max_positions=1024,
)
"""The shape of the first starter model."""
GPT2 = replace(
    LLAMA,
    kv_heads=4,
    ffn_size=1024,
    family="gpt2",
    norm="layer",
    positions="learned",
    activation="gelu_new",
    qkv_bias=True,
    o_bias=True,
    ffn_bias=True,
)
OURS, PEERS = ("our Llama", "our GPT-2"), ("transformers' Llama", "transformers' GPT-2", "nanoGPT's layout")
PAIRS = ((OURS[0], PEERS[0]), (OURS[1], PEERS[1]), (OURS[1], PEERS[2]), (OURS[0], PEERS[2]))
_SAME_LOSS = 0.02
_SQUARE = 2048


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured: rows of so many tokens a step, so many steps of each model."""

    rows: int = 8
    seq_len: int = 512
    rounds: int = 10
    precision: str = AUTO
    compile: bool = False
    cpu_time: bool = False

    def clock(self) -> float:
        """Seconds on the wall, or those of the processor where others use it, too."""
        return time.process_time() if self.cpu_time else time.perf_counter()


@dataclass(slots=True)
class Entrant:
    """A model in the loop, and the seconds of its steps."""

    loss_module: nn.Module
    optimizers: Optimizers
    flops_per_token: float
    seconds: list[float]
    first_loss: float = 0.0


class Logits(nn.Module):
    """A model of transformers as plain ``tokens -> scores``."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, T) -> (B, T, V)."""
        return self.inner(input_ids=tokens, use_cache=False).logits  # type: ignore[no-any-return]


def models(folder: Path) -> dict[str, nn.Module]:
    """Make all models; those of transformers get our weights, so that they must compute what ours do."""
    from transformers import AutoModelForCausalLM
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    made: dict[str, nn.Module] = {}
    for name, peer, config in zip(OURS, PEERS, (LLAMA, GPT2), strict=False):
        made[name] = own = CausalLM(config)
        initialise(own, seed=0)
        save_model(own, folder / config.family, dtype=torch.float32)
        loaded: Any = AutoModelForCausalLM.from_pretrained(
            str(folder / config.family),
            local_files_only=True,
            dtype=torch.float32,
            **({"attn_pdrop": 0.0, "embd_pdrop": 0.0, "resid_pdrop": 0.0} if config is GPT2 else {}),
        )
        made[peer] = Logits(loaded.train())
    return {**made, PEERS[2]: NanoModel(GPT2)}


def flops_per_token(model: nn.Module, config: ModelConfig, seq_len: int) -> float:
    """Count forward and backward: 6 for each weight that multiplies, and causal attention's products.

    A tied matrix multiplies once; a table of positions never does. Attention costs 12 L C T for full rows
    (PaLM, arXiv:2204.02311, appendix B), of which causality needs half.
    """
    weights = {id(w): w.numel() for w in model.parameters() if w.ndim == 2}
    places = (m for m in model.modules() if isinstance(m, nn.Embedding))
    tables = sum(m.weight.numel() for m in places if m.num_embeddings == config.max_positions)
    attention = 6 * config.layers * config.heads * config.head_dim * seq_len
    return 6 * (sum(weights.values()) - tables) + attention


def batches(plan: Plan) -> list[TokenBatch]:
    """Make rows in which ids are as uneven as words are (Zipf)."""
    generator = torch.Generator().manual_seed(0)
    chances = 1.0 / torch.arange(1, LLAMA.vocab_size + 1)
    drawn = [
        torch.multinomial(chances, plan.rows * (plan.seq_len + 1), replacement=True, generator=generator)
        for _ in range(4)
    ]
    rows = [ids.view(plan.rows, plan.seq_len + 1) for ids in drawn]
    return [TokenBatch(r[:, :-1].contiguous(), r[:, 1:].contiguous(), None) for r in rows]


def matmul_rate(plan: Plan, precision: str, device: torch.device) -> float:
    """Operations a second of one large product in the type that training multiplies in."""
    kind = torch.bfloat16 if precision == BFLOAT16 else torch.float32
    a, b = (torch.randn(_SQUARE, _SQUARE, device=device).to(kind) for _ in range(2))
    start = plan.clock()
    _finished(a @ b)
    return 2.0 * _SQUARE**3 / (plan.clock() - start)


def _finished(tensor: Tensor) -> None:
    """Wait until a result is there; a GPU answers before it has computed."""
    float(tensor.flatten()[0])


def measure(plan: Plan, folder: Path) -> dict[str, object]:
    """Step all models by turns.

    Args:
        plan: How much.
        folder: For the weights that transformers reads.

    Raises:
        RuntimeError: A peer does not compute the loss that ours does.
    """
    device = choose_device(AUTO)
    precision = choose_precision(plan.precision, device)
    entrants = {name: _entrant(model.to(device), plan, precision) for name, model in models(folder).items()}
    data, group, rates = batches(plan), ProcessGroup(device), []
    for number in range(-2, plan.rounds):  # two rounds to compile and to fill caches
        rates.append(matmul_rate(plan, precision, device))
        names = list(entrants)
        for name in names[number % len(names) :] + names[: number % len(names)]:
            _step(entrants[name], data[number % len(data)], group, plan)
    for entrant in entrants.values():
        del entrant.seconds[:2]
    _require_same_work(entrants)
    return _result(plan, entrants, statistics.median(rates[2:]), precision, device_name(device))


def _entrant(model: nn.Module, plan: Plan, precision: str) -> Entrant:
    config = LLAMA if _family(model) == "llama" else GPT2
    loss_module = LossModule(model, causal_loss, precision)
    if plan.compile:
        loss_module.compile(dynamic=False)
    return Entrant(loss_module, adamw(model, 1e-3), flops_per_token(model, config, plan.seq_len), [])


def _family(model: nn.Module) -> str:
    if isinstance(model, CausalLM):
        return model.config.family
    return str(model.inner.config.model_type) if isinstance(model, Logits) else "gpt2"  # type: ignore[union-attr]


def _step(entrant: Entrant, batch: TokenBatch, group: ProcessGroup, plan: Plan) -> None:
    start = plan.clock()
    result = train_step(entrant.loss_module, entrant.optimizers, group, batch, plan.rows, clip=1.0)
    entrant.seconds.append(plan.clock() - start)
    entrant.first_loss = entrant.first_loss or result.loss


def _require_same_work(entrants: Mapping[str, Entrant]) -> None:
    for own, peer in PAIRS[:2]:
        one, other = entrants[own].first_loss, entrants[peer].first_loss
        if abs(one - other) > _SAME_LOSS:
            raise RuntimeError(f"{own} has loss {one:.4f}, {peer} {other:.4f}: they do not do the same work")


def _result(
    plan: Plan, entrants: Mapping[str, Entrant], rate: float, precision: str, device: str
) -> dict[str, object]:
    tokens = plan.rows * plan.seq_len
    speeds = {name: tokens / statistics.median(e.seconds) for name, e in entrants.items()}
    return {
        "plan": plan,
        "device": device,
        "precision": precision,
        "matmul_flops": rate,
        "tokens_per_second": speeds,
        "share_of_matmul": {n: speeds[n] * e.flops_per_token / rate for n, e in entrants.items()},
        "ratios": [
            Ratio.of(f"{own} / {peer}", entrants[peer].seconds, entrants[own].seconds) for own, peer in PAIRS
        ],
    }


def run(plan: Plan, out: Path | None = None) -> Mapping[str, object]:
    """Measure, print and write.

    Args:
        plan: How much.
        out: The JSON file; None: `bench/results/train.json`.
    """
    with tempfile.TemporaryDirectory(prefix="aigc-bench-") as name:
        result: dict[str, Any] = measure(plan, Path(name))
    how = "compiled" if plan.compile else "not compiled"
    print(
        f"{result['device']}, {result['precision']}, {how}, {plan.rows} rows of {plan.seq_len} tokens a step"
    )
    print(f"matrix product of this machine: {result['matmul_flops'] / 1e9:.0f} GFLOP/s")
    for name, speed in result["tokens_per_second"].items():
        share = result["share_of_matmul"][name]
        print(f"{name:>20}: {speed:7.0f} tokens/s, {100 * share:3.0f}% of the matrix product's rate")
    for ratio in result["ratios"]:
        print(ratio)
    print(f"written to {write_json('train', result, out)}")
    return result


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line."""
    usual = Plan()
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=usual.rounds)
    parser.add_argument("--rows", type=int, default=usual.rows)
    parser.add_argument("--seq-len", type=int, default=usual.seq_len)
    parser.add_argument("--precision", default=usual.precision, choices=("auto", "bf16", "float32"))
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--cpu-time", action="store_true", help="measure CPU time, for a shared machine")
    parser.add_argument("--threads", type=int, default=0, help="0: torch's default")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args(arguments)
    if options.threads:
        torch.set_num_threads(options.threads)
    plan = Plan(
        options.rows, options.seq_len, options.rounds, options.precision, options.compile, options.cpu_time
    )
    run(plan, options.out)


if __name__ == "__main__":
    main()
