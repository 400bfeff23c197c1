"""CSV: one question a row; every field of an item is there. Also the two tables that teachers make by hand.

A spreadsheet runs a cell that begins with `=`, `+`, `-` or `@` (CSV injection, CWE-1236), so such a
cell gets an apostrophe before it, the spreadsheets' own mark for "this is text"; a cell that
already looks so marked gets one more, hence the marking is exact both ways. Spaces before the sign
count as well, and so do the full-width signs, which Excel in Chinese and Japanese takes for the
plain ones. `question,answer` and `question,A,B,C,D,correct` are what a spreadsheet of questions
looks like when nobody planned for a program to read it. The header decides; without one, the number
of columns does.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any

from aigc_tui.message import message
from aigc_tui.quiz.formats.building import (
    LONGEST_TEXT,
    Reading,
    UnreadableError,
    decode,
    human,
    match,
    order,
    worded,
)
from aigc_tui.quiz.formats.holding import (
    EVERY_PART,
    UnfitError,
    gather,
    key_of,
    words_of,
    written,
)
from aigc_tui.quiz.formats.records import Format, Options, Read, Written
from aigc_tui.quiz.records import (
    LETTERS,
    Bloom,
    Item,
    ItemType,
    Origin,
    Quiz,
    QuizError,
    Source,
    letter,
    pairs,
    steps,
)

_RUNS = re.compile(r"'*\s*[=+\-@＝＋－＠|]")
"""What a spreadsheet may run, apostrophes before it included: those must survive a round trip, too."""


def marked(cell: str) -> str:
    """Mark a cell that a spreadsheet would run as text; `unmarked(marked(cell)) == cell` for every text."""
    return "'" + cell if _RUNS.match(cell) else cell


def unmarked(cell: str) -> str:
    """Take the mark off again."""
    return cell[1:] if cell.startswith("'") and _RUNS.match(cell) else cell


COLUMNS = (
    *("id", "type", "question", "correct", "accepted", "explanation", "feedback"),
    *("section", "quote", "start", "end", "bloom", "difficulty", "origin", "tags"),
)
"""The columns of our own file; those of the options, A and on, stand before `correct`."""

_NAMES = {
    "题目": "question",
    "问题": "question",
    "题干": "question",
    "stem": "question",
    "term": "question",
    "front": "question",
    "答案": "answer",
    "definition": "answer",
    "back": "answer",
    "正确答案": "correct",
    "correct answer": "correct",
    "answer key": "correct",
    "解析": "explanation",
}
_TRUTHS = dict.fromkeys(("true", "t", "对", "正确"), True) | dict.fromkeys(
    ("false", "f", "错", "错误"), False
)
_MOST_COLUMNS = 60


def read_csv(data: bytes) -> Read:
    """Read a CSV file: comma, semicolon or tab between cells.

    Raises:
        QuizError: It is too large, no text, or no table of questions.
    """
    reading = Reading()
    rows = _rows(decode(data), reading)
    first = next(rows, None)
    if first is None:
        raise QuizError("the file is empty")
    header = _header(first[1])
    if header is None:
        header = _guessed(len(first[1]))
        rows = chain([first], rows)
    read = _reader(header)
    for line, cells in rows:
        row = {name: unmarked(cell).strip() for name, cell in zip(header, cells, strict=False) if name}
        try:
            reading.add(read(row))
        except UnreadableError as error:
            reading.note(message("row {row}", row=line), error.message)
    return Read("", reading.distinct(), tuple(reading.problems))


def _rows(text: str, reading: Reading) -> Iterator[tuple[int, list[str]]]:
    """Give the rows that are not empty, each with its line."""
    line = text.partition("\n")[0]
    delimiter = max(",;\t", key=line.count)
    # `decode` dropped every carriage return, and kept the newlines inside quoted cells.
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    while True:
        start = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            reading.note(message("row {row}", row=start), message("not a table row: {reason}", reason=error))
            continue
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield start, cells[:_MOST_COLUMNS]


def _header(cells: Sequence[str]) -> list[str] | None:
    """The columns' names if the row is a header: it names the question and its answer."""
    names = [cell.strip().strip("'").casefold() for cell in cells]
    names = [_NAMES.get(name, name) for name in names]
    names = [name.upper() if len(name) == 1 else name for name in names]
    if "question" not in names or not {"answer", "correct"} & set(names):
        return None
    return names


