"""Markdown: the worksheet out, and questions in Markdown in, ours or a teacher's own.

The reader takes our worksheet back whole, and understands the habits of others: `1.` or `## 1.`
before a question, `A.`/`B)`/`- [x]` before an option, `Answer: B` below it or in a list at the end,
in English or Chinese. Lines are first gathered question by question, by their looks; then each
question's type, key and source are read. A key that is misread teaches a falsehood, so everything
ambiguous is refused with its reason.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from aigc_tui.documents.write.markdown import render, unescape
from aigc_tui.ids import uuid7
from aigc_tui.message import message
from aigc_tui.quiz.codec import item_from_json
from aigc_tui.quiz.formats.building import decode
from aigc_tui.quiz.formats.records import Format, Options, Problem, Read, Written
from aigc_tui.quiz.formats.worksheet import worksheet
from aigc_tui.quiz.records import BLANK, LETTERS, Item, ItemType, Quiz, QuizError

_NUMBER = r"(?:Q(?:uestion)?\s*|第\s*)?(\d{1,5})\s*(?:题\s*)?"
_HEADED = re.compile(rf"^#{{2,6}}\s*{_NUMBER}[.)、．:：]\s*(.*)$", re.IGNORECASE)
_PLAIN = re.compile(rf"^(?:\*\*)?{_NUMBER}[.)、．](?:\*\*)?\s*(.*)$", re.IGNORECASE)
_TITLE = re.compile(r"^#\s+(.*)$")
_KEYS = re.compile(
    r"^(?:#{1,6}\s*|\*\*)(?:answers?(?: key)?|key|答案|参考答案|答案与解析)\s*[:：]?(?:\*\*)?$", re.IGNORECASE
)
_OPTION = re.compile(r"^\s*(?:[-*+]\s+)?(\*?)\(?([A-Z])[.)、．]\s*(.*)$")
_LOWER_OPTION = re.compile(r"^\s*(?:[-*+]\s+)?(\*?)\(?([a-z])[.)、．]\s*(.*)$")
_BOX = re.compile(r"^\s*[-*+]\s+\[([ xX])\]\s*(.*)$")
_LEFT = re.compile(r"^\s*(\d{1,4})\)\s*(.*)$")
_LABEL = re.compile(
    r"^(?:[-*+]\s+)?\*{0,2}([A-Za-z][A-Za-z ]{1,20}?(?: [A-Z])?|[\u4e00-\u9fff]{2,4}(?: [A-Z])?)"
    r"\s*[:：]\s*\*{0,2}\s*(.*)$"
)
_REMARK = re.compile(r"^<!-- item (\{.*\}) -->$")
_SKIPPED = re.compile(r"^(?:<small>.*|-{3,}|_{3,}|\*{3,}|<!--.*-->)?$")
_LONGEST_REMARK = 20_000
_NOTHING: Mapping[str, object] = MappingProxyType({})

LABELS = {
    "answer": "answer", "correct answer": "answer", "答案": "answer", "正确答案": "answer",
    "参考答案": "answer",
    "also right": "accepted", "also accepted": "accepted", "也算对": "accepted",
    "explanation": "explanation", "why": "explanation", "解析": "explanation", "解释": "explanation",
}  # fmt: skip
"""What a label means, in both languages."""


@dataclass(slots=True)
class Draft:
    """One question's lines, sorted by what they look like. Filled line by line."""

    number: int
    line: int
    stem: str = ""
    told: Mapping[str, object] = field(default_factory=lambda: _NOTHING)
    """What our own remark says: id, type, source ..."""
    options: list[str] = field(default_factory=list)
    ticked: list[int] = field(default_factory=list)
    """Indexes of the options that were marked as right in place."""
    lefts: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    explanation: str = ""
    feedback: dict[int, str] = field(default_factory=dict)
    quote: str = ""
    section: str = ""


def drafts_of(text: str) -> tuple[str, tuple[Draft, ...]]:
    """Sort a clean text's lines: the file's title, and its questions in order."""
    lines = text.split("\n")
    sorter = _Sorter(headed=any(_HEADED.match(line) for line in lines))
    for number, line in enumerate(lines, 1):
        sorter.take(number, line.rstrip())
    return sorter.title, tuple(sorter.drafts)


