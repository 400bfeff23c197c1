"""How long a search takes in a store of a million messages, and how much longer LIKE would.

The promise: 95 of 100 queries within 50 ms, for the usual kinds of query in both languages.

    python -m bench.search --messages 100000
"""

from __future__ import annotations

import argparse
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from aigc_tui.ids import utc_now, uuid7
from aigc_tui.store import Message, Status, Store
from bench.corpus import Corpus
from bench.report import Ratio, percentile, write_json

TARGET_SECONDS = 0.050
_TURNS = 10
_BATCH = 5_000
_LIMIT = 50
_LIKE_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Timing:
    """How one kind of query did. Seconds."""

    kind: str
    queries: int
    hits: float
    """Median number of hits shown."""
    p50: float
    p95: float
    slowest: float
    processor_p95: float
    """The same as `p95` in time on the processor, which other programs on the machine do not lengthen."""
    like_p50: float
    like_slowest: float
    like: Ratio
    """How many times longer the same query took by LIKE, newest first, as many rows."""


@dataclass(frozen=True, slots=True)
class _Timed:
    """Seconds that one query took, by the clock and on the processor, and how many rows it gave."""

    seconds: float
    processor: float
    rows: int


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes."""

    file: int
    text: int
    index: int


def run(messages: int = 1_000_000, out: Path | None = None, queries: int = 200) -> dict[str, object]:
    """Fill a store, search it, print and write what came out.

    Args:
        messages: how many messages to search in.
        out: the JSON file; None: `bench/results/search.json`.
        queries: how many queries of each kind.

    Returns:
        What the JSON file holds.
    """
    corpus = Corpus()
    with tempfile.TemporaryDirectory(prefix="aigc-tui-bench-") as folder:
        path = Path(folder) / "store.db"
        with Store.open(path) as store:
            started = time.perf_counter()
            fill(store, corpus.messages(messages))
            filled = time.perf_counter() - started
            timings = [_measure(store, kind, make, queries) for kind, make in kinds(corpus).items()]
        sizes = _sizes(path)
    result: dict[str, object] = {
        "messages": messages,
        "fill_seconds": filled,
        "sizes": sizes,
        "timings": timings,
        "target_seconds": TARGET_SECONDS,
        "met": all(timing.p95 <= TARGET_SECONDS for timing in timings),
    }
    _print(messages, timings, sizes)
    write_json("search", result, out)
    return result


def fill(store: Store, texts: Iterable[str]) -> None:
    """Store texts as conversations of ten turns, through the store's own calls."""
    source = iter(texts)
    while batch := list(islice(source, _BATCH)):
        with store.database.write():
            for start in range(0, len(batch), _TURNS):
                _add_conversation(store, batch[start : start + _TURNS])


def kinds(corpus: Corpus) -> dict[str, Callable[[], str]]:
    """The kinds of query, each as a maker of queries."""

    def common(vocabulary: list[str]) -> str:
        """Common enough that two of them meet in a message."""
        return corpus.word(vocabulary, first=10, last=1_000)

    return {
        "two-character Chinese": lambda: corpus.word(corpus.chinese),
        "English word": lambda: corpus.word(corpus.english),
        "two English words": lambda: f"{common(corpus.english)} {common(corpus.english)}",
        "two Chinese words": lambda: f"{common(corpus.chinese)} {common(corpus.chinese)}",
        "one Chinese character": lambda: corpus.word(corpus.chinese)[0],
        "mixed": lambda: f"{common(corpus.chinese)} {common(corpus.english)}",
    }


def _add_conversation(store: Store, texts: Sequence[str]) -> None:
    conversation = store.conversations.create(title=texts[0][:40])
    parent = None
    for turn, text in enumerate(texts):
        role = "assistant" if turn % 2 else "user"
        message = Message(uuid7(), conversation.id, parent, role, "", text, Status.COMPLETE, utc_now())
        store.messages.insert(message)
        parent = message.id


def _measure(store: Store, kind: str, make: Callable[[], str], count: int) -> Timing:
    queries = [make() for _ in range(count)]
    measured: list[_Timed] = [
        _timed(lambda text: store.search(text, limit=_LIMIT), query) for query in queries
    ]
    seconds = [each.seconds for each in measured]
    sample = range(0, count, max(1, count // _LIKE_ROUNDS))
    with closing(sqlite3.connect(store.database.path)) as plain:
        like = [_timed(lambda text: _by_like(plain, text), queries[at]).seconds for at in sample]
    return Timing(
        kind=kind,
        queries=count,
        hits=statistics.median(each.rows for each in measured),
        p50=percentile(seconds, 50),
        p95=percentile(seconds, 95),
        slowest=max(seconds),
        processor_p95=percentile([each.processor for each in measured], 95),
        like_p50=percentile(like, 50),
        like_slowest=max(like),
        like=Ratio.of("LIKE / index", like, [seconds[at] for at in sample]),
    )


def _timed(call: Callable[[str], Sequence[object]], query: str) -> _Timed:
    started, processor = time.perf_counter(), time.process_time()
    rows = call(query)
    return _Timed(time.perf_counter() - started, time.process_time() - processor, len(rows))


def _by_like(connection: sqlite3.Connection, query: str) -> list[tuple[str]]:
    words = query.split()
    where = " AND ".join("content LIKE ?" for _ in words)
    sql = f"SELECT id FROM message WHERE {where} ORDER BY seq DESC LIMIT {_LIMIT}"
    return connection.execute(sql, [f"%{word}%" for word in words]).fetchall()


def _sizes(path: Path) -> Sizes:
    with closing(sqlite3.connect(path)) as connection:
        text = connection.execute("SELECT sum(length(CAST(content AS BLOB))) FROM message").fetchone()[0]
        index = connection.execute("SELECT sum(length(block)) FROM message_search_data").fetchone()[0]
    return Sizes(path.stat().st_size, text, index)


def _lines(messages: int, timings: Sequence[Timing], sizes: Sizes) -> Iterator[str]:
    megabytes = f"{sizes.text / 1e6:,.0f} MB of text, index {sizes.index / 1e6:,.0f} MB"
    yield f"search in {messages:,} messages ({megabytes}, ratio {sizes.index / sizes.text:.2f})"
    for each in timings:
        verdict = "ok" if each.p95 <= TARGET_SECONDS else "TOO SLOW"
        yield (
            f"  {each.kind:22s} p50 {each.p50 * 1e3:6.2f}  p95 {each.p95 * 1e3:6.2f}"
            f"  max {each.slowest * 1e3:6.2f}  (processor p95 {each.processor_p95 * 1e3:6.2f}) ms"
            f"  {each.hits:3.0f} hits  {each.like}, LIKE at most {each.like_slowest * 1e3:.0f} ms  {verdict}"
        )


def _print(messages: int, timings: Sequence[Timing], sizes: Sizes) -> None:
    print(*_lines(messages, timings, sizes), sep="\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run from the command line; exit code 1 when the target was missed."""
    parser = argparse.ArgumentParser(prog="bench.search", description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args(argv)
    return 0 if run(options.messages, options.out, options.queries)["met"] else 1


if __name__ == "__main__":
    sys.exit(main())
