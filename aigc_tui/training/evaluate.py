"""Measure a model on a text: ``python -m aigc_tui.training.evaluate FOLDER --text FILE --json``.

Bits per byte does not depend on the tokenizer, so models of any make can be compared. Of dialogues
only the words of the messages are scored, not the marks that the template puts around them.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

import torch
from torch import Tensor
from transformers import AutoModelForCausalLM, AutoTokenizer

from aigc_tui.training.corpus import CorpusError, Record, read_records
from aigc_tui.training.scoring import Logits, Scored, Text, score
from aigc_tui.transformer.checkpoint import CheckpointError, load_model, supports

_LARGEST_WINDOW = 1024


class EvaluationError(ValueError):
    """The model or the text cannot be used."""


def evaluate(folder: Path, text: Path) -> Scored:
    """Score a file of text with the model in a folder.

    Args:
        folder: Any Hugging Face causal LM folder; our own Transformer runs those that it knows.
        text: Plain text, or JSONL with ``text`` or ``messages``.

    Raises:
        EvaluationError: The folder holds no usable model or tokenizer, or the text is empty.
        CorpusError: The text cannot be read.
    """
    if not (folder / "config.json").is_file():
        raise EvaluationError(f"{folder} is not a model folder: it has no config.json")
    tokenizer = _tokenizer(folder)
    logits, window, vocab_size = _model(folder)
    start = tokenizer.bos_token_id if tokenizer.bos_token_id is not None else tokenizer.eos_token_id
    total = Scored()
    for item in _texts(text, tokenizer):
        total += score(logits, item, window, start, vocab_size)
    if not total.bytes:
        raise EvaluationError(f"{text} holds no text to score")
    return total


def encode_text(text: str, tokenizer: Any) -> Text:
    """Encode plain text; names of special tokens in it stay text."""
    ids = tokenizer(text, add_special_tokens=False, split_special_tokens=True)["input_ids"]
    return Text(ids, [True] * len(ids), len(text.encode("utf-8", "replace")))


def encode_dialogue(record: Record, tokenizer: Any) -> Text:
    """Encode a dialogue by the model's chat template and count only what was said.

    Raises:
        EvaluationError: The template does not show a message's words as they are.
    """
    rendered, spans = _rendered(record, tokenizer)
    encoded = tokenizer(rendered, add_special_tokens=False, return_offsets_mapping=True)
    counted = [any(b < end and e > begin for begin, end in spans) for b, e in encoded["offset_mapping"]]
    size = sum(len(rendered[b:e].encode("utf-8", "replace")) for b, e in spans)
    return Text(encoded["input_ids"], counted, size)


def _rendered(record: Record, tokenizer: Any) -> tuple[str, list[tuple[int, int]]]:
    """Return the dialogue as one string, and where in it each message's words stand."""
    messages = [{"role": m.role, "content": m.content.strip()} for m in record.messages]
    if tokenizer.chat_template:
        rendered = str(tokenizer.apply_chat_template(messages, tokenize=False))
    else:
        rendered = "".join(f"{m['role']}: {m['content']}\n" for m in messages)
    spans, at = [], 0
    for message in messages:
        begin = rendered.find(message["content"], at)
        if begin < 0:
            raise EvaluationError("the model's chat template changes the words of a message")
        at = begin + len(message["content"])
        spans.append((begin, at))
    return rendered, spans


def _texts(path: Path, tokenizer: Any) -> Iterator[Text]:
    for record in read_records(path):
        yield encode_dialogue(record, tokenizer) if record.messages else encode_text(record.text, tokenizer)


def _tokenizer(folder: Path) -> Any:
    try:
        return AutoTokenizer.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError, KeyError) as error:
        raise EvaluationError(f"{folder}: no usable tokenizer ({_line(error)})") from None


def _model(folder: Path) -> tuple[Logits, int, int]:
    """Load the model; return its logits, window and vocabulary size."""
    try:
        if supports(folder):
            own = load_model(folder)
            return own, min(_LARGEST_WINDOW, own.config.max_positions), own.config.vocab_size
        other = AutoModelForCausalLM.from_pretrained(
            str(folder),
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            dtype=torch.float32,
        ).eval()
    except (CheckpointError, OSError, ValueError, KeyError, RuntimeError) as error:
        raise EvaluationError(f"{folder}: no usable model ({_line(error)})") from None

    def logits(ids: Tensor) -> Tensor:
        return other(input_ids=ids).logits  # type: ignore[no-any-return]

    window = getattr(other.config, "max_position_embeddings", None) or _LARGEST_WINDOW
    return logits, min(_LARGEST_WINDOW, int(window)), int(other.config.vocab_size)


def _line(error: Exception) -> str:
    return str(error).strip().split("\n")[0]


def main(arguments: list[str]) -> int:
    """Run from the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m aigc_tui.training.evaluate", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--text", type=Path, required=True, help="plain text, or JSONL with text or messages")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    try:
        found = evaluate(options.folder, options.text)
    except (EvaluationError, CorpusError) as error:
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
