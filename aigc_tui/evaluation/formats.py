"""Checks of a reply's form that a program can make: pure functions of the reply, by name.

The idea is that of IFEval (Zhou et al., arXiv:2311.07911): instructions whose obedience needs no judge. A
check looks at form alone; whether "Blue" is a good answer is not asked, whether it is one word is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from aigc_tui.config import shipped
from aigc_tui.corpora.records import DialogueMessage
from aigc_tui.evaluation.model import Draw, EvaluatedModel
from aigc_tui.evaluation.report import Failure, Obeyed
from aigc_tui.text import clean, guess_language

Check = Callable[..., bool]

_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
_LATIN = re.compile(r"[A-Za-z]")
_EDGES = " \t\n\"'“”‘’「」*.。!！?？,，"


def one_word(reply: str) -> bool:
    """A single English word; punctuation around it is forgiven."""
    return re.fullmatch(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", reply.strip(_EDGES)) is not None and not _HAN.search(
        reply
    )


def characters(reply: str, least: int, most: int) -> bool:
    """So many Chinese characters and no Latin letter; punctuation does not count."""
    return least <= len(_HAN.findall(reply)) <= most and not _LATIN.search(reply)


def words(reply: str, least: int, most: int) -> bool:
    """So many words separated by blanks."""
    return least <= len(re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", reply)) <= most


def number(reply: str) -> bool:
    """Digits alone: "12", "-3", "1.5", "1,000"."""
    return re.fullmatch(r"[-+]?\d[\d,]*(?:\.\d+)?", reply.strip(_EDGES)) is not None


def bullets(reply: str, count: int) -> bool:
    """Exactly so many lines that begin with a bullet, and no other line."""
    lines = [line.strip() for line in reply.splitlines() if line.strip()]
    return len(lines) == count and all(re.match(r"[-*•·]\s*\S", line) for line in lines)


def numbered(reply: str, count: int) -> bool:
    """Exactly so many lines, numbered 1. 2. 3. in order."""
    lines = [line.strip() for line in reply.splitlines() if line.strip()]
    return len(lines) == count and all(
        re.match(rf"{i}\s*[.)、．]\s*\S", line) for i, line in enumerate(lines, 1)
    )


def json_keys(reply: str, keys: list[str]) -> bool:
    """A JSON object with exactly these keys, and nothing around it."""
    try:
        value = json.loads(reply)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and set(value) == set(keys)


def ends_with(reply: str, text: str) -> bool:
    """The last words are these; punctuation after them is forgiven."""
    return reply.rstrip(_EDGES).lower().endswith(text.rstrip(_EDGES).lower())


def starts_with(reply: str, text: str) -> bool:
    """The first words are these."""
    return reply.lstrip(_EDGES).lower().startswith(text.lower())


def contains(reply: str, text: str) -> bool:
    """The text occurs in it."""
    return text.lower() in reply.lower()


def only(reply: str, choices: list[str]) -> bool:
    """One of these answers and nothing else."""
    return reply.strip(_EDGES).lower() in [choice.lower() for choice in choices]


def language(reply: str, code: str) -> bool:
    """In that language: a guess by letters, so that a name in the other one is forgiven."""
    letters = _LATIN.search(reply) if code == "en" else _HAN.search(reply)
    return letters is not None and guess_language(reply) == code


def sentences(reply: str, count: int) -> bool:
    """Exactly so many sentences, told by their last marks."""
    parts = [part for part in re.split(r"(?<=[.!?])\s+|(?<=[。！？])", reply.strip()) if part.strip()]
    return len(parts) == count and all(re.search(r"[.!?。！？][\"'”’」]*$", part.strip()) for part in parts)


def question(reply: str) -> bool:
    """One question: ends with a question mark and holds no other."""
    return reply.strip().endswith(("?", "？")) and len(re.findall(r"[?？]", reply)) == 1


def upper_case(reply: str) -> bool:
    """Capital letters only."""
    return _LATIN.search(reply) is not None and reply == reply.upper()


def lower_case(reply: str) -> bool:
    """Small letters only."""
    return _LATIN.search(reply) is not None and reply == reply.lower()


def without(reply: str, text: str) -> bool:
    """Says something, in which the text does not occur."""
    return bool(reply.strip()) and text.lower() not in reply.lower()


def comma_list(reply: str, count: int) -> bool:
    """So many items on one line, with commas between."""
    items = [item.strip() for item in re.split(r"[,，、]", reply.strip(_EDGES))]
    return "\n" not in reply.strip() and len(items) == count and all(items)


CHECKS: Mapping[str, Check] = {
    check.__name__: check
    for check in (
        one_word, characters, words, number, bullets, numbered, json_keys, ends_with, starts_with, contains,
        only, language, sentences, question, upper_case, lower_case, without, comma_list,
    )
}  # fmt: skip
"""The checks that a task may name."""


def passes(reply: str, checks: Mapping[str, Mapping[str, Any]]) -> bool:
    """Say whether a reply passes every check of a task.

    Args:
        reply: What the model said.
        checks: Arguments by the name of the check, as data/evaluation/formats.yaml has them.
    """
    return bool(reply.strip()) and all(CHECKS[name](reply, **given) for name, given in checks.items())


_REPLY_TOKENS = 64


@dataclass(frozen=True, slots=True)
class FormatTask:
    """An instruction, and the checks (arguments by name) that an obedient reply passes."""

    ask: str
    checks: Mapping[str, Mapping[str, Any]]


def shipped_folder() -> Path:
    """Where the project's own evaluation data lies."""
    return shipped("data") / "evaluation"


def load_tasks(language: str) -> list[FormatTask]:
    """Read the shipped tasks of a language."""
    raw = yaml.safe_load((shipped_folder() / "formats.yaml").read_text(encoding="utf-8"))
    return [FormatTask(one["ask"], one["checks"]) for one in raw[language]]


def measure(model: EvaluatedModel, tasks: Sequence[FormatTask], tell: Callable[[], None]) -> Obeyed:
    """Give a model the tasks and check its most likely replies; `tell` is called after each."""
    failures = []
    for task in tasks:
        reply = model.reply((DialogueMessage("user", task.ask),), Draw(_REPLY_TOKENS))
        if not passes(reply, task.checks):
            failures.append(Failure(task.ask, clean(reply), ", ".join(task.checks)))
        tell()
    return Obeyed(len(tasks), len(tasks) - len(failures), tuple(failures))
