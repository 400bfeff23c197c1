"""Is a question one question, and a statement a statement?

Why it exists: sentences turned into questions keep what stood beside them: "What contains citric acid, and
vinegar contains acetic acid?"; an instruction cannot be true or false.
"""

from __future__ import annotations

import re

from aigc_tui.quiz.checks.parts import blanks
from aigc_tui.quiz.checks.records import Context, Verdict
from aigc_tui.quiz.checks.verdicts import hard, soft
from aigc_tui.quiz.records import Item, ItemType

_CUT = re.compile(
    r"^\W*(?:什么|谁|哪里)\s*[，,；;]|(?:什么|谁|哪里)\s*[；;](?!.*(?:什么|谁|哪|几|多少|何|吗))"
    r"|^\W*(?:what|who|which|when|where)\s*[,;]",
    re.I,
)
_SECOND = re.compile(
    r"^(?:what|who|which \w+)\b[^,;?]*[,;] (?:and|but|while|whereas|so) (?:(?:the|a|an|its?|their) )?"
    r"[\w-]+(?: [\w-]+)? (?:is|are|was|were|has|have|had|\w+s|\w+ed|means?) [^,?]*\?\s*$",
    re.I,
)
_WH = re.compile(r"\b(?:what|who|which|when|where|why|how)\b", re.I)
_INSTRUCTS = re.compile(
    r"^\W*(?:please|let|add|measure|put|take|place|release|mix|stir|repeat|close|cover|wash|bake|heat|cut|pour|"
    r"fill|rinse|draw|write|choose|keep|make sure|remove|connect|record|compare|calculate|warm|cool|leave|"
    r"press|roll|knead|set|shake|weigh|attach|observe|turn off|turn on)\b"
    r"(?! (?:is|are|was|were|means|has|have)\b)"
    r"|^\W*(?:请|把.{1,12}(?:放|倒|加|切|移|装|写|涂|洗)|用.{1,12}(?:测出|量出|洗|搅|勾|描|收集|涂)"
    r"|先把|再把|然后把|比较.{2,20}与)",
    re.I,
)


def one_question(item: Item, context: Context) -> Verdict | None:
    """A question asks one thing, with nothing left over of the sentence that it was made from."""
    if item.type not in (ItemType.SHORT, ItemType.MC) or blanks(item.stem):
        return None
    found = _CUT.search(item.stem) or (
        _SECOND.search(item.stem) if len(_WH.findall(item.stem)) == 1 else None
    )
    if found is None:
        return hard("one_question")
    return hard("one_question", "more than a question, or less", found[0])


def a_statement(item: Item, context: Context) -> Verdict | None:
    """What is to be judged is a statement: no question, no instruction."""
    if item.type is not ItemType.TF:
        return None
    if item.stem.rstrip().endswith(("?", "？")) and not item.stem.strip().casefold().startswith(
        "true or false"
    ):
        return soft("a_statement", "a question is neither true nor false", item.stem[-12:])
    found = _INSTRUCTS.search(item.stem)
    return soft(
        "a_statement", "an instruction is neither true nor false" if found else "", found[0] if found else ""
    )
