"""Import ChatGPT's data export: a zip whose conversations.json holds each conversation as a tree (`mapping`).

Hidden, system and tool nodes are passed over; their children hang on the nearest kept message above. The zip
is untrusted: 49 KB can expand to 50 MB or more and its directory may lie, so members are capped in number,
bytes and ratio, and never extracted to disk (engine-safety E4).
"""

from __future__ import annotations

import lzma
import re
import zipfile
import zlib
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from aigc_tui.message import Message, message
from aigc_tui.store.records import Status
from aigc_tui.store.transfer.draft import (
    LARGEST_MESSAGE,
    Draft,
    DraftMessage,
    Found,
    Node,
    Place,
    Skipped,
    UnreadableFileError,
    as_messages,
    content_of,
    in_order,
    parse_json,
    place_of,
    text_of,
    time_of,
    too_long,
)
from aigc_tui.text import one_line

MEMBERS = 50_000
LARGEST_MEMBER = 256 << 20
LARGEST_TOTAL = 1 << 30
LARGEST_RATIO = 100
_FREE = 1 << 20
_CHUNK = 1 << 20
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    OSError,
    EOFError,
    RuntimeError,
    ValueError,
)


def members_of(archive: zipfile.ZipFile, where: str) -> list[zipfile.ZipInfo]:
    """List the members; UnreadableFileError: there are too many."""
    members = archive.infolist()
    if len(members) > MEMBERS:
        raise UnreadableFileError(
            "{path}: more than {limit} files in the archive", path=where, limit=f"{MEMBERS:,}"
        )
    return members


def read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, size: int, where: str) -> bytes:
    """Unpack one member into memory, counting what really comes out.

    Args:
        archive: the open zip.
        member: one of `members_of`.
        size: the size of the zip in bytes, which bounds what its directory may claim.
        where: the name of the zip, for messages.

    Raises:
        UnreadableFileError: damaged, encrypted, too large, or packed more tightly than text ever is.
    """
    place = f"{where}: {one_line(member.filename, 80)}"
    limit = min(LARGEST_MEMBER, _FREE + min(member.compress_size, size) * LARGEST_RATIO)
    data = bytearray()
    try:
        with archive.open(member) as file:
            while len(data) <= limit and (chunk := file.read(_CHUNK)):
                data += chunk
    except _DAMAGE as error:
        raise UnreadableFileError(
            "{place}: cannot be unpacked: {problem}", place=place, problem=one_line(str(error))
        ) from error
    if len(data) > limit:
        raise UnreadableFileError(
            "{place}: unpacks to more than {limit} MB; not read", place=place, limit=limit >> 20
        )
    return bytes(data)


def open_archive(path: Path) -> zipfile.ZipFile:
    """Open a zip; UnreadableFileError: it is damaged or not readable."""
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UnreadableFileError(
            "{path}: not a readable zip: {problem}", path=one_line(path.name), problem=one_line(str(error))
        ) from error


_MEMBER = re.compile(r"(?:\w[\w .()-]*/)?conversations(?:-\d{1,4})?\.json")
_TALK = ("text", "multimodal_text", "code")


def read_zip(path: Path) -> Found:
    """Read the export's zip; UnreadableFileError: it is no such zip, or breaks a cap."""
    where = one_line(path.name)
    with closing(open_archive(path)) as archive:
        members = [each for each in members_of(archive, where) if _MEMBER.fullmatch(each.filename)]
        if not members:
            raise UnreadableFileError(
                "{path}: no conversations.json inside; is this a ChatGPT export?", path=where
            )
        size, total = path.stat().st_size, 0
        for member in sorted(members, key=lambda each: each.filename):
            data = read_member(archive, member, size, where)
            total += len(data)
            if total > LARGEST_TOTAL:
                raise UnreadableFileError(
                    "{place}: unpacks to more than {limit} MB; not read",
                    place=where,
                    limit=LARGEST_TOTAL >> 20,
                )
            place = f"{where}: {one_line(member.filename, 80)}"
            yield from read_list(parse_json(data, place), place)


def read_list(value: object, where: Place) -> Found:
    """Read the parsed conversations.json."""
    if not isinstance(value, list):
        raise UnreadableFileError("{place}: must hold a list of conversations", place=where)
    for number, item in enumerate(value, start=1):
        yield from read_mapping(item, message("{file}: conversation {number}", file=where, number=number))


