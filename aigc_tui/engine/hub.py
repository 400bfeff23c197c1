"""Pull a model from a hub: pinned to a commit, resumable, each file compared with the hub's checksum.

Of a safetensors model only what it needs is fetched, and a configuration that names code is refused before
the weights come. A GGUF file is found here and brought by `install`.
"""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from aigc_tui.config import Paths
from aigc_tui.engine.models import RECORD
from aigc_tui.engine.transfer import (
    Address,
    DownloadError,
    RemoteFile,
    Stop,
    StoppedError,
    fetch,
    lock_of,
    only_one,
    require_room,
    size_of,
    work_folder,
)
from aigc_tui.files import sync_folder, write_text
from aigc_tui.inference.source import ModelError, check_config, inspect_source
from aigc_tui.text import one_line

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
_PIECE_OF_MANY = re.compile(r"-\d{5}-of-\d{5}\.gguf$")
_USUAL_KIND = re.compile(r"[-._]q4_k_m\.gguf$", re.IGNORECASE)
"""What most people run: four bits a weight, the sensitive tensors in six."""

Progress = Callable[[int, int, str], None]
"""Is told the bytes done, the bytes in all, and the file."""


class HubError(DownloadError):
    """A model cannot be pulled; what was fetched so far is kept for the next try."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """A model that is here now."""

    path: Path
    repo: str
    revision: str
    """The commit that the files are of."""
    fresh: bool
    """False: it was here already."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a repository holds at a commit."""

    repo: str
    commit: str
    files: tuple[RemoteFile, ...]

    @property
    def ggufs(self) -> tuple[RemoteFile, ...]:
        """Its GGUF files, of which one alone is a model."""
        return tuple(f for f in self.files if f.name.endswith(".gguf") and not _PIECE_OF_MANY.search(f.name))

    @property
    def is_folder(self) -> bool:
        """Whether it holds a model in safetensors form."""
        names = {file.name for file in self.files}
        return "config.json" in names and any(name.endswith(".safetensors") for name in names)


def pull(
    repo: str,
    paths: Paths,
    revision: str = "main",
    progress: Progress = lambda done, total, name: None,
    stop: Stop | None = None,
    trial: Callable[[Path], None] = lambda folder: None,
) -> Pulled:
    """Fetch a safetensors model into ``models/<owner>--<name>``.

    Args:
        repo: The repository on the hub, ``owner/name``.
        paths: Where models are kept.
        revision: A branch, tag or commit; what it points to now is recorded.
        progress: Told of the bytes.
        stop: Ends it.
        trial: Sees whether the model works; it raises ModelError otherwise.

    Raises:
        HubError: No such repository, no safetensors model in it, no room, no connection, a wrong checksum.
        StoppedError: It was stopped.
    """
    stop = stop or Stop()
    found = listing(repo, revision)
    files = _model_files(found)
    target = paths.make(paths.models) / repo.replace("/", "--")
    try:
        with only_one(lock_of(target), repo):
            if _recorded(target) == found.commit:
                return Pulled(target, repo, found.commit, fresh=False)
            partial = work_folder(target, found.commit[:12])
            require_room(partial, sum(file.size for file in files) - sum(map(size_of, partial.iterdir())))
            _fetch_all(repo, found.commit, files, partial, progress, stop)
            inspect_source(partial)
            trial(partial)
            _record(partial, repo, found.commit, files)
            _swap(partial, target)
    except StoppedError:
        raise
    except (ModelError, DownloadError, OSError) as error:
        raise HubError("{name}: {reason}", name=repo, reason=error) from error
    return Pulled(target, repo, found.commit, fresh=True)


def hub_address() -> str:
    """The hub's address: HF_ENDPOINT, or the public one."""
    return os.environ.get("HF_ENDPOINT", "").rstrip("/") or "https://huggingface.co"


def listing(repo: str, revision: str = "main") -> Listing:
    """Ask the hub which files a repository has at a revision; the names are a stranger's.

    Raises:
        HubError: The name is none, the hub is away, or it knows no such repository.
    """
    if not _REPO.fullmatch(repo) or ".." in repo:
        raise HubError("a model on the hub is named owner/name, not {repo!r}", repo=one_line(repo, 120))
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
    files = (
        RemoteFile(item.rfilename, item.size or 0, item.blob_id or "", item.lfs.sha256 if item.lfs else "")
        for item in info.siblings or ()
        if _NAME.fullmatch(item.rfilename)
    )
    return Listing(repo, info.sha, tuple(files))


def gguf_of(found: Listing, name: str = "") -> RemoteFile:
    """Choose a GGUF file of a repository.

    Args:
        found: What it holds.
        name: The file; empty: its one of kind Q4_K_M.

    Raises:
        HubError: There is no such file, or none is the obvious one; the message lists them.
    """
    chosen = [f for f in found.ggufs if (f.name == name if name else _USUAL_KIND.search(f.name))]
    if len(chosen) == 1:
        if not _DIGEST.fullmatch(chosen[0].sha256):
            raise HubError("the hub gives no checksum for {name}", name=chosen[0].name)
        return chosen[0]
    names = tuple(one_line(file.name, 80) for file in found.ggufs[:8]) or "-"
    if name:
        raise HubError(
            "{repo} has no whole GGUF file {name!r}; it has: {names}",
            repo=found.repo,
            name=one_line(name, 120),
            names=names,
        )
    raise HubError("name a file of {repo} as REPO:FILE; it has: {names}", repo=found.repo, names=names)


def address_of(repo: str, commit: str, name: str) -> Address:
    """Where the hub has a file, and the user's token for it, if there is one."""
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

    return Address(f"{hub_address()}/{repo}/resolve/{commit}/{name}", build_hf_headers())


def _model_files(found: Listing) -> list[RemoteFile]:
    """Choose what a safetensors model needs, the weights last."""
    files = [file for file in found.files if _is_wanted(file.name)]
    if not found.is_folder:
        raise HubError(
            "{repo} holds no model in safetensors form (config.json and *.safetensors are needed)",
            repo=found.repo,
        )
    for file in files:
        if not (_DIGEST.fullmatch(file.sha256) or _COMMIT.fullmatch(file.blob)):
            raise HubError("the hub gives no checksum for {name}", name=file.name)
    return sorted(files, key=lambda file: (file.name.endswith(".safetensors"), file.name))


def _is_wanted(name: str) -> bool:
    wanted = any(fnmatch.fnmatchcase(name, pattern) for pattern in WANTED)
    return wanted and not any(fnmatch.fnmatchcase(name, pattern) for pattern in UNWANTED)


def _fetch_all(
    repo: str, commit: str, files: Sequence[RemoteFile], folder: Path, progress: Progress, stop: Stop
) -> None:
    total = sum(file.size for file in files)
    done = 0
    for file in files:
        before = done
        if file.name.endswith(".safetensors"):
            check_config(folder)
        address = address_of(repo, commit, file.name)
        fetch(address, file, folder, lambda n, b=before, f=file: progress(b + n, total, f.name), stop)  # type: ignore[misc]
        done += file.size


def _record(folder: Path, repo: str, commit: str, files: Sequence[RemoteFile]) -> None:
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
