"""The lines of a question file in Markdown, gathered question by question.

Why it exists: what belongs to which question is decided by lines (a number, a letter, a label), and only then
asked what it means (`markdown_item.py`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from aigc_tui.documents.write.markdown import unescape

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
    """Sort the lines of a file.

    Args:
        text: A clean text.

    Returns:
        The file's title, and its questions in order.
    """
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
        """Put one line where it belongs."""
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
