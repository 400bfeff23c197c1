"""Members of a zip, unpacked under limits: a decompression bomb is refused before it fills the memory."""

from __future__ import annotations

import io
import zipfile

from aigc_tui.documents.blocks import DocumentError
from aigc_tui.text import one_line

_MOST_MEMBERS = 5000
_LARGEST_MEMBER = 64 << 20
_MOST_BYTES = 512 << 20
_MOST_RATIO = 200
_BLOCK = 1 << 16


class Archive:
    """A zip that may be hostile.

    Raises:
        DocumentError: It is damaged or has too many members.
    """

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise DocumentError("the zip file is damaged ({reason})", reason=one_line(str(error))) from None
        self._members = {member.filename: member for member in self._zip.infolist()}
        if len(self._zip.infolist()) > _MOST_MEMBERS:
            raise DocumentError("the zip file has more than {most} members", most=_MOST_MEMBERS)
        self._room = _MOST_BYTES

    @property
    def names(self) -> list[str]:
        return list(self._members)

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def read(self, name: str) -> bytes:
        """Unpack a member.

        Raises:
            DocumentError: It is missing, damaged, locked, or a decompression bomb.
        """
        member = self._members.get(name)
        if member is None:
            raise DocumentError("{name} is missing in the zip file", name=one_line(name, 80))
        parts, size = list[bytes](), 0
        try:
            with self._zip.open(member) as file:
                while block := file.read(_BLOCK):
                    size += len(block)
                    # The sizes in a zip's directory are its maker's word; what comes out is counted.
                    grown = size > (1 << 20) and size > _MOST_RATIO * max(1, member.compress_size)
                    if grown or size > min(self._room, _LARGEST_MEMBER):
                        raise DocumentError(
                            "the zip file expands too much when unpacked: a decompression bomb"
                        )
                    parts.append(block)
        except DocumentError:
            raise
        except Exception as error:  # zipfile raises what zlib, lzma and struct raise
            raise DocumentError("the zip file is damaged ({reason})", reason=one_line(str(error))) from None
        self._room -= size
        return b"".join(parts)
