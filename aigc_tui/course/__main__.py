"""Run the article's section 5: ``python -m aigc_tui.course [--text FILE]``."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

from aigc_tui.course.data import CourseError, paragraphs, talk
from aigc_tui.course.lesson import Hyperparameters, learn, write

_TELL_SECONDS = 2.0


class _Teller:
    """Says on stderr how far the training is and how long it will take."""

    def __init__(self) -> None:
        self._began = self._told = time.monotonic()

    def __call__(self, done: int, total: int, loss: float) -> None:
        now = time.monotonic()
        if now - self._told < _TELL_SECONDS and done < total:
            return
        self._told = now
        left = (now - self._began) * (total - done) / done
        print(f"step {done} of {total}, loss {loss:.3f}, {left:.0f} s left", file=sys.stderr, flush=True)


def main(arguments: list[str]) -> int:
    """Run; returns the exit code. The losses and a sample go to stdout."""
    parser = argparse.ArgumentParser(prog="python -m aigc_tui.course", description=__doc__)
    parser.add_argument("--text", type=Path, help="learn from this file instead of generated small talk")
    parser.add_argument("--language", choices=("en", "zh"), default="en", help="of the small talk")
    parser.add_argument("--dialogues", type=int, default=700, help="of the small talk")
    parser.add_argument("--epochs", type=int, default=Hyperparameters().epochs)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    try:
        pieces = (
            paragraphs(options.text)
            if options.text
            else talk(max(20, options.dialogues), options.seed, options.language)
        )
        plan = replace(Hyperparameters(), epochs=max(1, options.epochs), seed=options.seed)
        lesson = learn(pieces, plan, _Teller())
    except CourseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"characters known: {len(lesson.vocabulary)}")
    print(f"held-out loss, bigram:      {lesson.bigram:.3f} nats per character")
    print(f"held-out loss, Transformer: {lesson.loss:.3f} nats per character")
    print(write(lesson, "user: " if not options.text else pieces[0][:20]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
