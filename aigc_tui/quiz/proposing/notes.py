"""What the report of a quiz says about its model, as keys of the catalogues with their values.

Why it exists: how much of a quiz a model worded, and whether its reading was believed, decides how a teacher
reads the items; it must be said, in the teacher's language.
"""

from __future__ import annotations

from aigc_tui.quiz.making.records import Note
from aigc_tui.quiz.proposing.reader import LEAST_TRIED, Proof

_READING = {
    "on": "quiz_models.reader_on",
    "off": "quiz_models.reader_off",
    "few": "quiz_models.reader_few",
    "none": "quiz_models.reader_none",
}
_RANKING = {
    "on": "quiz_models.ranking_on",
    "off": "quiz_models.ranking_off",
    "few": "quiz_models.ranking_few",
    "none": "quiz_models.ranking_none",
}
NOTHING_TO_DO = Note("quiz_models.nothing_to_do")
STOPPED = Note("quiz_models.stopped")
GAVE_UP = Note("quiz_models.gave_up")


def share(worded: int, items: int, asked: int, model: str) -> Note:
    """How many items the model worded."""
    values = (("worded", worded), ("items", items), ("asked", asked), ("model", model))
    return Note("quiz_models.share", values)


def failed(message: str) -> Note:
    """Why the model could not be asked any more."""
    return Note("quiz_models.failed", (("message", message),))


def reading(proof: Proof) -> Note:
    """Whether the model's reading is believed."""
    return _proved(proof, _READING)


def ranking(proof: Proof) -> Note:
    """Whether its ranking of distractors is."""
    return _proved(proof, _RANKING)


def _proved(proof: Proof, keys: dict[str, str]) -> Note:
    if not proof.offered:
        return Note(keys["none"])
    if proof.tried < LEAST_TRIED:
        return Note(keys["few"])
    state = "on" if proof.can_read else "off"
    values = (("hits", proof.hits), ("tried", proof.tried), ("chance", f"{proof.expected:.1f}"))
    return Note(keys[state], values)
