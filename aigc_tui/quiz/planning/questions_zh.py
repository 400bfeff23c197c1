"""Chinese questions: which statement can be turned into one, the sorts of terms, and the wording of items."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from aigc_tui.quiz.analysis.records import Mention, TermKind
from aigc_tui.quiz.planning.wording import Cut, Wording

_ENDINGS: Mapping[str, tuple[str, ...]] = {
    "person": (
        *"人者家员师王帝后将兵手夫妇侯父母爷叔伯孩童仙神",
        "学生",
        "教授",
        "医生",
        "主席",
        "总统",
        "先生",
        "女士",
    ),
    "group": (
        *"军队党国局院团社校",
        "委员会",
        "协会",
        "议会",
        "公司",
        "政府",
        "机构",
        "组织",
        "民族",
        "部落",
        "大学",
        "集团",
        "联盟",
    ),
    "place": (*"省市县州郡镇乡村山河江湖海洋岛洲湾港路街城站谷峰关", "地区", "平原", "高原", "盆地", "海峡"),
    "field": (*"学论", "主义", "思想", "定律", "定理", "原理", "学说"),
    "time": (*"朝代", "时期", "时代", "年代", "世纪", "季节"),
    "rule": ("法", "条约", "宪章", "制度", "条例"),
}
_ENOUGH = 2
_PHRASE = 4


def sort_of(name: str) -> str:
    """The sort of thing a Chinese term names; "" where its end does not tell."""
    return next((sort for sort, ends in _ENDINGS.items() if name.endswith(ends)), "")


def says_the_same(one: str, other: str) -> bool:
    """Whether two terms differ in one character before the last: 链式规则 and 链式法则."""
    differ = [at for at, (first, second) in enumerate(zip(one, other, strict=False)) if first != second]
    return len(one) == len(other) >= _PHRASE and differ == [len(one) - 2]


def may_swap(other: str, key: str) -> bool:
    """Tell whether one term in the other's place makes a statement that is false and not silly.

    Words that share no more than their last character may mean the same (前线, 战线): they need a known sort.
    """
    return bool(sort_of(key)) and sort_of(key) == sort_of(other)


def are_alike(wrong: Sequence[str], key: str) -> bool:
    """Tell whether enough options are of the key's known sort, or share its head (红细胞, 白细胞)."""
    known = sort_of(key)
    like = [one for one in wrong if (known and sort_of(one) == known) or one[-1] == key[-1]]
    return len(like) >= _ENOUGH


_LONGEST = 60
_SETTING = 14
"""Characters of a clause that only says when or where."""
_OBJECT = ("约", "约为", "达", "是", "为", "有", "至", "到", "叫", "叫做", "叫作", "称为")
_WH = {TermKind.PERSON: "谁", TermKind.PLACE: "什么地方", TermKind.WORK: "哪部作品", TermKind.TERM: "什么"}
_DATE_WH = {"year": "哪一年", "century": "哪个世纪", "dynasty": "哪个朝代", "day": "什么时候"}
_ENDS = {"year": "年", "century": "世纪"}
_OPENS = (
    "，",
    "：",
    "被",
    "由",
    "向",
    "在",
    "叫",
    "叫做",
    "称为",
    "称作",
    "是",
    "把",
    "将",
    "为",
    "产生",
    "形成",
)
"""What may stand before a whole noun phrase that is the answer; the sentence's start as well."""
_GOES_ON = re.compile(
    r"^(?:[，。；]|是|在|于|能|可以|可|会|将|把|被|由|对|向|有|没有|使|让|通过|利用|根据|认为|提出|发明|发现|建立|创立"
    r"|出版|发表|写|作为|成为|称为|担任|率|主张|进行|发生|产生|具有|属于|位于|负责|包括|组成|构成|的$)"
)
_SUBORDINATE = re.compile(
    "^(?:后)?(?:由于|因为|虽然|尽管|如果|假如|要是|即使|随着|为了|除非|自从|直到|无论|不管|只有|只要)|^当"
)
"""A clause with one of these says no whole thing: nothing can be asked of it alone."""
_COUNTED = re.compile(r"一[部个款次场种项位名座]$")
_ACTS = re.compile(
    r"^(?:从小|一直|曾|曾经|首次|首先|最早|开始|亲自|带领|率领|带|命令|听说|决定|担心|召集|率军|下令|派|创作|设计|画|主持"
    r"|改|打败|击败|战胜|成功|终于|已经|已|又|还|也|便|就|用|和|与|从|到|给|为|因|当选|接任|出任|获得|参加|加入|宣布|要求)"
)
"""What a person does, right after the name: 谁 asks for it."""
_WHILE = ("后", "时", "前", "以来", "期间", "中", "的")
"""Ends of a clause that only says when: what was asked for comes after it."""
_OFFICE = re.compile(
    "(?:教练|队长|主席|总统|校长|作者|导演|主编|部长|主任|市长|国王|皇帝|创始人|领导人|总理)[是为]$"
)
_DIGITS = re.compile(r"^[\d.,\s]+")
_SHORTEST = 10
_COMMA = re.compile(r",(?!\d)")
_OPEN_CLAUSE = ("在", "为", "由", "经", "随", "与", "以", "通过", "根据", "从")
"""A clause that begins so mostly leads up to the next one."""
_MEASURED = ("左右", "以上", "以下", "的历史", "组成", "以", "才")
_NO_MORE = re.compile(r"^[、和与及或]|^[（(]")


