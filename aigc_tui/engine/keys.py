"""Find the key of a server: in the environment, else in a file that only its owner can read.

A key must never be in the settings, the store, a log or a message (engine-safety E8).
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from aigc_tui.config import Paths
from aigc_tui.message import AppError

MAX_KEY = 8192
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,100}")


class ServerKeyError(AppError):
    """A key is missing or not kept safely. The message never holds the key."""


def find_key(name: str, paths: Paths, environ: Mapping[str, str] | None = None) -> str:
    """Read the key that a model entry names.

    Args:
        name: The environment variable, which is also the name of the file under `keys/`; empty: no key.
        paths: Where the key files are.
        environ: The environment; default: this process's.

    Returns:
        The key, or an empty text when none is asked for.

    Raises:
        ServerKeyError: It is nowhere, or its file can be read by others.
    """
    if not name:
        return ""
    if not _NAME.fullmatch(name):
        raise ServerKeyError(
            "key_env must be the name of an environment variable, not {name!r}", name=name[:40]
        )
    value = (os.environ if environ is None else environ).get(name) or _from_file(name, paths)
    if not value.isascii() or not value.isprintable():
        raise ServerKeyError("the key {name} holds characters that no key has", name=name)
    return value


def _from_file(name: str, paths: Paths) -> str:
    path = paths.keys / name
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        raise ServerKeyError(
            "there is no key: set {name} in the environment, or write it to {path}", name=name, path=path
        ) from None
    with os.fdopen(descriptor, "rb") as file:
        mode = os.fstat(descriptor).st_mode
        if os.name == "posix" and mode & 0o077:
            raise ServerKeyError("{path} can be read by others; run: chmod 600 {path}", path=path)
        value = file.read(MAX_KEY).decode("utf-8", errors="replace").strip()
    if not value:
        raise ServerKeyError("{path} is empty; write the key to it", path=path)
    return value
