"""Chats and texts as JSON lines, in the shapes that people pass around.

Known are ``{"messages": [{"role", "content"}]}`` (OpenAI), ``{"conversations": [{"from", "value"}]}``
(ShareGPT), ``{"prompt", "completion"}`` or ``{"instruction", "input", "output"}`` (Alpaca), ``{"text"}``, and
question-answer pairs. Contents that are lists of parts keep the parts of text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from aigc_tui.corpora.document import Document, Dropped, Item, Value
from aigc_tui.corpora.reader import Source, convert
from aigc_tui.corpora.records import DialogueMessage
from aigc_tui.corpora.unpack import lines

_ROLES = {"human": "user", "user": "user", "gpt": "assistant", "assistant": "assistant", "bot": "assistant"}
_ROLES |= {"chatgpt": "assistant", "model": "assistant", "system": "system", "developer": "system"}
_PAIRS = (("prompt", "completion"), ("prompt", "response"), ("question", "answer"), ("instruction", "output"))
_KEPT_META = ("title", "topic", "source", "url", "license", "level", "name", "language", "category")
_MOST_MESSAGES = 2000


def read(source: Source, skip: int = 0) -> Iterator[Item | None]:
    """Stream the records of a ``.jsonl`` file, compressed or not.

    Raises:
        CorporaError: The file is broken or cut off from here on.
    """
    numbered = enumerate(lines(source.pieces(), source.caps.record_bytes), 1)
    found = ((number, line) if isinstance(line, bytes) else line for number, line in numbered)
    yield from convert(source, found, skip, lambda pair: _document(pair[1], f"{source.path.name}:{pair[0]}"))


def _document(line: bytes, where: str) -> Item | None:
    if not line.strip():
        return None
    try:
        raw = json.loads(line.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError):
        return Dropped("not JSON", where)
    if not isinstance(raw, dict):
        return Dropped("chat: not an object", where)
    name = str(raw.get("id") or where)
    turns = messages_of(raw)
    if isinstance(turns, Dropped):
        return Dropped(turns.reason, where)
    if turns:
        return Document(name, messages=turns, meta=_meta(raw))
    if isinstance(raw.get("text"), str):
        return Document(name, raw["text"], meta=_meta(raw))
    return Dropped("chat: neither messages nor text", where)


def messages_of(raw: Mapping[str, Any]) -> tuple[DialogueMessage, ...] | Dropped:
    """Find the dialogue of a record in any known shape; empty: it has none."""
    talk = raw.get("messages") if "messages" in raw else raw.get("conversations")
    if isinstance(talk, list):
        turns = [_turn(item) for item in talk[:_MOST_MESSAGES]]
        if any(turn is None for turn in turns):
            return Dropped("chat: a message without role or content")
        opening = raw.get("system")
        said = [turn for turn in turns if turn is not None and turn.content.strip()]
        if isinstance(opening, str) and opening.strip():
            said.insert(0, DialogueMessage("system", opening))
        return tuple(said) or Dropped("empty")
    for asked, answered in _PAIRS:
        if isinstance(raw.get(asked), str) and isinstance(raw.get(answered), str):
            question = "\n\n".join(filter(None, (raw[asked], _string(raw.get("input")))))
            return DialogueMessage("user", question), DialogueMessage("assistant", raw[answered])
    return ()


def _turn(item: object) -> DialogueMessage | None:
    if not isinstance(item, dict):
        return None
    role = _ROLES.get(str(item.get("role", item.get("from", ""))).lower())
    content = item.get("content", item.get("value"))
    if isinstance(content, list):
        content = "\n".join(_string(part.get("text")) for part in content if isinstance(part, dict))
    return DialogueMessage(role, content) if role and isinstance(content, str) else None


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _meta(raw: Mapping[str, Any]) -> dict[str, Value]:
    own = raw.get("meta")
    known = own if isinstance(own, dict) else raw
    return {
        key: value for key in _KEPT_META if isinstance(value := known.get(key), str | int | float) and value
    }
