"""CSV: one question a row, for spreadsheets and scripts; every field of an item is there.

Why it exists: a teacher sorts and edits questions in a spreadsheet. A spreadsheet runs a cell that begins
with `=`, `+`, `-` or `@`, so such a cell gets an apostrophe before it, the spreadsheets' own mark for "this
is text", which `read_csv` takes off again. A cell that already looks so marked gets one more, hence the
marking is exact both ways. Spaces before the sign count as well, and so do the full-width signs, which
Excel in Chinese and Japanese takes for the plain ones.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence

from aigc_tui.quiz.formats.csv_reading import COLUMNS, read_csv
from aigc_tui.quiz.formats.holding import (
    EVERY_PART,
    UnfitError,
    gather,
    key_of,
    words_of,
    written,
)
from aigc_tui.quiz.formats.records import Format, Options, Written
from aigc_tui.quiz.formats.spreadsheet import marked
from aigc_tui.quiz.parts import letter, pairs, steps
from aigc_tui.quiz.records import Item, ItemType, Quiz

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
        raise UnfitError(f"it has more than {_MOST_OPTIONS} options; the columns are A to Z")
    source = item.source
    where = [source.section, source.quote, str(source.start), str(source.end)] if source else [""] * 4
    return [
        item.id,
        item.type.value,
        item.stem,
        _correct(item),
        _list(item.accepted),
        item.explanation,
        _list(item.feedback),
        *where,
        item.bloom.value,
        f"{item.difficulty:g}",
        item.origin.value,
        _list(item.tags),
    ]


def _correct(item: Item) -> str:
    """The right answer: an option's letter, true or false, the words, or a JSON list."""
    if item.type is ItemType.MC:
        return letter(key_of(item))
    if item.type is ItemType.TF:
        return "true" if item.answer else "false"
    if item.type in (ItemType.CLOZE, ItemType.SHORT):
        return words_of(item)
    return _list(pairs(item) if item.type is ItemType.MATCH else steps(item))


def _list(parts: Sequence[str] | Sequence[tuple[str, str]]) -> str:
    return json.dumps(parts, ensure_ascii=False) if parts else ""


CSV = Format("csv", ".csv", write_csv, read_csv)
