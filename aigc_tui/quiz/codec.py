"""A quiz as JSON, as design section 6 and docs/cli.md specify; and back, from a file that may be anybody's.

The quiz file is a contract: keys only get added. Of a broken file, one line says what is wrong and where.
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any, TypeAlias, TypeVar

from aigc_tui.ids import uuid7
from aigc_tui.message import Message, message
from aigc_tui.quiz.records import (
    Answer,
    Bloom,
    Item,
    ItemType,
    LessonRef,
    Origin,
    Quiz,
    QuizError,
    Rejection,
    Source,
)
from aigc_tui.text import clean, one_line

VERSION = 1
LARGEST_FILE = 64 << 20
MOST_ITEMS = 20_000
_LONGEST = 20_000
"""Characters of one string of an item."""
_LARGEST = 2**53
"""Beyond it neither SQLite nor another program's JSON keeps a whole number as it is."""
_Kind = TypeVar("_Kind", bound=StrEnum)
Where: TypeAlias = str | Message
"""What is read: a key of the file, or an item as a message."""


def quiz_to_json(quiz: Quiz) -> dict[str, Any]:
    """The quiz as the value that `quiz make -o F.json` writes."""
    lesson = {
        "title": quiz.lesson.title,
        "sha256": quiz.lesson.sha256,
        "language": quiz.lesson.language,
    }
    return {
        "version": VERSION,
        "id": quiz.id,
        "title": quiz.title,
        "lesson": lesson,
        "requested": quiz.requested,
        "seed": quiz.seed,
        "items": [item_to_json(item) for item in quiz.items],
        "rejected": [{"reason": each.reason, "count": each.count} for each in quiz.rejected],
    }


def item_to_json(item: Item) -> dict[str, Any]:
    """One item as JSON."""
    source = item.source
    return {
        "id": item.id,
        "type": item.type.value,
        "stem": item.stem,
        "options": list(item.options),
        "answer": _answer_to_json(item.answer),
        "explanation": item.explanation,
        "source": source
        and {"section": source.section, "start": source.start, "end": source.end, "quote": source.quote},
        "bloom": item.bloom.value,
        "difficulty": round(item.difficulty, 3),
        "origin": item.origin.value,
        "checks": dict(item.checks),
        "accepted": list(item.accepted),
        "feedback": list(item.feedback),
        "tags": list(item.tags),
        "model": item.model,
        "seed": item.seed,
    }


def quiz_from_json(data: bytes | str) -> Quiz:
    """Read a quiz file.

    Raises:
        QuizError: It is no quiz file, or an item of it is broken; the message names the item and the key.
    """
    if len(data) > LARGEST_FILE:
        raise QuizError(
            "the file is larger than {largest_file} MB, the limit for a quiz", largest_file=LARGEST_FILE >> 20
        )
    try:
        value = json.loads(data)
    except RecursionError:
        raise QuizError("not a quiz file: its JSON is nested too deep") from None
    except json.JSONDecodeError as error:
        raise QuizError("not JSON: {error}", error=one_line(str(error))) from None
    except ValueError:
        raise QuizError("not a quiz file: it is not UTF-8, or contains a number that is too long") from None
    if not isinstance(value, dict) or not isinstance(value.get("items"), list):
        raise QuizError('not a quiz file: it needs an object with "version", "lesson" and "items"')
    if value.get("version") != VERSION:
        raise QuizError(
            "the quiz file has version {value}; this program reads version {version}",
            value=repr(value.get("version")),
            version=VERSION,
        )
    if len(value["items"]) > MOST_ITEMS:
        raise QuizError("more than {most_items} items", most_items=MOST_ITEMS)
    lesson = _object(value.get("lesson") or {}, "lesson")
    items = tuple(
        item_from_json(each, message("item {number}", number=number))
        for number, each in enumerate(value["items"], 1)
    )
    return Quiz(
        id=_text(value, "id", "quiz") or uuid7(),
        title=_text(value, "title", "quiz") or _text(lesson, "title", "lesson"),
        lesson=_lesson(lesson),
        requested=_whole(value, "requested", "quiz", len(items)),
        items=items,
        rejected=tuple(_rejection(each) for each in _rejections(value)),
        seed=_whole(value, "seed", "quiz", 0),
    )


def item_from_json(value: object, where: Where) -> Item:
    """Read one item; QuizError: a key is missing, of the wrong kind, or does not fit the type."""
    body = _object(value, where)
    kind = _choice(ItemType, body.get("type"), _part(where, "type"))
    options = _texts(body, "options", where)
    return Item(
        id=_text(body, "id", where) or uuid7(),
        type=kind,
        stem=_text(body, "stem", where),
        answer=_answer(kind, body.get("answer"), options, where),
        options=options,
        explanation=_text(body, "explanation", where),
        source=_source(body.get("source"), where),
        bloom=_choice(Bloom, body.get("bloom", "remember"), _part(where, "bloom")),
        difficulty=_number(body, "difficulty", where),
        origin=_choice(Origin, body.get("origin", "human"), _part(where, "origin")),
        checks=_checks(body.get("checks"), where),
        accepted=_texts(body, "accepted", where),
        feedback=_texts(body, "feedback", where),
        tags=_texts(body, "tags", where),
        model=_text(body, "model", where),
        seed=_whole(body, "seed", where, 0),
    )


