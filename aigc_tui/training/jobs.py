"""Start training work as processes of their own, for the command line and the screens.

This is the one module of ``training`` that the rest of the package may import: it never imports
torch, so neither does whoever imports it. Progress of the child goes to stderr as it comes.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from aigc_tui.text import clean

_PACKAGE = "aigc_tui.training"
_ERROR = "error: "


class JobError(RuntimeError):
    """A job failed; the message is one line that says why."""


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """What a model scored on a text.

    Args:
        bits_per_byte: -log2 p of the text per byte of it; lower is better.
        bytes: UTF-8 bytes scored.
        tokens: Tokens scored.
        loss: Mean nats per token.
    """

    bits_per_byte: float
    bytes: int
    tokens: int
    loss: float

    def to_json(self) -> str:
        """Return the report as one JSON object."""
        return json.dumps(asdict(self))


def pretrain(config: Path, resume: bool) -> int:
    """Train a model by a recipe, to the end or until interrupted.

    Returns:
        0.

    Raises:
        JobError: The recipe is wrong or the run failed.
    """
    print(_run("pretrain", str(config), *(["--resume"] if resume else [])), end="")
    return 0


def train_tokenizer(config: Path) -> int:
    """Train the tokenizer of a recipe.

    Returns:
        0.

    Raises:
        JobError: The recipe is wrong or the corpus cannot be read.
    """
    print(_run("tokenizer_job", str(config)), end="")
    return 0


def evaluate(folder: Path, text: Path) -> EvaluationReport:
    """Measure the model in ``folder`` on a text file.

    Raises:
        JobError: Model or text cannot be used.
    """
    answer = _run("evaluate", str(folder), "--text", str(text), "--json")
    try:
        return EvaluationReport(**json.loads(answer))
    except (ValueError, TypeError):
        raise JobError("the evaluation gave no report") from None


def _run(module: str, *arguments: str) -> str:
    """Run a module of this package, pass its narration on, and return its stdout."""
    command = [sys.executable, "-m", f"{_PACKAGE}.{module}", *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, encoding="utf-8") as job:
        assert job.stdout is not None
        assert job.stderr is not None
        last = ""
        for line in job.stderr:
            last = clean(line.rstrip("\n"))
            if not last.startswith(_ERROR):
                print(last, file=sys.stderr, flush=True)
        answer = job.stdout.read()
        code = job.wait()
    if code:
        raise JobError(last.removeprefix(_ERROR) or f"{module} ended with code {code}")
    return answer
