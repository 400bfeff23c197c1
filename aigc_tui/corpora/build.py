"""The loop of a build: read, clean, judge, compare, write; checkpoint; continue after a kill.

A checkpoint ends the compressed members, sees them onto the disk, and only then notes how many records of
which source they hold. What a killed build wrote behind its last checkpoint is cut off and made again, so no
document is written twice and none is lost; the result is the same, byte for byte of its text, as without the
kill.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass, field, replace
from functools import partial, reduce
from pathlib import Path

from aigc_tui.corpora import dedupe, filters
from aigc_tui.corpora.document import Caps, CorporaError, Document, Dropped, Item, StoppedError
from aigc_tui.corpora.output import LOG, PARTS, State, Workplace, Writer, ending_of, key_of, locked
from aigc_tui.corpora.reader import Source, Taste
from aigc_tui.corpora.recognise import Kind, reader_for, recognise
from aigc_tui.corpora.report import Report, SourceReport
from aigc_tui.corpora.unpack import Meter, shown
from aigc_tui.message import Message, message

CRAWLED = frozenset((Kind.WIKIPEDIA, Kind.COMMON_CRAWL, Kind.REDDIT))
"""Sources that nobody chose by hand: rules of quality apply, and short texts are stubs."""
CRAWLED_CHARS = 100
_CHECKPOINT_BYTES = 32 << 20
_CHECKPOINT_SECONDS = 20.0
_TOLD_EVERY = 32


@dataclass(frozen=True, slots=True)
class BuildPlan:
    """What is to be built.

    Args:
        sources: Files and folders, in the order in which they are read.
        output: The file to be made; its name decides how it is compressed.
        limits: Which documents are kept.
        min_chars: The fewest characters of a document; ``None``: 100 for what was crawled, 1 for other files.
        dev: The share that goes into a development part.
        test: The share that goes into a test part.
        max_records: The most documents kept of one source; 0: all.
        max_bytes: The most bytes of text kept of one source; 0: all.
        near: Whether near duplicates are dropped, beside exact ones.
        capacity: How many documents are remembered for comparison.
        taste: What to take of sources that leave a choice.
        caps: What a source may cost.
    """

    sources: tuple[Path, ...]
    output: Path
    limits: filters.Limits = field(default_factory=filters.Limits)
    min_chars: int | None = None
    dev: float = 0.0
    test: float = 0.0
    max_records: int = 0
    max_bytes: int = 0
    near: bool = True
    capacity: int = dedupe.DEFAULT_CAPACITY
    taste: Taste = field(default_factory=Taste)
    caps: Caps = field(default_factory=Caps)


Progress = Callable[[str, int, int], None]
"""Is told the source's name, and bytes read and to be read of all sources."""


def build(
    plan: BuildPlan,
    progress: Progress = lambda *_: None,
    stop: Callable[[], bool] = lambda: False,
    *,
    overwrite: bool = False,
    restart: bool = False,
) -> Report:
    """Build a corpus, or go on with one.

    Args:
        plan: What from, what to.
        progress: Is told how far it is.
        stop: Is asked between records whether to stop.
        overwrite: Whether an output that is there is replaced.
        restart: Whether an unfinished build is thrown away.

    Raises:
        CorporaError: A source cannot be used, the output exists, or nothing was kept.
        StoppedError: ``stop`` said so; the same call goes on.
        OSError: The output cannot be written.
    """
    place = Workplace(plan.output, ending_of(plan.output))
    there = next((path for path in place.products if path.exists()), None)
    if there is not None and not overwrite:
        raise CorporaError("{path} already exists; --overwrite replaces it", path=shown(there))
    files = [path for path in expand(plan.sources) if not place.owns(path)]
    kinds = [recognise(path, plan.caps) for path in files]
    if restart and place.folder.exists():
        shutil.rmtree(place.folder)
    with locked(place.folder):
        stamps = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
        key = key_of((_options(plan), stamps))
        pairs = zip(files, kinds, strict=True)
        reports = [SourceReport(str(path), kind.name.lower()) for path, kind in pairs]
        state = place.load(key) or State(key, Report(reports))
        if not state.finished:
            state.report.sessions += 1
            with closing(_Build(plan, place, state)) as work:
                sizes = tuple(path.stat().st_size for path in files)
                _Run(work, tuple(files), tuple(kinds), sizes, progress, stop).all()
        place.publish(state)
    return state.report


def _options(plan: BuildPlan) -> dict[str, object]:
    """What of a plan changes its result, as plain values."""
    said = {**asdict(plan), "sources": [], "output": plan.output.name}
    said["limits"]["languages"] = sorted(plan.limits.languages)
    return said


def expand(sources: Sequence[Path]) -> list[Path]:
    """Name the files: those in folders too, in the order of their names, hidden ones left out.

    Raises:
        CorporaError: There is none.
    """
    found: list[Path] = []
    for path in sources:
        inside = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
        found += [each for each in inside if path == each or not each.name.startswith(".")]
    if not found:
        raise CorporaError("the sources hold no file")
    return found