def _guessed(columns: int) -> list[str]:
    if columns == 2:
        return ["question", "answer"]
    if columns >= 4:
        return ["question", *(letter(index) for index in range(columns - 2)), "correct"]
    raise QuizError('no table of questions: the first row must name "question" and "answer" or "correct"')


def _reader(header: list[str]) -> Callable[[dict[str, str]], Item]:
    return _ours if "type" in header and "correct" in header else _plain


def _plain(row: dict[str, str]) -> Item:
    """A row of a hand-made table: multiple choice where it has options, else a question and its answer."""
    more = {"explanation": row.get("explanation", "")}
    correct = row.get("correct") or row.get("answer", "")
    options = _options(row)
    if len(options) >= 2:
        return human(ItemType.MC, row.get("question", ""), _key(correct, options), options=options, **more)
    if len(correct) > 1 and correct.casefold() in _TRUTHS:
        return human(ItemType.TF, row.get("question", ""), _TRUTHS[correct.casefold()], **more)
    return worded(row.get("question", ""), [correct] if correct else [], **more)


def _ours(row: dict[str, str]) -> Item:
    kind = _kind(row.get("type", ""))
    stem, correct, options = row.get("question", ""), row.get("correct", ""), _options(row)
    more = _more(row)
    if kind is ItemType.MC:
        return human(kind, stem, _key(correct, options), options=options, **more)
    if kind is ItemType.TF:
        if correct.casefold() not in _TRUTHS:
            raise UnreadableError("correct must be true or false")
        return human(kind, stem, _TRUTHS[correct.casefold()], **more)
    if kind is ItemType.MATCH:
        pairs = _pairs(correct)
        if not options:
            return match(stem, pairs, **more)
        return human(kind, stem, tuple(pairs), options=options, **more)
    if kind is ItemType.ORDER:
        steps = _list(correct, "correct")
        if not options:
            return order(stem, steps, **more)
        return human(kind, stem, tuple(steps), options=options, **more)
    return human(kind, stem, correct, **more)


def _more(row: dict[str, str]) -> dict[str, Any]:
    return {
        "id": row.get("id", ""),
        "explanation": row.get("explanation", ""),
        "accepted": _list(row.get("accepted", ""), "accepted"),
        "feedback": _list(row.get("feedback", ""), "feedback"),
        "tags": _list(row.get("tags", ""), "tags"),
        "source": _source(row),
        "bloom": _member(Bloom, row.get("bloom", ""), Bloom.REMEMBER),
        "origin": _member(Origin, row.get("origin", ""), Origin.HUMAN),
        "difficulty": _difficulty(row.get("difficulty", "")),
    }


def _options(row: dict[str, str]) -> list[str]:
    cells = [row.get(name, "") for name in LETTERS]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _key(correct: str, options: Sequence[str]) -> int:
    """The key by letter, by number from 1, or by its words."""
    if len(correct) == 1 and 0 <= (index := ord(correct.upper()) - ord("A")) < len(options):
        return index
    if options.count(correct) == 1:
        return options.index(correct)
    if correct.isascii() and correct.isdigit() and len(correct) < 3 and 0 < int(correct) <= len(options):
        return int(correct) - 1
    raise UnreadableError("correct is neither an option's letter nor its number nor its words")


def _kind(value: str) -> ItemType:
    try:
        return ItemType(value.strip().casefold())
    except ValueError:
        raise UnreadableError("type must be one of {types}", types=tuple(ItemType)) from None


