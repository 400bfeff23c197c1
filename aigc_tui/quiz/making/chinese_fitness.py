"""Whether a stretch of a Chinese sentence is the one thing that can stand in its place.

Why it exists: one of a row of things that ends in 等, or one of many names, is no answer that anybody
could know: something else of the same sort fills the blank as well.
"""

from __future__ import annotations

import re

_MANY = 3
_LASTS = ("以上", "以下", "之久", "的历史", "多", "左右的")
"""After these 年 counts years: 2000年以上 is no date."""
_MARK = "、"
_CLAUSE = re.compile("[，,。；]")


def is_loose(before: str, key: str, after: str) -> bool:
    """Tell whether the key is one of an open or a long row, a clause by itself, or explains itself.

    Args:
        before: The sentence up to the key.
        key: The stretch.
        after: The rest.
    """
    if "（" in key or (key.endswith("年") and after.startswith(_LASTS)):
        return True
    if before.endswith(("，", "；")) and after.startswith(("，", "。", "；")):
        return True
    if not (before.endswith(_MARK) or after.startswith((_MARK, "等"))):
        return False
    rest = _CLAUSE.split(after)[0]
    row = _CLAUSE.split(before)[-1] + _MARK + rest
    return row.count(_MARK) > _MANY or "等" in rest
