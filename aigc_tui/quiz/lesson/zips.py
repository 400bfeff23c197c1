"""Members of a zip, unpacked under caps: a bomb is refused before it fills the memory."""

from __future__ import annotations

import io
import zipfile

from aigc_tui.quiz.lesson.records import LessonError
from aigc_tui.text import one_line

_MOST_MEMBERS = 5000
_LARGEST_MEMBER = 32 << 20
_MOST_BYTES = 128 << 20
_MOST_RATIO = 200
_BLOCK = 1 << 16


class Archive:
    """A zip of a stranger's.

    Args:
        data: The file.

    Raises:
        LessonError: It is broken or has too many members.
    """

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise LessonError(f"a broken zip ({one_line(str(error))})") from None
        self._members = {member.filename: member for member in self._zip.infolist()}
        if len(self._zip.infolist()) > _MOST_MEMBERS:
            raise LessonError(f"a zip of more than {_MOST_MEMBERS} members")
        self._room = _MOST_BYTES

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def read(self, name: str) -> bytes:
        """Unpack a member.

        Raises:
            LessonError: It is missing, broken, locked, or a bomb.
        """
        member = self._members.get(name)
        if member is None:
            raise LessonError(f"{one_line(name, 80)} is missing in the zip")
        parts, size = list[bytes](), 0
        try:
            with self._zip.open(member) as file:
                while block := file.read(_BLOCK):
                    size += len(block)
                    # The sizes in a zip's directory are its maker's word; what comes out is counted.
                    grown = size > (1 << 20) and size > _MOST_RATIO * max(1, member.compress_size)
                    if grown or size > min(self._room, _LARGEST_MEMBER):
                        raise LessonError("the zip grows too much when unpacked: a decompression bomb")
                    parts.append(block)
        except LessonError:
            raise
        except Exception as error:  # zipfile raises what zlib, lzma and struct raise
            raise LessonError(f"a broken zip ({one_line(str(error))})") from None
        self._room -= size
        return b"".join(parts)
