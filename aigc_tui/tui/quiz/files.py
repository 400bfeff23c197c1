"""Folders and file names for the dialogs: listing, completing, and paths dropped on the terminal.

Pure functions over the file system, called in a thread. A file dropped on a terminal arrives as pasted
text, quoted in one of several ways.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

LESSON_SUFFIXES = frozenset(
    (".md", ".markdown", ".mkd", ".txt", ".text", ".html", ".htm", ".xhtml", ".pdf", ".docx", ".epub")
) | {".wiki", ".mediawiki", ".wikitext"}
QUESTION_SUFFIXES = frozenset((".gift", ".csv", ".tsv", ".json", ".xml", ".apkg", ".colpkg"))
MOST_ENTRIES = 500
"""A folder shows at most so many of its files; typing finds the others."""
_HEAD = 64 << 10


@dataclass(frozen=True, slots=True)
class FileRow:
    """A folder or file that can be chosen."""

    name: str
    path: str
    is_folder: bool
    size: int = 0


def begun_anew(typed: str) -> str:
    """What a path typed behind another means: `/home/me//tmp/x` is `/tmp/x`, `/home/me/~/x` is `~/x`."""
    if typed.startswith("file:"):
        return typed
    _, slash, rest = typed.rpartition("//")
    path = f"/{rest}" if slash else typed
    _, home, rest = path.rpartition("/~/")
    return f"~/{rest}" if home else path


def split(typed: str) -> tuple[Path, str]:
    """The folder that a typed path lies in, and the beginning of a name in it."""
    folder, _slash, name = os.path.expanduser(typed).rpartition("/")
    return Path(folder + "/" if typed.startswith(("/", "~")) else folder or "."), name


def listing(typed: str) -> list[FileRow]:
    """The folders and the files that can be read which a typed path may go on to.

    Folders come first; hidden ones only once the dot is typed.

    Args:
        typed: An absolute path, or one from `~`; what follows the last slash is the beginning of a name.
    """
    folder, begun = split(typed)
    rows = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if (row := _row(entry, begun.casefold())) is not None:
                    rows.append(row)
    except OSError:
        return []
    rows.sort(key=lambda row: (not row.is_folder, row.name.casefold()))
    return rows[:MOST_ENTRIES]


def _row(entry: os.DirEntry[str], begun: str) -> FileRow | None:
    name = entry.name
    if not name.casefold().startswith(begun) or (name.startswith(".") and not begun):
        return None
    try:
        if entry.is_dir():
            return FileRow(name, entry.path, True)
        readable = Path(name).suffix.lower() in LESSON_SUFFIXES | QUESTION_SUFFIXES
        return FileRow(name, entry.path, False, entry.stat().st_size) if readable else None
    except OSError:
        return None


def completed(typed: str, rows: list[FileRow]) -> str:
    """What tab makes of a typed path: as much as all the rows have in common."""
    if not rows:
        return typed
    _folder, begun = split(typed)
    common = rows[0].name
    for row in rows[1:]:
        common = _common_beginning(common, row.name)
    if len(common) < len(begun):
        return typed
    whole = typed[: len(typed) - len(begun)] + common
    return whole + "/" if len(rows) == 1 and rows[0].is_folder else whole


def _common_beginning(first: str, second: str) -> str:
    count = 0
    while count < min(len(first), len(second)) and first[count] == second[count]:
        count += 1
    return first[:count]


def dropped_path(pasted: str) -> Path | None:
    """The path that a terminal pasted when a file was dropped on it; None: it is other text.

    Terminals send it bare, in quotes, with backslashes before blanks, or as a `file://` address.
    """
    text = pasted.strip()
    if "\n" in text:
        text = text.partition("\n")[0].strip()
    if len(text) > 2 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1].replace("'\\''", "'")
    elif text.startswith("file://"):
        text = unquote(urlsplit(text).path)
    elif text.startswith(("/", "~/")) and not os.path.exists(os.path.expanduser(text)):
        text = _unescaped(text)
    if not text.startswith(("/", "~/")):
        return None
    return Path(os.path.expanduser(text))


def _unescaped(text: str) -> str:
    out, escaped = [], False
    for char in text:
        if char == "\\" and not escaped:
            escaped = True
            continue
        out.append(char)
        escaped = False
    return "".join(out)


def holds_questions(path: Path) -> bool:
    """Whether a file looks like questions rather than a lesson: by its suffix, a `.txt` by its beginning."""
    suffix = path.suffix.lower()
    if suffix in QUESTION_SUFFIXES:
        return True
    if suffix not in (".txt", ".text"):
        return False
    from aigc_tui.quiz.formats.registry import sniff

    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return False
    return sniff(head, suffix) in ("aiken", "gift")
