"""Anki's own collection, as the program keeps it: the real importer on the other side of our exports."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any

from anki.collection import (
    Collection,
    CsvMetadata,
    DeckIdLimit,
    ExportAnkiPackageOptions,
    ImportAnkiPackageOptions,
    ImportAnkiPackageRequest,
    ImportCsvRequest,
)
from anki.scheduler.v3 import CardAnswer


class AnkiDesk:
    """A fresh collection in a folder."""

    def __init__(self, folder: Path) -> None:
        """Open it; a file of an earlier desk in the same folder goes on."""
        self._folder = folder
        self._number = 0
        self.collection = Collection(str(folder / "collection.anki2"))

    def __enter__(self) -> AnkiDesk:
        """Give the desk."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        """Close the collection."""
        self.collection.close()

    def take(self, package: bytes) -> dict[str, int]:
        """Import a package as a double click does; count the new, updated, duplicate, conflicting notes."""
        path = self._file(package, ".apkg")
        options = ImportAnkiPackageOptions(merge_notetypes=False)
        request = ImportAnkiPackageRequest(package_path=str(path), options=options)
        log = self.collection.import_anki_package(request).log
        return {name: len(getattr(log, name)) for name in ("new", "updated", "duplicate", "conflicting")}

    def take_text(self, text: bytes) -> dict[str, int]:
        """Import a text file with the settings that its header asks for."""
        path = self._file(text, ".txt")
        metadata: CsvMetadata = self.collection.get_csv_metadata(str(path), None)
        log = self.collection.import_csv(ImportCsvRequest(path=str(path), metadata=metadata)).log
        return {name: len(getattr(log, name)) for name in ("new", "updated", "duplicate", "conflicting")}

    def fields(self, guid: str) -> list[str]:
        """The fields of a note as Anki keeps them."""
        return list(self.note(guid).fields)

    def note(self, guid: str) -> Any:
        """A note by its GUID."""
        database: Any = self.collection.db
        return self.collection.get_note(database.scalar("select id from notes where guid = ?", guid))

    def review(self, guid: str) -> tuple[int, int, int]:
        """Answer a note's card once with "easy"; its id, its count of reviews and its interval in days."""
        card = self.note(guid).cards()[0]
        card.start_timer()
        states = self.collection._backend.get_scheduling_states(card.id)
        scheduler: Any = self.collection.sched
        scheduler.answer_card(scheduler.build_answer(card=card, states=states, rating=CardAnswer.EASY))
        card.load()
        return card.id, card.reps, card.ivl

    def sound(self) -> bool:
        """Whether Anki's own check finds nothing wrong."""
        return bool(self.collection.fix_integrity()[1])

    def package(self, deck: str, *, legacy: bool) -> bytes:
        """Export a deck from Anki: in its newest form, or for older versions."""
        path = self._folder / f"out-{legacy}.apkg"
        number = self.collection.decks.id_for_name(deck)
        assert number is not None
        options = ExportAnkiPackageOptions(legacy=legacy)
        self.collection.export_anki_package(out_path=str(path), options=options, limit=DeckIdLimit(number))
        return path.read_bytes()

    def _file(self, data: bytes, suffix: str) -> Path:
        self._number += 1
        path = self._folder / f"in-{self._number}{suffix}"
        path.write_bytes(data)
        return path
