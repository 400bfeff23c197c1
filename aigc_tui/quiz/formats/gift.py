r"""GIFT, Moodle's text format: read by the rules of Moodle's reader, written for it and for gift-pegjs.

GIFT guesses a question's type from raw characters, so plain text is full of traps: an option that
begins with `%50%` is read as a weight, `->` makes a match question, `[html]` a format, `//` a
comment. Texts are therefore written as escaped HTML, where each of these has a harmless spelling.
Only short answers are plain in Moodle; there `->` has no spelling, and the item is left out. What
our six types cannot stand for (essays, several right options, a tolerance) is a `Problem` with its
line.

Source: the rules of Moodle's question/format/gift and of gift-pegjs 1.0.2, measured (reference
quiz.md 2.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from aigc_tui.message import Message, message
from aigc_tui.quiz.formats.building import (
    TOP_CATEGORY,
    Reading,
    UnreadableError,
    bloom_and_tags,
    category_name,
    decode,
    human,
    match,
    tags_of,
    worded,
)
from aigc_tui.quiz.formats.holding import (
    UnfitError,
    accepted_of,
    gather,
    key_of,
    rights_and_extras,
    written,
)
from aigc_tui.quiz.formats.hypertext import cannot_hold, from_html, has_tags, to_html
from aigc_tui.quiz.formats.records import Format, Options, Read, Written
from aigc_tui.quiz.records import BLANK, Item, ItemType, Quiz, pairs
from aigc_tui.text import one_line

_LONGEST_BLOCK = 200_000
_ESCAPED = re.compile(r"\\([\\#=~{}:n])")
_HELD = re.compile("[\ud800-\udbff]")
"""An escaped character while the markup around it is read: a lone surrogate, which no cleaned text has."""
_FORMAT = re.compile(r"\[(html|plain|markdown|moodle)\]")
_WEIGHT = re.compile(r"%(-?\d{1,3}(?:\.\d*)?)%")
_MARK = re.compile(r"\[(id|tag):((?:\\\]|(?!\[(?:id|tag):)[^\]])+)\]")
_WILDCARD = re.compile(r"(?<!\\)\*")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_TRUTHS = {"T": True, "TRUE": True, "F": False, "FALSE": False}
_FULL = 100.0


@dataclass
class _Block:
    line: int
    lines: list[str] = field(default_factory=list)
    marks: dict[str, list[str]] = field(default_factory=lambda: {"id": [], "tag": []})


def read_gift(data: bytes) -> Read:
    """Read a GIFT file.

    Raises:
        QuizError: It is too large, no text, or holds more questions than a question file does.
    """
    reading, categories = Reading(), list[str]()
    for block in _blocks(decode(data)):
        text = "\n".join(block.lines).strip()
        try:
            if text.startswith("$CATEGORY:"):
                categories.append(category_name(text.partition(":")[2].replace("\\\\", "\\")))
            elif text:
                reading.add(_read_question(text, block, categories, reading))
        except UnreadableError as error:
            reading.note(message("line {line}", line=block.line), error.message)
    return Read(categories[0] if categories else "", reading.distinct(), tuple(reading.problems))


def _blocks(text: str) -> Iterator[_Block]:
    """Split at blank lines, as Moodle does; a category line is a block of its own."""
    block = _Block(1)
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip(" \t")
        category = line.startswith("$CATEGORY:")
        if (not line or category) and (block.lines or any(block.marks.values())):
            yield block
            block = _Block(number)
        if category:
            yield _Block(number, [line])
            block = _Block(number + 1)
        elif line.startswith("//"):
            for kind, value in _MARK.findall(line[:10_000]):
                block.marks[kind].append(value.replace("\\]", "]").strip())
        elif line:
            block.line = block.line if block.lines else number
            block.lines.append(line)
    yield block


def _read_question(text: str, block: _Block, categories: list[str], reading: Reading) -> Item:
    if len(text) > _LONGEST_BLOCK:
        raise UnreadableError("a question of more than {most} characters", most=_LONGEST_BLOCK)
    text = _ESCAPED.sub(lambda found: chr(0xD800 + ord("\n" if found[1] == "n" else found[1])), text)
    if text.startswith("::") and (end := text.find("::", 2)) >= 0:
        text = text[end + 2 :].strip()
    before, brace, rest = text.partition("{")
    answers, closing, after = rest.partition("}")
    if not brace:
        raise UnreadableError("a description: it asks nothing" if "}" not in text else "a brace is missing")
    if not closing:
        raise UnreadableError("the closing brace is missing")
    stem, form = _stem(before, after)
    answers, _, general = (
        answers.strip().rpartition("####") if "####" in answers else (answers.strip(), "", "")
    )
    tags = [*block.marks["tag"], *(categories[-1:] if len(categories) > 1 else [])]
    more: dict[str, Any] = {
        "id": next(iter(block.marks["id"]), ""),
        "explanation": _text(general, form)[0],
        **bloom_and_tags(tags),
    }
    notes: list[Message] = []
    item = _by_type(stem, answers.strip(), form, more, notes)
    for note in notes:
        reading.note(message("line {line}", line=block.line), note)
    return item


def _stem(before: str, after: str) -> tuple[str, str]:
    """The stem and its text format; text behind the braces makes them the gap."""
    stem, form = _text(f"{before}_____{after}" if after.strip() else before, "moodle")
    return stem, form


def _by_type(stem: str, answers: str, form: str, more: dict[str, Any], notes: list[Message]) -> Item:
    """Guess the type in the order in which Moodle guesses it."""
    if not answers:
        raise UnreadableError("an essay question: nothing here can mark it")
    if answers.startswith("#"):
        return worded(stem, _numbers(answers[1:]), **more)
    if "~" in answers:
        return _choice(stem, answers, form, more, notes)
    if "=" in answers and "->" in answers:
        return _pairs(stem, answers, form, more)
    if (truth := answers.partition("#")[0].strip()) in _TRUTHS:
        return human(ItemType.TF, stem, _TRUTHS[truth], **more)
    return worded(stem, _short(answers, form, notes), **more)


def _choice(stem: str, answers: str, form: str, more: dict[str, Any], notes: list[Message]) -> Item:
    options, feedback, weights = [], [], []
    for raw in _parts(answers.replace("=", "~="), "~"):
        right, part = raw.startswith("="), raw.removeprefix("=").strip()
        weight, part = _weight(part, _FULL if right else 0.0)
        option, _, said = part.partition("#")
        options.append(_text(option, form)[0])
        feedback.append(_text(said, form)[0])
        weights.append(weight)
    key = [index for index, weight in enumerate(weights) if weight >= _FULL]
    if len(key) != 1:
        raise UnreadableError("not exactly one of its options is right")
    if any(0 < weight < _FULL for weight in weights):
        notes.append(message("part marks for an option are not kept"))
    return human(
        ItemType.MC, stem, key[0], options=options, feedback=feedback if any(feedback) else (), **more
    )


def _pairs(stem: str, answers: str, form: str, more: dict[str, Any]) -> Item:
    pairs, extras = [], []
    for part in _parts(answers, "="):
        left, arrow, right = part.partition("->")
        if not arrow:
            raise UnreadableError("a matching pair has no '->'")
        told, right = _text(left, form)[0], _restored(right).strip()
        if told:
            pairs.append((told, right))
        else:
            extras.append(right)
    return match(stem, pairs, extras, **more)


def _short(answers: str, form: str, notes: list[Message]) -> list[str]:
    right = []
    for part in _parts(answers, "="):
        weight, text = _weight(part, _FULL)
        # Short answers are compared as plain text whatever their format says: no tags are taken out.
        answer = _restored(_unmarked(text.partition("#")[0])).strip()
        if _WILDCARD.search(answer):
            notes.append(message("an answer with a wildcard (*) is not kept"))
        elif weight >= _FULL:
            right.append(answer.replace("\\*", "*"))
        else:
            notes.append(message("an answer for part marks is not kept"))
    return right


def _numbers(answers: str) -> list[str]:
    """Numbers without a tolerance become accepted answers; a range cannot be one."""
    right = []
    for part in _parts(answers.partition("~")[0], "="):
        weight, text = _weight(part, _FULL)
        number, _, tolerance = _restored(text.partition("#")[0]).strip().partition(":")
        if not _NUMBER.fullmatch(number.strip()) or (tolerance.strip() and float(_number(tolerance)) != 0):
            raise UnreadableError("a numerical question with a range or a tolerance")
        if weight >= _FULL:
            right.append(number.strip())
    return right


def _number(text: str) -> str:
    return text.strip() if _NUMBER.fullmatch(text.strip()) else "1"


def _parts(answers: str, mark: str) -> list[str]:
    parts = [part.strip() for part in answers.split(mark)]
    return parts if parts[0] else parts[1:]


def _weight(part: str, default: float) -> tuple[float, str]:
    found = _WEIGHT.match(part)
    return (float(found[1]), part[found.end() :].strip()) if found else (default, part)


def _text(raw: str, inherited: str) -> tuple[str, str]:
    """Read a text with or without its format; a text without one has the question's."""
    raw = raw.strip()
    found = _FORMAT.match(raw)
    form = found[1] if found else inherited
    text = _restored(raw[found.end() :] if found else raw)
    if form == "html" or (form == "moodle" and has_tags(text)):
        text, lost = from_html(text, lines=form == "moodle")
        if lost:
            raise UnreadableError(cannot_hold(lost))
    return text.strip(), form


