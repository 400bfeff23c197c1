"""Start classification and its training as processes of their own, for the command line and the screens.

Never imports torch. A child reads its request, one JSON object, from stdin (a text may be longer than an
argument may be), tells its progress on stderr and answers with one JSON object on stdout.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aigc_tui.training.jobs import JobError, left_to_the_child, run_module

_MODULE = "course.classification"

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
    with left_to_the_child():
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
    with left_to_the_child():
        return _run({**request, "do": "tune-soft-prompt"})


def _run(request: Mapping[str, Any]) -> Answer:
    """Ask a child, and return its answer."""
    answer = run_module(_MODULE, request=json.dumps(request, default=_plain))
    try:
        found: Answer = json.loads(answer)
    except ValueError:
        raise JobError(f"{_MODULE} gave no answer") from None
    return found


def _plain(value: object) -> str:
    if isinstance(value, Path):
        return str(value.expanduser().resolve())
    raise TypeError(f"{type(value).__name__} cannot be sent")
