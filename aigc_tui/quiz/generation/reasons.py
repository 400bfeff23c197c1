"""Why a candidate was turned away or a slot stays empty: the fixed English phrases, and the catalogue's keys.

Why it exists: what `making` tells is a record, the same in every language; a person reads their own, and the
same words in both front ends. A reason that is no phrase of these is the name of a check.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

UNFILLED = "too little in the lesson"
"""Counts items asked for and not made; all others count candidates turned away."""

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "a meaning names a term": "quiz.reject.a meaning names a term",
        "absolute word": "quiz.reject.absolute word",
        "answer stands in the stem": "quiz.reject.answer stands in the stem",
        "duplicate": "quiz.reject.duplicate",
        "no safe question": "quiz.reject.no safe question",
        "nothing to swap": "quiz.reject.nothing to swap",
        "odd one out": "quiz.reject.odd one out",
        "says too little": "quiz.reject.says too little",
        "too few definitions": "quiz.reject.too few definitions",
        "too few distractors": "quiz.reject.too few distractors",
        "too few or too many steps": "quiz.reject.too few or too many steps",
        UNFILLED: "quiz.reject.too little in the lesson",
        "too long to judge": "quiz.reject.too long to judge",
        "two claims": "quiz.reject.two claims",
        "two steps are alike": "quiz.reject.two steps are alike",
    }
)
"""The catalogue key of each phrase."""
