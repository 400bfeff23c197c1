"""What the makers say in English."""

from __future__ import annotations

import re

from aigc_tui.quiz.analysis.records import TermKind
from aigc_tui.quiz.making.english_questions import ask
from aigc_tui.quiz.making.pieces import Cut
from aigc_tui.quiz.making.wording import Wording

_ARTICLE = re.compile(r"\b([Aa])n? $")


def join(cut: Cut, blank: str) -> str:
    """Put the blank in. An article before it must not tell a vowel from a consonant."""
    return _ARTICLE.sub(r"\1(n) ", cut.before) + blank + cut.after


ENGLISH = Wording(
    language="en",
    term_stems={
        None: "Which term means “{definition}”?",
        TermKind.PERSON: "Who is described as “{definition}”?",
        TermKind.PLACE: "Which place is described as “{definition}”?",
        TermKind.WORK: "Which work is described as “{definition}”?",
        TermKind.NAME: "Which name belongs to “{definition}”?",
    },
    meaning_stem="What does the lesson say that {term} is?",
    choose_blank="Which choice completes the sentence? {sentence}",
    gap="____",
    in_story="In “{title}”: {stem}",
    match_stem="Match each term with its meaning.",
    order_stem="Put these steps into the right order.",
    order_events_stem="Put these events into the order in which they happened.",
    says="The lesson says: “{quote}”",
    says_not="False: the lesson has {right}, not {wrong}. “{quote}”",
    key_feedback="Right. The lesson says: “{quote}”",
    elsewhere="No: {option} comes up elsewhere, in “{quote}”",
    instead="No: the lesson has {key} here.",
    means="No: that is {term}.",
    true_word="True",
    hedges=("more than", "over", "at least", "less than", "fewer than", "under", "up to", "nearly", "almost",
            "as many as", "as much as", "no more than", "above", "below", "between"),
    absolutes=("always", "never", "all", "none", "every", "only", "must", "no one", "impossible", "entirely"),
    two_claims=("; ", " but ", " whereas ", " while ", " although "),
    ask=ask,
    join=join,
)  # fmt: skip
