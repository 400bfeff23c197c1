"""How fast a quiz is made without a model, how much memory that takes, and whether the cost stays linear.

With `--model FOLDER` the same lesson is also made with that model, in the same run.

    python -m bench.quiz --pages 10,100,1000
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import statistics
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from aigc_tui.quiz.analysis.analyse import analyse
from aigc_tui.quiz.generation.make import make_from
from aigc_tui.quiz.lesson.reading import lesson_from_text
from aigc_tui.quiz.lesson.records import Lesson
from aigc_tui.quiz.planning.material import lay_out
from aigc_tui.quiz.planning.plan import make_plan
from aigc_tui.quiz.planning.records import Finished
from aigc_tui.quiz.records import QuizRequest
from bench.report import Ratio, write_json

LESSONS = Path(__file__).resolve().parent.parent / "data" / "lessons"
PAGE = {"en": 2_400, "zh": 700}
"""Characters of a printed page, roughly."""
COUNT = 40
TARGET_SECONDS = 10.0
_MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Making:
    """One quiz made in a process of its own. Seconds and megabytes."""

    language: str
    pages: int
    sentences: int
    items: int
    analyse: float
    """From the lesson to its analysis, dictionaries loaded on the way."""
    plan: float
    """Indexes, quotas and the order of candidates, nothing worded; on the processor."""
    make: float
    """Planning, wording and checking, the analysis being there."""
    processor: float
    """All of it in time on the processor, which other programs on the machine do not lengthen."""
    memory: float
    """The process's largest size."""

    @property
    def seconds(self) -> float:
        """What a user waits for."""
        return self.analyse + self.make


def book(language: str, pages: int, text: str = "") -> Lesson:
    """A lesson of many pages: a text of one's own, or the sample lessons again and again."""
    files = sorted(LESSONS.glob(f"{language}-*.md"))
    chapters = [text] if text else [file.read_text(encoding="utf-8") for file in files]
    parts: list[str] = []
    wanted, size = pages * PAGE[language], 0
    while size < wanted:
        chapter = chapters[len(parts) % len(chapters)]
        parts.append(chapter.replace("\n# ", f"\n# {len(parts) + 1} "))
        size += len(chapter)
    return lesson_from_text("\n\n".join(parts)[:wanted], f"{pages} pages", language)


def measure(language: str, pages: int, text: str = "") -> Making:
    """Make one quiz and time its steps."""
    lesson = book(language, pages, text)
    request = QuizRequest(count=COUNT)
    began, start = time.perf_counter(), time.process_time()
    analysis = analyse(lesson)
    analysed, ready = time.perf_counter(), time.process_time()
    plan = make_plan(lay_out(analysis), request)
    for _ in range(COUNT):
        slot = plan.take()
        if slot is not None:
            plan.keep(slot)
    planned, done = time.perf_counter(), time.process_time()
    last = list(make_from(analysis, request))[-1]
    made = time.perf_counter()
    assert isinstance(last, Finished)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / _MEGABYTE
    worked = time.process_time() - start - (done - ready)
    times = (analysed - began, done - ready, made - planned, worked)
    return Making(language, pages, len(lesson.sentences), len(last.quiz.items), *times, memory)


def run(
    pages: Sequence[int] = (10, 100, 1000),
    rounds: int = 3,
    out: Path | None = None,
    model: Path | None = None,
) -> dict[str, object]:
    """Measure, print and write what came out.

    Args:
        pages: The sizes to compare, smallest first.
        rounds: How often each.
        out: The JSON file; None: `bench/results/quiz.json`.
        model: A model's folder; the 100-page lesson is then made with it as well.

    Returns:
        What was written.
    """
    makings, ratios = [], []
    for language in PAGE:
        found = {size: [_apart(language, size) for _ in range(rounds)] for size in pages}
        for size in pages:
            _say(found[size])
            makings += found[size]
        ratios += _growth(language, found)
    for ratio in ratios:
        print(ratio)
    result: dict[str, object] = {"target_seconds": TARGET_SECONDS, "makings": makings, "ratios": ratios}
    if model:
        result["with_model"] = _with_model(model, min(pages))
    write_json("quiz", result, out)
    return result


def _apart(language: str, pages: int) -> Making:
    """In a fresh process: memory and the loading of dictionaries are counted each time."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(measure, language, pages).result()


def _growth(language: str, found: dict[int, list[Making]]) -> list[Ratio]:
    """Cost a page against the smallest lesson's cost a page: 1 is linear, more is worse."""
    small, *others = sorted(found)
    ratios = []
    for size in others:
        for step in ("plan", "processor"):
            large = [getattr(each, step) / size for each in found[size]]
            ratios.append(
                Ratio.of(
                    f"{language}: {step} a page, {size} pages against {small}",
                    large,
                    [getattr(each, step) / small for each in found[small]],
                )
            )
    return ratios


def _say(makings: list[Making]) -> None:
    one = makings[0]
    seconds = statistics.median(each.seconds for each in makings)
    plan = statistics.median(each.plan for each in makings)
    print(
        f"{one.language} {one.pages:5d} pages, {one.sentences:6d} sentences: {seconds:6.2f} s in all,"
        f" {one.processor:.2f} s on the processor, plan {plan:.3f} s,"
        f" {one.items / seconds:6.1f} items/s, {max(each.memory for each in makings):.0f} MB"
    )


def _with_model(folder: Path, pages: int) -> dict[str, object]:
    from bench.quiz_model import make_with

    return asyncio.run(make_with(folder, book("en", pages)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(prog="aigc-tui bench quiz", description=__doc__)
    parser.add_argument("--pages", default="10,100,1000", help="numbers of pages, separated by commas")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--model", type=Path, help="also with this model")
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args(arguments)
    run([int(size) for size in asked.pages.split(",")], asked.rounds, asked.out, asked.model)
    return 0


if __name__ == "__main__":
    sys.exit(main())
