"""Bytes of a web page to text: by byte order mark, by the server's word, by the page's own, by what fits.

Only encodings of the web are known (https://encoding.spec.whatwg.org): Python's codecs include some that
unpack, and a header is a stranger's word. As browsers do, GB2312 is read as GB18030 and Latin-1 as
Windows-1252.
"""

from __future__ import annotations

import codecs
import re

_AS = {"gb2312": "gb18030", "gbk": "gb18030", "iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252"}
_AS |= {"ascii": "cp1252", "us-ascii": "cp1252", "x-gbk": "gb18030", "utf8": "utf-8", "utf-16": "utf-16-le"}
_KNOWN = re.compile(
    r"^(utf-?8|utf-?16(le|be)?|gb18030|gbk|x-gbk|gb2312|hz|big5(-hkscs)?|shift_?jis|euc-(jp|kr)|iso-2022-jp|koi8-[ru]"
    r"|windows-12[0-9]{2}|windows-874|cp12[0-9]{2}|iso-8859-[0-9]{1,2}|latin-?1|macintosh|(us-)?ascii)$"
)
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([a-zA-Z0-9_:-]{2,40})", re.IGNORECASE)
_META_WITHIN = 4096


def decode(data: bytes, declared: str = "") -> str:
    """Decode a page.

    Args:
        data: Its bytes.
        declared: The charset of the Content-Type header; may be wrong or empty.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace")
    meta = _META.search(data[:_META_WITHIN])
    named = [declared, meta[1].decode("ascii") if meta else ""]
    candidates = [name for name in map(_known, named) if name]
    for name in [*candidates, "utf-8", "gb18030"]:
        try:
            return data.decode(name)
        except UnicodeError:
            continue
    # Nothing fits: a page with a few broken bytes is still worth reading in the encoding that it names.
    return data.decode(candidates[0] if candidates else "utf-8", "replace")


def _known(name: str) -> str:
    """Python's name of an encoding of the web; empty for others."""
    name = name.strip().strip("\"'").lower()
    if not _KNOWN.match(name):
        return ""
    try:
        return codecs.lookup(_AS.get(name, name)).name
    except LookupError:
        return ""
