"""A quiz made with a model beside the same quiz made by rules: items per second of both, in one run."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from aigc_tui.config import Paths
from aigc_tui.engine.client import LocalEngine
from aigc_tui.engine.protocol import EngineOptions, ModelSpec
from aigc_tui.quiz.generation.job import run_making
from aigc_tui.quiz.lesson.records import Lesson
from aigc_tui.quiz.llm_items.make import make_with_model
from aigc_tui.quiz.planning.records import Finished
from aigc_tui.quiz.records import Origin, QuizRequest

ITEMS = 8


async def make_with(folder: Path, lesson: Lesson) -> dict[str, object]:
    """Make one small quiz by rules and one with the model.

    Args:
        folder: The model's folder.
        lesson: The lesson.

    Returns:
        Seconds and items of both, and how many items the model's words made it into.
    """
    request = QuizRequest(count=ITEMS)
    began = time.perf_counter()
    ruled = [event async for event in run_making(lesson, request)][-1]
    ruled_seconds = time.perf_counter() - began
    with tempfile.TemporaryDirectory() as home:
        engine = LocalEngine(Paths(Path(home)), EngineOptions())
        try:
            model = ModelSpec(folder.name, path=str(folder.resolve()))
            began = time.perf_counter()
            last = [event async for event in make_with_model(lesson, request, engine, model)][-1]
            seconds = time.perf_counter() - began
        finally:
            await engine.close()
    assert isinstance(ruled, Finished)
    assert isinstance(last, Finished)
    worded = sum(item.origin is Origin.MODEL for item in last.quiz.items)
    print(
        f"rules: {len(ruled.quiz.items)} items in {ruled_seconds:.1f} s; with {folder.name}:"
        f" {len(last.quiz.items)} items in {seconds:.1f} s, {worded} worded by it"
    )
    return {
        "model": folder.name,
        "by_rules": {"items": len(ruled.quiz.items), "seconds": ruled_seconds},
        "with_model": {"items": len(last.quiz.items), "seconds": seconds, "worded": worded},
    }