class _Sorter:
    """Remembers where in the file it is: before the questions, in one, or among the answers at the end."""

    def __init__(self, headed: bool) -> None:
        self.title = ""
        self.drafts: list[Draft] = []
        self._begin = _HEADED if headed else _PLAIN
        self._current: Draft | None = None
        self._told: Mapping[str, object] = _NOTHING
        self._among_answers = False

    def take(self, number: int, line: str) -> None:
        if remark := _REMARK.match(line):
            self._told = _read_remark(remark[1])
        elif _KEYS.match(line):
            self._among_answers, self._current = True, None
        elif (began := self._beginning(line)) and not self._is_left(line):
            self._open(number, int(began[1]), began[2])
        elif titled := _TITLE.match(line):
            self.title = self.title or unescape(titled[1])
        elif self._current is not None and not _SKIPPED.match(line):
            self._add(self._current, line)

    def _beginning(self, line: str) -> re.Match[str] | None:
        """A question's first line; a key at the end may be numbered plainly below headed questions."""
        return self._begin.match(line) or (_PLAIN.match(line) if self._among_answers else None)

    def _is_left(self, line: str) -> bool:
        """`1) ...` inside a match item of ours is a left side, not a question."""
        matching = self._current is not None and self._current.told.get("type") == "match"
        return matching and self._begin is _PLAIN and _LEFT.match(line) is not None

    def _open(self, line: int, number: int, rest: str) -> None:
        if not self._among_answers:
            self._current = Draft(number, line, unescape(rest).strip(), self._told)
            self._told = _NOTHING
            self.drafts.append(self._current)
            return
        self._current = next((draft for draft in self.drafts if draft.number == number), None)
        if self._current is not None and rest.strip():
            self._add(self._current, rest if _labelled(rest) else f"Answer: {rest}")

    def _add(self, draft: Draft, line: str) -> None:
        if line.startswith(">"):
            _add_quote(draft, line[1:].strip())
        elif labelled := _labelled(line):
            _add_labelled(draft, *labelled)
        elif box := _BOX.match(line):
            _add_option(draft, box[2], ticked=box[1] != " ")
        elif option := _option(draft, line):
            _add_option(draft, option[3], ticked=bool(option[1]))
        elif left := _LEFT.match(line):
            draft.lefts.append(unescape(left[2]))
        else:
            _add_words(draft, unescape(line).strip())


def _option(draft: Draft, line: str) -> re.Match[str] | None:
    """An option carries the next letter; "A. Einstein was born ..." in a stem does not come after B."""
    for pattern, first in ((_OPTION, "A"), (_LOWER_OPTION, "a")):
        found = pattern.match(line)
        if found and ord(found[2]) - ord(first) == len(draft.options):
            return found
    return None


def _labelled(line: str) -> tuple[str, str] | None:
    """A known label and what follows it; `option A` names its letter."""
    found = _LABEL.match(line)
    if not found:
        return None
    label = " ".join(found[1].casefold().split())
    if label in LABELS:
        return LABELS[label], found[2]
    named = re.fullmatch(r"(?:option|选项) ([a-z])", label)
    return (f"option {named[1]}", found[2]) if named else None


def _add_labelled(draft: Draft, label: str, rest: str) -> None:
    words = unescape(rest).strip()
    if label == "answer":
        draft.answers.append(words)
    elif label == "accepted":
        draft.accepted.append(words)
    elif label == "explanation":
        draft.explanation = words
    else:
        draft.feedback[ord(label[-1]) - ord("a")] = words


def _add_option(draft: Draft, text: str, *, ticked: bool) -> None:
    if ticked:
        draft.ticked.append(len(draft.options))
    draft.options.append(unescape(text).strip())


def _add_quote(draft: Draft, words: str) -> None:
    if words.startswith("— "):
        draft.section = unescape(words[2:]).strip()
    elif words:
        draft.quote = unescape(words)


def _add_words(draft: Draft, words: str) -> None:
    """A line without a mark goes on with the explanation, or with the stem."""
    if draft.explanation:
        draft.explanation += f"\n{words}"
    elif not draft.options and not draft.answers:
        draft.stem = f"{draft.stem}\n{words}".strip()


def _read_remark(text: str) -> Mapping[str, object]:
    if len(text) > _LONGEST_REMARK:
        return _NOTHING
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return _NOTHING
    return value if isinstance(value, dict) else _NOTHING


_TRUE = frozenset({"true", "t", "yes", "对", "正确", "√", "是"})
_FALSE = frozenset({"false", "f", "no", "错", "错误", "×", "否"})
_GAP = re.compile(r"_{2,}|[（(][ 　]{1,}[)）]")
_KEY = re.compile(r"^\(?([A-Za-z])\)?(?:[.)、．:：\s].*)?$", re.DOTALL)
_SEVERAL = re.compile(r"^[A-Za-z](?:\s*[,、;和]\s*|\s+and\s+)[A-Za-z]\b|^[A-E]{2,5}$")
_TOLD = ("id", "bloom", "difficulty", "origin", "tags", "model", "seed")


def item_of(draft: Draft) -> Item:
    """Make an item of a question's lines.

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
            raise QuizError(
                "the answer of a true/false question is true or false, not '{answer}'", answer=said[:40]
            )
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
        raise QuizError(
            "no option is marked as right, and the answer '{answer}' names none", answer=said[:40]
        )
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


def write(quiz: Quiz, options: Options) -> Written:
    """The worksheet as Markdown; every item fits."""
    return Written(render(worksheet(quiz, options)).encode("utf-8", errors="replace"))


def read(data: bytes) -> Read:
    """Read a Markdown file.

    Raises:
        QuizError: It is too large, or not text.
    """
    title, drafts = drafts_of(decode(data))
    items, problems = _items(drafts)
    return Read(title, tuple(items), tuple(problems))


def _items(drafts: tuple[Draft, ...]) -> tuple[list[Item], list[Problem]]:
    items: list[Item] = []
    problems: list[Problem] = []
    for draft in drafts:
        try:
            items.append(item_of(draft))
        except QuizError as error:
            where = message("line {line}, question {number}", line=draft.line, number=draft.number)
            problems.append(Problem(where, error.message))
    return items, problems


MARKDOWN = Format("markdown", ".md", write, read)
