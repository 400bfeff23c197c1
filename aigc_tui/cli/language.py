"""The language of a run, and click's own words in it.

Help and errors may be printed before any option is parsed, so the language is looked up beforehand: what
--language says anywhere on the command line, else the setting, else the environment.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import cached_property
from gettext import gettext
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aigc_tui.locale import Language

LANGUAGES = ("en", "zh")
_NOUNS = frozenset({"name", "number_type", "param_type"})
"""Placeholders of click's templates whose values are English words: file, integer, argument ..."""
_LATER = frozenset({"file", "directory", "path", "Show this message and exit.", "Show the version and exit."})
"""What click words when a command is defined; it is translated when it is shown."""


def _last(arguments: Sequence[str], option: str) -> str | None:
    said = None
    for place, argument in enumerate(arguments):
        if argument == "--":
            break
        if argument == option and place + 1 < len(arguments):
            said = arguments[place + 1]
        elif argument.startswith(option + "="):
            said = argument.partition("=")[2]
    return said


class Speech:
    """Words in the language of one run; the catalogue is read when it is first needed."""

    def __init__(self, arguments: Sequence[str] = ()) -> None:
        self._home, self._said = _last(arguments, "--home"), _last(arguments, "--language")

    @cached_property
    def language(self) -> Language:
        if self._said in LANGUAGES:
            return "zh" if self._said == "zh" else "en"
        from aigc_tui.config import Paths, load_or_default
        from aigc_tui.locale import language_for

        home = Path(self._home) if self._home else None
        return language_for(load_or_default(Paths.find(home))[0], os.environ)

    @cached_property
    def _text(self) -> Any:
        from aigc_tui.locale import Catalogue

        return Catalogue.load(self.language).text

    def text(self, template: str, /, **values: object) -> str:
        """Word a template; see `aigc_tui.locale.Catalogue.text`."""
        # Help in English is its own text: no catalogue has to be read for it.
        return template if not values and self.language == "en" else str(self._text(template, **values))


_speech = Speech()


def start(arguments: Sequence[str]) -> None:
    """Find the language of a run from its command line."""
    global _speech
    _speech = Speech(arguments)


def t(template: str, /, **values: object) -> str:
    """Word a template in the language of this run."""
    return _speech.text(template, **values)


def in_english() -> bool:
    """Whether this run speaks English."""
    return _speech.language == "en"


class _Template(str):
    """A template of click's; the English nouns among its values are translated as it is filled."""

    __slots__ = ()

    def format(self, *args: object, **values: object) -> str:
        worded = {
            name: t(value.lower()) if name in _NOUNS and isinstance(value, str) else value
            for name, value in values.items()
        }
        return super().format(*args, **worded)


def _gettext(template: str) -> str:
    return template if template in _LATER or in_english() else _Template(t(template))


def _ngettext(one: str, other: str, count: int) -> str:
    return (one if count == 1 else other) if in_english() else _Template(t(other))


def teach_click() -> None:
    """Let click word its help and errors by our catalogues.

    Click asks the standard library's gettext, which reads compiled files and the environment only. Its
    modules hold the two functions by name, so both are replaced there; tests/cli/test_language.py compares
    the templates in click's source with the catalogue.
    """
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "click":
            if getattr(module, "_", None) is gettext:
                module._ = _gettext  # type: ignore[attr-defined]
            if hasattr(module, "ngettext"):
                module.ngettext = _ngettext  # type: ignore[attr-defined]