def _part(where: Where, key: str) -> Message:
    return message("{where}: {key}", where=where, key=key)


def _answer_to_json(answer: Answer) -> Any:
    if isinstance(answer, tuple):
        return [part if isinstance(part, str) else list(part) for part in answer]
    return answer


def _answer(kind: ItemType, value: object, options: tuple[str, ...], where: Where) -> Answer:
    """The answer, held to its type: a wrong key teaches a falsehood with authority."""
    if kind is ItemType.MC:
        # True is an int in Python, and a negative index would silently count from the end.
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < len(options):
            raise QuizError(
                "{where}: answer must be an index from 0 into its {count} options",
                where=where,
                count=len(options),
            )
        return value
    if kind is ItemType.TF:
        if not isinstance(value, bool):
            raise QuizError("{where}: answer of a tf item must be true or false", where=where)
        return value
    if kind in (ItemType.CLOZE, ItemType.SHORT):
        if not isinstance(value, str):
            raise QuizError("{where}: answer of a {kind} item must be a text", where=where, kind=kind)
        return _cleaned(value, "answer", where)
    return _parts(kind, value, where)


def _parts(kind: ItemType, value: object, where: Where) -> Answer:
    if not isinstance(value, list):
        raise QuizError("{where}: answer of a {kind} item must be a list", where=where, kind=kind)
    if kind is ItemType.ORDER and all(isinstance(part, str) for part in value):
        return tuple(_cleaned(part, "answer", where) for part in value)
    if kind is ItemType.MATCH and all(_is_pair(part) for part in value):
        return tuple(
            (_cleaned(left, "answer", where), _cleaned(right, "answer", where)) for left, right in value
        )
    if kind is ItemType.ORDER:
        raise QuizError("{where}: answer of an order item must be a list of texts in order", where=where)
    raise QuizError("{where}: answer of a match item must be a list of [left, right] texts", where=where)


def _is_pair(part: object) -> bool:
    return isinstance(part, list) and len(part) == 2 and all(isinstance(side, str) for side in part)


def _lesson(body: dict[str, Any]) -> LessonRef:
    language = _text(body, "language", "lesson") or "en"
    return LessonRef(_text(body, "title", "lesson"), _text(body, "sha256", "lesson"), language)


def _checks(value: object, where: Where) -> tuple[tuple[str, bool], ...]:
    body = _object(value or {}, _part(where, "checks"))
    return tuple((clean(name), bool(said)) for name, said in body.items())


def _source(value: object, where: Where) -> Source | None:
    if value is None:
        return None
    body = _object(value, _part(where, "source"))
    start, end = _whole(body, "start", where, 0), _whole(body, "end", where, 0)
    return Source(_text(body, "section", where), start, end, _text(body, "quote", where))


def _rejections(body: dict[str, Any]) -> list[Any]:
    value = body.get("rejected") or []
    if not isinstance(value, list):
        raise QuizError("rejected must be a list")
    return value


def _rejection(value: object) -> Rejection:
    body = _object(value, "rejected")
    return Rejection(_text(body, "reason", "rejected"), _whole(body, "count", "rejected", 1))


def _object(value: object, where: Where) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise QuizError("{where}: must be an object", where=where)
    return value


def _text(body: dict[str, Any], key: str, where: Where) -> str:
    value = body.get(key, "")
    if value is None:
        return ""
    if not isinstance(value, str):
        raise QuizError("{where}: {key} must be a text", where=where, key=key)
    return _cleaned(value, key, where)


def _cleaned(value: str, key: str, where: Where) -> str:
    if len(value) > _LONGEST:
        raise QuizError(
            "{where}: {key} is longer than {longest} characters", where=where, key=key, longest=_LONGEST
        )
    return clean(value)


def _texts(body: dict[str, Any], key: str, where: Where) -> tuple[str, ...]:
    value = body.get(key) or []
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        raise QuizError("{where}: {key} must be a list of texts", where=where, key=key)
    return tuple(_cleaned(part, key, where) for part in value)


def _whole(body: dict[str, Any], key: str, where: Where, default: int) -> int:
    value = body.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LARGEST:
        raise QuizError(
            "{where}: {key} must be a whole number from 0 to {largest}",
            where=where,
            key=key,
            largest=_LARGEST,
        )
    return value


def _number(body: dict[str, Any], key: str, where: Where) -> float:
    value = body.get(key, 0.5)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise QuizError("{where}: {key} must be a number from 0 to 1", where=where, key=key)
    return float(value)


def _choice(kind: type[_Kind], value: object, where: Where) -> _Kind:
    try:
        return kind(str(value))
    except ValueError:
        raise QuizError(
            "{where}: '{value}' is not valid; use {names}",
            where=where,
            names=tuple(kind),
            value=one_line(str(value), 40),
        ) from None
