"""Format obedience: how many instructions about form a model obeys (data/evaluation/formats.yaml)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from aigc_tui.config import shipped
from aigc_tui.corpora.records import Message
from aigc_tui.evaluation.checkers import passes
from aigc_tui.evaluation.model import Draw, EvaluatedModel
from aigc_tui.evaluation.report import Failure, Obeyed
from aigc_tui.text import clean

_REPLY_TOKENS = 64


@dataclass(frozen=True, slots=True)
class Task:
    """An instruction, and the checks (arguments by name) that an obedient reply passes."""

    ask: str
    checks: Mapping[str, Mapping[str, Any]]


def shipped_folder() -> Path:
    """Where the project's own evaluation data lies."""
    return shipped("data") / "evaluation"


def load_tasks(language: str) -> list[Task]:
    """Read the shipped tasks of a language."""
    raw = yaml.safe_load((shipped_folder() / "formats.yaml").read_text(encoding="utf-8"))
    return [Task(one["ask"], one["checks"]) for one in raw[language]]


def measure(model: EvaluatedModel, tasks: Sequence[Task], tell: Callable[[], None]) -> Obeyed:
    """Give a model the tasks; its likeliest reply is judged.

    Args:
        model: The model.
        tasks: What to ask.
        tell: Called after each task.
    """
    failures = []
    for task in tasks:
        reply = model.reply((Message("user", task.ask),), Draw(_REPLY_TOKENS))
        if not passes(reply, task.checks):
            failures.append(Failure(task.ask, clean(reply), ", ".join(task.checks)))
        tell()
    return Obeyed(len(tasks), len(tasks) - len(failures), tuple(failures))
