"""The model card of a folder, put together from records: ``python -m aigc_tui.training.card FOLDER``.

A card that is written by hand says what its writer remembers. Here the words come from ``card.yaml`` beside
the weights, and every number from a record: the run's metrics, the table of ``aigc-tui model evaluate -o``,
and replies that the product itself gave to the card's prompts (``--ask``), the good ones and the bad ones.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from aigc_tui.message import AppError
from aigc_tui.text import clean
from aigc_tui.training.metrics import Row, read_metrics
from aigc_tui.training.record import loss_curve, summary

FACTS = "card.yaml"
REPLIES = "replies.json"
_CURVE_ROWS = 24
_LAST_ROWS = 10
_LANGUAGES = {"en": "English", "zh": "Chinese"}

Ask = Callable[[str], str]


class CardError(AppError, ValueError):
    """A card cannot be made; the message names what is missing."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One of the card's prompts: its language, what kind of request it is, and its words."""

    language: str
    kind: str
    text: str


def read_prompts(folder: Path) -> list[Prompt]:
    """Read the prompts of a folder's card.

    Raises:
        CardError: There are none, or one is malformed.
    """
    raw = _facts(folder).get("prompts")
    if not isinstance(raw, list) or not raw:
        raise CardError("{path}: prompts: a list of [language, kind, text] is needed", path=folder / FACTS)
    try:
        return [Prompt(*map(str, row)) for row in raw]
    except TypeError:
        raise CardError("{path}: prompts: each is [language, kind, text]", path=folder / FACTS) from None


def ask_product(persona: str, seed: int) -> Ask:
    """Return a function that puts one prompt to the product, each in a new conversation of ``persona``."""

    def ask(prompt: str) -> str:
        command = [
            sys.executable,
            "-m",
            "aigc_tui",
            "chat",
            "-p",
            persona,
            "--seed",
            str(seed),
            "--json",
            prompt,
        ]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
        if done.returncode:
            raise CardError(
                "no reply to {prompt!r}: {problem}", prompt=prompt, problem=done.stderr.strip()[-300:]
            )
        return str(json.loads(done.stdout)["text"])

    return ask


def ask_all(prompts: Iterable[Prompt], ask: Ask) -> list[dict[str, str]]:
    """Ask every prompt once and keep what came, as it came."""
    found = []
    for prompt in prompts:
        reply = ask(prompt.text)
        found.append(
            {"language": prompt.language, "kind": prompt.kind, "prompt": prompt.text, "reply": reply}
        )
        print(f"{prompt.text}\n    {clean(reply)}", file=sys.stderr, flush=True)
    return found


def stage_table(rows: Sequence[Row]) -> str:
    """Say how much each stage read, in what time, and where its loss ended."""
    lines = ["| stage | tokens (M) | minutes | rate factor | loss at its end |", "|---|---|---|---|---|"]
    tokens = seconds = 0.0
    for stage in dict.fromkeys(row["stage"] for row in rows if row["kind"] == "train"):
        own = [row for row in rows if row["kind"] == "train" and row["stage"] == stage]
        last = own[-_LAST_ROWS:]
        loss = sum(row["loss"] for row in last) / len(last)
        read, took = (own[-1]["tokens"] - tokens) / 1e6, (own[-1]["seconds"] - seconds) / 60
        rates = f"{own[0]['factor']:.2f} to {own[-1]['factor']:.2f}"
        lines.append(f"| {stage} | {read:.2f} | {took:.0f} | {rates} | {loss:.2f} |")
        tokens, seconds = own[-1]["tokens"], own[-1]["seconds"]
    return "\n".join(lines)


def reply_blocks(replies: Sequence[dict[str, str]]) -> str:
    """Show prompts and replies, by language, as quotations."""
    lines = []
    for language in dict.fromkeys(reply["language"] for reply in replies):
        lines.append(f"### {_LANGUAGES.get(language, language)}\n")
        for reply in (one for one in replies if one["language"] == language):
            quoted = clean(reply["reply"]).strip().replace("\n", "\n> ")
            lines.append(f"**{reply['kind']}**: {clean(reply['prompt'])}\n\n> {quoted}\n")
    return "\n".join(lines).strip()


def make_card(folder: Path, metrics: Path, table: Path) -> str:
    """Put the card together.

    Args:
        folder: The model folder, with ``card.yaml`` and ``replies.json``.
        metrics: The run's ``metrics.jsonl``.
        table: Markdown that ``aigc-tui model evaluate -o`` wrote.

    Raises:
        CardError: Something is missing.
    """
    facts, rows = _facts(folder), read_metrics(metrics)
    try:
        replies = json.loads((folder / REPLIES).read_text(encoding="utf-8"))
        measured = table.read_text(encoding="utf-8").strip()
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CardError("the card needs replies, a table and a model: {problem}", problem=error) from None
    values = {
        "shape": _shape(config, folder),
        "read": summary(rows),
        "stages": stage_table(rows),
        "curve": f"```\n{loss_curve(rows, _CURVE_ROWS)}\n```",
        "measured": measured,
        "replies": reply_blocks(replies),
    }
    text = str(facts.get("text", ""))
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    header = yaml.safe_dump(facts.get("header", {}), allow_unicode=True, sort_keys=False)
    return f"---\n{header}---\n{text.strip()}\n"


def _shape(config: dict[str, Any], folder: Path) -> str:
    weights = sum(path.stat().st_size for path in folder.glob("*.safetensors"))
    heads = f"{config['num_attention_heads']} query and {config['num_key_value_heads']} key/value heads"
    return (
        f"{config['num_hidden_layers']} layers, width {config['hidden_size']}, {heads}, "
        f"feed-forward {config['intermediate_size']}, vocabulary {config['vocab_size']:,}, "
        f"context {config['max_position_embeddings']:,}; "
        f"{weights / 2e6:.2f} million weights in bfloat16, {weights / 1e6:.1f} MB"
    )


def _facts(folder: Path) -> dict[str, Any]:
    try:
        raw = yaml.safe_load((folder / FACTS).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, RecursionError, yaml.YAMLError) as error:
        raise CardError("cannot read {path}: {problem}", path=folder / FACTS, problem=error) from None
    if not isinstance(raw, dict):
        raise CardError("{path}: a mapping is needed", path=folder / FACTS)
    return raw


def main(arguments: list[str]) -> int:
    """Ask the prompts, or write the card; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m aigc_tui.training.card", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--ask", action="store_true", help="ask the product the card's prompts")
    parser.add_argument("--persona", default="assistant")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--metrics", type=Path, help="metrics.jsonl of the run")
    parser.add_argument("--table", type=Path, help="what `model evaluate -o` wrote")
    options = parser.parse_args(arguments)
    try:
        if options.ask:
            replies = ask_all(read_prompts(options.folder), ask_product(options.persona, options.seed))
            text = json.dumps(replies, ensure_ascii=False, indent=1)
            (options.folder / REPLIES).write_text(text + "\n", encoding="utf-8")
        if options.metrics and options.table:
            card = make_card(options.folder, options.metrics, options.table)
            (options.folder / "README.md").write_text(card, encoding="utf-8")
    except (CardError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
