"""Does a text run in circles, and how varied are its words.

A **loop**: the text ends by saying the same n-gram over and over, the usual death of a small model at low
temperature (Holtzman et al., arXiv:1904.09751, section 3). **distinct-n** (Li et al., arXiv:1510.03055,
section 5.1): different n-grams divided by all n-grams of the samples.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

import yaml

from aigc_tui.corpora.records import DialogueMessage
from aigc_tui.evaluation.formats import shipped_folder
from aigc_tui.evaluation.model import Draw, EvaluatedModel
from aigc_tui.evaluation.report import Sampled
from aigc_tui.text import clean

LONGEST_UNIT = 20
TIMES = 3
LEAST = 6
"""A loop says its n-gram so often and is at least so long: "no, no, no" is speech."""
_UNITS = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]|[^\W\u2e80-\u9fff\uf900-\ufaff]+")


def units(text: str) -> list[str]:
    """Split into words, and into characters where the text is Chinese; punctuation does not count."""
    return _UNITS.findall(text.lower())


def ends_in_loop(text: str) -> bool:
    """Say whether some n-gram of up to 20 units fills the end of the text three times or more.

    A row has period p when each unit equals the one p places before it, so a last repetition that was cut
    short by the length limit needs no case of its own; only a last word that was cut does.
    """
    said = units(text)
    return any(_periodic(said, period) for period in range(1, LONGEST_UNIT + 1))


def distinct(texts: Iterable[str], n: int) -> float:
    """Different n-grams as a share of all n-grams of the texts, 0 to 1; 0 where there is none."""
    grams = [tuple(said[i : i + n]) for said in map(units, texts) for i in range(len(said) - n + 1)]
    return len(set(grams)) / len(grams) if grams else 0.0


def _periodic(said: Sequence[str], period: int) -> bool:
    length = max(LEAST, TIMES * period)
    tail = said[-length:]
    if len(tail) < length or not tail[-1 - period].startswith(tail[-1]):
        return False
    return all(tail[i] == tail[i - period] for i in range(period, length - 1))


def load_prompts(language: str) -> list[str]:
    """Read the shipped prompts of a language."""
    raw = yaml.safe_load((shipped_folder() / "prompts.yaml").read_text(encoding="utf-8"))
    return [str(one) for one in raw[language]]


def measure(
    model: EvaluatedModel,
    prompts: Sequence[str],
    tokens: int,
    seed: int,
    tell: Callable[[], None],
    sampling: Mapping[str, float],
) -> Sampled:
    """Sample one reply to each prompt.

    Args:
        model: The model.
        prompts: What is said to it.
        tokens: Longest reply.
        seed: Of the first sample; each further one has the next.
        tell: Called after each sample.
        sampling: How, see `Draw`.
    """
    texts = []
    for place, prompt in enumerate(prompts):
        draw = Draw(tokens, sampling, seed + place)
        texts.append(clean(model.reply((DialogueMessage("user", prompt),), draw)))
        tell()
    loops = sum(map(ends_in_loop, texts))
    varied = (distinct(texts, 1), distinct(texts, 2), distinct(texts, 3))
    return Sampled(len(texts), loops / len(texts) if texts else 0.0, varied, tuple(texts))
