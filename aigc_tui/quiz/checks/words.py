"""Words that mean something to several checks: small closed classes of English and Chinese.

Why it exists: a list is only worth trusting when there is one of it.
"""

from __future__ import annotations

import re


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
