"""Item analysis of a quiz's finished attempts: facility, discrimination, distractors, reliability.

Below thirty attempts the figures of a group are not computed; FSRS's difficulty and the learner's own errors
are shown instead (reference quiz.md 3.5). Sources: Kelley, "The selection of upper and lower groups" (1939)
for the 27 %; Kuder and Richardson, Psychometrika 2 (1937), formula 20.
"""

from __future__ import annotations

import json
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aigc_tui.quiz.checks.measures import wilson
from aigc_tui.quiz.grading.grade import chosen
from aigc_tui.quiz.practice.records import (
    ENOUGH_ATTEMPTS,
    ItemStatistics,
    PickRate,
    QuizStatistics,
    response_from_json,
)
from aigc_tui.quiz.records import Item, ItemType
from aigc_tui.quiz.repository import QuizRepository
from aigc_tui.quiz.rows import item_of
from aigc_tui.store.records import CardRow, ResponseRow
from aigc_tui.store.store import Store

_GROUP = 0.27


@dataclass(frozen=True, slots=True)
class Sheet:
    """One finished attempt: for each item that was asked, whether it was right, and the answer if any."""

    right: Mapping[str, bool]
    answers: Mapping[str, ResponseRow]

    @property
    def score(self) -> int:
        """How many were right."""
        return sum(self.right.values())


def statistics_of(store: Store, repository: QuizRepository, quiz_id: str) -> QuizStatistics:
    """Analyse a quiz."""
    items = repository.quiz(quiz_id).items
    sheets = _sheets(store, quiz_id)
    wrong = Counter(name for name, _, right in store.practice.marks() if not right)
    shares = [sheet.score / len(sheet.right) for sheet in sheets if sheet.right]
    return QuizStatistics(
        attempts=len(sheets),
        mean=statistics.fmean(shares) if shares else None,
        kr20=kr20([item.id for item in items], sheets),
        items=tuple(
            _item_statistics(item, sheets, store.practice.card(item.id), wrong[item.id]) for item in items
        ),
    )


def discrimination(name: str, sheets: Sequence[Sheet]) -> float:
    """P among the best 27 % of the attempts less p among the worst 27 %: -1 to 1; good items have 0.3."""
    ranked = sorted(sheets, key=lambda sheet: sheet.score)
    group = max(1, round(_GROUP * len(ranked)))
    low, high = ranked[:group], ranked[-group:]
    return sum(sheet.right[name] for sheet in high) / group - sum(sheet.right[name] for sheet in low) / group


def point_biserial(name: str, sheets: Sequence[Sheet]) -> float | None:
    """Correlation of being right here with the score on the other items; None: one of them never varies."""
    here = [float(sheet.right[name]) for sheet in sheets]
    rest = [float(sheet.score - sheet.right[name]) for sheet in sheets]
    if len(set(here)) < 2 or len(set(rest)) < 2:
        return None
    return statistics.correlation(here, rest)


def kr20(names: Sequence[str], sheets: Sequence[Sheet]) -> float | None:
    """Kuder-Richardson 20 over the attempts that asked all of these items; None: too few, or no spread."""
    whole = [sheet for sheet in sheets if all(name in sheet.right for name in names)]
    if len(whole) < ENOUGH_ATTEMPTS or len(names) < 2:
        return None
    variance = statistics.pvariance([sum(sheet.right[name] for name in names) for sheet in whole])
    if variance == 0:
        return None
    shares = [sum(sheet.right[name] for sheet in whole) / len(whole) for name in names]
    return len(names) / (len(names) - 1) * (1 - sum(p * (1 - p) for p in shares) / variance)


def pick_rates(item: Item, sheets: Sequence[Sheet]) -> tuple[PickRate, ...]:
    """How often each option was chosen, by its words: an edit may have moved options since."""
    picks: Counter[str] = Counter()
    for sheet in sheets:
        row = sheet.answers.get(item.id)
        if row is None:
            continue
        asked = item_of(row.payload, row.item)
        option = chosen(asked, response_from_json(row.answer))
        if option is not None:
            picks[asked.options[option]] += 1
    return tuple(
        PickRate(option, picks[option], picks[option] / len(sheets), option == item.key)
        for option in item.options
    )


def _item_statistics(item: Item, sheets: Sequence[Sheet], card: CardRow | None, wrong: int) -> ItemStatistics:
    asked = [sheet for sheet in sheets if item.id in sheet.right]
    right = sum(sheet.right[item.id] for sheet in asked)
    enough = len(asked) >= ENOUGH_ATTEMPTS
    return ItemStatistics(
        item=item,
        attempts=len(asked),
        facility=right / len(asked) if asked else None,
        interval=wilson(right, len(asked)) if asked else None,
        discrimination=discrimination(item.id, asked) if enough else None,
        point_biserial=point_biserial(item.id, asked) if enough else None,
        picks=pick_rates(item, asked) if enough and item.type is ItemType.MC else (),
        difficulty=card.difficulty if card else None,
        reviews=card.reviews if card else 0,
        wrong=wrong,
    )


def _sheets(store: Store, quiz_id: str) -> list[Sheet]:
    answers: dict[str, dict[str, ResponseRow]] = {}
    for row in store.practice.finished_responses(quiz_id):
        answers.setdefault(row.attempt, {})[row.item] = row
    sheets: list[Sheet] = []
    for attempt in store.practice.attempts(quiz_id, finished=True):
        given = answers.get(attempt.id, {})
        right = {
            name: name in given and given[name].verdict == "correct" for name in json.loads(attempt.items)
        }
        sheets.append(Sheet(right, given))
    return sheets
