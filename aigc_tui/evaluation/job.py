"""Start an evaluation as a process of its own, and pass on how far it is; never imports torch."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aigc_tui.message import message
from aigc_tui.process import runner
from aigc_tui.process.messages import JobError
from aigc_tui.process.runner import Tell

SUMMARY = ("bits_per_byte", "bytes", "tokens", "loss")
"""Keys of the report that a single text gets; the loss is in nats per token."""
KEYS = ("AIGC_TUI_EVALUATION_KEY", "AIGC_TUI_EVALUATION_KEY_AGAINST")
"""Where the child finds the servers' keys: never among its arguments, which every user can see."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A model to measure: ``where`` is a folder, or a server's base_url with its own name for the model."""

    name: str
    where: str
    remote_model: str = ""
    key: str = ""
    sampling: Mapping[str, float] = field(default_factory=dict)
    """How samples are taken: the user's settings, its makers' recommendation, our defaults."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure, as `aigc-tui model evaluate` takes it."""

    subjects: Sequence[Subject]
    texts: Sequence[Path] = ()
    suite: Path | None = None
    engine: str = ""
    baselines: bool = False
    quick: bool = False
    seed: int = 0
    typed: str = ""


def run(plan: Plan, tell: Tell | None = None) -> dict[str, Any]:
    """Measure.

    Args:
        plan: What.
        tell: Told the step, how much of it is done and how much there is.

    Returns:
        The report (docs/cli.md), and under ``table`` the same as Markdown.

    Raises:
        JobError: Model or text cannot be used; the message is one line.
    """
    keys = {name: subject.key for name, subject in zip(KEYS, plan.subjects, strict=False) if subject.key}
    return _run(_arguments(plan), keys, tell)


def make_suite(corpus: Path, folder: Path, tell: Tell | None = None) -> list[str]:
    """Make a suite of held-out data from a corpus; returns the names of its sources.

    Raises:
        JobError: The corpus cannot be read or the suite cannot be written.
    """
    return list(_run(["--make-suite", str(corpus), str(folder)], {}, tell)["sources"])


def _arguments(plan: Plan) -> list[str]:
    found = [f"--seed={plan.seed}", f"--command={plan.typed}", f"--engine={plan.engine}"]
    for subject in plan.subjects:
        found += [f"--name={subject.name}", f"--remote-model={subject.remote_model}"]
        found += [f"--sampling={json.dumps(dict(subject.sampling))}"]
    found += [f"--text={path}" for path in plan.texts]
    found += [f"--suite={plan.suite}"] if plan.suite else []
    found += ["--baselines"] if plan.baselines else []
    found += ["--quick"] if plan.quick else []
    return [*found, "--", *(subject.where for subject in plan.subjects)]


def _run(arguments: Sequence[str], keys: Mapping[str, str], tell: Tell | None) -> dict[str, Any]:
    name = message("the evaluation")
    answer = runner.run("evaluation", *arguments, name=name, tell=tell, extra=keys)
    if not isinstance(answer, dict):
        raise JobError("the evaluation gave no report")
    return answer
