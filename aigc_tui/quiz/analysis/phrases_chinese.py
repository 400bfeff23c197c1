"""Names and noun phrases in Chinese sentences.

Why it exists: see `phrases_english`. Chinese has no capitals, so that names are told by what stands around them:
a surname before a verb that persons do, a place word at the end, the middle dot of foreign names, 《》.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from aigc_tui.quiz.analysis.chinese_words import UNKNOWN, Word
from aigc_tui.quiz.analysis.found import Found
from aigc_tui.quiz.analysis.lexicon import word_list
from aigc_tui.quiz.analysis.records import TermKind

_LIST = "chinese_lists.txt"
_SOUND = (

        "阿埃艾爱安昂奥巴白拜班邦保鲍贝本比彼毕宾波伯博布茨查达戴丹当道德登邓狄迪蒂丁东杜顿多厄恩尔法凡范"
        "菲费芬丰冯佛弗福夫盖冈高戈哥格葛根贡古顾瓜圭"

        "哈海汉豪赫黑亨洪胡华怀惠霍基吉加贾简杰金京居卡凯坎康考科可克肯孔库夸奎昆拉莱赖兰朗劳勒雷蕾黎里李"
        "理利莉立丽连廉良列烈林琳龙卢鲁路伦罗洛吕马玛麦曼芒毛"

        "梅门蒙米密明缪摩莫默墨姆木穆那纳娜乃奈南瑙讷内尼年涅宁纽农努诺欧帕派潘庞培佩彭皮匹平珀蒲普奇齐恰"
        "强乔切琴丘让热仁日荣茹儒瑞若撒萨塞赛桑瑟森沙山尚绍舍申圣施"

        "什史士舒斯司丝松苏索塔泰坦汤唐陶特滕提廷通图托瓦万威韦维卫魏温文翁沃乌武伍西希锡喜夏香肖谢辛欣休"
        "雪雅亚延扬耶叶伊依因英尤约宰赞泽曾扎詹哲珍芝治朱卓兹佐牛邱吉尔俾麦罕娃娅妮蕾琪薇黛珊茜茵庇伽喀喇"
        "祁赫默谢泽丘屠格涅"
)  # fmt: skip
_DOTTED = re.compile(rf"[{_SOUND}]{{1,7}}(?:[·•・](?:[{_SOUND}]{{1,8}}|[A-Z]\.?))+")
_WORK = re.compile(r"《[^《》]{1,40}》")
_QUOTED = re.compile(r"[“「](?P<t>[\w·-]{2,10})[”」]")
_RULER = re.compile(
    r"(?:秦始皇|秦皇|汉武帝|"
    r"[汉晋隋唐宋元明清魏](?:[高太世仁英宣孝神哲徽钦光宁理度代德顺宪穆敬武懿僖昭哀景明文惠成元献炀恭睿玄肃中][祖宗帝]))|"
    r"(?:顺治|康熙|雍正|乾隆|嘉庆|道光|咸丰|同治|光绪|宣统|嘉靖|万历|崇祯|永乐|洪武|"
    r"建文)(?:皇?帝)"
)
_AFTER_NAME = re.compile(
    r"^(?:[（(](?:\d{3,4}|前\d|公元|字|约|英语|生于|\?|？)|"
    r"，?字[\u4e00-\u9fff]{1,3}[，、]|"
    r"，?号[\u4e00-\u9fff]{1,4}[，、]|等人|之子|之女|先生|女士|博士|"
    r"教授|将军|皇帝|的(?:父亲|母亲|儿子|女儿|弟弟|哥哥|妻子|丈夫|著作|代表作|诗作|"
    r"学生|老师|军队|部下|理论|小说|诗))"
)
_NOUN = {
    "n",
    "nz",
    "vn",
    "ng",
    "an",
    "nt",
    "nr",
    "nrt",
    "nrfg",
    "ns",
    "eng",
    "j",
    "l",
    "b",
    "g",
    UNKNOWN,
    "i",
}
_HEAD = {"n", "nz", "vn", "ng", "nt", "nr", "nrt", "ns", "eng", "j", "l", UNKNOWN, "g", "k"}
_SUFFIX = set(
    "物体素酶膜层率性器力量学法论系期区线点核质式型族群类界度值波光电机池管炉剂酸碱盐油气水石土岩矿树"
    "花草虫鱼鸟兽病症菌毒药词诗曲戏画书经史教派党军国朝帝王族制税币权令案约网图表阵码"
)
_NOT_HEAD = re.compile(r"(?:[的了着过在是和与及或]|时候|之后|以后|之前|之间|其中)$")
_NOT_START = re.compile(
    r"^[的了着过在是和与及或把被将从对向为以于由就都也还又再很更最不没各每某该此本这那其之]"
)
_PLACE_ENDS = set("省市县州郡区镇乡村山河江湖海洋岛洲湾峡港国邦关")
_PEOPLES = set("人系族语式风军队裔籍化史派")
_LONE = set("现原指时人天年月日处者等后前中上下里多少")
_TAKES_VERB = {
    "反应",
    "作用",
    "过程",
    "现象",
    "方法",
    "技术",
    "系统",
    "模型",
    "算法",
    "定律",
    "原理",
    "理论",
    "装置",
    "设备",
    "机制",
    "运动",
    "函数",
    "制度",
    "政策",
    "仪",
    "机",
    "率",
}
_PREPOSITIONS = set("向对为给把将被由从在用以与和跟")
_VERBAL = set("来去以可能会要应不就才都也并")
_VERBS = {"v", "vd", "vi", "vq"}


def listed(section: str) -> frozenset[str]:
    """A section of the Chinese word lists."""
    return word_list(_LIST, section)


@dataclass(slots=True)
class Names:
    """What the whole lesson tells: persons by evidence, and phrases that come back."""

    persons: set[str] = field(default_factory=set)
    phrases: Counter[str] = field(default_factory=Counter)


def _is_surnamed(word: Word) -> bool:
    text = word.text
    if not 2 <= len(text) <= 4 or text in listed("generic"):
        return False
    return (text[0] in listed("surname") and len(text) <= 3) or (
        text[:2] in listed("surname") and len(text) >= 3
    )


def _evidence(text: str, words: Sequence[Word], at: int) -> bool:
    word = words[at]
    before = words[at - 1].text if at else ""
    after = words[at + 1].text if at + 1 < len(words) else ""
    if before in listed("occupation") or any(
        before.endswith(each) and len(before) > 1 for each in ("学家", "诗人", "皇帝")
    ):
        return True
    return after in listed("actverb") or bool(_AFTER_NAME.match(text[word.end :]))


def learn_persons(text: str, words: Sequence[Word], names: Names) -> None:
    """Note which words of a sentence are shown to be persons by what stands around them."""
    for at, word in enumerate(words):
        personal = word.tag in {"nr", "nrt", "nrfg"} or (word.tag == UNKNOWN and len(word.text) == 3)
        sound = word.tag in {"nr", "nrt", "nrfg", "l", UNKNOWN} and all(char in _SOUND for char in word.text)
        if ((personal and _is_surnamed(word)) or (sound and len(word.text) > 1)) and _evidence(
            text, words, at
        ):
            names.persons.add(word.text)
    for match in _DOTTED.finditer(text):
        last = re.split("[·•・]", match.group())[-1]
        if len(last) >= 2:
            names.persons.add(last)


def _foreign_after_occupation(text: str, words: Sequence[Word], at: int) -> Found | None:
    """The transliterated name right after an occupation ("化学家普利斯特利于…"): the dictionary cuts it apart."""
    start = end = words[at].end
    for word in words[at + 1 :]:
        verb = word.tag in _VERBS and len(word.text) > 1
        if verb or not all(char in _SOUND for char in word.text) or word.end - start > 8:
            break
        end = word.end
    return Found(start, end, TermKind.PERSON) if end - start >= 2 else None


def find_names(text: str, words: Sequence[Word], names: Names) -> list[Found]:
    """Find works, persons, places and other proper names of a Chinese sentence."""
    found = [Found(match.start(), match.end(), TermKind.WORK, firm=True) for match in _WORK.finditer(text)]
    for pattern in (_DOTTED, _RULER):
        found += [Found(match.start(), match.end(), TermKind.PERSON) for match in pattern.finditer(text)]
    for at, word in enumerate(words):
        if word.text in names.persons:
            found.append(Found(word.start, word.end, TermKind.PERSON))
        elif word.text in listed("occupation") and len(word.text) > 1:
            foreign = _foreign_after_occupation(text, words, at)
            found += [foreign] if foreign else []
    return [*found, *(one for one in _places(words) if text[one.end : one.end + 1] not in _PEOPLES)]


def _is_place(words: Sequence[Word], at: int) -> bool:
    """Whether a word names a place: a known one, one that ends like one, or one that something happens in."""
    text = words[at].text
    if text in listed("place"):
        return True
    if (
        words[at].tag != "ns"
        or len(text) < 2
        or text in listed("generic")
        or text[0] in "一二两三四五六七八九十各多本该"
    ):
        return False
    if text.endswith(("地区", "国家", "一带", "各国", "全国", "民族", "人")):
        return False
    placed = at > 0 and words[at - 1].text in {
        "在",
        "位于",
        "前往",
        "来自",
        "到达",
        "返回",
        "迁往",
        "赴",
        "抵达",
    }
    return text[-1] in _PLACE_ENDS or placed


def _places(words: Sequence[Word]) -> Iterator[Found]:
    at = 0
    while at < len(words):
        if not _is_place(words, at):
            at += 1
            continue
        end = at + 1
        while end < len(words) and (_is_place(words, end) or (words[end].text in listed("placesuffix"))):
            end += 1
        after = words[end] if end < len(words) else None
        if after is None or after.tag not in _NOUN or after.text in listed("generic"):
            yield Found(words[at].start, words[end - 1].end, TermKind.PLACE)
        at = end


def _is_noun_after_all(word: Word) -> bool:
    """Whether the dictionary's tag hides a noun: 征兵制 (called a verb), 元宵节 (a time), 条约."""
    long = (
        len(word.text) >= 3 and word.tag in {"v", "t"} and word.text[-1] in _SUFFIX | {"节", "术", "剧", "录"}
    )
    return long or word.text in listed("groupsuffix")


