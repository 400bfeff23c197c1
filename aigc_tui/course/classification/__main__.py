"""The child process of `jobs`, ``python -m aigc_tui.course.classification``: one request, one answer."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from aigc_tui.corpora.records import CorpusError
from aigc_tui.course.classification.classifier import is_classifier
from aigc_tui.course.classification.labelled import Example, Split, majority_accuracy, read_labelled, split
from aigc_tui.course.classification.text_classifier import (
    Tuning,
    fresh_classifier,
    load_text_classifier,
    save_text_classifier,
    tune,
)
from aigc_tui.course.prompts.prompt_classifier import TEMPLATE, PromptClassifier, check_template, make_task
from aigc_tui.course.prompts.reader import Reader, load_reader
from aigc_tui.course.prompts.soft_prompt import (
    PromptTask,
    SoftPromptError,
    load_soft_prompt,
    save_soft_prompt,
)
from aigc_tui.course.prompts.tuning import SoftPlan, train_soft_prompt
from aigc_tui.message import message
from aigc_tui.process.child import caller
from aigc_tui.training.loop import TrainingError
from aigc_tui.training.metrics import MetricsWriter
from aigc_tui.transformer.weights import CheckpointError

Request = dict[str, Any]
Stop = Callable[[], bool]

_MOST_EXAMPLES = 64


def classify(request: Request, _stop: Stop) -> Request:
    """Say which label a text has."""
    folder = Path(request["model"])
    if is_classifier(folder):
        trained = load_text_classifier(folder)
        return _answer(trained.labels, trained.probabilities(request["text"]), "classifier")
    asked, method = _prompted(load_reader(folder), request)
    return _answer(asked.task.labels, asked.probabilities(request["text"]), method)


def tune_classifier(request: Request, stop: Stop) -> Request:
    """Train a classifier, write it, and judge it by what it has not seen."""
    writer, base, out = MetricsWriter(speaks=True), Path(request["model"]), Path(request["out"])
    parts = split(list(read_labelled(Path(request["data"]))))
    tuning = Tuning(**_chosen(request, Tuning))
    classifier = fresh_classifier(base, parts.labels, tuning)
    tune(classifier, parts.train, tuning, writer, stop)
    save_text_classifier(classifier, base, out)
    writer.log(message("evaluating on the held-out texts"))
    return {"folder": str(out), **_counts(parts), "accuracy": round(classifier.accuracy(parts.held_out), 4)}


def tune_soft_prompt(request: Request, stop: Stop) -> Request:
    """Train a soft prompt, write it, and judge it beside the model without it."""
    writer, out = MetricsWriter(speaks=True), Path(request["out"])
    parts = split(list(read_labelled(Path(request["data"]))))
    task = _task(request, parts)
    if lacking := set(parts.labels) - set(task.labels):
        raise CorpusError(
            "the data has the label {lacking!r}, --labels does not name it", lacking=min(lacking)
        )
    reader, plan = load_reader(Path(request["model"])), SoftPlan(**_chosen(request, SoftPlan))
    prompt = train_soft_prompt(reader, task, parts.train, plan, writer, stop)
    save_soft_prompt(prompt, task, out)
    writer.log(message("evaluating on the held-out texts, with and without the prompt"))
    soft = PromptClassifier(reader, task, soft=prompt, calibrated=False)
    return {
        "file": str(out),
        **_counts(parts),
        "zero_shot": round(PromptClassifier(reader, task).accuracy(parts.held_out), 4),
        "accuracy": round(soft.accuracy(parts.held_out), 4),
    }


WORK: dict[str, Callable[[Request, Stop], Request]] = {
    "classify": classify,
    "tune-classifier": tune_classifier,
    "tune-soft-prompt": tune_soft_prompt,
}


def _task(request: Request, parts: Split) -> PromptTask:
    template = request.get("template") or TEMPLATE
    if request.get("labels"):
        return make_task(request["labels"], template)
    return PromptTask(check_template(template), parts.labels, parts.labels)


def _prompted(reader: Reader, request: Request) -> tuple[PromptClassifier, str]:
    """Make the question: from a trained prompt's file, or from labels, template and examples."""
    if request.get("soft_prompt"):
        soft, task = load_soft_prompt(Path(request["soft_prompt"]), reader.width)
        return PromptClassifier(reader, task, soft=soft, calibrated=False), "soft prompt"
    if not request.get("labels"):
        raise CorpusError(
            "a language model has to be told the labels: --labels a,b,c (or --soft-prompt FILE)"
        )
    task = make_task(request["labels"], request.get("template") or TEMPLATE)
    examples = _examples(request, task.labels)
    return PromptClassifier(reader, task, examples), "prompt"


def _examples(request: Request, labels: Sequence[str]) -> list[Example]:
    if not request.get("examples"):
        return []
    found = list(read_labelled(Path(request["examples"])))
    if len(found) > _MOST_EXAMPLES:
        raise CorpusError(
            "{count} examples do not fit in front of a text; at most {most_examples} do",
            count=len(found),
            most_examples=_MOST_EXAMPLES,
        )
    if unknown := [e.label for e in found if e.label not in labels]:
        raise CorpusError(
            "an example has the label {unknown!r}, which --labels does not name", unknown=unknown[0]
        )
    return found


def _answer(labels: Sequence[str], chances: Sequence[float], method: str) -> Request:
    ranked = sorted(zip(labels, chances, strict=True), key=lambda pair: -pair[1])
    return {
        "label": ranked[0][0],
        "chances": {label: round(chance, 6) for label, chance in ranked},
        "method": method,
    }


def _counts(parts: Split) -> Request:
    return {
        "labels": list(parts.labels),
        "train": len(parts.train),
        "held_out": len(parts.held_out),
        "majority": round(majority_accuracy(parts), 4),
    }


def _chosen(request: Request, plan: type[Tuning] | type[SoftPlan]) -> Request:
    return {f.name: request[f.name] for f in fields(plan) if request.get(f.name) is not None}


def main() -> int:
    """Do what stdin asks for; returns the exit code."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    parent = caller()
    parent.when_gone(stop.set)
    request = parent.request()
    try:
        answer = WORK[request.pop("do")](request, stop.is_set)
    except (CheckpointError, CorpusError, SoftPromptError, TrainingError, OSError) as error:
        return parent.fail(error)
    parent.answer(answer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