def read_mapping(value: object, where: Place) -> Found:
    """Read one conversation."""
    mapping = value.get("mapping") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(mapping, dict):
        yield Skipped(message("{place}: no `mapping` of messages", place=where))
        return
    kept: dict[str, DraftMessage] = {}
    for name, node in mapping.items():
        talk, problem = _read_node(node)
        if problem:
            yield Skipped(
                message(
                    "{place}: message {name}: {problem}",
                    place=where,
                    name=one_line(name, 60),
                    problem=problem,
                )
            )
        if talk is not None and name:
            kept[name] = talk
    nodes = in_order(_nodes(mapping, kept))
    if len(nodes) < len(kept):
        yield Skipped(
            message(
                "{place}: {count} messages whose parents form a circle",
                place=where,
                count=len(kept) - len(nodes),
            )
        )
    if not nodes:
        yield Skipped(
            message(
                "{place}: '{title}' holds no messages",
                place=where,
                title=one_line(text_of(value, "title"), 60),
            )
        )
        return
    shown = _nearest(mapping, kept, text_of(value, "current_node"))
    yield Draft(
        title=text_of(value, "title"),
        messages=as_messages(nodes),
        head=place_of(nodes, shown),
        created=time_of(value, "create_time"),
        updated=time_of(value, "update_time"),
    )


def _nodes(mapping: Mapping[str, object], kept: Mapping[str, DraftMessage]) -> list[Node]:
    places = _reading_order(mapping)
    return [
        Node(
            name, _nearest(mapping, kept, _parent(mapping.get(name))), places.get(name, len(places)), message
        )
        for name, message in kept.items()
    ]


def _reading_order(mapping: Mapping[str, object]) -> dict[str, int]:
    """Places of the nodes when the tree is read branch by branch, children as each node lists them."""
    places: dict[str, int] = {}
    stack = [name for name, node in mapping.items() if not _parent(node)][::-1]
    while stack:
        name = stack.pop()
        if name not in places:
            places[name] = len(places)
            stack += reversed(_children(mapping.get(name)))
    return places


def _children(node: object) -> list[str]:
    listed = node.get("children") if isinstance(node, dict) else None
    return [child for child in listed if isinstance(child, str)] if isinstance(listed, list) else []


def _nearest(mapping: Mapping[str, object], kept: Mapping[str, DraftMessage], name: str) -> str:
    """The first kept node from `name` upwards, or empty."""
    passed: set[str] = set()
    while name and name not in kept and name not in passed:
        passed.add(name)
        name = _parent(mapping.get(name))
    return name if name in kept else ""


def _parent(node: object) -> str:
    return text_of(node, "parent") if isinstance(node, dict) else ""


def _read_node(node: object) -> tuple[DraftMessage | None, Message | None]:
    """Read a node: its message if it is talk, and why not if someone should know."""
    message = node.get("message") if isinstance(node, dict) else None
    if not isinstance(message, dict):
        return None, None
    author = message.get("author")
    role = text_of(author, "role") if isinstance(author, dict) else ""
    if role not in ("user", "assistant") or _is_hidden(message):
        return None, None
    text = _text(message.get("content"))
    if len(text) > LARGEST_MESSAGE:
        return None, too_long()
    if not text.strip():
        return None, None
    return _message(message, role, text), None


def _message(message: Mapping[str, object], role: str, text: str) -> DraftMessage:
    metadata = message.get("metadata")
    model = text_of(metadata, "model_slug") if isinstance(metadata, dict) else ""
    broken_off = text_of(message, "status") == "in_progress"
    return DraftMessage(
        parent=None,
        role=role,
        content=text,
        author="ChatGPT" if role == "assistant" else "",
        status=Status.INTERRUPTED if broken_off else Status.COMPLETE,
        created=time_of(message, "create_time"),
        model=one_line(model) or "ChatGPT" if role == "assistant" else "",
    )


def _is_hidden(message: Mapping[str, object]) -> bool:
    metadata = message.get("metadata")
    hidden = isinstance(metadata, dict) and metadata.get("is_visually_hidden_from_conversation") is True
    to_a_tool = text_of(message, "recipient") not in ("", "all")
    return hidden or to_a_tool or message.get("weight") == 0


def _text(content: object) -> str:
    if not isinstance(content, dict) or text_of(content, "content_type") not in _TALK:
        return ""
    return content_of(content.get("parts")) or text_of(content, "text")
