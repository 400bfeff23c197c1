"""What an evaluation found, as typed records that become the JSON of docs/cli.md."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aigc_tui.evaluation.next_reply import ReplyScore
from aigc_tui.evaluation.passage_qa import Answered
from aigc_tui.evaluation.scoring import Scored
from aigc_tui.evaluation.suite import QUESTIONS
from aigc_tui.text import one_line

LANGUAGES = ("en", "zh")


@dataclass(frozen=True, slots=True)
class SourceScore:
    """What one source gave; None: not measured on this kind of source, or not offered by the model."""

    name: str
    language: str
    kind: str
    scored: Scored | None = None
    chosen: ReplyScore | None = None
    answered: Answered | None = None

    def to_json(self) -> dict[str, Any]:
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
    sampling: Mapping[str, float] = field(default_factory=dict)
    """How the samples were taken."""

    def scored(self, language: str = "") -> Scored:
        """Sum of all text scored, of one language or of both."""
        return sum((s.scored for s in self._of(language) if s.scored is not None), Scored())

    def chosen(self, language: str = "") -> ReplyScore:
        return sum((s.chosen for s in self._of(language) if s.chosen is not None), ReplyScore())

    def answered(self, language: str = "") -> Answered:
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
            "sampling": dict(self.sampling),
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


def chosen_json(chosen: ReplyScore | None) -> dict[str, Any]:
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


_NOTHING = "–"
_Cell = Callable[[ModelReport, str], float | None]
_NAMES = {"en": "English", "zh": "Chinese"}


def _share(value: float | None) -> str:
    return _NOTHING if value is None else f"{100 * value:.1f} %"


def _decimals(value: float | None) -> str:
    return _NOTHING if value is None else f"{value:.3f}"


def _bits(report: ModelReport, language: str) -> float | None:
    scored = report.scored(language)
    return scored.bits_per_byte if scored.bytes else None


def _choice(report: ModelReport, language: str) -> float | None:
    chosen = report.chosen(language)
    return chosen.accuracy if chosen.items else None


def _choice_pmi(report: ModelReport, language: str) -> float | None:
    chosen = report.chosen(language)
    return chosen.accuracy_pmi if chosen.items else None


def _generation(report: ModelReport, language: str) -> float | None:
    answered = report.answered(language)
    return answered.generation_f1 if answered.items else None


def _loops(report: ModelReport, language: str) -> float | None:
    return report.samples[language].loop_rate if language in report.samples else None


def _format(report: ModelReport, language: str) -> float | None:
    return report.formats[language].share if language in report.formats else None


def _distinct(n: int) -> _Cell:
    return lambda report, language: (
        report.samples[language].distinct[n - 1] if language in report.samples else None
    )


_ROWS: Sequence[tuple[str, _Cell, Callable[[float | None], str]]] = (
    ("bits per byte ↓", _bits, _decimals),
    ("next reply of 4 ↑ (chance 25 %)", _choice, _share),
    ("next reply of 4 by PMI ↑", _choice_pmi, _share),
    ("passage answers, extraction F1 ↑", lambda r, lang: r.answered(lang).extraction_f1, _share),
    ("passage answers, generation F1 ↑", _generation, _share),
    ("format obedience ↑", _format, _share),
    ("samples that loop ↓", _loops, _share),
    ("distinct-1 ↑", _distinct(1), _decimals),
    ("distinct-2 ↑", _distinct(2), _decimals),
    ("distinct-3 ↑", _distinct(3), _decimals),
)


def render(reports: Sequence[ModelReport], footer: Sequence[str]) -> str:
    """Render reports side by side, the model under test first.

    Args:
        reports: Of models and baselines.
        footer: Lines about how it was measured.
    """
    parts = [_measures(reports), _by_source(reports)]
    if dialogues := [s for s in reports[0].sources if s.chosen is not None and s.chosen.items]:
        parts.append(_choices(reports, dialogues))
    notes = dict.fromkeys(note for report in reports for note in report.skipped)
    lines = [*footer, *(f"Not measured: {one_line(note, 300)}" for note in notes)]
    return "\n\n".join([*parts, "\n".join(f"- {line}" for line in lines)]) + "\n"


def _measures(reports: Sequence[ModelReport]) -> str:
    head = ["measure", *(f"{_name(report)}, {_NAMES[lang]}" for report in reports for lang in LANGUAGES)]
    rows = [
        [label, *(shown(cell(report, lang)) for report in reports for lang in LANGUAGES)]
        for label, cell, shown in _ROWS
    ]
    return _table(head, [row for row in rows if any(cell != _NOTHING for cell in row[1:])])


def _by_source(reports: Sequence[ModelReport]) -> str:
    head = ["bits per byte by source ↓", "language", "bytes", *map(_name, reports)]
    rows = []
    for source in (s for s in reports[0].sources if s.kind != QUESTIONS and s.scored is not None):
        cells = [_decimals(_bits_of(found)) for found in by_name(reports, source.name)]
        size = source.scored.bytes if source.scored else 0
        rows.append([one_line(source.name, 60), _NAMES[source.language], f"{size:,}", *cells])
    return _table(head, rows)


def _choices(reports: Sequence[ModelReport], dialogues: Sequence[SourceScore]) -> str:
    models = [report for report in reports if report.chosen().items]
    head = ["next reply by source ↑", "language", "items"]
    head += [f"{_name(report)}{by}" for report in models for by in ("", ", PMI")]
    rows = []
    for source in dialogues:
        chosen = [found.chosen if found else None for found in by_name(models, source.name)]
        pairs = [(c.accuracy, c.accuracy_pmi) if c else (None, None) for c in chosen]
        cells = [_share(value) for pair in pairs for value in pair]
        items = source.chosen.items if source.chosen else 0
        rows.append([one_line(source.name, 60), _NAMES[source.language], str(items), *cells])
    return _table(head, rows)


def _bits_of(source: SourceScore | None) -> float | None:
    return source.scored.bits_per_byte if source is not None and source.scored is not None else None


def _name(report: ModelReport) -> str:
    return one_line(report.name, 40).replace("|", "/")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    rule = ["---", *("---:" for _ in head[1:])]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *rows))
