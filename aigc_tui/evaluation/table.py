"""The report as Markdown: one table of all measures, and one by source."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from aigc_tui.evaluation.report import LANGUAGES, ModelReport, SourceScore, by_name
from aigc_tui.evaluation.suite import QUESTIONS
from aigc_tui.text import one_line

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
