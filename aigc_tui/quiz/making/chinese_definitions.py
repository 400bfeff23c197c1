"""Asking in Chinese for a term by its definition, and for a definition by its term.

Why it exists: “……叫做什么？” and “什么是……？” are what a teacher would write.
"""

from __future__ import annotations

import re

from aigc_tui.quiz.analysis.records import TermKind
from aigc_tui.quiz.making.pieces import Cut

_WHAT = {TermKind.PERSON: "谁", TermKind.PLACE: "什么地方", TermKind.WORK: "哪部作品"}
_HEAD = re.compile(r"^(?!.{0,12}(?:是|有)).*的[^，,。；;的]{1,8}[，,；;]?$")
"""A clause that ends in "的 + noun" and makes no statement of its own."""
_FURTHER = re.compile("但|它|这|其|因此|所以|因为|由于|例如|比如")
"""A clause that says more of the thing than what it is."""
_LONGEST_PLAIN = 45


def meaning(text: str) -> str:
    """A definition on one line, up to the clause with its head noun: what follows says something else."""
    line = "".join(text.split("\n")).strip(" 。；;，,：:")
    if line.startswith(("“", "「")) and line.endswith(("”", "」")):
        line = line[1:-1]
    clauses = re.split("(?<=[，,；;])", line)
    said = next((at for at, clause in enumerate(clauses) if at and _FURTHER.match(clause)), len(clauses))
    clauses = clauses[:said]
    line = "".join(clauses).strip("，,；;")
    while len(clauses) > 1 and not _HEAD.search(clauses[-1]):
        clauses.pop()
    return "".join(clauses).strip("，,；;") if _HEAD.search(clauses[-1].rstrip("，,；;")) else line


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
