"""How the next token is chosen: every published filter as a pure function, and the chain that orders them.

A language model gives a logit to each token of its vocabulary and no more; what is made of the logits decides
whether the text is dull, wild or repetitive (section 3.2.3 of the course's article). Each
filter here is one function of under 40 lines with its paper named, from logits of shape (V,) or (B, V) to
logits of that shape; at its neutral setting it returns them untouched. Read `temperature` and `truncation`
first, then `chain`, which joins them; `docs/sampling.md` is the map.
"""

from aigc_tui.transformer.sampling.chain import (
    LINKS,
    MODEL,
    Context,
    Kind,
    Link,
    Watcher,
    choose,
    drawn,
    filtered,
    is_greedy,
    links,
    steps,
)
from aigc_tui.transformer.sampling.settings import (
    ORDERS,
    TEMPERATURE_FIRST,
    TEMPERATURE_LAST,
    SamplingError,
    SamplingSettings,
    order_of,
)

__all__ = [
    "LINKS",
    "MODEL",
    "ORDERS",
    "TEMPERATURE_FIRST",
    "TEMPERATURE_LAST",
    "Context",
    "Kind",
    "Link",
    "SamplingError",
    "SamplingSettings",
    "Watcher",
    "choose",
    "drawn",
    "filtered",
    "is_greedy",
    "links",
    "order_of",
    "steps",
]
