"""Bytes of a text file or web page to text, whatever encoding it was saved in.

Old Chinese files are GB18030, old European ones Windows-1252, and Windows writes UTF-16. Chinese encodings
write letters as pairs of high bytes, European ones a high byte between two low ones, which tells them apart.
Only encodings of the web (https://encoding.spec.whatwg.org) are taken at a header's word: some of Python's
codecs unpack. As browsers do, GB2312 is read as GB18030 and Latin-1 as Windows-1252.
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
_AS = {"gb2312": "gb18030", "gbk": "gb18030", "iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252"}
_AS |= {"ascii": "cp1252", "us-ascii": "cp1252", "x-gbk": "gb18030", "utf8": "utf-8", "utf-16": "utf-16-le"}
_KNOWN = re.compile(
    r"^(utf-?8|utf-?16(le|be)?|gb18030|gbk|x-gbk|gb2312|hz|big5(-hkscs)?|shift_?jis|euc-(jp|kr)|iso-2022-jp|koi8-[ru]"
    r"|windows-12[0-9]{2}|windows-874|cp12[0-9]{2}|iso-8859-[0-9]{1,2}|latin-?1|macintosh|(us-)?ascii)$"
)
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([a-zA-Z0-9_:-]{2,40})", re.IGNORECASE)
_META_WITHIN = 4096
_USUAL = re.compile("[\t\r\n -~\u00a0-\u024f\u2010-\u2026\u3000-\u303f\u4e00-\u9fff\uff01-\uff5e]")
_LEAST_PLAUSIBLE = 0.9
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_SAMPLE = 1 << 16
_CONTROLS = [chr(code) for code in range(32) if code not in (7, 8, 9, 10, 12, 13, 27)]


def decode_text(data: bytes) -> str:
    """Decode a text file.

    By byte order mark, as UTF-8, as UTF-16 by its zeros, as GB18030 or Windows-1252 by its high bytes.
    """
    return _decoded(data, [])


def decode_page(data: bytes, declared: str = "") -> str:
    """Decode a web page: as a text file, but an encoding that it names and that fits comes first.

    Args:
        data: Its bytes.
        declared: The charset of the Content-Type header; may be wrong or empty.
    """
    meta = _META.search(data[:_META_WITHIN])
    named = map(_known, [declared, meta[1].decode("ascii") if meta else ""])
    return _decoded(data, list(filter(None, named)))


def _decoded(data: bytes, named: list[str]) -> str:
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace")
    for name in [*named, "utf-8"]:
        try:
            return data.decode(name)
        except UnicodeError:
            continue
    if name := sixteen_bits(data):
        return data.decode(name, "replace")
    if _is_paired(data[:_SAMPLE]):
        return data.decode("gb18030", "replace")
    # A few broken bytes do not make it another encoding.
    for name in [*named, "utf-8"]:
        tried = data.decode(name, "replace")
        if tried.count("\ufffd") * 200 < len(tried):
            return tried
    return data.decode(named[0] if named else "cp1252", "replace")


def _known(name: str) -> str:
    name = name.strip().strip("\"'").lower()
    if not _KNOWN.match(name):
        return ""
    try:
        return codecs.lookup(_AS.get(name, name)).name
    except LookupError:
        return ""


def sixteen_bits(data: bytes) -> str:
    """Recognise UTF-16 without its mark: read that way, nearly all of it is Latin, Chinese or punctuation.

    Returns:
        The codec's name; empty: it is something else.
    """
    head = data[: _SAMPLE // 2 * 2]
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
    head = data[:_SAMPLE]
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
