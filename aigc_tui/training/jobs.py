"""Start training work as processes of their own, for the command line and the screens.

The modules of jobs are what the rest of the package may import of ``training``: they never import
torch, so neither does whoever imports it. Progress of the child goes to stderr as it comes. A child finds
this very package and nothing of the folder where the program was started, and stays off the network.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import aigc_tui
from aigc_tui.text import clean

_PACKAGE = "aigc_tui"
_ERROR = "error: "
_ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "PYTHONUTF8": "1",
}


class JobError(RuntimeError):
    """A job failed; the message is one line that says why."""


def pretrain(
    config: Path, resume: bool, accept_changes: bool = False, tell: Callable[[str], None] | None = None
) -> int:
    """Train a model by a recipe, to the end or until interrupted.

    Args:
        config: The recipe.
        resume: Go on from the newest checkpoint.
        accept_changes: Go on although recipe or data are not what they were.
        tell: Takes each line of the job's narration; None prints it to stderr.

    Returns:
        0.

    Raises:
        JobError: The recipe is wrong or the run failed.
    """
    asked = {"--resume": resume, "--accept-changes": accept_changes}
    print(
        run_module("training.pretrain", str(config), *(name for name, on in asked.items() if on), tell=tell),
        end="",
    )
    return 0


def run_folder(config: Path) -> Path:
    """Return where a recipe's run keeps its metrics.

    Raises:
        JobError: The recipe is wrong.
    """
    from aigc_tui.training.recipe import RecipeError, load_recipe

    try:
        return load_recipe(config).work
    except RecipeError as error:
        raise JobError(str(error)) from None


def train_tokenizer(config: Path) -> int:
    """Train the tokenizer of a recipe.

    Returns:
        0.

    Raises:
        JobError: The recipe is wrong or the corpus cannot be read.
    """
    print(run_module("training.tokenizer_job", str(config)), end="")
    return 0


def command(module: str, *arguments: str) -> list[str]:
    """Build the command line that runs a module of this package."""
    # -P: a file named random.py in the folder where the program was started must not be imported.
    return [sys.executable, "-P", "-m", f"{_PACKAGE}.{module}", *arguments]


def environment() -> dict[str, str]:
    """Build a job's environment: offline, and able to find this very package."""
    package = str(Path(aigc_tui.__file__).resolve().parent.parent)
    search = os.pathsep.join(part for part in (package, os.environ.get("PYTHONPATH", "")) if part)
    return {**os.environ, **_ENVIRONMENT, "PYTHONPATH": search}


def run_module(
    module: str, *arguments: str, tell: Callable[[str], None] | None = None, request: str | None = None
) -> str:
    """Run a module of this package, pass its narration on, and return its stdout.

    Args:
        module: Its name below the package.
        arguments: Of its command line.
        tell: Takes each line of its narration; None prints it to stderr.
        request: What it reads on stdin; None leaves it this process's own.

    Raises:
        JobError: It failed; the message is its last line.
    """
    with subprocess.Popen(
        command(module, *arguments),
        stdin=None if request is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        env=environment(),
    ) as job:
        assert job.stdout is not None
        assert job.stderr is not None
        writer = threading.Thread(target=_write, args=(job, request))
        writer.start()
        last = ""
        for line in job.stderr:
            last = clean(line.rstrip("\n"))
            if not last.startswith(_ERROR):
                (tell or _to_stderr)(last)
        answer = job.stdout.read()
        writer.join()
        code = job.wait()
    if code:
        raise JobError(last.removeprefix(_ERROR) or f"{module} ended with code {code}")
    return answer


@contextmanager
def left_to_the_child() -> Iterator[None]:
    """Let ctrl-c be the child's alone: it ends its training in order, and this process waits for it."""
    before = signal.signal(signal.SIGINT, lambda _number, _frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _write(job: subprocess.Popen[str], request: str | None) -> None:
    """Send the request; a child that is gone already says why on stderr."""
    if request is None:
        return
    assert job.stdin is not None
    try:
        job.stdin.write(request)
        job.stdin.close()
    except (BrokenPipeError, ValueError):
        return


def _to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