def _joins(words: Sequence[Word], at: int, start: int) -> bool:
    word = words[at]
    if (
        (word.tag == "l" and word.text[-1] not in _SUFFIX)
        or word.text in listed("plainverb") | {"于"}
        or word.text.endswith("于")
    ):
        return False
    if at > start and word.tag == UNKNOWN and len(word.text) == 3 and _is_surnamed(word):
        return False
    if _is_noun_after_all(word):
        return True
    if word.tag in _NOUN and (len(word.text) > 1 or word.tag in {"ng", "n", "g"} or word.text in _SUFFIX):
        return True
    if at > start and word.text in _SUFFIX:
        return True
    inner = at > start and at + 1 < len(words) and words[at + 1].tag in _NOUN
    return inner and (
        word.text.startswith("第")
        or word.text in {"-", "·", "/"}
        or (word.text == " " and "eng" in {words[at - 1].tag, words[at + 1].tag})
    )


def chunks(words: Sequence[Word], names: Names) -> Iterator[tuple[int, int]]:
    """Runs of nouns, 2 to 12 characters long; a verb ends one only if the lesson says it so twice."""
    at = 0
    while at < len(words):
        end = at
        while end < len(words) and _joins(words, end, at):
            end += 1
        if end == at:
            at += 1
            continue
        stop = end
        if end < len(words) and words[end].tag in _VERBS and len(words[end].text) == 2:
            longer = "".join(word.text for word in words[at : end + 1])
            stop = (
                end + 1 if names.phrases[longer] > 2 and words[end].text not in listed("plainverb") else end
            )
        part = _without_verbs(words, at, stop)
        at = max(stop, at + 1)
        while part and (
            part[0].text in listed("plainadjective")
            or part[0].text in _LONE
            or _NOT_START.match(part[0].text)
        ):
            part = part[1:]
        while part and part[-1].text in _LONE and len(part) > 1:
            part = part[:-1]
        while part and (
            stop == end
            and part[-1].tag not in _HEAD
            and part[-1].text not in _SUFFIX
            and not _is_noun_after_all(part[-1])
        ):
            part = part[:-1]
        if part and 2 <= part[-1].end - part[0].start <= 12:
            yield part[0].start, part[-1].end


