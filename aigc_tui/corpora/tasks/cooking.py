"""What a Chinese dish needs: ingredient lists of HowToCook, asked with the recipe at hand and without it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from random import Random

from aigc_tui.corpora.tasks.asking import Asked, Row, several

_ASK = (
    "做{dish}需要什么原料？",
    "{dish}要准备哪些材料？",
    "我想做{dish}，要买什么？",
    "{dish}的原料有哪些？",
)
_WITH = ("{text}\n\n做{dish}需要什么？", "根据菜谱，{dish}要准备哪些材料？\n\n{text}")
_SECTION = re.compile(r"## 必备原料和工具\n+(.*?)(?=\n## |\Z)", re.DOTALL)
_ITEM = re.compile(r"^[-*] +([^\n（(，,:：\[]{1,10})", re.MULTILINE)


def make(rows: Sequence[Row], random: Random) -> Iterator[Asked]:
    """Make two exchanges of each recipe in Markdown that has a list of ingredients.

    Args:
        rows: Records with ``text``.
        random: Source of choices.
    """
    for row in several(rows, random):
        text = str(row["text"])
        dish = re.sub(r"^# *|的做法.*", "", text.partition("\n")[0]).strip()
        section = _SECTION.search(text)
        items = [item.strip(" *") for item in _ITEM.findall(section[1])][:8] if section else []
        if len(items) < 2 or not 2 <= len(dish) <= 12:
            continue
        reply = f"需要{'、'.join(items)}。"
        shown = "# " + dish + "\n" + "\n".join(f"- {item}" for item in items)
        yield Asked("zh", (random.choice(_ASK).format(dish=dish), f"做{dish}{reply}"), text)
        yield Asked("zh", (random.choice(_WITH).format(dish=dish, text=shown), reply), text)
