"""What the lines of one Markdown question mean: its type, its key, its source.

Why it exists: a key that is misread teaches a falsehood, so everything ambiguous is refused with its reason.
"""

from __future__ import annotations

import re

from aigc_tui.ids import uuid7
from aigc_tui.quiz.codec import item_from_json
from aigc_tui.quiz.formats.markdown_lines import Draft
from aigc_tui.quiz.parts import LETTERS
from aigc_tui.quiz.records import BLANK, Item, ItemType, QuizError

_TRUE = frozenset({"true", "t", "yes", "对", "正确", "√", "是"})
_FALSE = frozenset({"false", "f", "no", "错", "错误", "×", "否"})
_GAP = re.compile(r"_{2,}|[（(][ 　]{1,}[)）]")
_KEY = re.compile(r"^\(?([A-Za-z])\)?(?:[.)、．:：\s].*)?$", re.DOTALL)
_SEVERAL = re.compile(r"^[A-Za-z](?:\s*[,、;和]\s*|\s+and\s+)[A-Za-z]\b|^[A-E]{2,5}$")
_TOLD = ("id", "bloom", "difficulty", "origin", "tags", "model", "seed")


def item_of(draft: Draft) -> Item:
    """Make an item.

    Args:
        draft: The question's lines.

    Raises:
        QuizError: There is no answer, or it does not fit; one line that says which.
    """
    if not draft.stem:
        raise QuizError("it has no words")
    kind = _kind(draft)
    body: dict[str, object] = {key: draft.told[key] for key in _TOLD if key in draft.told}
    body["id"] = body.get("id") or uuid7()
    body |= {"type": kind.value, "stem": _stem(draft, kind), "options": _options(draft, kind)}
    body |= {"answer": _answer(draft, kind), "explanation": draft.explanation, "accepted": draft.accepted}
    if kind is ItemType.MC and draft.feedback:
        body["feedback"] = [draft.feedback.get(index, "") for index in range(len(draft.options))]
    if draft.quote and isinstance(draft.told.get("start"), int):
        place = {"start": draft.told["start"], "end": draft.told.get("end"), "quote": draft.quote}
        body["source"] = {"section": draft.section, **place}
    return item_from_json(body, "it")


def _kind(draft: Draft) -> ItemType:
    told = draft.told.get("type")
    if isinstance(told, str) and told in tuple(ItemType):
        return ItemType(told)
    if len(draft.options) >= 2:
        return ItemType.MC
    if _said(draft).casefold() in _TRUE | _FALSE:
        return ItemType.TF
    return ItemType.CLOZE if _GAP.search(draft.stem) else ItemType.SHORT


def _stem(draft: Draft, kind: ItemType) -> str:
    if kind is ItemType.CLOZE and BLANK not in draft.stem:
        return _GAP.sub(BLANK, draft.stem, count=1)
    return draft.stem


def _options(draft: Draft, kind: ItemType) -> list[str]:
    return draft.options if kind in (ItemType.MC, ItemType.MATCH, ItemType.ORDER) else []


def _answer(draft: Draft, kind: ItemType) -> object:
    if kind is ItemType.MC:
        return _index(draft)
    said = _said(draft)
    if not said:
        raise QuizError("it has no answer; write a line 'Answer: ...' below it")
    if kind is ItemType.TF:
        if said.casefold() not in _TRUE | _FALSE:
            raise QuizError(f"the answer of a true/false question is true or false, not {said[:40]!r}")
        return said.casefold() in _TRUE
    if kind is ItemType.MATCH:
        return [[left, draft.options[place]] for left, place in zip(draft.lefts, _places(draft), strict=True)]
    if kind is ItemType.ORDER:
        return [draft.options[place] for place in _places(draft)]
    return said


def _said(draft: Draft) -> str:
    if len(draft.answers) > 1:
        raise QuizError("it has more than one answer line")
    return draft.answers[0] if draft.answers else ""


def _index(draft: Draft) -> int:
    """The one right option: ticked in place, or named by its letter."""
    if len(draft.ticked) > 1:
        raise QuizError("more than one option is marked as right; only single-answer questions are read")
    if draft.ticked:
        return draft.ticked[0]
    said = _said(draft)
    if _SEVERAL.match(said):
        raise QuizError("more than one right answer; only single-answer questions are read")
    found = _KEY.match(said)
    place = LETTERS.index(found[1].upper()) if found else -1
    if place < 0 and said in draft.options:
        return draft.options.index(said)
    if not 0 <= place < len(draft.options):
        raise QuizError(f"no option is marked as right, and the answer {said[:40]!r} names none")
    return place


def _places(draft: Draft) -> list[int]:
    """The letters of a match ("1-B, 2-A") or order ("B, A, C") key as indexes."""
    marks = [part.strip().rpartition("-")[2] for part in _said(draft).split(",")]
    places = [
        LETTERS.find(mark) if len(mark) == 1 else int(mark) - 1 if mark.isdigit() else -1 for mark in marks
    ]
    wanted = len(draft.lefts) if draft.lefts else len(draft.options)
    if len(places) != wanted or any(not 0 <= place < len(draft.options) for place in places):
        raise QuizError("its answer does not name every option by its letter")
    return places
