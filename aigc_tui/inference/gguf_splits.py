"""How byte-level tokenizers split text, by the names that GGUF files have for it.

A file holds the name only. The patterns are those of the models' own tokenizer.json files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

_WORDS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+"
_REST = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_QWEN2 = rf"{_WORDS}|\p{{N}}{_REST}"
_LLAMA3 = rf"{_WORDS}|\p{{N}}{{1,3}}{_REST}"
_MINICPM5 = rf"{_WORDS}|\p{{N}}+{_REST}"
_TEKKEN = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
    r"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def _split(pattern: str) -> Json:
    return {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False}


def byte_level(regex: bool) -> Json:
    """Turn bytes into letters; ``regex``: split as GPT-2 does before."""
    return {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": regex}


_DIGITS = {"type": "Digits", "individual_digits": True}


@dataclass(frozen=True, slots=True)
class Way:
    """How a family of byte-level tokenizers treats text.

    Args:
        steps: What splits it, before bytes become letters.
        bos: Whether a text begins with the bos token where the file does not say.
        whole: Whether a word that is a piece is taken whole, whatever its merges say.
        composed: Whether text is brought into Unicode's composed form first.
    """

    steps: tuple[Json, ...]
    bos: bool = False
    whole: bool = False
    composed: bool = False


_GPT2 = Way((byte_level(regex=True),))
_BY_QWEN2 = Way((_split(_QWEN2), byte_level(regex=False)), composed=True)
_BY_LLAMA3 = Way((_split(_LLAMA3), byte_level(regex=False)), bos=True, whole=True)
_SINGLE_DIGITS = Way((_DIGITS, byte_level(regex=True)))
WAYS: dict[str, Way] = {
    "default": _GPT2,
    "gpt-2": _GPT2,
    **dict.fromkeys(("qwen2", "deepseek-r1-qwen"), _BY_QWEN2),
    **dict.fromkeys(("llama-bpe", "llama3", "llama-v3", "falcon3", "smaug-bpe"), _BY_LLAMA3),
    **dict.fromkeys(("smollm", "starcoder", "refact", "command-r", "codeshell"), _SINGLE_DIGITS),
    "minicpm5": Way((_split(r"\p{N}{1,3}"), _split(_MINICPM5), byte_level(regex=False)), whole=True),
    "tekken": Way((_split(_TEKKEN), byte_level(regex=False)), bos=True, whole=True),
    "deepseek-coder": Way(
        (
            *map(_split, (r"[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", "[一-龥\u0800-一가-\ud7ff]+")),
            *(_DIGITS, byte_level(regex=False)),
        ),
    ),
}
"""By `tokenizer.ggml.pre`."""
