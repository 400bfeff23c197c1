"""Message catalogues: every string that a user reads, in English and in Chinese.

The interface's strings are named: ``locale/<language>/<area>.json`` maps ``"name"`` to a text with
``{placeholders}``, or to ``{"one": ..., "other": ...}`` chosen by the value of ``count``; its key is
``"<area>.<name>"``. Errors, reasons and the command line's help are their own keys, in English
(`aigc_tui.message`): ``locale/zh/messages/<package>.json`` maps each to its translation.
A language can be switched while the program runs by loading another `Catalogue`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal, TypeAlias

from aigc_tui.config import Settings
from aigc_tui.message import Translate
from aigc_tui.text import clean

__all__ = ["LANGUAGES", "Catalogue", "Entry", "Language", "Translate", "language_for"]

Language: TypeAlias = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")

Entry: TypeAlias = str | Mapping[str, str]
_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All strings of one language."""

    language: Language
    entries: Mapping[str, Entry]

    @classmethod
    def load(cls, language: Language) -> Catalogue:
        """Read every area of a language.

        Raises:
            OSError, ValueError: The installation is damaged.
        """
        entries: dict[str, Entry] = {}
        for file in sorted((_FOLDER / language).glob("*.json")):
            for name, entry in json.loads(file.read_text(encoding="utf-8")).items():
                entries[f"{file.stem}.{name}"] = entry
        for file in sorted((_FOLDER / language / "messages").glob("*.json")):
            entries |= json.loads(file.read_text(encoding="utf-8"))
        return cls(language, MappingProxyType(entries))

    def text(self, key: str, /, **values: object) -> str:
        """Word a message.

        A key that is missing comes back itself and a placeholder that is missing stays visible, so that a
        mistake here shows on the screen instead of ending the program. Text values are cleaned.

        Args:
            key: ``"<area>.<name>"``, or an English template; literal at the call site.
            **values: The placeholders' values; ``count`` also chooses between one and many.
        """
        entry = self.entries.get(key, key)
        if not isinstance(entry, str):
            entry = entry["one"] if values.get("count") == 1 else entry["other"]
        safe = {name: clean(value) if isinstance(value, str) else value for name, value in values.items()}
        try:
            return entry.format(**safe) if safe else entry
        except (LookupError, ValueError):
            return entry


def language_for(settings: Settings, environ: Mapping[str, str]) -> Language:
    """Choose the language of the interface: the setting, or else what the environment's locale says.

    Args:
        settings: `language` is auto, en or zh.
        environ: LC_ALL, LC_MESSAGES and LANG are looked at, in POSIX's order of precedence.
    """
    if settings.language in LANGUAGES:
        return "zh" if settings.language == "zh" else "en"
    named = (environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    chosen = next((value for value in named if value), "")
    return "zh" if chosen.lower().startswith("zh") else "en"
