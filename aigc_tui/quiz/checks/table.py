"""The report of the checks as plain text, for a terminal, a mail or a log.

Why it exists: `quiz check F` and the review screen say the same in the same words; what to do about it (the
exit code, the colour) is their business.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aigc_tui.locale import Translate
from aigc_tui.quiz.checks.quiz import Report
from aigc_tui.quiz.checks.records import Verdict
from aigc_tui.quiz.checks.registry import REGISTRY
from aigc_tui.quiz.checks.together import QUIZ_CHECKS
from aigc_tui.quiz.records import Item
from aigc_tui.text import one_line, shorten

FAILED_HARD, FAILED_SOFT, PASSED = "✗", "!", "✓"
WIDTH = 100
_LABELS = {name: label for name, _, label in QUIZ_CHECKS}


def label_of(check: str) -> str:
    """The catalogue's key of the one line that says what a check asks for; of a check of the quiz, too.

    A quiz file may carry the name of a check that this version does not know; its name stands for itself.
    """
    entry = REGISTRY.get(check)
    return entry.label if entry else _LABELS.get(check, check)


def line_of(verdict: Verdict, t: Translate) -> str:
    """One verdict as one line: a mark, the check's line, and the words at fault.

    Args:
        verdict: What a check said.
        t: The catalogue.
    """
    mark = PASSED if verdict.passed else FAILED_HARD if verdict.hard else FAILED_SOFT
    said = t(label_of(verdict.check))
    if not verdict.passed and verdict.found:
        said = t("checks.flaw", check=said, found=verdict.found)
    return f"{mark} {said}"


def table(report: Report, t: Translate, every: bool = False) -> str:
    """The whole report.

    Items without a flaw are counted and not listed; hard flaws stand before soft ones.

    Args:
        report: What `check_quiz` said.
        t: The catalogue.
        every: Also list what passed.
    """
    return "\n".join((*_items(report, t, every), *_whole(report, t, every), _sum(report, t)))


def _items(report: Report, t: Translate, every: bool) -> Iterator[str]:
    for number, (item, verdicts) in enumerate(report.items, 1):
        lines = list(_lines(verdicts, t, every))
        if lines:
            yield f"{number}. {_stem(item)}"
            yield from (f"   {line}" for line in lines)


def _whole(report: Report, t: Translate, every: bool) -> Iterator[str]:
    lines = list(_lines(report.verdicts, t, every))
    if lines:
        yield t("checks.whole")
        yield from (f"   {line}" for line in lines)


def _lines(verdicts: Iterable[Verdict], t: Translate, every: bool) -> Iterator[str]:
    shown = [verdict for verdict in verdicts if every or not verdict.passed]
    for verdict in sorted(shown, key=lambda each: (each.passed, not each.hard)):
        yield shorten(line_of(verdict, t), WIDTH)


def _sum(report: Report, t: Translate) -> str:
    flawed = sum(any(not verdict.passed for verdict in verdicts) for _, verdicts in report.items)
    good = t("checks.good", count=len(report.items) - flawed, all=len(report.items))
    return t("checks.sum", good=good, hard=report.hard_failures, soft=report.soft_failures)


def _stem(item: Item) -> str:
    return shorten(one_line(item.stem), WIDTH - 6)
