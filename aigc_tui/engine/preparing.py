"""Runs what needs torch in child processes: a GGUF file becomes a model folder, a model says one token.

Both can be stopped from another thread; the child is killed then.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aigc_tui.engine.models import converses
from aigc_tui.engine.transfer import Stop
from aigc_tui.inference.source import ModelError
from aigc_tui.inference.types import SampleRequest
from aigc_tui.message import Message, message
from aigc_tui.process.codec import to_plain
from aigc_tui.process.messages import JobError
from aigc_tui.process.runner import Child, Tell

_GREETING = "Hello"


def prepare(source: Path, target: Path, tell: Tell | None = None, stop: Stop | None = None) -> None:
    """Make a ready model folder from a GGUF file.

    Args:
        source: The file.
        target: The folder; it must not exist.
        tell: Is told of the progress, in bytes.
        stop: Ends it.

    Raises:
        ModelError: The file cannot be used.
        StoppedError: It was stopped.
    """
    request = {"source": str(source), "target": str(target)}
    _ask("inference.prepare_job", message("the preparation"), request, tell, stop or Stop())


def try_model(folder: Path, reserve_mb: int, tell: Tell | None = None, stop: Stop | None = None) -> None:
    """Load a model and let it make one token, as a reply would.

    A folder can pass every check of its files and still not fit together; only this shows it.

    Args:
        folder: The model.
        reserve_mb: Megabytes of memory that must stay free.
        tell: Is told of the progress.
        stop: Ends it.

    Raises:
        ModelError: Loading or computing fails; one line says why.
        StoppedError: It was stopped.
    """
    said = (("user", _GREETING),) if converses(folder) else ()
    request = SampleRequest(
        folder=str(folder), prompt=_GREETING, messages=said, strategy="greedy", max_tokens=1, steps=1, top=1,
        reserve_mb=reserve_mb,
    )  # fmt: skip
    _ask("inference.sample_job", message("the trial of the model"), to_plain(request), tell, stop or Stop())


def _ask(module: str, name: Message, request: Any, tell: Tell | None, stop: Stop) -> None:
    try:
        with Child(module, name=name) as child, stop.calling(child.close):
            child.send(request)
            for _ in child.answers(tell):
                pass
    except (JobError, ValueError) as error:
        # Its pipe may be closed under the reader's hands.
        stop.check()
        raise ModelError(error.message if isinstance(error, JobError) else str(error)) from error
    stop.check()
