"""What an evaluation found, as typed records that become the JSON of docs/cli.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from aigc_tui.evaluation.next_reply import Chosen
from aigc_tui.evaluation.passage_qa import Answered
from aigc_tui.evaluation.scoring import Scored

LANGUAGES = ("en", "zh")


@dataclass(frozen=True, slots=True)
class SourceScore:
    """What one source gave; None: not measured on this kind of source, or not offered by the model."""

    name: str
    language: str
    kind: str
    scored: Scored | None = None
    chosen: Chosen | None = None
    answered: Answered | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the fields that were measured."""
        shown: dict[str, Any] = {"name": self.name, "language": self.language, "kind": self.kind}
        if self.scored is not None:
            shown |= scored_json(self.scored)
        return shown | chosen_json(self.chosen) | answered_json(self.answered)


@dataclass(frozen=True, slots=True)
class Failure:
    """A format task that was not obeyed: what was asked and what came."""

    ask: str
    reply: str
    check: str


@dataclass(frozen=True, slots=True)
class Obeyed:
    """Format tasks of one language."""

    items: int
    passed: int
    failures: tuple[Failure, ...] = ()

    @property
    def share(self) -> float:
        """Share of tasks obeyed."""
        return self.passed / self.items if self.items else 0.0


@dataclass(frozen=True, slots=True)
class Sampled:
    """Samples of one language: how many looped, and how varied they were."""

    items: int
    loop_rate: float
    distinct: tuple[float, float, float]
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelReport:
    """Everything measured on one model (or, with sources only, on a baseline)."""

    name: str
    engine: str
    sources: tuple[SourceScore, ...] = ()
    formats: dict[str, Obeyed] = field(default_factory=dict)
    samples: dict[str, Sampled] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()
    seconds: float = 0.0

    def scored(self, language: str = "") -> Scored:
        """Sum of all text scored, of one language or of both."""
        return sum((s.scored for s in self._of(language) if s.scored is not None), Scored())

    def chosen(self, language: str = "") -> Chosen:
        """Sum of all next-reply choices."""
        return sum((s.chosen for s in self._of(language) if s.chosen is not None), Chosen())

    def answered(self, language: str = "") -> Answered:
        """Sum of all questions."""
        return sum((s.answered for s in self._of(language) if s.answered is not None), Answered())

    def to_json(self) -> dict[str, Any]:
        """Return the report; see docs/cli.md for its keys."""
        return {
            **scored_json(self.scored()),
            "name": self.name,
            "engine": self.engine,
            "seconds": round(self.seconds, 1),
            "languages": {language: self._language_json(language) for language in LANGUAGES},
            "sources": [source.to_json() for source in self.sources],
            "skipped": list(self.skipped),
        }

    def _of(self, language: str) -> Iterable[SourceScore]:
        return (source for source in self.sources if language in ("", source.language))

    def _language_json(self, language: str) -> dict[str, Any]:
        shown = (
            scored_json(self.scored(language))
            | chosen_json(self.chosen(language))
            | answered_json(self.answered(language))
        )
        if (obeyed := self.formats.get(language)) is not None:
            shown |= {
                "format_items": obeyed.items,
                "format_obedience": round(obeyed.share, 4),
                "format_failures": [
                    {"ask": one.ask, "reply": one.reply, "check": one.check} for one in obeyed.failures
                ],
            }
        if (sampled := self.samples.get(language)) is not None:
            shown |= {"sample_items": sampled.items, "loop_rate": round(sampled.loop_rate, 4)}
            shown |= {f"distinct_{n}": round(value, 4) for n, value in enumerate(sampled.distinct, 1)}
            shown["samples"] = list(sampled.texts)
        return shown


def scored_json(scored: Scored) -> dict[str, Any]:
    """The four numbers of a scored text."""
    return {
        "bits_per_byte": round(scored.bits_per_byte, 6),
        "bytes": scored.bytes,
        "tokens": scored.tokens,
        "loss": round(scored.loss, 6),
    }


def chosen_json(chosen: Chosen | None) -> dict[str, Any]:
    """Next-reply choice, if there was any."""
    if chosen is None or not chosen.items:
        return {}
    return {
        "next_reply_items": chosen.items,
        "next_reply": round(chosen.accuracy, 4),
        "next_reply_pmi": round(chosen.accuracy_pmi, 4),
    }


def answered_json(answered: Answered | None) -> dict[str, Any]:
    """Passage questions, if there were any."""
    if answered is None or not answered.items:
        return {}
    extraction = answered.extraction_f1
    return {
        "qa_items": answered.items,
        "qa_extraction_f1": None if extraction is None else round(extraction, 4),
        "qa_generation_f1": round(answered.generation_f1, 4),
    }


def by_name(reports: Sequence[ModelReport], source: str) -> list[SourceScore | None]:
    """Find a source in each of several reports."""
    return [next((s for s in report.sources if s.name == source), None) for report in reports]
