"""xz as a model: what it has seen costs little, what is random costs eight bits a byte."""

from __future__ import annotations

import random

from aigc_tui.corpora.records import DialogueMessage, Record
from aigc_tui.evaluation.baselines import compress


def test_what_was_seen_is_nearly_free() -> None:
    text = "".join(random.Random(0).choices("abcdefghij klmnop", k=4000))
    seen = compress([Record(text=text)], [Record(text=text)])
    fresh = compress([], [Record(text=text)])
    assert seen.bytes == fresh.bytes == 4000
    assert seen.bits_per_byte < 0.2
    assert 3.9 < fresh.bits_per_byte < 5.5  # log2 of 17 letters is 4.09


def test_of_a_dialogue_only_words_count_as_bytes() -> None:
    talk = Record(messages=(DialogueMessage("user", "你好"), DialogueMessage("assistant", "Hi there")))
    assert compress([], [talk]).bytes == 6 + 8
