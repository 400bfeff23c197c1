"""What sort of thing a Chinese term is, as far as its last character tells.

Why it exists: the analysis calls an army, a river and a cellar all terms. A learner sees at once that they
are not alike, and a wrong option of another sort is struck out without knowing anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
