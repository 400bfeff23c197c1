"""The open store, engine, personas and models that panes work with.

None of these is imported before the first frame: `open_services` runs in a thread.
"""

from __future__ import annotations

import contextlib
import re
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aigc_tui.text import one_line

if TYPE_CHECKING:
    from aigc_tui.chat import ChatService
    from aigc_tui.config import Paths, Settings
    from aigc_tui.engine.models import ModelCatalogue
    from aigc_tui.engine.protocol import Engine
    from aigc_tui.personas import PersonaLibrary
    from aigc_tui.quiz.service import QuizService
    from aigc_tui.store import Store


STEM_LIMIT = 40
_NOT_IN_NAMES = re.compile(r"[^\w\-]+")


@dataclass(frozen=True, slots=True)
class Services:
    """The program's working parts, opened once."""

    paths: Paths
    store: Store
    engine: Engine
    personas: PersonaLibrary
    models: ModelCatalogue
    chat: ChatService
    quiz: QuizService
    recovered: int
    """How many replies a killed process had left unfinished; they offer Continue."""


def open_services(paths: Paths, settings: Settings, language: str, engine: Engine | None = None) -> Services:
    """Open the store and make the rest. May take seconds: call it from a thread.

    Args:
        paths: Where everything lives.
        settings: The user's settings.
        language: The interface's language.
        engine: Another engine than the configured one; tests pass theirs.

    Raises:
        StoreError: The store cannot be opened; the message says why and what to do.
    """
    from aigc_tui.chat import ChatService
    from aigc_tui.engine.client import EngineSwitch
    from aigc_tui.engine.models import ModelCatalogue
    from aigc_tui.personas import PersonaLibrary
    from aigc_tui.quiz.service import QuizService
    from aigc_tui.store import Store

    store = Store.open(paths.store, backups=paths.backups)
    recovered = store.recover()
    models = ModelCatalogue(paths, settings)
    personas = PersonaLibrary(paths)
    engine = engine or EngineSwitch(paths, settings)
    chat = ChatService(store, engine, personas, models, settings, language)
    quiz = QuizService(store, engine, chat.sampling)
    # A daemon, since leaving must not wait for the copy; a copy cut short never takes a whole one's place.
    threading.Thread(target=_back_up, args=(paths,), daemon=True).start()
    return Services(paths, store, engine, personas, models, chat, quiz, recovered)


def _back_up(paths: Paths) -> None:
    """Make the day's copy of the store; a full disk is the doctor's to report, not a reason to stop."""
    from aigc_tui.store import StoreError
    from aigc_tui.store.backup import backup_daily

    with contextlib.suppress(StoreError, OSError):
        backup_daily(paths.store, paths.backups)


def free_name(folder: Path, title: str, form: str) -> Path:
    """A name made from a title that no file in the folder has yet."""
    stem = _NOT_IN_NAMES.sub("-", one_line(title, STEM_LIMIT).rstrip("…")).strip("-") or "chat"
    path, number = folder / f"{stem}.{form}", 2
    while path.exists():
        path, number = folder / f"{stem}-{number}.{form}", number + 1
    return path