def _unmarked(text: str) -> str:
    """Take a text format off the beginning of a text."""
    text = text.strip()
    found = _FORMAT.match(text)
    return text[found.end() :] if found else text


def _restored(text: str) -> str:
    return _HELD.sub(lambda found: chr(ord(found[0]) - 0xD800), text)


CARRIES = frozenset({"explanation", "feedback", "accepted", "tags"})

_RESERVED = str.maketrans({char: "\\" + char for char in "\\#=~{}:"} | {"\n": "\\n"})
_PLACEHOLDER = re.compile(r"&&(?:0(?:58|35|61|10|92)|12[356])")
"""What Moodle's reader puts in for an escaped character while it works; in an answer it would become one."""
_GAP = "_____"
"""Moodle puts the answer's field in place of five underscores or more."""


def write_gift(quiz: Quiz, options: Options) -> Written:
    """Write a quiz as GIFT, every text as `[html]`, in one category named after the quiz."""
    held, left = gather(quiz, _question)
    # Moodle undoes a backslash here, too, but none of the other escapes.
    title = one_line(quiz.title).replace("\\", "\\\\").replace("/", "//")
    blocks = [f"$CATEGORY: {TOP_CATEGORY}{title}"] if title else []
    blocks += [form for _, form in held]
    return written(("\n\n".join(blocks) + "\n").encode(), held, left, CARRIES)


