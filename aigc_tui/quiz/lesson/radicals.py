"""Chinese letters that a PDF wrote as radicals, taken back to the letters they look like.

Why it exists: browsers and office programs subset fonts in which 黄 and the radical ⻩ share a glyph, and
name the glyph by the radical. Such a PDF looks right and reads wrong: nothing that is typed would be found in
it, and no answer typed by a pupil would be right. Sources: Unicode's NFKC for Kangxi radicals (U+2F00 to
U+2FD5), and EquivalentUnifiedIdeograph.txt for the supplement (U+2E80 to U+2EF3), as far as its radicals are
whole letters.
"""

from __future__ import annotations

import unicodedata

_SUPPLEMENT = dict(
    zip(
        "⺁⺋⺒⺓⺟⺠⺦⺧⺮⺯⺰⺴⺼⺽⻁⻂⻃⻄⻅⻆⻇⻈⻉⻋⻌⻐⻑⻒⻓⻔⻗⻘⻙⻚⻛⻜⻝⻟⻠⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⻳",
        "厂卩巳幺母民丬牛竹糸纟网肉臼虎衣西西见角角讠贝车辶钅長長长门雨青韦页风飞食食饣马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龟亀龟",
        strict=True,
    )
)
_KANGXI = {chr(code): unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}
_TABLE = str.maketrans(_KANGXI | _SUPPLEMENT)


def unified(text: str) -> str:
    """Replace radicals by their letters, one for one.

    Args:
        text: What was read from a page.
    """
    return text.translate(_TABLE)
