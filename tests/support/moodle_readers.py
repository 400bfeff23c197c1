"""Moodle's GIFT and Aiken readers, written again from their rules: the other side of our exports.

Why it exists: Moodle itself is too large to run here, and our own readers forgive what Moodle's do not. These
follow the observable rules of question/format/gift and question/format/aiken step by step, share no code with
aigc_tui, and complain where Moodle complains (reference quiz.md 2.1, 2.2).
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

_BLANKS = " \t\n\r\0\x0b"
_PLACED = {
    ":": "&&058;",
    "#": "&&035;",
    "=": "&&061;",
    "{": "&&123;",
    "}": "&&125;",
    "~": "&&126;",
    "n": "&&010",
}
_SHOWN = {code: "\n" if char == "n" else char for char, code in _PLACED.items()}
_WEIGHT = re.compile(r"%-*([0-9]{1,2})\.?([0-9]*)%")
_FORMATS = {"moodle", "html", "plain", "markdown"}


class RefusedError(Exception):
    """Moodle would report an error for this question."""


@dataclass
class Question:
    """What Moodle would make of a question."""

    kind: str
    stem: str
    form: str
    general: str
    answers: list[tuple[str, float, str]] = field(default_factory=list)
    """Text, fraction, feedback."""
    pairs: list[tuple[str, str]] = field(default_factory=list)


def read_gift(text: str) -> list[Question]:
    """Read a GIFT file as Moodle does; raises `RefusedError` at the first question that it refuses."""
    questions, block = [], list[str]()
    for line in [*text.split("\n"), ""]:
        bare = line.strip(_BLANKS)
        # PHP takes the line "0" for an empty one.
        if bare in ("", "0"):
            questions += _gift_block(block)
            block = []
        else:
            block.append(bare)
    return questions


def _gift_block(lines: list[str]) -> list[Question]:
    text = "\n".join(" " if line.startswith("//") else line for line in lines).strip(_BLANKS)
    if not text:
        return []
    text = text.replace("\\\\", "&&092;")
    for char, code in _PLACED.items():
        text = text.replace("\\" + char, code)
    text = text.replace("&&092;", "\\")
    if text.startswith("$CATEGORY:"):
        return [Question("category", text[10:].strip(_BLANKS), "", "")]
    if text.startswith("::") and (end := text.find("::", 2)) >= 0:
        text = text[end + 2 :].strip(_BLANKS)
    return [_gift_question(text)]


def _gift_question(text: str) -> Question:
    start, end = text.find("{"), text.find("}")
    if (start < 0) != (end < 0):
        raise RefusedError("braces")
    if start < 0:
        return Question("description", *_formatted(text, "moodle"), "")
    answers = text[start + 1 : end].strip(_BLANKS)
    gap = "" if text.endswith("}") else "_____"
    stem, form = _formatted(text[:start] + gap + text[end + 1 :], "moodle")
    general = ""
    if (at := answers.rfind("####")) >= 0:
        general, answers = _formatted(answers[at + 4 :], form)[0], answers[:at].strip(_BLANKS)
    question = Question(_kind(answers), stem, form, general)
    if question.kind == "multichoice":
        question.answers = [_answer(part, form) for part in _parts(answers.replace("=", "~="), "~", 2)]
    elif question.kind == "match":
        question.pairs = [_pair(part, form) for part in _parts(answers, "=", 2)]
    elif question.kind == "shortanswer":
        question.answers = [_short(part, form) for part in _parts(answers, "=", 1)]
    elif question.kind == "truefalse":
        question.answers = [("true" if answers[0] == "T" else "false", 1.0, "")]
    return question


def _kind(answers: str) -> str:
    if not answers:
        return "essay"
    if answers[0] == "#":
        return "numerical"
    if "~" in answers:
        return "multichoice"
    if "=" in answers and "->" in answers:
        return "match"
    head = answers.partition("#")[0].strip(_BLANKS)
    return "truefalse" if head in ("T", "TRUE", "F", "FALSE") else "shortanswer"


def _parts(answers: str, mark: str, fewest: int) -> list[str]:
    parts = answers.split(mark)
    # PHP takes "0" for empty here, too.
    if parts[0].strip(_BLANKS) in ("", "0"):
        parts = parts[1:]
    if len(parts) < fewest:
        raise RefusedError(f"fewer than {fewest} answers")
    return [part.strip(_BLANKS) for part in parts]


def _answer(part: str, form: str) -> tuple[str, float, str]:
    if not part:
        raise RefusedError("an empty answer")
    if part[0] == "=":
        return _commented(part[1:], 1.0, form)
    return _weighed(part, 0.0, form)


def _short(part: str, form: str) -> tuple[str, float, str]:
    return _weighed(part, 1.0, form)


def _weighed(part: str, default: float, form: str) -> tuple[str, float, str]:
    if not _WEIGHT.match(part):
        return _commented(part, default, form)
    weight, _, rest = part[1:].partition("%")
    return _commented(rest, float(weight) / 100, form)


def _commented(part: str, weight: float, form: str) -> tuple[str, float, str]:
    text, _, feedback = part.partition("#")
    return _formatted(text, form)[0], weight, _formatted(feedback, form)[0]


def _pair(part: str, form: str) -> tuple[str, str]:
    if "->" not in part:
        raise RefusedError("no ->")
    left, _, right = part.partition("->")
    return _formatted(left, form)[0], _back(right).strip(_BLANKS)


def _formatted(text: str, default: str) -> tuple[str, str]:
    text, form = text.strip(_BLANKS), default
    if text.startswith("["):
        name, _, rest = text[1:].partition("]")
        if name in _FORMATS:
            text, form = rest, name
    return _back(text).strip(_BLANKS), form


def _back(text: str) -> str:
    for code, char in _SHOWN.items():
        text = text.replace(code, char)
    return text


def shown(markup: str) -> str:
    """What a browser shows of escaped HTML with `<br>`."""
    return html.unescape(markup.replace("<br>", "\n"))


@dataclass
class Aiken:
    """What Moodle would make of an Aiken question."""

    stem: str
    options: list[str]
    key: int


def read_aiken(text: str) -> list[Aiken]:
    """Read an Aiken file as Moodle does: a second plain line takes the place of the first."""
    questions, stem, options = [], "", list[str]()
    for raw in text.split("\n"):
        line = raw.strip(_BLANKS)
        if len(line.encode()) < 2:
            continue
        if re.match(r"[A-Z][).]\s?", line):
            # Options are escaped here and again when shown; a stem only here, so that it is shown as it is.
            options.append(html.escape(line[2:].strip(_BLANKS), quote=False))
        elif line.startswith("ANSWER:"):
            letter = line.partition(":")[2].strip(_BLANKS)[:1]
            questions.append(Aiken(stem, options, ord(letter) - ord("A")))
            stem, options = "", []
        else:
            stem = line
    return questions
