"""Start classification and its training as processes of their own, for the command line and the screens.

Never imports torch. A child reads its request, one JSON object, from stdin (a text may be longer than an
argument may be), tells its progress on stderr and answers with one JSON object on stdout.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aigc_tui.text import clean
from aigc_tui.training.jobs import JobError, command, environment

_MODULE = "objectives"
_ERROR = "error: "

Answer = dict[str, Any]


def classify(request: Mapping[str, Any]) -> Answer:
    """Sort a text: by a trained classifier, or by what a language model would say next.

    Args:
        request: ``model`` (a folder), ``text``, and, for a language model, ``labels`` (``name`` or
            ``name=words``), ``template``, ``examples`` (a file) and ``soft_prompt`` (a file, instead).

    Returns:
        ``label``, ``chances`` by label, and ``method``: classifier, prompt or soft prompt.

    Raises:
        JobError: The message is one line that says why.
    """
    return _run({**request, "do": "classify"})


def tune_classifier(request: Mapping[str, Any]) -> Answer:
    """Train a classifier on labelled texts; ctrl-c ends it early and keeps what was learned.

    Args:
        request: ``data`` (a file), ``model`` and ``out`` (folders), and fields of ``Tuning``.

    Returns:
        ``labels``, ``train``, ``held_out`` (counts), ``accuracy`` and ``majority`` on the held-out part.

    Raises:
        JobError: The message is one line that says why.
    """
    with _left_to_the_child():
        return _run({**request, "do": "tune-classifier"})


def tune_soft_prompt(request: Mapping[str, Any]) -> Answer:
    """Train a soft prompt on labelled texts; ctrl-c ends it early and keeps what was learned.

    Args:
        request: ``data`` and ``out`` (files), ``model`` (a folder), ``labels``, ``template``, and fields of
            ``SoftPlan``.

    Returns:
        As :func:`tune_classifier`, and ``zero_shot``: the same model's accuracy without the prompt.

    Raises:
        JobError: The message is one line that says why.
    """
    with _left_to_the_child():
        return _run({**request, "do": "tune-soft-prompt"})


def _run(request: Mapping[str, Any]) -> Answer:
    """Ask a child, pass its narration on, and return its answer."""
    with subprocess.Popen(
        command(_MODULE),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        env=environment(),
    ) as child:
        writer = threading.Thread(target=_write, args=(child, json.dumps(request, default=_plain)))
        writer.start()
        last = _narrate(child)
        assert child.stdout is not None
        answer = child.stdout.read()
        writer.join()
    if child.returncode:
        raise JobError(last.removeprefix(_ERROR) or f"{_MODULE} ended with code {child.returncode}")
    try:
        found: Answer = json.loads(answer)
    except ValueError:
        raise JobError(f"{_MODULE} gave no answer") from None
    return found


def _write(child: subprocess.Popen[str], request: str) -> None:
    """Send the request; a child that is gone already says why on stderr."""
    assert child.stdin is not None
    try:
        child.stdin.write(request)
        child.stdin.close()
    except (BrokenPipeError, ValueError):
        return


def _narrate(child: subprocess.Popen[str]) -> str:
    """Pass lines on as they come; return the last, which is the reason where a child failed."""
    assert child.stderr is not None
    last = ""
    for line in child.stderr:
        last = clean(line.rstrip("\n"))
        if not last.startswith(_ERROR):
            print(last, file=sys.stderr, flush=True)
    return last


@contextmanager
def _left_to_the_child() -> Iterator[None]:
    """Let ctrl-c be the child's alone: it ends its training in order, and this process waits for it."""
    before = signal.signal(signal.SIGINT, lambda _number, _frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _plain(value: object) -> str:
    if isinstance(value, Path):
        return str(value.expanduser().resolve())
    raise TypeError(f"{type(value).__name__} cannot be sent")
