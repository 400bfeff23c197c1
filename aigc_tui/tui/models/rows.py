"""Rows and details of the models screen: plain data, and pure functions that word it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from textual.content import Content

from aigc_tui.engine.catalogue import CatalogueModel, load_catalogue, memory_of, size_words
from aigc_tui.engine.models import LOCAL, STARTER, ModelCatalogue, ModelInfo, provenance
from aigc_tui.inference.memory import available_bytes
from aigc_tui.locale import Translate
from aigc_tui.text import one_line, shorten, width
from aigc_tui.tui.chat.choices import parameter_count
from aigc_tui.tui.markdown.document import Line
from aigc_tui.tui.widgets.text import plain

if TYPE_CHECKING:
    from aigc_tui.config import Paths, Settings
    from aigc_tui.store import Store

CELLS = (28, 8, 8, 6, 10, 11)
"""Columns behind the mark: name, size, memory, whether it fits, speed, languages; then the licence."""
SHOWN_LANGUAGES = 2
SHOWN_SOURCE = 72
"""Columns of a source; that of a model in pieces names every piece."""


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model that is here, or can be had, or both."""

    name: str
    """How it is called by `model use`, and its id in the catalogue."""
    info: ModelInfo | None
    """What is installed; None: nothing."""
    entry: CatalogueModel | None
    """What the catalogue says; None: it has no such model."""
    size: int
    """Bytes; 0: on a server."""
    fits: bool | None
    """Whether the free memory is enough; None: nobody knows."""
    languages: tuple[str, ...]
    licence: str
    speed: float = 0.0
    """Tokens a second, as measured in the latest replies; 0: nobody knows."""

    @property
    def is_here(self) -> bool:
        return self.info is not None

    @property
    def can_be_removed(self) -> bool:
        return self.is_here and self.name != STARTER

    @property
    def memory(self) -> int:
        """Bytes of memory that it needs; 0: none of this machine's."""
        return memory_of(self.size) if self.size else 0


def read_rows(paths: Paths, settings: Settings, store: Store | None = None) -> Sequence[ModelRow]:
    """List the installed models, then what can be had beside them. Reads files; call it from a thread.

    Args:
        paths: Where models are kept.
        settings: Models of one's own.
        store: Where replies tell how fast each model writes; None: it is not told.

    Raises:
        ConfigError: The catalogue is wrong.
    """
    known = {one.id: one for one in load_catalogue(paths)}
    free = available_bytes()
    here = ModelCatalogue(paths, settings).list()
    speeds = {} if store is None else store.messages.speeds()
    rows = [_installed(info, known.get(info.name), free, speeds.get(info.name, 0.0)) for info in here]
    names = {info.name for info in here}
    return [*rows, *(_available(one, free) for one in known.values() if one.id not in names)]


def _installed(info: ModelInfo, entry: CatalogueModel | None, free: int | None, speed: float) -> ModelRow:
    noted = provenance(Path(info.path)) if info.kind == LOCAL else {}
    languages = tuple(map(str, noted.get("languages", ()))) or (("en", "zh") if info.name == STARTER else ())
    size = int(noted.get("size", 0)) or info.size_bytes
    fits = None if free is None or not size else memory_of(size) <= free
    return ModelRow(info.name, info, entry, size, fits, languages, str(noted.get("licence", "")), speed)


def _available(one: CatalogueModel, free: int | None) -> ModelRow:
    fits = None if free is None else one.memory <= free
    return ModelRow(one.id, None, one, one.size, fits, one.languages, one.licence)


def head_line(t: Translate) -> Content:
    """The names of the columns."""
    keys = (
        *("models.name", "models.size", "models.memory"),
        *("models.fits", "models.speed", "models.languages"),
    )
    return plain("  " + _columns([t(key) for key in keys], t("models.licence")), "$text-muted")


def row_line(row: ModelRow, t: Translate, *, active: bool, pulling: bool) -> Content:
    """One row: its mark, then the columns.

    Args:
        row: The model.
        t: The catalogue.
        active: Whether it is the model of new chats.
        pulling: Whether it is being downloaded.
    """
    mark, style = _mark(row, active=active, pulling=pulling)
    size, memory = (size_words(number) if number else "–" for number in (row.size, row.memory))
    fits = {True: t("models.yes"), False: t("models.no"), None: "–"}[row.fits]
    languages = " ".join(row.languages[:SHOWN_LANGUAGES])
    if more := len(row.languages) - SHOWN_LANGUAGES:
        languages += f" +{more}" if more > 0 else ""
    speed = f"{row.speed:.1f}/s" if row.speed else "–"
    words = _columns([row.name, size, memory, fits, speed, languages], row.licence)
    shade = (
        "$text-error" if row.info is not None and row.info.problem else "" if row.is_here else "$text-muted"
    )
    return Content.assemble((mark, style), " ", plain(words, shade))


def _mark(row: ModelRow, *, active: bool, pulling: bool) -> tuple[str, str]:
    if pulling:
        return "↓", "$text-accent"
    if active:
        return "●", "$text-success"
    return ("✓", "$text-success") if row.is_here else (" ", "")


def _columns(cells: Sequence[str], last: str) -> str:
    found = []
    for text, room in zip(cells, CELLS, strict=True):
        shown = shorten(one_line(text, 200), room - 1)
        found.append(shown + " " * (room - width(shown)))
    return "".join(found) + one_line(last, 60)


def details(row: ModelRow, t: Translate, language: str, *, active: bool) -> Iterator[Line]:
    """What is known of one model."""
    info, entry = row.info, row.entry
    yield Line(plain(one_line(entry.name if entry is not None else row.name, 120), "bold"))
    if info is not None and info.problem:
        yield Line(plain(t("chat.model_broken", problem=info.problem), "$text-error"))
    yield Line(plain(" · ".join(_facts(row, t, language, active=active))))
    if row.fits is False:
        yield Line(plain(t("models.too_big", memory=size_words(row.memory)), "$text-warning"))
    if row.languages:
        yield Line(plain(t("models.all_languages", languages=" ".join(row.languages)), "$text-muted"))
    if entry is not None:
        if entry.licence_note:
            yield Line(plain(t(entry.licence_note), "$text-warning"))
        sources = "; ".join(shorten(str(source), SHOWN_SOURCE) for source in entry.sources)
        yield Line(plain(t("models.from", sources=sources), "$text-muted"))
    elif info is not None:
        yield Line(plain(info.path, "$text-muted"))


def _facts(row: ModelRow, t: Translate, language: str, *, active: bool) -> Iterator[str]:
    info, entry = row.info, row.entry
    yield t("models.active" if active else "models.installed" if row.is_here else "models.available")
    if info is not None and info.kind != LOCAL:
        yield t("chat.model_remote")
    parameters = info.parameters if info is not None else entry.parameters if entry is not None else 0
    context = info.context if info is not None else entry.context if entry is not None else 0
    if parameters:
        size = parameter_count(parameters, language)
        yield t("chat.model_local", parameters=size, context=f"{context:,}")
    if info is not None and info.quantisation:
        yield info.quantisation
    if row.speed:
        yield t("chat.rate", rate=f"{row.speed:.1f}")
