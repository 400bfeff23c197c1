"""Reddit's dumps: one JSON object a line, in Zstandard frames with windows of up to 2 GiB.

Comments become dialogues (``threads.py``) or texts, submissions texts. What was deleted, what bots say and
what nobody liked is dropped. The dumps carry their authors' words: see docs/corpora.md on rights and
privacy.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any

from aigc_tui.corpora.document import Document, Dropped, Item
from aigc_tui.corpora.lines import lines
from aigc_tui.corpora.reader import Source, convert
from aigc_tui.corpora.threads import Post, dialogues

_GONE = frozenset(("[deleted]", "[removed]", "[ removed by reddit ]", "[deleted by user]", ""))
_BOT_NAMES = re.compile(r"^(automoderator|.*[_-]?bot|.*-modteam|sneakpeekbot|remindmebot)$", re.IGNORECASE)
_BOT_WORDS = re.compile(
    r"\bi(?:'|’)?\s?a?m a (?:ro)?bot\b|this action was performed automatically|\bbeep boop\b", re.IGNORECASE
)
_LINK = re.compile(r"!?\[([^\[\]]{0,300})\]\([^()\s]{0,1000}\)")
_QUOTED = re.compile(r"^>[^\n]*\n?", re.MULTILINE)
_MARKS = re.compile(r"\*\*|~~|`{1,3}|^#{1,6}\s+", re.MULTILINE)
_ZERO_WIDTH = re.compile("&#x200b;|\u200b", re.IGNORECASE)


def read(source: Source, skip: int = 0) -> Iterator[Item | None]:
    """Stream the documents of a dump.

    Comments come as dialogues unless the taste says otherwise; they need the whole dump to be read first, so
    they are put aside on the disk and the dialogues follow the last line.

    Raises:
        CorporaError: The dump is broken or cut off; dialogues of what was read come before.
    """
    if source.taste.threads:
        yield from dialogues(_posts(source), source, skip)
    else:
        yield from convert(source, _posts(source), skip, _alone)


def _posts(source: Source) -> Iterator[Post | Dropped]:
    """Read, one post or reason a line."""
    for number, line in enumerate(lines(source.pieces(), source.caps.record_bytes), 1):
        if isinstance(line, Dropped):
            yield line
        else:
            yield post_of(line, f"line {number}", source.taste.min_score) if line.strip() else _EMPTY


_EMPTY = Dropped("empty")


def post_of(line: bytes, where: str, min_score: int | None = None) -> Post | Dropped:
    """Read one line.

    Args:
        line: A JSON object as Reddit's interface gave it.
        where: Names the line in the report.
        min_score: Posts with fewer points are dropped.
    """
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError):
        return Dropped("not JSON", where)
    if not isinstance(raw, dict):
        return Dropped("not JSON", where)
    said = str(raw.get("body") or raw.get("selftext") or "").strip()
    author, name = str(raw.get("author", "")), str(raw.get("id", ""))
    if said.lower() in _GONE and not _is_titled(raw, said):
        return Dropped("reddit: deleted", name or where)
    if _BOT_NAMES.match(author) or _BOT_WORDS.search(said):
        return Dropped("reddit: bot", name or where)
    score = _number(raw.get("score"))
    if min_score is not None and score < min_score:
        return Dropped("reddit: low score", name or where)
    title = str(raw.get("title", ""))
    return Post(
        id=name,
        link=_bare(raw.get("link_id")) or name,
        parent=_bare(raw.get("parent_id")),
        author=author,
        subreddit=str(raw.get("subreddit", "")),
        score=score,
        text="\n\n".join(filter(None, (plain(title), plain(said)))),
        comment="body" in raw,
    )


def plain(markdown: str) -> str:
    """Reddit's Markdown to text: quotations of what is answered to go, links keep their words."""
    text = _ZERO_WIDTH.sub("", html.unescape(markdown))
    return _MARKS.sub("", _LINK.sub(r"\1", _QUOTED.sub("", text))).strip()


def _is_titled(raw: dict[str, Any], said: str) -> bool:
    """A link that was submitted has a title and no words; a deleted one has words that say so."""
    return not said and bool(raw.get("title"))


def _number(value: object) -> int:
    return int(value) if isinstance(value, int | float) and abs(value) < 1e12 else 0


def _bare(name: object) -> str:
    """``t1_abc`` to ``abc``."""
    return str(name or "").rpartition("_")[2]


def _alone(post: Post) -> Item:
    if not post.text:
        return Dropped("empty", post.id)
    return Document(f"reddit:{post.id}", post.text, meta={"subreddit": post.subreddit, "score": post.score})
