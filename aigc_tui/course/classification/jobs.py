"""Start classification and its training as processes of their own; never imports torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aigc_tui.message import message
from aigc_tui.process import runner
from aigc_tui.process.messages import JobError
from aigc_tui.process.runner import Note, left_to_the_child

_SAVING_SECONDS = 60.0

Answer = dict[str, Any]


def classify(request: Mapping[str, Any], note: Note) -> Answer:
    """Sort a text: by a trained classifier, or by what a language model would say next.

    Args:
        request: ``model`` (a folder), ``text``, and, for a language model, ``labels`` (``name`` or
            ``name=words``), ``template``, ``examples`` (a file) and ``soft_prompt`` (a file, instead).
        note: Takes each line of narration.

    Returns:
        ``label``, ``chances`` by label, and ``method``: classifier, prompt or soft prompt.

    Raises:
        JobError: The message is one line that says why.
    """
    return _run({**request, "do": "classify"}, note, ctrl_c=False)


def tune_classifier(request: Mapping[str, Any], note: Note) -> Answer:
    """Train a classifier on labelled texts; ctrl-c ends it early and keeps what was learned.

    Args:
        request: ``data`` (a file), ``model`` and ``out`` (folders), and fields of ``Tuning``.
        note: As for `classify`.

    Returns:
        ``labels``, ``train``, ``held_out`` (counts), ``accuracy`` and ``majority`` on the held-out part.

    Raises:
        JobError: The message is one line that says why.
    """
    with left_to_the_child():
        return _run({**request, "do": "tune-classifier"}, note)


def tune_soft_prompt(request: Mapping[str, Any], note: Note) -> Answer:
    """Train a soft prompt on labelled texts; ctrl-c ends it early and keeps what was learned.

    Args:
        request: ``data`` and ``out`` (files), ``model`` (a folder), ``labels``, ``template``, and fields of
            ``SoftPlan``.
        note: As for `classify`.

    Returns:
        As :func:`tune_classifier`, and ``zero_shot``: the same model's accuracy without the prompt.

    Raises:
        JobError: The message is one line that says why.
    """
    with left_to_the_child():
        return _run({**request, "do": "tune-soft-prompt"}, note)


def _run(request: Mapping[str, Any], note: Note, ctrl_c: bool = True) -> Answer:
    found = runner.run(
        "course.classification",
        name=message("the classifier"),
        request=dict(request),
        note=note,
        ctrl_c=ctrl_c,
        grace=_SAVING_SECONDS if ctrl_c else runner.GRACE_SECONDS,
    )
    if not isinstance(found, dict):
        raise JobError("the classifier gave no answer")
    return found
