"""Pull a model from a hub: pinned to a commit, resumable, each file compared with the hub's checksum.

Only what a safetensors model needs is fetched, and a configuration that names code is refused before the
weights come. huggingface_hub gave up resuming in version 2, so files are fetched here. Weights are gigabytes
and connections break: what arrived keeps another name until every byte is accounted for.
"""

from __future__ import annotations

import fnmatch
import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aigc_tui.config import Paths
from aigc_tui.files import sync_folder, write_text
from aigc_tui.inference.source import ModelError, check_config, inspect_source
from aigc_tui.message import AppError
from aigc_tui.text import one_line

if TYPE_CHECKING:
    import httpx2


ATTEMPTS = 5
"""Tries without a single new byte before giving up."""
_PIECE = 2**20
_FIRST_PAUSE = 0.1


class DownloadError(AppError):
    """A file cannot be fetched."""


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file as the hub lists it."""

    name: str
    size: int
    blob: str
    """Its id in git: SHA-1 over a header and the content, for small files."""
    sha256: str
    """The content's SHA-256, for big files; else empty."""


def fetch(address: str, file: HubFile, folder: Path, progress: Callable[[int], None]) -> Path:
    """Bring a file into a folder, unless it is there; ``progress`` is told the bytes of it that are here.

    Raises:
        DownloadError: The server refuses, breaks off again and again, or sends something else.
    """
    target = folder / file.name
    if target.is_file() and target.stat().st_size == file.size:
        progress(file.size)
        return target
    partial = folder / f"{file.name}.part"
    failures = 0
    while (have := _size(partial)) < file.size or not partial.exists():
        try:
            _continue(address, file, partial, progress)
        except DownloadError:
            failures = 0 if _size(partial) > have else failures + 1
            if failures >= ATTEMPTS:
                raise
            time.sleep(_FIRST_PAUSE * 2**failures)
    if not _matches(partial, file):
        partial.unlink()
        raise DownloadError("{name} has a wrong checksum; it was deleted, pull again", name=file.name)
    partial.rename(target)
    return target


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _continue(address: str, file: HubFile, partial: Path, progress: Callable[[int], None]) -> None:
    import httpx2
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

    have = _size(partial)
    headers = {**build_hf_headers(), "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    try:
        # The hub redirects to its storage; the client drops the token when the host changes.
        with httpx2.stream("GET", address, headers=headers, follow_redirects=True, timeout=30.0) as response:
            if response.status_code not in (200, 206):
                raise DownloadError(
                    "the hub answered {code} for {name}", code=response.status_code, name=file.name
                )
            _append(response, file, partial, progress)
    except (httpx2.HTTPError, httpx2.StreamError) as error:
        detail = one_line(str(error), 120) or type(error).__name__
        raise DownloadError(
            "the connection broke off at {name} ({reason}); pull again to go on",
            name=file.name,
            reason=detail,
        ) from error


def _append(response: httpx2.Response, file: HubFile, partial: Path, progress: Callable[[int], None]) -> None:
    # A server that ignores the range sends the whole file again.
    with partial.open("ab" if response.status_code == 206 else "wb") as output:
        # As it arrives: a fixed size would hold back, and lose, what came before a break.
        for piece in response.iter_raw():
            if output.tell() + len(piece) > file.size:
                raise DownloadError("{name} is longer than the hub said", name=file.name)
            output.write(piece)
            progress(output.tell())


def _matches(path: Path, file: HubFile) -> bool:
    if path.stat().st_size != file.size:
        return False
    # SHA-1 is what git has for small files; it guards against accidents, the connection against attackers.
    digest = (
        hashlib.sha256()
        if file.sha256
        else hashlib.sha1(f"blob {file.size}\0".encode(), usedforsecurity=False)
    )
    with path.open("rb") as data:
        while piece := data.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest() == (file.sha256 or file.blob)


RECORD = "pulled.json"
WANTED = (
    "*.safetensors",
    "*.json",
    "*.jinja",
    "merges.txt",
    "vocab.txt",
    "tokenizer.model",
    "LICENSE*",
    "README.md",
)
UNWANTED = ("consolidated*", "adapter_*", "*.onnx.json", "training_args*", RECORD)
_REPO = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,200}", re.ASCII)
_COMMIT = re.compile(r"[0-9a-f]{40}")
_DIGEST = re.compile(r"[0-9a-f]{64}")

Progress = Callable[[int, int, str], None]
"""Is told the bytes done, the bytes in all, and the file."""


