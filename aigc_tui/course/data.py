"""Data for the course (article, section 3.1.1): a text, its characters as numbers, and rows to learn from.

Characters, because then the vocabulary needs no training of its own, and everything fits on a page. What the
product uses instead (byte-level BPE, token files, packing) is in `transformer/tokenizer.py` and
`training/data_loader.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import torch
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset

from aigc_tui.corpora.grammar.dialogues import generate
from aigc_tui.message import AppError
from aigc_tui.text import clean

UNKNOWN = "\N{REPLACEMENT CHARACTER}"
_MOST_CHARACTERS = 20_000_000
_HELD_OUT = 0.1


class CourseError(AppError, ValueError):
    """The course cannot be run as asked; the message says what would be right."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every character of the training text has a number; 0 stands for all others."""

    characters: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Vocabulary:
        return cls((UNKNOWN, *sorted(set(text) - {UNKNOWN})))

    def encode(self, text: str) -> Tensor:
        """Return the numbers of a text (N,)."""
        number = {character: at for at, character in enumerate(self.characters)}
        return torch.tensor([number.get(character, 0) for character in text], dtype=torch.long)

    def decode(self, ids: Tensor) -> str:
        """Return the text of numbers (N,)."""
        return "".join(self.characters[int(at)] for at in ids)

    def __len__(self) -> int:
        return len(self.characters)


def talk(dialogues: int = 700, seed: int = 0, language: str = "en") -> list[str]:
    """Make small talk with the project's own grammar (`corpora/grammar`), as the starter model read it.

    Returns:
        Dialogues, each as lines ``user: ...`` and ``assistant: ...``, no two alike.
    """
    found: dict[str, None] = {}
    for record in islice(generate(language, seed, None), 20 * dialogues):
        spoken = [m for m in record.messages if m.role != "system"]
        found["".join(f"{m.role}: {m.content}\n" for m in spoken) + "\n"] = None
        if len(found) == dialogues:
            break
    return list(found)


def paragraphs(path: Path) -> list[str]:
    """Read any text file of one's own as paragraphs.

    Raises:
        CourseError: It cannot be read, or is too short to learn from.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            text = clean(file.read(_MOST_CHARACTERS))
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError("cannot read {path}: {problem}", path=path, problem=error) from None
    found = [part.strip("\n") + "\n\n" for part in text.split("\n\n") if part.strip()]
    if len(found) < 20:
        raise CourseError(
            "{path} has {count} paragraphs; at least 20 are needed", path=path, count=len(found)
        )
    return found


def split(pieces: list[str]) -> tuple[str, str]:
    """Set the last tenth of the pieces aside; return both parts as one text each."""
    at = len(pieces) - max(1, round(_HELD_OUT * len(pieces)))
    return "".join(pieces[:at]), "".join(pieces[at:])


def rows(ids: Tensor, length: int) -> tuple[Tensor, Tensor]:
    """Cut a text into rows: inputs (N, T) and, one character on, targets (N, T).

    Args:
        ids: The text (M,).
        length: T.

    Raises:
        CourseError: The text does not fill one row.
    """
    count = (len(ids) - 1) // length
    if count < 1:
        raise CourseError(
            "a text of {count} characters does not fill a row of {length}", count=len(ids), length=length
        )
    end = count * length
    return ids[:end].view(count, length), ids[1 : end + 1].view(count, length)


def loader(ids: Tensor, length: int, batch: int, seed: int) -> DataLoader[tuple[Tensor, ...]]:
    """Return the article's ``dataloader``: shuffled batches of inputs and targets, each (B, T)."""
    order = torch.Generator().manual_seed(seed)
    return DataLoader(TensorDataset(*rows(ids, length)), batch_size=batch, shuffle=True, generator=order)


def in_batches(ids: Tensor, length: int, batch: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield inputs and targets in their order, for measuring."""
    inputs, targets = rows(ids, length)
    yield from zip(torch.split(inputs, batch), torch.split(targets, batch), strict=True)
