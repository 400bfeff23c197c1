"""Asking in Chinese for a term by its definition, and for a definition by its term.

Why it exists: “……叫做什么？” and “什么是……？” are what a teacher would write.
"""

from __future__ import annotations

from aigc_tui.quiz.analysis.records import TermKind
from aigc_tui.quiz.making.pieces import Cut

_WHAT = {TermKind.PERSON: "谁", TermKind.PLACE: "什么地方", TermKind.WORK: "哪部作品"}
_LONGEST_PLAIN = 45


def meaning(text: str) -> str:
    """A definition on one line, without the mark that ended its clause."""
    return "".join(text.split("\n")).strip(" 。；;，,：:")


def ask_term(text: str, kind: TermKind, cut: Cut) -> str:
    """Ask which term a definition belongs to.

    Args:
        text: The definition, by `meaning`.
        kind: What the term is: people are asked for with 谁.
        cut: The sentence with the term cut out; Chinese needs nothing of it.
    """
    if kind in _WHAT:
        return f"“{text}”说的是{_WHAT[kind]}？"
    before = cut.before.rstrip("“”‘’「」 ")
    linked = cut.after.lstrip("”’」 ").startswith(("是", "指")) or before.endswith(("叫", "为", "做", "作"))
    if linked and len(text) <= _LONGEST_PLAIN and not any(mark in text for mark in "；。："):
        return f"{text}叫做什么？"
    return f"“{text}”指的是什么？"


def ask_meaning(cut: Cut, kind: TermKind) -> str:
    """Ask what a term is."""
    return f"{cut.key}是谁？" if kind is TermKind.PERSON else f"什么是{cut.key}？"
