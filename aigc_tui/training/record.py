"""A run's metrics as the Markdown of a model card: ``python -m aigc_tui.training.record METRICS.jsonl``.

Numbers in a model card come from here and not from memory: a loss curve, and held-out bits per byte.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from aigc_tui.training.metrics import Row, read_metrics

_BAR = 40
_CURVE_ROWS = 16


def loss_curve(rows: Sequence[Row], points: int = _CURVE_ROWS) -> str:
    """Draw mean training loss over tokens, one line a point.

    Losses of different stages are not comparable (other mixes, other tokens counted), so the stage is named.
    """
    train = [row for row in rows if row["kind"] == "train"]
    size = max(1, len(train) // points)
    groups = [train[i : i + size] for i in range(0, len(train), size)]
    means = [sum(row["loss"] for row in group) / len(group) for group in groups]
    top = max(means, default=1.0)
    lines = ["tokens (M)  stage     loss"]
    for group, mean in zip(groups, means, strict=True):
        bar = "#" * round(_BAR * mean / top)
        lines.append(f"{group[-1]['tokens'] / 1e6:9.2f}   {group[-1]['stage']:<8}  {mean:5.2f} {bar}")
    return "\n".join(lines)


def held_out_table(rows: Sequence[Row]) -> str:
    """Make a table of bits per byte by source at the end of each stage."""
    last = {row["stage"]: row for row in rows if row["kind"] == "held_out"}
    sources = dict.fromkeys(key for row in last.values() for key in row if key.endswith(".bpb"))
    lines = [f"| source | {' | '.join(last)} |", f"|---|{'---|' * len(last)}"]
    for source in sources:
        cells = [f"{row[source]:.3f}" if source in row else "" for row in last.values()]
        lines.append(f"| {source.removesuffix('.bpb')} | {' | '.join(cells)} |")
    return "\n".join(lines)


def summary(rows: Sequence[Row]) -> str:
    """Say in one line how much was read in how long."""
    timed = [row for row in rows if "seconds" in row]
    if not timed:
        return "nothing was recorded"
    end = timed[-1]
    rate = end["tokens"] / end["seconds"] if end["seconds"] else 0.0
    read = f"{end['tokens'] / 1e6:.2f}M tokens in {end['step']} steps"
    return f"{read} and {end['seconds'] / 60:.0f} minutes ({rate:.0f} tokens/s)"


def main(arguments: list[str]) -> int:
    """Print the record; returns the exit code."""
    if len(arguments) != 1:
        print("usage: python -m aigc_tui.training.record METRICS.jsonl", file=sys.stderr)
        return 2
    try:
        rows = read_metrics(Path(arguments[0]))
    except OSError as error:
        print(f"error: cannot read metrics: {error}", file=sys.stderr)
        return 1
    print(f"{summary(rows)}\n\n```\n{loss_curve(rows)}\n```\n\n{held_out_table(rows)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
