"""How much memory `corpus build` takes for a small and a large Wikipedia dump, and how fast it is.

The figure is the peak resident memory for a large dump over that for a small one, each built in a process
of its own. The dumps are generated: multistream bzip2, a hundred pages per stream, as Wikimedia writes
them; about a third of the pages are redirects and talk, and half of an article's bytes are templates,
notes, tables and links. `--megabytes` is the unpacked size of the XML.
"""

from __future__ import annotations

import argparse
import bz2
import itertools
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.corpus import Corpus
from bench.report import write_json

MB = 1_000_000
FRESH = 200.0
_PAGES_A_STREAM = 100
_SENTENCES = 20_000
_HEAD = (
    '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="en">\n'
    "  <siteinfo>\n    <sitename>Wikipedia</sitename>\n    <dbname>benchwiki</dbname>\n  </siteinfo>\n"
)
_PAGE = (
    "  <page>\n    <title>{title}</title>\n    <ns>{ns}</ns>\n    <id>{number}</id>\n{redirect}"
    "    <revision>\n      <id>{revision}</id>\n      <timestamp>2026-11-01T00:00:00Z</timestamp>\n"
    "      <contributor>\n        <username>Bench</username>\n        <id>7</id>\n      </contributor>\n"
    '      <model>wikitext</model>\n      <text bytes="{size}" xml:space="preserve">{text}</text>\n'
    "    </revision>\n  </page>\n"
)


class Pages:
    """An endless source of pages; the same seed makes the same ones."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)
        # A big store of sentences, drawn anew for each page: pages differ, and making them is cheap.
        self._sentences = list(Corpus(seed).messages(_SENTENCES))

    def __iter__(self) -> Iterator[str]:
        number = 0
        while True:
            number += 1
            yield self._page(number)

    def _page(self, number: int) -> str:
        kind = self._random.random()
        title, ns, redirect = f"Article {number}", 0, ""
        if kind < 0.2:
            redirect = f'    <redirect title="Article {number + 1}" />\n'
            text = f"#REDIRECT [[Article {number + 1}]]"
        elif kind < 0.35:
            title, ns, text = f"Talk:Article {number}", 1, self._article(number)
        else:
            text = self._article(number)
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return _PAGE.format(
            title=title,
            ns=ns,
            number=number,
            redirect=redirect,
            revision=number * 7,
            size=len(text),
            text=text,
        )

    def _article(self, number: int) -> str:
        parts = [
            f"{{{{Infobox settlement\n| name = Article {number}\n| population = {number * 3}\n"
            f"| map = {{{{Location map|x={number}}}}}\n| image = A{number}.jpg\n"
            f"| website = {{{{URL|x.org}}}}\n}}}}\n"
            f"'''Article {number}''' is [[Article {number + 1}|the place]] of that number. <!-- bench -->\n\n"
        ]
        for section in range(self._random.randint(2, 6)):
            parts.append(f"== Section {section} ==\n" + "\n\n".join(self._paragraph() for _ in range(3)))
        parts.append(f"\n== References ==\n{{{{reflist}}}}\n\n[[Category:Number {number % 10}]]\n")
        return "\n".join(parts)

    def _paragraph(self) -> str:
        words = " ".join(self._random.choices(self._sentences, k=4))
        first, _, rest = words.partition(" ")
        number = self._random.randrange(10**9)
        note = (
            f"<ref>{{{{cite web |url=https://example.org/{number}/{number * 7} |title={first} of {number}"
            f" |last={first} |date=2 May 2019 |publisher=The {first} |access-date=3 June 2021}}}}</ref>"
        )
        return f"The ''{number}'' is the [[{first}]] of the {rest} and it was to be.{note}{note}"


def make_dump(path: Path, megabytes: float, seed: int = 1, fresh: float = FRESH) -> None:
    """Write a dump as Wikimedia does.

    Args:
        path: Where to.
        megabytes: Size of the XML in millions of bytes, unpacked.
        seed: Chooses the words.
        fresh: Millions of bytes of pages that differ; a larger dump has them again and again, since packing
            bzip2 takes longer than all the rest.
    """
    with path.open("wb") as file:
        file.write(bz2.compress(_HEAD.encode()))
        size, made = 0, []
        for packed, length in _streams(seed):
            made.append((packed, length))
            if (size := size + length) >= min(fresh, megabytes) * MB:
                break
        file.writelines(packed for packed, _ in made)
        for packed, length in itertools.cycle(made):
            if size >= megabytes * MB:
                break
            file.write(packed)
            size += length
        file.write(bz2.compress(b"</mediawiki>\n"))


def _streams(seed: int) -> Iterator[tuple[bytes, int]]:
    pages = iter(Pages(seed))
    while True:
        data = "".join(itertools.islice(pages, _PAGES_A_STREAM)).encode()
        yield bz2.compress(data, 1), len(data)


_BUILD = """
import json, resource, sys
from pathlib import Path
from aigc_tui.corpora.build import BuildPlan, build
report = build(BuildPlan((Path(sys.argv[1]),), Path(sys.argv[2])))
own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
print(json.dumps({"own_mb": own.ru_maxrss / 1024, "parser_mb": children.ru_maxrss / 1024,
    "kept": report.kept, "dropped": report.dropped,
    "cpu_seconds": own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime}))
"""


def measure(megabytes: float, folder: Path) -> dict[str, object]:
    """Make a dump, build a corpus of it in a process of its own, and say what that took."""
    dump = folder / f"dump-{megabytes:.0f}.xml.bz2"
    if not dump.exists():
        make_dump(dump, megabytes)
    begin = time.monotonic()
    command = [sys.executable, "-c", _BUILD, str(dump), str(folder / f"out-{megabytes:.0f}.jsonl.zst")]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    seconds = time.monotonic() - begin
    result = {"megabytes": megabytes, "dump_bytes": dump.stat().st_size, "seconds": round(seconds, 1)}
    return {**result, "mb_per_second": round(megabytes / seconds, 2), **json.loads(done.stdout)}


def main() -> int:
    """Measure a small and a large dump and print the ratio of their memory."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--megabytes", type=float, default=2000.0, help="size of the large dump's XML")
    options.add_argument("--small", type=float, default=200.0, help="size of the small one's")
    options.add_argument("--folder", type=Path, help="where the dumps are kept for the next run")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary)
        small = measure(chosen.small, folder)
        print(f"small: {small}", flush=True)
        large = measure(chosen.megabytes, folder)
        print(f"large: {large}", flush=True)
    ratio = large["own_mb"] / small["own_mb"]  # type: ignore[operator]
    print(
        f"memory of the large over the small build: {ratio:.2f}x"
        f" ({chosen.megabytes / chosen.small:.0f}x the data)"
    )
    print(write_json("corpus-build", {"small": small, "large": large, "memory_ratio": ratio}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
