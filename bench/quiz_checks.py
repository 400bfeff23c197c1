"""How often each check flags a question that a person wrote, and how often it catches a planted flaw.

Both figures per check and question set, with 95 % Wilson intervals; the table is in docs/quiz-checks.md.

    aigc-tui bench quiz-checks -- --corpus DIR [--extra DIR] [--table FILE]
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from aigc_tui.quiz.checks.duplicates import answered_elsewhere, duplicates
from aigc_tui.quiz.checks.measures import wilson
from aigc_tui.quiz.checks.quiz import QUIZ_CHECKS, check_quiz
from aigc_tui.quiz.checks.records import Context, Verdict
from aigc_tui.quiz.checks.registry import ENTRIES, check_item
from aigc_tui.quiz.records import Item
from bench.quiz_flaws import FLAWS
from bench.quiz_sets import Case, all_sets
from bench.report import write_json

FREE_ANSWERS = frozenset({"answer_in_source", "key_in_source"})
"""Checks of extractive answers; a set of free answers is no measure for them, and is shown as such."""
BY_ITEM: Mapping[str, Callable[[Sequence[Item]], Sequence[object]]] = {
    "near_duplicates": duplicates,
    "answered_elsewhere": answered_elsewhere,
}
"""Checks of a quiz that are told as a share of its items: a set of thousands is one quiz and surely fails."""
FEW_QUIZZES = 10
"""A share of fewer quizzes than this is not shown."""
SHOWN = 4
FORMS = {
    "Questions with written answers, and cloze": ("fairytale", "squad", "xquad", "cloze"),
    "Multiple choice": ("trivia", "exams", "choices"),
    "Pairs and steps": ("pairs", "recipes"),
}
"""How the sets are shown together: by words of their names."""
KINDS = {entry.name: entry.hard for entry in ENTRIES} | {name: hard for name, hard, _ in QUIZ_CHECKS}


@dataclass(slots=True)
class Tally:
    """Failures of one check on one set."""

    failed: int = 0
    judged: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, verdict: Verdict, item: Item | None) -> None:
        """Count one verdict."""
        self.judged += 1
        self.failed += not verdict.passed
        if not verdict.passed and len(self.examples) < SHOWN:
            stem = f"{item.stem[:100]} | {item.key[:40]}" if item else ""
            self.examples.append(f"{verdict.reason}  <- {stem}")

    def __str__(self) -> str:
        if self.judged < FEW_QUIZZES:
            return "-"
        low, high = wilson(self.failed, self.judged)
        return f"{100 * self.failed / self.judged:.1f} ({100 * low:.1f}-{100 * high:.1f})"


Tallies = dict[str, dict[str, Tally]]
"""By check, then by set."""


def false_alarms(cases: list[Case]) -> Tallies:
    """Run every check over every question; a free answer is kept apart from extractive ones."""
    found: Tallies = defaultdict(lambda: defaultdict(Tally))
    for case in cases:
        report = check_quiz(case.quiz, case.lesson)
        for item, verdicts in report.items:
            for verdict in verdicts:
                if case.extractive or verdict.check not in FREE_ANSWERS:
                    found[verdict.check][case.set].add(verdict, item)
        for verdict in report.verdicts:
            if verdict.check not in BY_ITEM:
                found[verdict.check][case.set].add(verdict, None)
        for name, pairs in BY_ITEM.items():
            tally = found[name][case.set]
            tally.judged += len(case.quiz.items)
            tally.failed += len(pairs(case.quiz.items))
    return found


def catches(cases: list[Case]) -> dict[str, Tally]:
    """Put each flaw of `bench.quiz_flaws` into questions that pass its check; count those that then fail."""
    found: dict[str, Tally] = defaultdict(Tally)
    for case in cases:
        context = Context(case.quiz.lesson.language, case.lesson)
        for number, item in enumerate(case.quiz.items):
            good = {verdict.check: verdict.passed for verdict in check_item(item, context)}
            for name, spoil in FLAWS.items():
                spoilt = spoil(item, number) if number % 5 == 0 and good.get(name) is not False else None
                if spoilt is None:
                    continue
                verdicts = {verdict.check: verdict for verdict in check_item(spoilt, context)}
                verdict = verdicts.get(name, Verdict(name, True, False))
                found[name].judged += 1
                found[name].failed += not verdict.passed
    return found


def tables(alarms: Tallies, caught: Mapping[str, Tally], counts: Mapping[str, int]) -> str:
    """Both figures as Markdown tables, per cent: one for each form of question, one of the seeded flaws."""
    parts = []
    for title, words in FORMS.items():
        sets = [each for each in counts if any(word in each for word in words)]
        if sets:
            parts.append(f"### {title}\n\n{_alarm_table(alarms, sets, counts)}")
    return "\n\n".join((*parts, f"### Seeded flaws\n\n{_catch_table(caught)}"))


def _alarm_table(alarms: Tallies, sets: list[str], counts: Mapping[str, int]) -> str:
    heads = [f"{each}, {counts[each]:,}" for each in sets]
    rows = [f"| check | kind | {' | '.join(heads)} |", "|---|---|" + "---:|" * len(sets)]
    for name, hard in KINDS.items():
        cells = [str(alarms[name][each]) if each in alarms[name] else "-" for each in sets]
        if any(cell != "-" for cell in cells):
            rows.append(f"| {name} | {'hard' if hard else 'soft'} | {' | '.join(cells)} |")
    return "\n".join(rows)


def _catch_table(caught: Mapping[str, Tally]) -> str:
    rows = ["| check | flaw | items spoilt | caught |", "|---|---|---:|---:|"]
    for name in KINDS:
        if name in caught:
            what = (FLAWS[name].__doc__ or "").splitlines()[0]
            rows.append(f"| {name} | {what} | {caught[name].judged:,} | {caught[name]} |")
    return "\n".join(rows)


def main() -> int:
    """Print the table, and the first questions that each check blames."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="folder with fairytale_qa.jsonl.xz ...")
    parser.add_argument("--extra", type=Path, help="folder with further sets, see bench/quiz_sets.py")
    parser.add_argument("--examples", action="store_true", help="show flagged questions")
    parser.add_argument("--table", type=Path, help="also write the table to this file")
    parser.add_argument("--out", type=Path, help="the JSON file")
    asked = parser.parse_args()
    cases = list(all_sets(asked.corpus, asked.extra))
    if not cases:
        print(f"no known set of questions in {asked.corpus}", file=sys.stderr)
        return 1
    sets = list(dict.fromkeys(case.set for case in cases))
    counts = {each: sum(len(case.quiz.items) for case in cases if case.set == each) for each in sets}
    alarms, caught = false_alarms(cases), catches(cases)
    text = tables(alarms, caught, counts)
    print(text)
    if asked.examples:
        _show(alarms)
    if asked.table:
        asked.table.write_text(text + "\n", encoding="utf-8")
    write_json(
        "quiz-checks",
        {"questions": counts, "alarms": _plain(alarms), "caught": _plain({"": caught})},
        asked.out,
    )
    return 0


def _show(alarms: Tallies) -> None:
    for name, by_set in alarms.items():
        for each, tally in by_set.items():
            for example in tally.examples:
                print(f"{name} / {each}: {example}")


def _plain(tallies: Mapping[str, Mapping[str, Tally]]) -> dict[str, dict[str, list[int]]]:
    return {
        name: {each: [tally.failed, tally.judged] for each, tally in by.items()}
        for name, by in tallies.items()
    }


if __name__ == "__main__":
    raise SystemExit(main())
