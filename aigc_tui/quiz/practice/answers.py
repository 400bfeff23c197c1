"""Answers as JSON and back: what the store keeps of a response.

Why it exists: an answer has the shape of its item's key, and JSON has no tuples.
"""

from __future__ import annotations

import json
from typing import Any, cast

from aigc_tui.quiz.practice.records import Response
from aigc_tui.quiz.records import Item
from aigc_tui.text import clean


def response_to_json(response: Response) -> str:
    """The answer as the store keeps it."""
    return json.dumps(response, ensure_ascii=False)


def response_from_json(text: str) -> Response:
    """The answer that was kept."""
    value: Any = json.loads(text)
    if isinstance(value, list):
        value = tuple(part if isinstance(part, str) else (part[0], part[1]) for part in value)
    return cast("Response", value)


def cleaned(response: Response) -> Response:
    """The answer without anything that a terminal would obey: somebody typed it."""
    if isinstance(response, str):
        return clean(response)
    if isinstance(response, tuple):
        parts = [clean(p) if isinstance(p, str) else (clean(p[0]), clean(p[1])) for p in response]
        return cast("Response", tuple(parts))
    return response


def chosen(item: Item, response: Response) -> int | None:
    """Which option of a multiple-choice item was chosen, by its index, its letter or its text; None: none."""
    if isinstance(response, int) and not isinstance(response, bool):
        return response if 0 <= response < len(item.options) else None
    if not isinstance(response, str):
        return None
    words = response.strip().casefold()
    texts = [option.strip().casefold() for option in item.options]
    if words in texts:
        return texts.index(words)
    place = ord(words) - ord("a") if len(words) == 1 else -1
    return place if 0 <= place < len(item.options) else None