_PREFIX = set("可非反超亚准半伪副")
_SMOOTH = {
    "",
    "的",
    "和",
    "与",
    "及",
    "或",
    "是",
    "、",
    "，",
    "。",
    "；",
    "）",
    "在",
    "中",
    "等",
    "”",
    "：",
    "(",
    "（",
    ",",
    ".",
}


def _without_verbs(words: Sequence[Word], start: int, end: int) -> list[Word]:
    """A run of nouns without the verbal nouns at its edges that are verbs there (影响光合作用的, 向天帝报告)."""
    part = list(words[start:end])
    before = words[start - 1].text if start else ""
    after = words[end].text if end < len(words) else ""
    while (
        len(part) > 1
        and part[0].tag == "vn"
        and (after == "的" or before in _VERBAL or part[0].text in listed("generic"))
    ):
        part = part[1:]
    while (
        len(part) > 1
        and part[-1].tag == "vn"
        and after not in _SMOOTH
        and words[end].tag not in _VERBS | {"d", "p"}
    ):
        part = part[:-1]
    while (
        len(part) > 1
        and part[-1].tag == UNKNOWN
        and len(part[-1].text) == 2
        and part[-1].text[-1] not in _SUFFIX
    ):
        part = part[:-1]
    if len(part) == 1 and part[0].tag == "vn":
        return []
    if part and before in _PREFIX and part[0].start == words[start].start:
        part = [words[start - 1], *part]
    if len(part) > 1 and before in {"向", "把", "将"} and after in {"", "，", "。", "；"}:
        part = part[:-1]
    if (
        part
        and part[0].text in _TAKES_VERB
        and start
        and words[start - 1].tag in _VERBS
        and len(words[start - 1].text) == 2
    ):
        part = [words[start - 1], *part]
    while (
        len(part) > 1
        and part[-1].tag == "vn"
        and (before in _PREPOSITIONS or after in {"了", "着", "过", "到", "出"})
    ):
        part = part[:-1]
    return part


def count_phrases(words: Sequence[Word], names: Names) -> None:
    """Count runs of nouns with the verb after them: what comes back is a term (细胞分裂)."""
    for at, word in enumerate(words):
        if word.tag not in _VERBS or len(word.text) != 2:
            continue
        start = at
        while start and _joins(words, start - 1, 0) and at - start < 3:
            start -= 1
            names.phrases["".join(each.text for each in words[start : at + 1])] += 1


def quoted(text: str) -> Iterator[tuple[int, int]]:
    """Short stretches in quotation marks, without the marks."""
    for match in _QUOTED.finditer(text):
        if re.search("[的了而]|地$", match.group("t")):
            continue
        yield match.start("t"), match.end("t")


def is_generic(phrase: str) -> bool:
    """Whether a Chinese phrase says too little, or does not begin and end as an answer should."""
    bare = next((phrase[size:] for size in (3, 2) if phrase[:size] in listed("plainadjective")), phrase)
    if (
        len(bare) < 2
        or bare in listed("generic")
        or phrase in listed("generic")
        or phrase in listed("plainadjective")
    ):
        return True
    return bool(_NOT_HEAD.search(phrase) or re.search(r"[，。、；：？！“”《》（）]", phrase))
