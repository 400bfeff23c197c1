"""Quizzes and items as rows of the store, and as entries of the review list."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from aigc_tui.message import message
from aigc_tui.quiz.checks.records import Verdict, verdict_from_json, verdict_to_json
from aigc_tui.quiz.codec import item_from_json, item_to_json
from aigc_tui.quiz.lesson.codec import lesson_from_json, lesson_to_json
from aigc_tui.quiz.lesson.records import Lesson
from aigc_tui.quiz.records import Item, LessonRef, Quiz, Rejection
from aigc_tui.store.records import ItemRow, LessonRow, QuizHead, SectionRow, SentenceRow
from aigc_tui.text import clean


class ItemState(StrEnum):
    """What the teacher said of an item."""

    NEW = "new"
    ACCEPTED = "accepted"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the review list.

    Args:
        locked: A re-make, a regeneration and a swap leave it alone.
        spares: Distractors that could take another's place, best first.
    """

    item: Item
    state: ItemState = ItemState.NEW
    locked: bool = False
    verdicts: tuple[Verdict, ...] = ()
    spares: tuple[str, ...] = ()


_REST = ("emphases", "asides", "pages", "notes")
"""What of a lesson's JSON is neither a column nor a row of its own."""


def section_rows(lesson: Lesson) -> list[SectionRow]:
    """The sections with their text."""
    return [
        SectionRow(
            each.title, each.level, each.start, each.end, _json(each.path), lesson.text[each.start : each.end]
        )
        for each in lesson.sections
    ]


def sentence_rows(lesson: Lesson) -> list[SentenceRow]:
    """The sentences by their offsets."""
    return [
        SentenceRow(each.start, each.end, each.section, each.paragraph, each.kind.value, each.number)
        for each in lesson.sentences
    ]


def rest_of(lesson: Lesson) -> str:
    """What else there is to a lesson, as JSON."""
    value = lesson_to_json(lesson)
    return _json({name: value[name] for name in _REST})


def lesson_of(
    row: LessonRow, rest: str, sections: Sequence[SectionRow], sentences: Sequence[SentenceRow]
) -> Lesson:
    """Put a lesson together again; LessonError: the rows do not fit its checksum."""
    value = json.loads(rest) | {
        "title": row.title,
        "language": row.language,
        "text": "".join(section.content for section in sections),
        "sha256": row.sha256,
        "source": row.source,
        "sections": [[s.title, s.level, s.start, s.stop, json.loads(s.path)] for s in sections],
        "sentences": [[s.start, s.stop, s.section, s.paragraph, s.kind, s.listed] for s in sentences],
    }
    return lesson_from_json(value)


def head_of(quiz: Quiz, aliases: Sequence[tuple[str, str]] = ()) -> QuizHead:
    """A quiz without its items. `aliases` are the names that the checks take for the same."""
    lesson = quiz.lesson
    rejected = rejected_json(quiz.rejected)
    return QuizHead(
        clean(quiz.title) or clean(lesson.title),
        clean(lesson.title),
        clean(lesson.sha256),
        lesson.language,
        quiz.requested,
        quiz.seed,
        rejected,
        _json(list(aliases)),
    )


def rejected_json(rejected: Iterable[Rejection]) -> str:
    """What could not be made, as the store keeps it."""
    return _json([asdict(each) for each in rejected])


def quiz_of(quiz_id: str, head: QuizHead, items: Iterable[Item]) -> Quiz:
    """A quiz of its head and items."""
    return Quiz(
        id=quiz_id,
        title=head.title,
        lesson=LessonRef(head.lesson_title, head.lesson_sha256, head.language),
        requested=head.requested,
        items=tuple(items),
        rejected=tuple(Rejection(**each) for each in json.loads(head.rejected)),
        seed=head.seed,
    )


def row_of(entry: Entry, quiz_id: str, position: int, lesson: Lesson | None) -> ItemRow:
    """An entry as a row. The lesson tells which of its sentences is cited."""
    item = entry.item
    return ItemRow(
        id=item.id,
        quiz=quiz_id,
        position=position,
        state=entry.state.value,
        locked=entry.locked,
        sentence=sentence_of(item, lesson),
        payload=_json(item_to_json(item)),
        verdicts=_json([verdict_to_json(each) for each in entry.verdicts]),
        spares=_json(entry.spares),
        words=words_of(item),
    )


def entry_of(row: ItemRow) -> Entry:
    """A row as an entry."""
    return Entry(
        item=item_of(row.payload, row.id),
        state=ItemState(row.state),
        locked=row.locked,
        verdicts=tuple(verdict_from_json(each) for each in json.loads(row.verdicts)),
        spares=tuple(json.loads(row.spares)),
    )


def item_of(payload: str, name: str) -> Item:
    """A question from the JSON that the store keeps."""
    return item_from_json(json.loads(payload), message("item {id}", id=name))


def item_payload(item: Item) -> str:
    """A question as the JSON that the store keeps."""
    return _json(item_to_json(item))


def sentence_of(item: Item, lesson: Lesson | None) -> int | None:
    """The number of the sentence in which an item's quote begins; None: it cites none of this lesson."""
    if lesson is None or item.source is None:
        return None
    at = bisect_right(lesson.sentences, item.source.start, key=lambda sentence: sentence.start) - 1
    return at if at >= 0 and item.source.start < lesson.sentences[at].end else None


def words_of(item: Item) -> str:
    """What a search in the items looks through."""
    parts = (item.stem, *item.options, item.key, *item.accepted, item.explanation, *item.tags)
    return "\n".join(dict.fromkeys(part for part in parts if part))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
