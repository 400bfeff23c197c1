"""Models that are no models: a character 5-gram and xz, trained on the suite's training samples."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from aigc_tui.corpora.records import Record
from aigc_tui.evaluation import compression
from aigc_tui.evaluation.char_ngram import ORDER, CharNgram, spoken
from aigc_tui.evaluation.model import Progress
from aigc_tui.evaluation.report import LANGUAGES, ModelReport, SourceScore
from aigc_tui.evaluation.scoring import Scored
from aigc_tui.evaluation.suite import QUESTIONS, Source, records, train_records
from aigc_tui.message import message

NGRAM_NAME, XZ_NAME = f"character {ORDER}-gram", "xz"
ENGINE = "baseline"
_Measure = Callable[[Source, list[Record]], Scored]


def measure_ngram(
    sources: Sequence[Source],
    held_out_bytes: int,
    train_bytes: int,
    tell: Progress,
) -> ModelReport:
    """Count one 5-gram a language on the training samples of all its sources, and score each source.

    Args:
        sources: A suite.
        held_out_bytes: Scored of each source: as many as of the models.
        train_bytes: Read of each source's training sample.
        tell: Told how far it is.
    """
    begun, models = time.monotonic(), {}
    for place, language in enumerate(LANGUAGES):
        tell(message("{name}: counting", name=NGRAM_NAME), place, len(LANGUAGES))
        usable = [one for one in sources if one.language == language and one.kind != QUESTIONS]
        read = [train_records(source, train_bytes) for source in usable]
        models[language] = CharNgram(spoken(record).text for found in read for record in found)

    def score(source: Source, held_out: list[Record]) -> Scored:
        return sum(map(models[source.language].score, held_out), Scored())

    report = _report(NGRAM_NAME, sources, held_out_bytes, score, tell)
    return replace(report, seconds=time.monotonic() - begun)


def measure_xz(
    sources: Sequence[Source],
    held_out_bytes: int,
    train_bytes: int,
    tell: Progress,
) -> ModelReport:
    """Compress each source behind its own training sample; arguments as of :func:`measure_ngram`."""

    def score(source: Source, held_out: list[Record]) -> Scored:
        return compression.measure(train_records(source, train_bytes), held_out)

    return _report(XZ_NAME, sources, held_out_bytes, score, tell)


def _report(
    name: str,
    sources: Sequence[Source],
    held_out_bytes: int,
    score: _Measure,
    tell: Progress,
) -> ModelReport:
    begun, found, missing = time.monotonic(), [], []
    usable = [source for source in sources if source.kind != QUESTIONS]
    for place, source in enumerate(usable):
        tell(message("{name}: {what}", name=name, what=source.name), place, len(usable))
        if source.train is None:
            missing.append(source.name)
            continue
        scored = score(source, records(source, held_out_bytes))
        found.append(SourceScore(source.name, source.language, source.kind, scored=scored))
    report = ModelReport(name, ENGINE, tuple(found), seconds=time.monotonic() - begun)
    note = f"{name}: no training sample of {', '.join(missing)}; --make-suite makes them"
    return replace(report, skipped=(note,)) if missing else report
