"""What all readers have in common: records are found cheaply, and turned into documents one by one.

A killed build goes on at its record: finding records again is cheap, turning them into documents is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from aigc_tui.corpora.document import Caps, Dropped, Item
from aigc_tui.corpora.unpack import Meter, unpack

Raw = TypeVar("Raw")


@dataclass(frozen=True, slots=True)
class Taste:
    """What the user wants of sources that leave a choice.

    Args:
        script: ``simplified`` or ``traditional``, for Chinese Wikipedia.
        min_score: Reddit posts with fewer points are dropped; ``None``: all are taken.
        threads: Reddit comments become dialogues; else each is a text of its own.
    """

    script: str = "simplified"
    min_score: int | None = None
    threads: bool = True


@dataclass(frozen=True, slots=True)
class Source:
    """A file to be read.

    Args:
        path: Where it is.
        caps: What it may cost.
        taste: What to take of it.
        scratch: A folder for what does not fit into memory, kept until the end; ``None``: a temporary one.
        meter: How far the reading is.
        beat: Is called for each record that is left out because it was done before; may raise to stop.
    """

    path: Path
    caps: Caps = field(default_factory=Caps)
    taste: Taste = field(default_factory=Taste)
    scratch: Path | None = None
    meter: Meter = field(default_factory=Meter)
    beat: Callable[[], None] = lambda: None

    def pieces(self) -> Iterator[bytes]:
        return unpack(self.path, self.meter, self.caps)


def convert(
    source: Source, records: Iterator[Raw | Dropped], skip: int, turn: Callable[[Raw], Item | None]
) -> Iterator[Item | None]:
    """Turn records into documents, leaving out the first ``skip``.

    Args:
        source: Where they are from.
        records: Found records; those that are dropped already pass.
        skip: How many were done before.
        turn: Makes a document of one; ``None`` for what is no record at all (an empty line, a file's header).
    """
    for number, record in enumerate(records):
        if number < skip:
            source.beat()
        else:
            yield record if isinstance(record, Dropped) else turn(record)
