"""Next-reply choice: one right among four, drawn evenly and seeded, and a model that must be right."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from aigc_tui.corpora.records import DialogueMessage, Record
from aigc_tui.evaluation.model import Draw, NoProbabilitiesError
from aigc_tui.evaluation.next_reply import ReplyScore, make_choices, measure
from aigc_tui.evaluation.scoring import Scored

TOPICS = ("tea", "rain", "music", "snow", "bread", "stars")


def dialogue(topic: str) -> Record:
    """Talk in which each reply names the topic that the user named."""
    said = [("system", "Be kind."), ("user", f"I like {topic}."), ("assistant", f"Why {topic}?")]
    said += [("user", f"{topic} is good"), ("assistant", f"Yes, {topic} is very good indeed.")]
    return Record(messages=tuple(DialogueMessage(*one) for one in said))


RECORDS = [dialogue(topic) for topic in TOPICS]


class Attentive:
    """A model for which a reply is likely when it names what the user named; and long replies cost more."""

    engine = "test"

    def score(self, record: Record) -> Scored:
        return Scored(1.0, 1, 1)

    def score_replies(self, before: Sequence[DialogueMessage], replies: Sequence[str]) -> list[Scored]:
        heard = " ".join(message.content for message in before)
        found = []
        for reply in replies:
            known = any(topic in heard and topic in reply for topic in TOPICS)
            words = len(reply.split())
            found.append(Scored(words * (0.5 if known else 2.0), words, len(reply)))
        return found

    def best_span(self, before: Sequence[DialogueMessage], passage: str) -> str:
        raise NoProbabilitiesError("none")

    def reply(self, before: Sequence[DialogueMessage], draw: Draw) -> str:
        return "tea"


class Fixed(Attentive):
    """A model that likes one phrase everywhere, more than PMI forgives: it never listens."""

    def score_replies(self, before: Sequence[DialogueMessage], replies: Sequence[str]) -> list[Scored]:
        return [Scored(0.1 if "tea" in reply else 5.0, 1, 1) for reply in replies]


def test_each_choice_holds_what_was_said_and_three_of_other_dialogues() -> None:
    choices = make_choices(RECORDS, 12)
    assert len(choices) == 12
    for choice in choices:
        topic = next(t for t in TOPICS if t in choice.before[1].content)
        assert choice.before[0].role == "system"
        assert choice.before[-1].role == "user"
        assert len(set(choice.replies)) == 4
        assert [topic in reply for reply in choice.replies].count(True) == 1
        assert topic in choice.replies[choice.right]


def test_choices_are_spread_over_the_dialogues_and_places_and_seeded() -> None:
    first = make_choices(RECORDS, 6)
    assert len({choice.before[1].content for choice in first}) == 6
    assert make_choices(RECORDS, 6) == first
    assert make_choices(RECORDS, 6, seed=1) != first
    assert len({choice.right for choice in make_choices(RECORDS, 12)}) > 1


def test_too_few_other_dialogues_give_no_choice() -> None:
    assert make_choices(RECORDS[:2], 5) == []
    assert make_choices([Record(text="no talk")] * 9, 5) == []


def test_a_model_that_listens_is_always_right() -> None:
    told: list[None] = []
    found = measure(Attentive(), make_choices(RECORDS, 12), lambda: told.append(None))
    assert found == ReplyScore(12, 12, 12)
    assert (found.accuracy, found.accuracy_pmi, len(told)) == (1.0, 1.0, 12)


def test_a_model_that_likes_one_reply_everywhere_is_right_by_chance_only() -> None:
    found = measure(Fixed(), make_choices(RECORDS, 12), lambda: None)
    assert found.right < 6


def test_sums() -> None:
    assert ReplyScore(1, 1, 0) + ReplyScore(3, 0, 2) == ReplyScore(4, 1, 2)
    assert ReplyScore().accuracy == ReplyScore().accuracy_pmi == pytest.approx(0.0)