def escape(text: str) -> str:
    r"""Escape what GIFT reserves, as Moodle's own writer does: ``\ # = ~ { } :`` and the newline."""
    return text.translate(_RESERVED)


def _question(item: Item) -> str:
    stem = item.stem.strip()
    if item.type is ItemType.CLOZE:
        stem = stem.replace(BLANK, _GAP)
    # The braces stand on lines of their own only where Moodle and gift-pegjs agree on the white space.
    lines = [f"::{escape(one_line(item.stem, 60))}::[html]{_rich(stem)}{{", *_answers(item)]
    if item.explanation.strip():
        lines.append(f"####{_rich(item.explanation)}")
    return "\n".join([_comment(item), *lines, "}"])


def _comment(item: Item) -> str:
    """The id and the tags, as Moodle and gift-pegjs read them out of a comment."""
    marks = [f"[id:{_marked(item.id)}]", *(f"[tag:{_marked(tag)}]" for tag in tags_of(item))]
    return "// " + " ".join(marks)


def _marked(text: str) -> str:
    return one_line(text).replace("]", "\\]")


def _answers(item: Item) -> list[str]:
    if item.type is ItemType.MC:
        return _choices(item)
    if item.type is ItemType.TF:
        return ["TRUE" if item.answer else "FALSE"]
    if item.type in (ItemType.CLOZE, ItemType.SHORT):
        return [f"={_plain(each)}" for each in accepted_of(item)]
    if item.type is ItemType.MATCH:
        rights, extras = rights_and_extras(item)
        lefts = [_rich(left) for left, _ in pairs(item)] + [""] * len(extras)
        return [f"={left} -> {_side(right)}" for left, right in zip(lefts, rights + extras, strict=True)]
    raise UnfitError("GIFT has no ordering questions")


def _choices(item: Item) -> list[str]:
    key = key_of(item)
    feedback = item.feedback or ("",) * len(item.options)
    lines = []
    for index, (option, said) in enumerate(zip(item.options, feedback, strict=True)):
        line = ("=" if index == key else "~") + _rich(option)
        lines.append(f"{line}#{_rich(said)}" if said.strip() else line)
    return lines


def _rich(text: str) -> str:
    """A text that Moodle takes as HTML: a leading `[` or `%` must not look like a format or a weight."""
    markup = to_html(text.strip())
    if markup[:1] in ("[", "%"):
        markup = f"&#{ord(markup[0])};{markup[1:]}"
    return escape(markup)


def _plain(answer: str) -> str:
    r"""A short answer, compared as plain text; ``*`` is Moodle's wildcard and ``\*`` the star itself."""
    if "->" in answer:
        raise UnfitError("GIFT reads '->' in a short answer as a matching pair")
    prefix = "[plain]" if answer[:1] in ("[", "%") else ""
    return prefix + escape(_side_checked(answer).replace("*", "\\*"))


def _side(text: str) -> str:
    """A right side of a pair: plain text, too."""
    return escape(_side_checked(text.strip()))


def _side_checked(text: str) -> str:
    if _PLACEHOLDER.search(text):
        raise UnfitError("Moodle's GIFT reader would change an answer with '&&0..' in it")
    return text


GIFT = Format("gift", ".gift", write_gift, read_gift)