class _Build:
    def __init__(self, plan: BuildPlan, place: Workplace, state: State) -> None:
        self.plan, self.place, self.state = plan, place, state
        self._files = ExitStack()
        names = [name for name in PARTS if name == "train" or getattr(plan, name) > 0]
        self._parts = {name: self._open(name, place.ending) for name in names}
        self._log = self._open(LOG, ".jsonl")
        self._seen = dedupe.Seen(plan.capacity)
        self._seen.replay(place.part(LOG))
        self._unsaved, self._since = 0, time.monotonic()

    def _open(self, name: str, ending: str) -> Writer:
        writer = Writer(self.place.part(name), ending, self.state.sizes.get(name, 0))
        return self._files.enter_context(closing(writer))

    def close(self) -> None:
        self._files.close()

    def take(self, item: Item, report: SourceReport, limits: filters.Limits) -> None:
        if isinstance(item, Dropped):
            report.drop(item.reason, item.where)
            return
        document = item.cleaned()
        reason, language = filters.judge(document, limits)
        if reason:
            report.drop(reason, document.id)
            return
        mark = dedupe.fingerprint(document.body(), self.plan.near)
        if twin := self._seen.find(mark):
            report.drop(f"duplicate: {twin}", document.id)
            return
        self._seen.add(mark)
        self._log.write(mark.to_bytes())
        self._write(document, mark, report, language)

    def _write(
        self, document: Document, mark: dedupe.Fingerprint, report: SourceReport, language: str
    ) -> None:
        meta = {**document.meta, "language": language, "kind": report.kind}
        line = replace(document, meta=meta).to_json().encode("utf-8", "replace") + b"\n"
        part = dedupe.split_of(mark.exact, self.plan.dev, self.plan.test)
        self._parts[part].write(line)
        self.state.report.parts[part] += 1
        report.keep(len(document.body().encode("utf-8", "replace")))
        self._unsaved += len(line)

    def checkpoint_due(self) -> bool:
        late = time.monotonic() - self._since > _CHECKPOINT_SECONDS
        return late or self._unsaved > _CHECKPOINT_BYTES

    def checkpoint(self) -> None:
        state = self.state
        state.sizes = {name: writer.end_member() for name, writer in self._parts.items()}
        state.sizes[LOG] = self._log.end_member()
        now = time.monotonic()
        state.report.seconds += now - self._since
        self._unsaved, self._since = 0, now
        self.place.save(state)


@dataclass(frozen=True, slots=True)
class _Run:
    work: _Build
    files: tuple[Path, ...]
    kinds: tuple[Kind, ...]
    sizes: tuple[int, ...]
    progress: Progress
    stop: Callable[[], bool]

    def all(self) -> None:
        state = self.work.state
        while state.source < len(self.files):
            self._one(state.source)
            state.source, state.records = state.source + 1, 0
            self.work.checkpoint()
        if not state.report.kept:
            shutil.rmtree(self.work.place.folder)  # there is nothing to continue
            raise CorporaError("no document was kept: {reason}", reason=_why_nothing(state.report))
        state.finished = True
        self.work.checkpoint()

    def _one(self, index: int) -> None:
        """Read a source; what breaks off in its middle is a problem for the report, not for the build."""
        work, path, kind = self.work, self.files[index], self.kinds[index]
        plan, state, report = work.plan, work.state, work.state.report.sources[index]
        meter = Meter()
        beat = partial(self._beat, index, meter)
        source = Source(path, plan.caps, plan.taste, work.place.folder, meter, beat)
        limits = limits_for(kind, plan)
        try:
            with closing(reader_for(kind)(source, state.records)) as items:  # type: ignore[type-var]
                for item in items:
                    if item is not None:
                        work.take(item, report, limits)
                    state.records += 1
                    self._pause(index, meter)
                    if _full(report, plan):
                        break
        except CorporaError as error:
            report.problem = error.message

    def _pause(self, index: int, meter: Meter) -> None:
        """Between two records: checkpoint, tell, stop, each when it is due."""
        if self.work.checkpoint_due():
            self.work.checkpoint()
        if self.work.state.records % _TOLD_EVERY == 0:
            self._tell(index, meter)
        if self.stop():
            self.work.checkpoint()
            raise StoppedError("stopped; run the same command again to continue")

    def _beat(self, index: int, meter: Meter) -> None:
        """The same while records are passed over that were done before: then there is nothing to save."""
        self._tell(index, meter)
        if self.stop():
            raise StoppedError("stopped; run the same command again to continue")

    def _tell(self, index: int, meter: Meter) -> None:
        self.progress(self.files[index].name, sum(self.sizes[:index]) + meter.done, sum(self.sizes))


def _why_nothing(report: Report) -> Message:
    problem = next((source.problem for source in report.sources if source.problem), None)
    if problem:
        return problem
    if report.dropped:
        # Up to three reasons, the commonest first, each with its number of records.
        said = [
            message("{reason} ({count})", count=count, reason=Message(name))
            for name, count in report.dropped.most_common(3)
        ]
        return reduce(lambda first, second: message("{first}, {second}", first=first, second=second), said)
    return message("the sources hold no records")


def limits_for(kind: Kind, plan: BuildPlan) -> filters.Limits:
    """The limits for a format: stricter for what was crawled than for what somebody chose."""
    crawled = kind in CRAWLED
    least = plan.min_chars if plan.min_chars is not None else (CRAWLED_CHARS if crawled else 1)
    return replace(plan.limits, min_chars=least, quality=plan.limits.quality and crawled)


def _full(report: SourceReport, plan: BuildPlan) -> bool:
    many = plan.max_records and report.kept >= plan.max_records
    return bool(many or (plan.max_bytes and report.text_bytes >= plan.max_bytes))