def ask(cut: Cut, answer: Mention) -> str:
    """Ask for the answer, with a question word for its kind; "" where no pattern is safe."""
    before, after = (_COMMA.sub("，", side.strip()) for side in (cut.before, cut.after))
    if len(before) + len(after) > _LONGEST or re.search("[？?！!“”「」]", before + after):
        return ""
    if _NO_MORE.match(after) or before.endswith(("、", "和", "与", "及", "或", "（", "(", "《")):
        return ""
    word = _word_for(answer, cut.key)
    if word == _WH[TermKind.TERM]:
        word = "哪里" if before.endswith(("在", "于")) else word
        word = "谁" if _OFFICE.search(before) or sort_of(cut.key) == "person" else word
    if _misleads(before, word, after, answer.kind):
        return ""
    if not word or not _stands_alone(before, after, answer.kind):
        return ""
    if answer.kind in (TermKind.TERM, TermKind.WORK) and after.startswith(("是", "有", "认为", "称", "报道")):
        return ""
    hanging = (not before or before.endswith("，")) and after.startswith(("，", "。"))
    if hanging and answer.kind is not TermKind.DATE:
        return ""
    if not before and answer.kind is TermKind.DATE:
        after = _only_first(after.lstrip("，更则亦"))
    return _one_question(before, word, after)


def _only_first(after: str) -> str:
    """The first clause behind a date, if it says enough to be asked about; else all."""
    first = re.split("[，；：]", after)[0]
    whole = len(first) >= _SHORTEST and not first.startswith(_OPEN_CLAUSE) and not _SUBORDINATE.match(first)
    return first if whole else after


def _misleads(before: str, word: str, after: str, kind: TermKind) -> bool:
    """Whether the question word would ask for something else here, or of half a statement."""
    if before.endswith("为") and word.startswith("什么"):
        return True
    if word == "多少年" and not before.endswith((*_OBJECT, "了", "近", "过", "时", "长")):
        return True
    if before.endswith("是") and after and kind is TermKind.DATE:
        return True
    if (
        kind is TermKind.PLACE
        and (not before or before.endswith("，"))
        and not after.startswith(("是", "位于"))
    ):
        return True
    return bool(_SUBORDINATE.match(re.split("[，；]", before)[-1]) or _COUNTED.search(before))


def _one_question(before: str, word: str, after: str) -> str:
    """Put the word in its place and end the question there: no more clauses than it needs.

    A question word after the first clause asks about something else than the sentence began with, unless that
    clause only says when or where.
    """
    clauses = len(re.findall("[，；]", before))
    if clauses > 1 or (
        clauses and len(re.split("[，；]", before)[0]) > _SETTING and not before.endswith(_OBJECT)
    ):
        return ""
    is_subject = not before or before.endswith("，")
    rest = after.rstrip("。；;.")
    first, *others = re.split("[，；]", rest)
    if not first and others and not is_subject and not before.endswith((*_OBJECT, "于")):
        return ""
    if is_subject and others and first.endswith(_WHILE):
        return ""
    if is_subject and len(others) > 1:
        return ""
    kept = rest if is_subject else first
    asked = f"{before}{word}{kept}？"
    return "" if kept.endswith(_WHILE) or len(asked) < _SHORTEST else asked


def _word_for(answer: Mention, key: str) -> str:
    if answer.kind is TermKind.DATE:
        whole = key.endswith(_ENDS.get(answer.unit, ""))
        return _DATE_WH.get(answer.unit, "") if whole else ""
    if answer.kind is TermKind.QUANTITY and answer.unit not in ("", "%", "％") and key.endswith(answer.unit):
        written = _DIGITS.sub("", key)
        return f"多少{written if written != key else answer.unit}"
    return _WH.get(answer.kind, "")


def _stands_alone(before: str, after: str, kind: TermKind) -> bool:
    if kind is TermKind.QUANTITY:
        free = not after or bool(_GOES_ON.match(after)) or after.startswith(_MEASURED)
        return free and not before.endswith(("此", "这", "那", "其", "该", "另", "至", "到"))
    if kind is TermKind.DATE:
        return not after.startswith(
            ("春", "夏", "秋", "冬", "初", "末", "底", "至", "到", "～", "—", "-", "间", "代")
        ) and not before.endswith(("至", "到"))
    starts = not before or before.endswith(_OPENS)
    if kind is TermKind.PERSON and (not before or before.endswith("，")) and _ACTS.match(after):
        return True
    return starts and bool(_GOES_ON.match(after) or not after)


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
