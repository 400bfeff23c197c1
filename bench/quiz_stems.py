"""How many questions by people the checks of a model's stem would drop, and how many misplaced ones pass.

Each question of a reading-comprehension set is checked against its own sentence (a refusal is a false
alarm, or a question that asks for no span of one sentence), against another sentence of the same passage,
and against one of another passage (a pass is a miss). The table is in docs/quiz-models.md.

    aigc-tui bench quiz-stems -- --corpus DIR
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aigc_tui.quiz.analysis.records import TermKind
from aigc_tui.quiz.checks.measures import wilson
from aigc_tui.quiz.lesson.records import Lesson
from aigc_tui.quiz.llm_items.asking import WRONG_KIND
from aigc_tui.quiz.llm_items.prompts import passage_of
from aigc_tui.quiz.llm_items.stems import Ground, refuse_stem
from bench.quiz_sets import lines, passage
from bench.report import write_json

SETS = {"fairytale_qa.jsonl.xz": "en", "squadlike.jsonl.xz": "zh"}
QUESTIONS = 1500
LONGEST_ANSWER = 30
SHORTEST_SENTENCE = 15
_YEAR = re.compile(r"1\d{3}|20\d{2}")
_PASSED = "passed"


@dataclass(frozen=True, slots=True)
class Asked:
    """A person's question whose answer is a stretch of one sentence."""

    question: str
    answer: str
    lesson: Lesson
    sentence: int


def load(file: Path, language: str) -> list[Asked]:
    """Read a set; questions whose short answer is not verbatim in the passage are left out."""
    found = []
    for record in lines(file):
        asked = _asked(record, language)
        if asked is not None:
            found.append(asked)
    random.Random(1).shuffle(found)
    return found[:QUESTIONS]


def _asked(record: dict[str, Any], language: str) -> Asked | None:
    lesson = passage(record["context"], language)
    answer = record["answer"]
    start = record.get("start", lesson.text.find(answer))
    if not 0 < len(answer) <= LONGEST_ANSWER or lesson.text[start : start + len(answer)] != answer:
        return None
    inside = [at for at, each in enumerate(lesson.sentences) if each.start <= start < each.end]
    question = record["question"].strip()
    if language == "zh":
        question = question.replace("?", "？")
    return Asked(question, answer, lesson, inside[0]) if inside else None


def judge(asked: Asked, lesson: Lesson, sentence: int) -> str:
    """What is said of a question about a sentence, by the most lenient kind that the answer can be of."""
    place = lesson.sentences[sentence]
    quote = lesson.text[place.start : place.end]
    around = passage_of(lesson, sentence)
    reasons = {
        refuse_stem(asked.question, Ground(lesson.language, quote, around, asked.answer, kind))
        for kind in _kinds(asked.answer)
    }
    if "" in reasons:
        return _PASSED
    others = reasons - {WRONG_KIND}
    return min(others or reasons)


def _kinds(answer: str) -> Sequence[TermKind]:
    if _YEAR.search(answer):
        return (TermKind.DATE,)
    return (TermKind.QUANTITY, TermKind.DATE) if re.search(r"\d", answer) else tuple(TermKind)


def measure(asked: Sequence[Asked]) -> dict[str, Counter[str]]:
    """Hold every question against the right sentence and two wrong ones."""
    chance = random.Random(2)
    found: dict[str, Counter[str]] = {"own": Counter(), "neighbour": Counter(), "elsewhere": Counter()}
    for at, one in enumerate(asked):
        found["own"][judge(one, one.lesson, one.sentence)] += 1
        sizes = enumerate(each.end - each.start for each in one.lesson.sentences)
        others = [i for i, size in sizes if i != one.sentence and size > SHORTEST_SENTENCE]
        if others:
            found["neighbour"][judge(one, one.lesson, chance.choice(others))] += 1
        far = asked[(at + 7) % len(asked)]
        if far.lesson.sha256 != one.lesson.sha256:
            found["elsewhere"][judge(one, far.lesson, far.sentence)] += 1
    return found


def main(arguments: Sequence[str]) -> None:
    """Print and write the table."""
    parser = argparse.ArgumentParser(prog="aigc-tui bench quiz-stems")
    parser.add_argument("--corpus", type=Path, required=True, help="folder with the sets")
    corpus = parser.parse_args(arguments).corpus
    results: dict[str, Any] = {}
    for name, language in SETS.items():
        found = measure(load(corpus / name, language))
        results[name] = {where: dict(counts) for where, counts in found.items()}
        for where, counts in found.items():
            total = sum(counts.values())
            low, high = wilson(counts[_PASSED], total)
            share = f"{100 * counts[_PASSED] / total:.1f} % ({100 * low:.1f}-{100 * high:.1f}) of {total}"
            rest = ", ".join(f"{why} {count}" for why, count in counts.most_common() if why != _PASSED)
            print(f"{name} {where}: passed {share}; {rest}")
    write_json("quiz-stems", results)


if __name__ == "__main__":
    main(sys.argv[1:])
