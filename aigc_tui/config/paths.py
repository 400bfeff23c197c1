"""Where everything of the user's lives, and where the shipped files are.

One `--home` (or AIGC_TUI_HOME) moves settings, store, models and personas together.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aigc_tui.files import private_folder

HOME_VARIABLE = "AIGC_TUI_HOME"
_PACKAGE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Paths:
    """The user's files and folders. None of them need exist; `make` creates a folder when it is needed."""

    home: Path

    @classmethod
    def find(cls, home: Path | None = None, environ: Mapping[str, str] | None = None) -> Paths:
        """Find the home folder: the argument, else AIGC_TUI_HOME, else where the system keeps user data."""
        named = home or (os.environ if environ is None else environ).get(HOME_VARIABLE) or None
        if named is None:
            # Imported here: a run that names its home need not pay for it.
            from platformdirs import user_data_path

            return cls(user_data_path("aigc-tui", appauthor=False))
        return cls(Path(named).expanduser().absolute())

    @property
    def settings(self) -> Path:
        return self.home / "settings.yaml"

    @property
    def store(self) -> Path:
        return self.home / "aigc-tui.db"

    @property
    def backups(self) -> Path:
        return self.home / "backups"

    @property
    def models(self) -> Path:
        """Model folders that were added or pulled."""
        return self.home / "models"

    @property
    def personas(self) -> Path:
        """The user's persona files; one shadows the shipped one of the same name."""
        return self.home / "personas"

    @property
    def logs(self) -> Path:
        """Log files; they hold no prompt and no reply."""
        return self.home / "logs"

    @property
    def keys(self) -> Path:
        """Key files (0600) of remote engines, one a key, named as the entry's `key_env`."""
        return self.home / "keys"

    @property
    def exports(self) -> Path:
        """Where exports go when no file was named."""
        return self.home / "exports"

    def make(self, folder: Path) -> Path:
        """Create one of these folders (and the home) for its owner only; returns it."""
        private_folder(self.home)
        return private_folder(folder)


def shipped(name: str) -> Path:
    """Find a shipped folder (`personas`, `data`), in the installed wheel or the repository."""
    packed = _PACKAGE / "_shipped" / name
    return packed if packed.is_dir() else _PACKAGE.parent / name
