"""Find personas: the shipped ones, and the user's, which shadow shipped ones of the same name.

Nothing is parsed before it is asked for, an edited file is read again, a broken one does not hide the others.
"""

from __future__ import annotations

from pathlib import Path

from aigc_tui.config import Paths, shipped
from aigc_tui.message import reason_of
from aigc_tui.persona_format.schema import Persona, PersonaError
from aigc_tui.text import one_line

SHIPPED = ("assistant", "tutor", "shopkeeper", "listener", "editor", "narrator", "interviewer", "npc")
"""The shipped personas in the order of the picker."""


class PersonaLibrary:
    """All personas that can be talked to.

    Args:
        paths: `paths.personas` holds the user's files.
    """

    def __init__(self, paths: Paths) -> None:
        self._folders = (shipped("personas"), paths.personas)
        self._read: dict[tuple[Path, int, int], Persona] = {}

    def ids(self) -> tuple[str, ...]:
        """List the ids without parsing a file: shipped ones in their order, then the user's by name."""
        order = {name: place for place, name in enumerate(SHIPPED)}
        return tuple(sorted(self._files(), key=lambda name: (order.get(name, len(order)), name)))

    def all(self) -> tuple[Persona, ...]:
        """Read every persona whose file is right; `problems` tells of the others."""
        return self._sorted_out()[0]

    def problems(self) -> tuple[PersonaError, ...]:
        """What is wrong with the files that `all` leaves out."""
        return self._sorted_out()[1]

    def get(self, persona_id: str) -> Persona:
        """Read one persona; PersonaError: there is none of that id, or its file is wrong."""
        path = self._files().get(persona_id)
        if path is None:
            known = tuple(self.ids())
            raise PersonaError(
                "no persona is named '{name}'; known: {known}", name=one_line(persona_id, 60), known=known
            )
        return self._load(path)

    def _files(self) -> dict[str, Path]:
        """Map ids to files; later folders shadow earlier ones. Only regular files: a pipe would hang."""
        found: dict[str, Path] = {}
        for folder in self._folders:
            found.update({one_line(path.stem, 100): path for path in folder.glob("*.yaml") if path.is_file()})
        return found

    def _load(self, path: Path) -> Persona:
        # PyYAML is imported here, with the first persona that is really needed.
        from aigc_tui.persona_format.parse import load_persona

        try:
            state = path.stat()
        except OSError as error:
            raise PersonaError(
                "{path}: cannot be read: {reason}", path=one_line(path.name), reason=reason_of(error)
            ) from error
        key = (path, state.st_mtime_ns, state.st_size)
        if key not in self._read:
            self._read[key] = load_persona(path)
        return self._read[key]

    def _sorted_out(self) -> tuple[tuple[Persona, ...], tuple[PersonaError, ...]]:
        right: list[Persona] = []
        wrong: list[PersonaError] = []
        for persona_id in self.ids():
            try:
                right.append(self.get(persona_id))
            except PersonaError as error:
                wrong.append(error)
        return tuple(right), tuple(wrong)
