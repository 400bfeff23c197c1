"""Text as checks, planning and grading compare it: folded, cut into pieces; words without content."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from aigc_tui.text import guess_language

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_SUPERSCRIPTS = str.maketrans({char: f"^{digit}" for digit, char in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")} | {"⁻": "^-"})
_SIGN = re.compile(r"(?<![\w)\]-])[-–﹣－](?=\d|[^\W\d_](?![^\W_]))")
_MINUS = "\N{MINUS SIGN}"
"""A minus is a symbol and stays; a hyphen and a dash are punctuation and go."""
_PIECE = re.compile(
    r"\d+(?:[.:/]\d+)*"
    rf"|[{HAN}]"
    rf"|[^\W\d_{HAN}]+"
    r"|[^\w\s]"
)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_POSSESSIVE = re.compile(r"(?<=\w)['’ʼ]s(?!\w)", re.I)
_APOSTROPHE = re.compile(r"(?<=\w)['’ʼ](?=\w)")
_CACHED = 1 << 14


@lru_cache(maxsize=_CACHED)
def pieces(text: str) -> tuple[str, ...]:
    """Split a text into what is compared: numbers, words, single Chinese characters, mathematical symbols.

    Args:
        text: Anything.

    Returns:
        Normalised pieces in order; spaces and punctuation are gone. A text of nothing but punctuation keeps
        it, so that `!` and `?` stay two different options.
    """
    plain = unicodedata.normalize("NFKC", _SIGN.sub(_MINUS, text.translate(_SUPERSCRIPTS))).casefold()
    plain = _APOSTROPHE.sub("", _POSSESSIVE.sub("", _THOUSANDS.sub("", plain)))
    kept = tuple(piece for piece in _PIECE.findall(plain) if _matters(piece))
    return kept or tuple(plain.split())


def _matters(piece: str) -> bool:
    if len(piece) > 1 or piece in "^#%‰":
        return True
    return unicodedata.category(piece)[0] not in "PZC" and piece not in "`´¨|"


@lru_cache(maxsize=_CACHED)
def normal(text: str) -> str:
    """The text's pieces joined by single spaces; equal for texts that say the same to a reader."""
    return " ".join(pieces(text))


def contains(text: str, part: str) -> bool:
    """Whether `part` stands in `text` as whole pieces; an empty part stands nowhere."""
    inner = normal(part)
    return bool(inner) and f" {inner} " in f" {normal(text)} "


@lru_cache(maxsize=_CACHED)
def simplified(text: str) -> str:
    """The text in simplified Chinese characters; other scripts pass through."""
    if text.isascii():
        return text
    # The dictionaries are read from disk: only a process that meets Chinese pays for them.
    return _converter()(text)


@lru_cache(maxsize=1)
def _converter() -> Callable[[str], str]:
    from opencc import OpenCC

    convert: Callable[[str], str] = OpenCC("t2s").convert
    return convert


def same(one: str, other: str) -> bool:
    """Whether two texts are equal to a reader, simplified and traditional script counting as one."""
    return normal(one) == normal(other) or normal(simplified(one)) == normal(simplified(other))


def language_of(text: str, default: str) -> str:
    """The language of one text: a quiz in Chinese may ask in English, and an imported file may mix both."""
    return guess_language(text, default)


def _set(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


FUNCTION_WORDS = _set("""
    a an the this that these those it its he him his she her hers they them their we us our you your i me my
    of in on at by for with from to into onto over under about as than and or nor but so if then because
    while is are was were be been being am do does did done has have had having will would shall should can
    could may might must not no yes there here who whom whose which what when where why how also too very
    just only all any some each both more most such other up down out off again s t
""")
"""English words that carry no content: never an answer, and no cue when the key repeats them."""
FUNCTION_CHARS = _set("""
    的 了 着 过 地 得 是 在 和 与 及 或 而 但 也 都 就 还 又 很 不 没 有 被 把 将 使 让 对 向 从 到 于 由 为
    以 因 所 其 之 这 那 此 该 它 他 她 们 我 你 您 谁 哪 什么 怎么 如何 为什么 这个 那个 这些 那些 一个
    一种 以及 并且 因为 所以 但是 如果 可以 能够 它们 他们 她们 我们 自己 其中 等 等等 吗 呢 吧 啊
""")
"""Chinese words that carry no content."""

_COUNTED = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen
"""
NUMBER_WORDS = tuple(_COUNTED.split())
HAN_DIGITS = "零一二三四五六七八九"
"""Number words, each at the index of its value."""

QUESTION_WORDS = re.compile(
    r"\b(?:who|whom|whose|what|which|when|where|why|how|name|give|state|list|explain|describe|choose|select|"
    r"identify|find|complete|match|arrange|order|put|is|are|was|were|do|does|did|can|could|has|have)\b"
    r"|[?？]|什么|谁|哪|几|多少|为何|何|如何|怎|吗|是否|多[长高大重远久快深厚宽]|下列|以下|选出|填|排|连|写出|请",
    re.I,
)
"""What makes a line a question or an instruction."""


def is_function(pieces: tuple[str, ...]) -> bool:
    """Whether a text consists of words without content."""
    whole = "".join(pieces)
    return whole in FUNCTION_CHARS or all(
        piece in FUNCTION_WORDS or (piece in FUNCTION_CHARS and len(pieces) == 1) for piece in pieces
    )
