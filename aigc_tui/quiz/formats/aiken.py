"""Aiken: the plainest format, one option a line; the reader also takes Chinese marks.

Moodle's reader takes a stem that begins like an option (`J. K. Rowling`) for one, and escapes `<`, `>` and
`&` of options twice; such items are left out and belong into GIFT or Moodle XML.

Source: the rules of Moodle's question/format/aiken (reference quiz.md 2.2).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from aigc_tui.message import Message, message
from aigc_tui.quiz.formats.building import Reading, UnreadableError, decode, human
from aigc_tui.quiz.formats.holding import UnfitError, gather, key_of, truths_in, written
from aigc_tui.quiz.formats.records import Format, Options, Read, Written
from aigc_tui.quiz.records import Item, ItemType, Quiz, letter

CARRIES: frozenset[str] = frozenset()

_MOST_OPTIONS = 26
_FEWEST_BYTES = 2
"""Moodle's reader skips shorter lines."""
_OPTION = re.compile(r"([A-Za-z])[).．、）][ \t]*(.*)")
"""An option as people write it; full-width marks too, which Moodle does not take."""
_ANSWER = re.compile(r"ANSWER\s*[:：]\s*([A-Za-z])?", re.IGNORECASE)
_READ_AS_OPTION = re.compile(r"[A-Za-z][).．、）]|ANSWER\s*[:：]", re.IGNORECASE)
_BOTH = {frozenset(pair): pair[0] for pair in (("true", "false"), ("正确", "错误"), ("对", "错"))}


def write_aiken(quiz: Quiz, options: Options) -> Written:
    """Write those items of a quiz that Aiken can hold; true/false as A and B in the chosen language."""
    truths = truths_in(options.language)
    held, left = gather(quiz, lambda item: _question(item, truths))
    return written(("\n\n".join(form for _, form in held) + "\n").encode(), held, left, CARRIES)


def _question(item: Item, truths: tuple[str, str]) -> str:
    stem = _line(item.stem, message("stem"))
    if _READ_AS_OPTION.match(stem):
        raise UnfitError("Aiken reads a stem that begins like this as an option or an answer")
    if len(stem.encode()) < _FEWEST_BYTES:
        raise UnfitError("Moodle's Aiken reader skips a stem of one letter")
    offered, key = _offered(item, truths)
    if len(offered) > _MOST_OPTIONS:
        raise UnfitError("it has more than {most} options; Aiken has the letters A to Z", most=_MOST_OPTIONS)
    lines = [f"{letter(index)}) {_option(option)}" for index, option in enumerate(offered)]
    return "\n".join([stem, *lines, f"ANSWER: {letter(key)}"])


def _offered(item: Item, truths: tuple[str, str]) -> tuple[tuple[str, ...], int]:
    if item.type is ItemType.MC:
        return item.options, key_of(item)
    if item.type is ItemType.TF:
        return truths, 0 if item.answer else 1
    raise UnfitError("Aiken holds only multiple choice and true/false")


def _line(text: str, part: Message) -> str:
    text = text.strip()
    if "\n" in text:
        raise UnfitError("Aiken holds one line for each {part}", part=part)
    return text


def _option(text: str) -> str:
    """An option; Moodle escapes options twice and stems once, so that only these show HTML codes."""
    if any(char in text for char in "<>&"):
        raise UnfitError("Moodle's Aiken reader shows '<', '>' and '&' as HTML codes; use Moodle XML or GIFT")
    return _line(text, message("option"))


@dataclass
class _Block:
    line: int = 0
    stem: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)


def read_aiken(data: bytes) -> Read:
    """Read an Aiken file; a stem may take several lines, and the marks may be Chinese ones.

    Raises:
        QuizError: It is too large, no text, or holds too many questions.
    """
    reading = Reading()
    for block, answer in _blocks(decode(data)):
        try:
            reading.add(_item(block, answer))
        except UnreadableError as error:
            reading.note(message("line {line}", line=block.line), error.message)
    return Read("", reading.distinct(), tuple(reading.problems))


def _blocks(text: str) -> Iterator[tuple[_Block, str | None]]:
    """Give each question with the letter of its answer; None where the file has none."""
    block = _Block()
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip()
        if not line:
            continue
        if found := _ANSWER.match(line):
            yield block, found[1]
            block = _Block()
            continue
        block.line = block.line or number
        option = _OPTION.match(line)
        if option and block.stem:
            block.letters.append(option[1].upper())
            block.options.append(option[2])
        elif block.options:
            # A plain line behind options begins the next question: this one never said its answer.
            yield block, None
            block = _Block(number, [line])
        else:
            block.stem.append(line)
    if block.stem:
        yield block, None


def _item(block: _Block, answer: str | None) -> Item:
    stem = "\n".join(block.stem)
    if answer is None:
        raise UnreadableError("no line 'ANSWER: A' follows it")
    if block.letters != [letter(index) for index in range(len(block.letters))]:
        raise UnreadableError("the letters of its options are not A, B, C ... in order")
    if answer.upper() not in block.letters:
        raise UnreadableError("its answer {answer} is none of its options", answer=answer.upper())
    key = block.letters.index(answer.upper())
    words = frozenset(option.strip().casefold() for option in block.options)
    if len(block.options) == 2 and words in _BOTH:
        return human(ItemType.TF, stem, block.options[key].strip().casefold() == _BOTH[words])
    return human(ItemType.MC, stem, key, options=block.options)


AIKEN = Format("aiken", ".aiken", write_aiken, read_aiken)
