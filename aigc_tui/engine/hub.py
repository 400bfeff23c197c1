"""Pull a model from a hub when asked by name: pinned, resumable, checked byte by byte.

Why it exists: people want a bigger model than the starter with one command. Only what a safetensors model
needs is fetched, at one resolved commit; a broken download goes on where it stopped (huggingface_hub's own
gave that up in version 2); each file's checksum is compared with the hub's; and a configuration that names
code is refused before the gigabytes come. Nothing here runs unless `model pull` is called.
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
from aigc_tui.engine.download import DownloadError, HubFile, fetch
from aigc_tui.files import sync_folder, write_text
from aigc_tui.inference.source import ModelError, check_config, inspect_source
from aigc_tui.text import one_line

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


class HubError(Exception):
    """A model cannot be pulled. The message is one line; what was fetched so far is kept for the next try."""


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
        raise HubError(f"a model on the hub is named owner/name, not {one_line(repo, 120)!r}")
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
        raise HubError(one_line(f"{repo}: {error}", 500)) from error
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
        raise HubError(f"cannot pull {repo} from {hub_address()}: {one_line(str(error), 300)}") from error
    if not isinstance(info.sha, str) or not _COMMIT.fullmatch(info.sha):
        raise HubError(f"{hub_address()} names no commit for {repo} at {one_line(revision, 80)}")
    files = [
        HubFile(item.rfilename, item.size or 0, item.blob_id or "", item.lfs.sha256 if item.lfs else "")
        for item in info.siblings or ()
        if _is_wanted(item.rfilename)
    ]
    names = {file.name for file in files}
    if "config.json" not in names or not any(name.endswith(".safetensors") for name in names):
        raise HubError(
            f"{repo} holds no model in safetensors form (config.json and *.safetensors are needed)"
        )
    for file in files:
        if not (_DIGEST.fullmatch(file.sha256) or _COMMIT.fullmatch(file.blob)):
            raise HubError(f"the hub gives no checksum for {file.name}")
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
            f"{needed // 10**6:,} MB are needed in {partial.parent}, and {free // 10**6:,} MB are free"
        )


def _fetch_all(repo: str, commit: str, files: Sequence[HubFile], folder: Path, progress: Progress) -> None:
    """Fetch the small files, look at the configuration, then fetch the weights."""
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
    """Let the new folder appear in the old one's place."""
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    partial.rename(target)
    sync_folder(target.parent)
    shutil.rmtree(old, ignore_errors=True)
