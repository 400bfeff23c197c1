"""How well rules alone grade students' answers (SemEval-2013 task 7, Beetle and SciEntsBank).

Whole sentences of children about circuits and science: the hardest case for rules. They are compared with
people's verdicts, right or not (the task's 2-way labels). A grade of `partial` is passed on to a model or
a person, so that share, and the precision of what is called right, are reported as well as the accuracy.

    aigc-tui bench quiz-grading -- --semeval semeval-3way.zip
"""

from __future__ import annotations

import argparse
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from aigc_tui.quiz.checks.measures import wilson
from aigc_tui.quiz.grading.grade import grade
from aigc_tui.quiz.grading.records import Judgement
from aigc_tui.quiz.records import Item, ItemType
from bench.report import write_json

PARTS = ("training/2way", "test/2way")


@dataclass(frozen=True, slots=True)
class Student:
    """One answer, what people said of it, and what the rules say."""

    right: bool
    verdict: Judgement
    score: float


@dataclass(frozen=True, slots=True)
class Figures:
    """How the rules did on one part.

    Args:
        decided: The share that rules call right or wrong, not partly right.
        precision: Of those called right, how many are.
        recall: Of those that are right, how many are called right.
        accuracy: Over all, partly right counting as `partly_is_right` says.
        macro_f1: The mean F1 of both classes, likewise.
        majority: The accuracy of always giving the commoner verdict.
    """

    answers: int
    decided: float
    precision: float
    recall: float
    accuracy: float
    low: float
    high: float
    macro_f1: float
    majority: float

    def __str__(self) -> str:
        spread = f"{100 * self.accuracy:.1f} ({100 * self.low:.1f}-{100 * self.high:.1f})"
        rest = (self.macro_f1, self.decided, self.precision, self.recall)
        return " | ".join([f"{100 * self.majority:.1f}", spread, *(f"{100 * share:.1f}" for share in rest)])


def students(packed: zipfile.ZipFile, folder: str) -> Iterator[Student]:
    """Grade every answer of a folder of the archive."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    for name in sorted(packed.namelist()):
        if name.startswith(folder + "/") and name.endswith(".xml"):
            root = etree.fromstring(packed.read(name), parser)
            keys = [each.text or "" for each in root.iter("referenceAnswer")]
            item = Item(
                "", ItemType.SHORT, root.findtext("questionText") or "", keys[0], accepted=tuple(keys[1:])
            )
            for each in root.iter("studentAnswer"):
                said = grade(item, each.text or "")
                yield Student(each.get("accuracy") == "correct", said.verdict, said.score)


def figures(found: Sequence[Student], partly_is_right: bool = True) -> Figures:
    """Count."""
    called = [
        one.verdict is Judgement.CORRECT or (partly_is_right and one.verdict is Judgement.PARTIAL)
        for one in found
    ]
    hits = sum(one.right == said for one, said in zip(found, called, strict=True))
    sure = [one for one in found if one.verdict is Judgement.CORRECT]
    right = sum(one.right for one in found)
    low, high = wilson(hits, len(found))
    return Figures(
        answers=len(found),
        decided=sum(one.verdict is not Judgement.PARTIAL for one in found) / len(found),
        precision=sum(one.right for one in sure) / max(len(sure), 1),
        recall=sum(one.right for one in sure) / max(right, 1),
        accuracy=hits / len(found),
        low=low,
        high=high,
        macro_f1=(_f1(found, called, True) + _f1(found, called, False)) / 2,
        majority=max(right, len(found) - right) / len(found),
    )


def _f1(found: Sequence[Student], called: Sequence[bool], kind: bool) -> float:
    both = sum(one.right is kind and said is kind for one, said in zip(found, called, strict=True))
    return 2 * both / max(sum(one.right is kind for one in found) + sum(said is kind for said in called), 1)


def main() -> int:
    """Print the figures of each part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--semeval", type=Path, required=True, help="semeval-3way.zip of myrosia/semeval-2013-task7"
    )
    parser.add_argument("--out", type=Path, help="the JSON file")
    asked = parser.parse_args()
    rows: dict[str, Figures] = {}
    with zipfile.ZipFile(asked.semeval) as packed:
        folders = {
            str(Path(name).parent) for name in packed.namelist() if name.endswith(".xml") and "2way" in name
        }
        for folder in sorted(folders):
            rows[folder] = figures(list(students(packed, folder)))
    print(
        "| part | answers | majority | accuracy (95 %) | macro F1 | decided | precision of right | recall |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for name, row in rows.items():
        print(f"| {name} | {row.answers} | {row} |")
    write_json("quiz-grading", {"parts": rows}, asked.out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
