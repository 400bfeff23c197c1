"""Measure a model: ``python -m aigc_tui.evaluation MODEL --suite DIR``.

The child process of ``aigc-tui model evaluate`` (see ``evaluation_job.py``). It prints one JSON object, with
the table as Markdown under ``table``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aigc_tui.corpora.records import CorpusError
from aigc_tui.evaluation.baselines import measure_ngram, measure_xz
from aigc_tui.evaluation.job import KEYS
from aigc_tui.evaluation.local import LocalModel, require_folder
from aigc_tui.evaluation.model import EvaluatedModel, EvaluationError
from aigc_tui.evaluation.remote import RemoteModel
from aigc_tui.evaluation.report import ModelReport, render
from aigc_tui.evaluation.run import FULL, QUICK, Limits, evaluate_model, score_sources
from aigc_tui.evaluation.suite import Source, built_in, make_suite, open_source, open_suite
from aigc_tui.message import AppError, Message, message
from aigc_tui.process.child import caller


def main(arguments: list[str]) -> int:
    """Run from the command line; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        answer = _make(options) if options.make_suite else _measure(options)
    except (AppError, EvaluationError, CorpusError) as error:
        return caller().fail(error)
    caller().answer(answer)
    return 0


def tell(what: Message | str, done: int, total: int) -> None:
    """Say how far a step is."""
    caller().progress(what, done, total)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m aigc_tui.evaluation", description=__doc__)
    parser.add_argument("models", nargs="*", help="folders, or base_urls; the second is what to compare with")
    parser.add_argument("--name", action="append", default=[], help="of each model, as the table shows it")
    parser.add_argument("--remote-model", action="append", default=[], help="its name on its server")
    parser.add_argument("--sampling", type=json.loads, action="append", default=[], help="of each, as JSON")
    parser.add_argument("--text", type=Path, action="append", default=[])
    parser.add_argument("--suite", type=Path)
    parser.add_argument("--engine", default="")
    parser.add_argument("--baselines", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--command", default="", help="what the user typed, for the table")
    parser.add_argument("--make-suite", type=Path, nargs=2)
    return parser


def _make(options: argparse.Namespace) -> dict[str, Any]:
    corpus, folder = options.make_suite
    return {"suite": str(folder), "sources": make_suite(corpus, folder, tell)}


def _measure(options: argparse.Namespace) -> dict[str, Any]:
    for where in options.models:
        if not _is_address(where):
            require_folder(Path(where))
    sources = [open_source(path) for path in options.text]
    whole = not sources or options.suite
    if whole:
        sources += open_suite(options.suite) if options.suite else built_in()
    limits = QUICK if options.quick else FULL
    reports = []
    for place, where in enumerate(options.models):
        name = _nth(options.name, place) or Path(where).name
        tell(message("{name}: loading", name=name), 0, 0)
        model = _open(where, options, place)
        if whole:
            sampling = options.sampling[place] or None if place < len(options.sampling) else None
            reports.append(evaluate_model(name, model, sources, limits, options.seed, tell, sampling))
        else:
            reports.append(score_sources(name, model, sources, None, tell))
    if options.baselines:
        reports += _baselines(sources, limits if whole else None)
    return _answer(options, reports, [] if not whole else [_how(options)])


def _baselines(sources: Sequence[Source], limits: Limits | None) -> list[ModelReport]:
    limits = limits or FULL
    ngram = measure_ngram(sources, limits.bytes, limits.ngram_bytes, tell)
    return [ngram, measure_xz(sources, limits.bytes, limits.xz_bytes, tell)]


def _answer(options: argparse.Namespace, reports: Sequence[ModelReport], footer: list[str]) -> dict[str, Any]:
    others = [report.to_json() for report in reports[1:]]
    spent = ", ".join(f"{report.name} {report.seconds:.0f} s" for report in reports)
    return {
        **reports[0].to_json(),
        "suite": str(options.suite or ""),
        "seed": options.seed,
        "quick": options.quick,
        "compared": others,
        "table": render(reports, [*footer, f"Time: {spent}; {machine()}."]),
    }


def _how(options: argparse.Namespace) -> str:
    return (
        f"Command: `{options.command}`, seed {options.seed}." if options.command else f"Seed {options.seed}."
    )


def machine() -> str:
    """Name the machine in a few words."""
    import torch

    return f"{os.cpu_count()} cores, {torch.get_num_threads()} used, {_processor()}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return named or platform.processor() or platform.machine()


def _open(where: str, options: argparse.Namespace, place: int) -> EvaluatedModel:
    if _is_address(where):
        key = os.environ.get(KEYS[min(place, 1)], "")
        return RemoteModel(where, _nth(options.remote_model, place), key)
    return LocalModel(Path(where), options.engine)


def _is_address(where: str) -> bool:
    return where.startswith(("http://", "https://"))


def _nth(given: Sequence[str], place: int) -> str:
    return given[place] if place < len(given) else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
