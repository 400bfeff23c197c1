"""The Chinese wording of items: fixed sentences, and questions about definitions."""

from __future__ import annotations

import re

from aigc_tui.quiz.analysis.records import TermKind
from aigc_tui.quiz.planning.questions_zh import ask
from aigc_tui.quiz.planning.wording import Cut, Wording

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
    """Ask which term a definition (by `meaning`) belongs to; people are asked for with 谁."""
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


_OPENING = re.compile(
    "^(?:实际上|另外|具体来说|简而言之|同样|也就是说|通常|一般|因此|所以|然而|但是|但|不过|此外|另外|同时|例如|比如|其实|事实上|总之|最后|于是|而且|并且|可见|显然|相反|显而易见"
    "|换句话说|也就是说|一般来说|当然|与此同时)[，,]?"
)


def join(cut: Cut, blank: str) -> str:
    """Put the blank in; Chinese needs nothing around it."""
    return cut.before.rstrip() + blank + cut.after.lstrip()


def before(text: str, word: str) -> str:
    """Chinese has nothing that agrees."""
    return text


CHINESE = Wording(
    language="zh",
    ask_term=ask_term,
    ask_meaning=ask_meaning,
    meaning=meaning,
    gap="（  ）",
    in_story="在《{title}》中，{stem}",
    match_stem="把{section}术语和它的意思连起来。",
    order_stem="按正确的先后顺序排列{section}下列步骤。",
    order_events_stem="按发生的先后顺序排列{section}下列事件。",
    of_section="“{title}”一节中的",
    says="课文原句：“{quote}”",
    says_not="错误：课文说的是“{right}”，不是“{wrong}”。原句：“{quote}”",
    key_feedback="正确。课文原句：“{quote}”",
    elsewhere="不对：“{option}”出现在另一处：“{quote}”",
    instead="不对：课文这里说的是“{key}”。",
    means="不对：那是“{term}”。",
    true_word="正确",
    hedges=("超过", "多于", "不少于", "至少", "少于", "不足", "不到", "不超过", "至多", "近", "将近", "以上",
            "高达", "多达", "最多", "介于"),
    absolutes=("总是", "从不", "一定", "绝对", "所有", "必须", "唯一", "完全", "永远", "只有", "任何"),
    two_claims=("；", "但", "而且", "以及", "然而"),
    opening=_OPENING,
    naming=re.compile("(?:称为|称作|叫作|叫做|叫|又称|合称|并称|统称|简称|称|名为)[“《]?$"),
    persons=re.compile("[他她](?!人)"),
    causal=re.compile("因为|因此|所以|由于|从而|使得|导致|于是|以便"),
    ask=ask,
    join=join,
    before=before,
)  # fmt: skip
