"""Measure a model: ``python -m aigc_tui.training.evaluation FOLDER --suite DIR --json``.

The child process of ``aigc-tui model evaluate``; progress goes to stderr, one line a step.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from aigc_tui.training.corpus import CorpusError
from aigc_tui.training.dialogue import DialogueError
from aigc_tui.training.evaluation.local import LocalModel
from aigc_tui.training.evaluation.model import EvaluationError
from aigc_tui.training.evaluation.run import FULL, QUICK, evaluate_model, score_sources
from aigc_tui.training.evaluation.suite import open_source, open_suite


def tell(what: str, done: int, total: int) -> None:
    """Say how far a step is."""
    if done in (0, total):
        print(f"{what} {done}/{total}", file=sys.stderr, flush=True)


def main(arguments: list[str]) -> int:
    """Run from the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m aigc_tui.training.evaluation", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--text", type=Path, action="append", default=[])
    parser.add_argument("--suite", type=Path)
    parser.add_argument("--engine", default="")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    try:
        model = LocalModel(options.folder, options.engine)
        if options.suite:
            report = evaluate_model(
                options.folder.name,
                model,
                open_suite(options.suite),
                QUICK if options.quick else FULL,
                options.seed,
                tell,
            )
        else:
            report = score_sources(
                options.folder.name, model, [open_source(p) for p in options.text], None, tell
            )
    except (EvaluationError, CorpusError, DialogueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(json.dumps(report.to_json(), ensure_ascii=False, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
