"""Measure a model on a text: ``python -m aigc_tui.training.evaluate FOLDER --text FILE --json``.

Bits per byte does not depend on the tokenizer, so models of any make can be compared. Of dialogues
only the words of the messages are scored, not the marks that the template puts around them.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

import torch
from torch import Tensor
from transformers import AutoModelForCausalLM, AutoTokenizer

from aigc_tui.text import one_line
from aigc_tui.training.corpus import CorpusError, read_texts
from aigc_tui.training.dialogue import DialogueError, encode_dialogue
from aigc_tui.training.scoring import Logits, Scored, Text, score
from aigc_tui.transformer.checkpoint import load_model, supports

_LARGEST_WINDOW = 1024


class EvaluationError(ValueError):
    """The model or the text cannot be used."""


def evaluate(folder: Path, text: Path) -> Scored:
    """Score a file of text with the model in a folder.

    Args:
        folder: Any Hugging Face causal LM folder; our own Transformer runs those that it knows.
        text: Plain text, or JSONL with ``text`` or ``messages``; its first line tells which.

    Raises:
        EvaluationError: The folder holds no usable model or tokenizer, or the text is empty.
        CorpusError: The text cannot be read.
        DialogueError: The model's chat template cannot show a dialogue of it.
    """
    if not (folder / "config.json").is_file():
        raise EvaluationError(f"{folder} is not a model folder: it has no config.json")
    tokenizer = _tokenizer(folder)
    logits, window, vocab_size = _model(folder)
    start = tokenizer.bos_token_id if tokenizer.bos_token_id is not None else tokenizer.eos_token_id
    total = Scored()
    for item in _texts(text, tokenizer):
        _require_known(item, vocab_size, folder)
        total += score(logits, item, window, start, vocab_size)
    if not total.bytes:
        raise EvaluationError(f"{text} holds no text to score")
    if not math.isfinite(total.nats):
        raise EvaluationError(f"{folder}: the model gives no finite probabilities; its weights are damaged")
    return total


def encode_text(text: str, tokenizer: Any) -> Text:
    """Encode plain text; names of special tokens in it stay text."""
    ids = tokenizer(text, add_special_tokens=False, split_special_tokens=True)["input_ids"]
    return Text(ids, [True] * len(ids), len(text.encode("utf-8", "replace")))


def _texts(path: Path, tokenizer: Any) -> Iterator[Text]:
    for record in read_texts(path):
        yield encode_dialogue(record, tokenizer) if record.messages else encode_text(record.text, tokenizer)


def _require_known(text: Text, vocab_size: int, folder: Path) -> None:
    if text.ids and max(text.ids) >= vocab_size:
        raise EvaluationError(
            f"{folder}: the tokenizer has token {max(text.ids)}, the model knows {vocab_size}; "
            "are both of one model?"
        )


def _tokenizer(folder: Path) -> Any:
    try:
        found = AutoTokenizer.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
    except Exception as error:  # whatever goes wrong inside, the user needs one line about the folder
        raise EvaluationError(f"{folder}: no usable tokenizer ({_line(error)})") from None
    found.model_max_length = sys.maxsize  # long texts are read in windows, so its warning would be wrong
    return found


def _model(folder: Path) -> tuple[Logits, int, int]:
    """Load the model; return its logits, window and vocabulary size."""
    try:
        if supports(folder):
            own = load_model(folder)
            return own, min(_LARGEST_WINDOW, own.config.max_positions), own.config.vocab_size
        other, report = AutoModelForCausalLM.from_pretrained(
            str(folder),
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            dtype=torch.float32,
            output_loading_info=True,
        )
    except Exception as error:  # as above: safetensors, transformers and torch each have their own
        raise EvaluationError(f"{folder}: no usable model ({_line(error)})") from None
    _require_whole(report["missing_keys"], folder)
    other.eval()

    def logits(ids: Tensor) -> Tensor:
        return other(input_ids=ids).logits  # type: ignore[no-any-return]

    window = getattr(other.config, "max_position_embeddings", None) or _LARGEST_WINDOW
    return logits, min(_LARGEST_WINDOW, int(window)), int(other.config.vocab_size)


def _require_whole(missing: Iterable[str], folder: Path) -> None:
    """Refuse weights that lack tensors: transformers fills those with noise, and noise has a score too."""
    if names := sorted(missing):
        raise EvaluationError(
            f"the weights in {folder} lack {one_line(names[0])} and {len(names) - 1} more tensors; "
            "is this the right config.json?"
        )


def _line(error: Exception) -> str:
    return one_line(str(error).strip().split("\n")[0] or type(error).__name__, 300)


def main(arguments: list[str]) -> int:
    """Run from the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m aigc_tui.training.evaluate", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--text", type=Path, required=True, help="plain text, or JSONL with text or messages")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    try:
        found = evaluate(options.folder, options.text)
    except (EvaluationError, CorpusError, DialogueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    report = {
        "bits_per_byte": round(found.bits_per_byte, 6),
        "bytes": found.bytes,
        "tokens": found.tokens,
        "loss": round(found.loss, 6),
    }
    print(json.dumps(report) if options.json else "\n".join(f"{k}: {v}" for k, v in report.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
