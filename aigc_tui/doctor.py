"""Every check of the installation in one list: settings, store, models, personas, packages, machine.

Nothing here loads a model or imports torch, and a broken part does not keep the others from being checked.
"""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from aigc_tui.config import ConfigError, Paths, Settings, load_or_default, shipped
from aigc_tui.engine.models import LOCAL, STARTER, ModelCatalogue, ModelInfo, converses
from aigc_tui.inference.memory import available_bytes
from aigc_tui.inference.source import ModelError
from aigc_tui.locale import language_for
from aigc_tui.message import Message, joined, message
from aigc_tui.personas import PersonaLibrary
from aigc_tui.store import Store, StoreError
from aigc_tui.store.checks import Check, check_store, repair

MEGABYTE = 2**20
LEAST_DISK = 200 * MEGABYTE
"""Below this, a long chat, its backup and a log may no longer fit."""
LEAST_MEMORY = 500 * MEGABYTE
"""What the engine process takes with the starter model (torch alone is half of it)."""
PACKAGES = ("textual", "torch", "transformers", "tokenizers", "safetensors", "sqlite-utils")


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, and what was mended before looking."""

    checks: tuple[Check, ...]
    mended: tuple[Message, ...] = ()

    @property
    def ok(self) -> bool:
        return all(check.ok for check in self.checks)


def examine(paths: Paths, *, repair_store: bool = False) -> Report:
    """Run every check, with `repair_store` after mending what can be mended in the store."""
    settings, problem = load_or_default(paths)
    mended, store_checks = _store(paths, repair_store)
    checks = (
        Check("settings", problem is None, _settings(paths, settings, problem)),
        *store_checks,
        *_models(paths, settings),
        _personas(paths, settings),
        *_packages(),
        _disk(paths),
        _memory(),
    )
    return Report(checks, mended)


def _settings(paths: Paths, settings: Settings, problem: ConfigError | None) -> Message:
    if problem is not None:
        return problem.message
    return joined(settings.warnings) if settings.warnings else message("{path}", path=paths.settings)


def _store(paths: Paths, repair_store: bool) -> tuple[tuple[Message, ...], list[Check]]:
    """What was mended, and the store's own checks. No store is well: the first conversation makes one."""
    if not paths.home.is_dir() and (paths.home.exists() or paths.home.is_symlink()):
        return (), [Check("store-open", False, message("{parent} is not a folder", parent=paths.home))]
    if not paths.store.exists():
        return (), [Check("store-open", True, message("none yet at {path}", path=paths.store))]
    try:
        with Store.open(paths.store, backups=paths.backups) as store:
            mended = repair(store) if repair_store else []
            return tuple(mended), check_store(store)
    except StoreError as error:
        return (), [Check("store-open", False, error.message)]


def _models(paths: Paths, settings: Settings) -> Iterator[Check]:
    """The starter and the chosen model must work; of the others a broken one is told too."""
    catalogue = ModelCatalogue(paths, settings)
    infos = catalogue.list()
    for info in infos:
        yield _model(info)
    yield _chosen(catalogue, catalogue.default(language_for(settings, os.environ)))


def _chosen(catalogue: ModelCatalogue, name: str) -> Check:
    try:
        info = catalogue.info(name)
        mute = info.kind == LOCAL and not converses(Path(info.path))
    except ModelError as error:
        return Check("model", False, message("the model of the settings: {problem}", problem=error))
    if mute:
        detail = message(
            "the model of the settings: {path} has no chat template, so it cannot chat", path=info.path
        )
    else:
        detail = message("the model of the settings: {name}, {path}", name=info.name, path=info.path)
    return Check("model", not mute, detail)


def _model(info: ModelInfo) -> Check:
    detail = message(
        "{architecture}, {count} parameters, {path}",
        architecture=info.architecture,
        count=f"{info.parameters:,}",
        path=info.path,
    )
    if info.problem:
        detail = message("{problem}", problem=info.problem)
    missing = None if info.problem or info.name != STARTER else _missing_from_starter()
    return Check(f"model {info.name}", not info.problem and missing is None, missing or detail)


def _missing_from_starter() -> Message | None:
    folder = shipped("data") / "models" / STARTER
    needed = ("config.json", "tokenizer.json", "tokenizer_config.json", "README.md", "NOTICE")
    missing = [name for name in needed if not (folder / name).is_file()]
    if not missing:
        return None
    return message("{path} lacks {files}; reinstall aigc-tui", path=folder, files=tuple(missing))


def _personas(paths: Paths, settings: Settings) -> Check:
    library = PersonaLibrary(paths)
    problems = [problem.message for problem in library.problems()]
    if settings.persona not in library.ids():
        problems.append(message("persona: '{name}' of the settings does not exist", name=settings.persona))
    detail = joined(problems) if problems else message("{names}", names=tuple(library.ids()))
    return Check("personas", not problems, detail)


def _packages() -> Iterator[Check]:
    """Versions come from the packages' records: importing torch to ask it would take seconds."""
    yield Check(
        "python",
        True,
        message("{version}, {system}", version=platform.python_version(), system=platform.platform()),
    )
    for name in PACKAGES:
        try:
            yield Check(name, True, message("{version}", version=metadata.version(name)))
        except metadata.PackageNotFoundError:
            yield Check(
                name, False, message("not installed; run `make run`, or `pip install aigc-tui` again")
            )


def _disk(paths: Paths) -> Check:
    folder = next(each for each in (paths.home, *paths.home.parents) if each.is_dir())
    free = shutil.disk_usage(folder).free
    return Check(
        "disk",
        free >= LEAST_DISK,
        message("{free} MB free at {path}", free=f"{free // MEGABYTE:,}", path=folder),
    )


def _memory() -> Check:
    free = available_bytes()
    if free is None:
        return Check("memory", True, message("this system does not say how much is free"))
    return Check("memory", free >= LEAST_MEMORY, message("{free} MB available", free=f"{free // MEGABYTE:,}"))
