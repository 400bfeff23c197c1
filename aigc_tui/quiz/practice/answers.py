"""Answers as JSON and back: what the store keeps of a response.

Why it exists: an answer has the shape of its item's key, and JSON has no tuples.
"""

from __future__ import annotations

import json
from typing import Any, cast

from aigc_tui.quiz.practice.records import Response
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