def _member(kind: Any, value: str, default: Any) -> Any:
    return next((member for member in kind if member.value == value.casefold()), default)


def _difficulty(value: str) -> float:
    try:
        number = float(value or 0.5)
    except ValueError:
        return 0.5
    return number if 0 <= number <= 1 else 0.5


def _source(row: dict[str, str]) -> Source | None:
    if not row.get("quote"):
        return None
    return Source(
        row.get("section", ""), _offset(row.get("start", "")), _offset(row.get("end", "")), row["quote"]
    )


def _offset(cell: str) -> int:
    return int(cell) if cell.isascii() and cell.isdigit() and len(cell) < 12 else 0


def _json(cell: str, name: str) -> list[Any]:
    if not cell:
        return []
    try:
        value = json.loads(cell[: 10 * LONGEST_TEXT])
    except (ValueError, RecursionError):
        raise UnreadableError("{name} must be a JSON list", name=name) from None
    if not isinstance(value, list):
        raise UnreadableError("{name} must be a JSON list", name=name)
    return value


def _list(cell: str, name: str) -> list[str]:
    value = _json(cell, name)
    if not all(isinstance(part, str) for part in value):
        raise UnreadableError("{name} must be a JSON list of texts", name=name)
    return value


def _pairs(cell: str) -> list[tuple[str, str]]:
    value = _json(cell, "correct")
    for part in value:
        if not (isinstance(part, list) and len(part) == 2 and all(isinstance(side, str) for side in part)):
            raise UnreadableError("correct must be a JSON list of [left, right] pairs")
    return [(part[0], part[1]) for part in value]


_MOST_OPTIONS = 26
_FEWEST_COLUMNS = 4


def write_csv(quiz: Quiz, options: Options) -> Written:
    """Write a quiz as CSV: UTF-8 with its mark (Excel needs it for Chinese), commas, every cell quoted."""
    held, left = gather(quiz, _cells)
    width = max([_FEWEST_COLUMNS, *(len(item.options) for item, _ in held)])
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    letters = [letter(index) for index in range(width)]
    writer.writerow([*COLUMNS[:3], *letters, *COLUMNS[3:]])
    for item, cells in held:
        offered = [*item.options, *[""] * (width - len(item.options))]
        writer.writerow([marked(cell) for cell in (*cells[:3], *offered, *cells[3:])])
    return written(out.getvalue().encode("utf-8-sig"), held, left, EVERY_PART)


def _cells(item: Item) -> list[str]:
    """The cells of one row in the order of `COLUMNS`."""
    if len(item.options) > _MOST_OPTIONS:
        raise UnfitError("it has more than {most} options; the columns are A to Z", most=_MOST_OPTIONS)
    source = item.source
    where = [source.section, source.quote, str(source.start), str(source.end)] if source else [""] * 4
    return [
        item.id,
        item.type.value,
        item.stem,
        _correct(item),
        _csv_list(item.accepted),
        item.explanation,
        _csv_list(item.feedback),
        *where,
        item.bloom.value,
        f"{item.difficulty:g}",
        item.origin.value,
        _csv_list(item.tags),
    ]


def _correct(item: Item) -> str:
    """The right answer: an option's letter, true or false, the words, or a JSON list."""
    if item.type is ItemType.MC:
        return letter(key_of(item))
    if item.type is ItemType.TF:
        return "true" if item.answer else "false"
    if item.type in (ItemType.CLOZE, ItemType.SHORT):
        return words_of(item)
    return _csv_list(pairs(item) if item.type is ItemType.MATCH else steps(item))


def _csv_list(parts: Sequence[str] | Sequence[tuple[str, str]]) -> str:
    return json.dumps(parts, ensure_ascii=False) if parts else ""


CSV = Format("csv", ".csv", write_csv, read_csv)
