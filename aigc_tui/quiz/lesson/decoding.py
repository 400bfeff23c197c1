"""Bytes of a text file to text, whatever encoding it was saved in.

Why it exists: old Chinese lessons are GB18030, old European ones Latin-1, and Windows writes UTF-16; a wrong
guess makes a lesson of nonsense. Chinese encodings write their letters as pairs of high bytes, European ones
write a high byte between two low ones, which tells them apart.
"""

from __future__ import annotations

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_USUAL = re.compile("[\t\r\n -~\u00a0-\u024f\u2010-\u2026\u3000-\u303f\u4e00-\u9fff\uff01-\uff5e]")
_LEAST_PLAUSIBLE = 0.9
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_LOOKED_AT = 1 << 16
_CONTROLS = [chr(code) for code in range(32) if code not in (7, 8, 9, 10, 12, 13, 27)]


def decode_text(data: bytes) -> str:
    """Decode a text file: by byte order mark, as UTF-8, by its zeros, as GB18030 or Windows-1252."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if name := sixteen_bits(data):
        return data.decode(name, "replace")
    if _is_paired(data[:_LOOKED_AT]):
        return data.decode("gb18030", "replace")
    # A UTF-8 file with a broken byte or two is still one.
    tried = data.decode("utf-8", "replace")
    if tried.count("\ufffd") * 200 < len(tried):
        return tried
    return data.decode("cp1252", "replace")


def sixteen_bits(data: bytes) -> str:
    """UTF-16 without its mark: read that way, nearly all of it is Latin, Chinese or their marks."""
    head = data[: _LOOKED_AT // 2 * 2]
    if b"\x00" not in head:
        return ""
    shares = {name: _plausible(head, name) for name in ("utf-16-le", "utf-16-be")}
    best = max(shares, key=lambda name: shares[name])
    return best if shares[best] > _LEAST_PLAUSIBLE else ""


def _plausible(head: bytes, name: str) -> float:
    text = head[: len(head) // 2 * 2].decode(name, "replace")
    return len(_USUAL.findall(text)) / max(1, len(text))


def is_binary(data: bytes) -> bool:
    """Tell whether bytes are no text: zeros without UTF-16's order, or many control codes."""
    head = data[:_LOOKED_AT]
    marked = any(head.startswith(mark) for mark, _ in _MARKS)
    if b"\x00" in head and not marked and not sixteen_bits(head):
        return True
    text = decode_text(head)
    return sum(map(text.count, _CONTROLS)) * 20 > len(text)


def _is_paired(head: bytes) -> bool:
    """Whether high bytes come in pairs; a run may be odd where a second byte is low (GBK)."""
    runs = [len(run) for run in _HIGH_RUN.findall(head)]
    try:
        head[: len(head) - 4].decode("gb18030")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 12:
            return False
    return sum(length for length in runs if length >= 2) * 2 > sum(runs)
