"""Read the user's texts: lines, a table with labels, or one large text; and set some aside for measuring.

textgenrnn drops the first line of a file unless told otherwise. Here nothing is dropped without a word: a
header line is one only if the user says so. Files are a stranger's and are read under caps. No torch here.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from aigc_tui.message import AppError
from aigc_tui.text import clean, one_line

MOST_BYTES = 500_000_000
MOST_TEXTS = 5_000_000
LONGEST_TEXT = 1_000_000
BLOCK = 2_000
"""Characters of one block of a large text; blocks are what is shuffled and set aside."""


class TextsError(AppError, ValueError):
    """The texts cannot be used; the message names the file and line and what would be right."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One text, and the label that says what kind of text it is ("" for none)."""

    text: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Texts:
    """What a model is trained on.

    Args:
        samples: The texts in their order.
        single: Whether they are blocks of one large text: then none of them is an end.
    """

    samples: tuple[Sample, ...]
    single: bool = False


def from_list(texts: Iterable[str], labels: Iterable[str] | None = None) -> Texts:
    """Take texts from a program's own list.

    Args:
        texts: The texts; empty ones are left out.
        labels: One label a text, or None.

    Raises:
        TextsError: There are not as many labels as texts, or nothing is left.
    """
    given = list(texts)
    named = [""] * len(given) if labels is None else list(labels)
    if len(named) != len(given):
        raise TextsError(
            "there are {count} texts and {labels} labels; each text needs one",
            count=len(given),
            labels=len(named),
        )
    samples = (Sample(clean(t), one_line(n)) for t, n in zip(given, named, strict=True))
    return _some(samples, "the list")


def read_lines(path: Path, header: bool = False) -> Texts:
    """Read one text a line.

    Args:
        path: A text file in UTF-8.
        header: Whether its first line is a header to leave out.

    Raises:
        TextsError: The file cannot be read or holds no text.
    """
    lines = _read(path).split("\n")
    return _some((Sample(line.strip()) for line in lines[header:]), str(path))


def read_table(path: Path, delimiter: str = ",", header: bool = False, context: bool = False) -> Texts:
    """Read the first column of a table (CSV) as texts; with ``context`` the second one as their labels.

    Args:
        path: A CSV file in UTF-8; cells may be quoted and then hold line breaks.
        delimiter: What stands between cells: one character.
        header: Whether its first row is a header to leave out.
        context: Whether the second column holds labels.

    Raises:
        TextsError: It is not such a table; the message names the line.
    """
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise TextsError(
            "the delimiter must be one character such as a comma or a tab, not {delimiter!r}",
            delimiter=delimiter,
        )
    rows = list(_rows(path, delimiter))[header:]
    return _some((_sample(row, context, f"{path} line {number}") for number, row in rows), str(path))


def read_large(path: Path) -> Texts:
    """Read a file as one large text (a book): line breaks belong to it, and nothing in it is an end.

    Raises:
        TextsError: The file cannot be read or holds no text.
    """
    found = _some((Sample(block) for block in _blocks(_read(path))), str(path))
    return Texts(found.samples, single=True)


def split(texts: Texts, train_share: float) -> tuple[Texts, Texts]:
    """Set texts aside for measuring. Which ones depends on the texts alone, so a second run asks the same.

    Equal texts stay on one side: a copy in both would make the measurement a memory test.

    Args:
        texts: All texts.
        train_share: Share to train on, above 0 and up to 1 (1: nothing is set aside).

    Raises:
        TextsError: The share is out of range, or there are too few texts to set any aside.
    """
    if not 0 < train_share <= 1:
        raise TextsError(
            "the share to train on must be above 0 and at most 1, not {train_share}", train_share=train_share
        )
    if train_share == 1:
        return texts, Texts((), texts.single)
    different = sorted({sample.text for sample in texts.samples}, key=_digest)
    aside = max(1, round((1 - train_share) * len(different)))
    if aside >= len(different):
        raise TextsError(
            "{count} different text(s) are too few to set some aside; give more, or train on all "
            "of them (share 1)",
            count=len(different),
        )
    held = set(different[:aside])
    kept = tuple(s for s in texts.samples if s.text not in held)
    return Texts(kept, texts.single), Texts(tuple(s for s in texts.samples if s.text in held), texts.single)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()


def _some(samples: Iterable[Sample], where: str) -> Texts:
    kept: list[Sample] = []
    for sample in samples:
        if not sample.text.strip():
            continue
        if len(sample.text) > LONGEST_TEXT:
            raise TextsError(
                "{where}: a text has {count} characters, more than {longest_text}; read it as one large text",
                where=where,
                count=len(sample.text),
                longest_text=LONGEST_TEXT,
            )
        kept.append(sample)
        if len(kept) > MOST_TEXTS:
            raise TextsError("{where} holds more than {most_texts} texts", where=where, most_texts=MOST_TEXTS)
    if not kept:
        raise TextsError("{where} holds no text", where=where)
    return Texts(tuple(kept))


def _read(path: Path) -> str:
    try:
        if (size := path.stat().st_size) > MOST_BYTES:
            raise TextsError(
                "{path} has {size} bytes; at most {most_bytes} are read",
                path=path,
                size=size,
                most_bytes=MOST_BYTES,
            )
        return clean(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise TextsError("cannot read {path}: {reason}", path=path, reason=error.strerror) from None
    except UnicodeDecodeError as error:
        raise TextsError("{path} is not UTF-8 text (byte {start})", path=path, start=error.start) from None


def _rows(path: Path, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with their line numbers. The csv module's own cap on a cell stops a quote that is never closed."""
    reader = csv.reader(io.StringIO(_read(path)), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            if row:
                yield reader.line_num, row
    except csv.Error as error:
        raise TextsError(
            "{path} line {line_num}: not a table ({problem})",
            path=path,
            line_num=reader.line_num,
            problem=error,
        ) from None


def _sample(row: list[str], context: bool, where: str) -> Sample:
    if not context:
        return Sample(row[0].strip())
    if len(row) < 2 or not row[1].strip():
        raise TextsError("{where}: a row needs a text and a label, as in: some text,label", where=where)
    return Sample(row[0].strip(), one_line(row[1]))


def _blocks(text: str) -> Iterator[str]:
    """Cut at line breaks, so that no word is cut; a line longer than a block is a block."""
    block: list[str] = []
    size = 0
    for line in text.splitlines(keepends=True):
        if size and size + len(line) > BLOCK:
            yield "".join(block)
            block, size = [], 0
        block.append(line)
        size += len(line)
    yield "".join(block)