class HubError(AppError):
    """A model cannot be pulled; what was fetched so far is kept for the next try."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """A model that is here now."""

    path: Path
    repo: str
    revision: str
    """The commit that the files are of."""


def pull(
    repo: str,
    paths: Paths,
    revision: str = "main",
    progress: Progress = lambda done, total, name: None,
) -> Pulled:
    """Fetch a model into ``models/<owner>--<name>``.

    Args:
        repo: The repository on the hub, ``owner/name``.
        paths: Where models are kept.
        revision: A branch, tag or commit; what it points to now is recorded.
        progress: Told of the bytes.

    Raises:
        HubError: No such repository, no safetensors model in it, no room, no connection, a wrong checksum.
    """
    if not _REPO.fullmatch(repo) or ".." in repo:
        raise HubError("a model on the hub is named owner/name, not {repo!r}", repo=one_line(repo, 120))
    commit, files = _listing(repo, revision)
    target = paths.make(paths.models) / repo.replace("/", "--")
    if _recorded(target) == commit:
        return Pulled(target, repo, commit)
    partial = _partial(target, commit)
    _check_room(files, partial)
    try:
        _fetch_all(repo, commit, files, partial, progress)
        inspect_source(partial)
    except (ModelError, DownloadError, OSError) as error:
        raise HubError("{name}: {reason}", name=repo, reason=error) from error
    _record(partial, repo, commit, files)
    _swap(partial, target)
    return Pulled(target, repo, commit)


def hub_address() -> str:
    """The hub's address: HF_ENDPOINT, or the public one."""
    return os.environ.get("HF_ENDPOINT", "").rstrip("/") or "https://huggingface.co"


def _listing(repo: str, revision: str) -> tuple[str, list[HubFile]]:
    """Ask the hub which files the revision has; the names are a stranger's."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    from huggingface_hub import HfApi

    try:
        info = HfApi(endpoint=hub_address()).model_info(repo, revision=revision, files_metadata=True)
    except Exception as error:  # huggingface_hub and its HTTP library raise many kinds
        reason = one_line(str(error), 300)
        raise HubError(
            "cannot pull {repo} from {hub}: {reason}", repo=repo, hub=hub_address(), reason=reason
        ) from error
    if not isinstance(info.sha, str) or not _COMMIT.fullmatch(info.sha):
        raise HubError(
            "{hub} names no commit for {repo} at {revision}",
            hub=hub_address(),
            repo=repo,
            revision=one_line(revision, 80),
        )
    files = [
        HubFile(item.rfilename, item.size or 0, item.blob_id or "", item.lfs.sha256 if item.lfs else "")
        for item in info.siblings or ()
        if _is_wanted(item.rfilename)
    ]
    names = {file.name for file in files}
    if "config.json" not in names or not any(name.endswith(".safetensors") for name in names):
        raise HubError(
            "{repo} holds no model in safetensors form (config.json and *.safetensors are needed)", repo=repo
        )
    for file in files:
        if not (_DIGEST.fullmatch(file.sha256) or _COMMIT.fullmatch(file.blob)):
            raise HubError("the hub gives no checksum for {name}", name=file.name)
    return info.sha, sorted(files, key=lambda file: (file.name.endswith(".safetensors"), file.name))


def _is_wanted(name: str) -> bool:
    plain = _NAME.fullmatch(name) is not None
    wanted = any(fnmatch.fnmatchcase(name, pattern) for pattern in WANTED)
    return plain and wanted and not any(fnmatch.fnmatchcase(name, pattern) for pattern in UNWANTED)


def _partial(target: Path, commit: str) -> Path:
    """Find the folder where a download goes on, and drop those of other commits."""
    partial = target.with_name(f".{target.name}.{commit[:12]}.partial")
    for old in target.parent.glob(f".{target.name}.*.partial"):
        if old != partial:
            shutil.rmtree(old, ignore_errors=True)
    partial.mkdir(mode=0o700, exist_ok=True)
    return partial


def _check_room(files: Sequence[HubFile], partial: Path) -> None:
    here = sum(path.stat().st_size for path in partial.iterdir())
    needed = sum(file.size for file in files) - here
    free = shutil.disk_usage(partial).free
    if needed > free:
        raise HubError(
            "{needed:,} MB are needed in {path}, and {free:,} MB are free",
            needed=needed // 10**6,
            path=partial.parent,
            free=free // 10**6,
        )


def _fetch_all(repo: str, commit: str, files: Sequence[HubFile], folder: Path, progress: Progress) -> None:
    total = sum(file.size for file in files)
    done = 0
    for file in files:
        before = done
        if file.name.endswith(".safetensors"):
            check_config(folder)
        address = f"{hub_address()}/{repo}/resolve/{commit}/{file.name}"
        fetch(address, file, folder, lambda n, b=before, f=file: progress(b + n, total, f.name))  # type: ignore[misc]
        done += file.size


def _record(folder: Path, repo: str, commit: str, files: Sequence[HubFile]) -> None:
    listed = {file.name: {"size": file.size, "sha256": file.sha256, "git": file.blob} for file in files}
    body = {"hub": hub_address(), "repo": repo, "revision": commit, "files": listed}
    write_text(folder / RECORD, json.dumps(body, indent=1) + "\n")


def _recorded(folder: Path) -> str:
    try:
        body = json.loads((folder / RECORD).read_text("utf-8"))
        return str(body["revision"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _swap(partial: Path, target: Path) -> None:
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    partial.rename(target)
    sync_folder(target.parent)
    shutil.rmtree(old, ignore_errors=True)
