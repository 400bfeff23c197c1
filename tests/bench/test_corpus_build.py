"""The bench's dumps are dumps: many streams, pages that differ, repeated as far as is asked."""

from __future__ import annotations

from pathlib import Path

from aigc_tui.corpora.reader import Source
from aigc_tui.corpora.recognise import Kind, recognise
from aigc_tui.corpora.wikipedia import Page, pages
from bench.corpus_build import make_dump


def test_a_dump_has_the_size_that_was_asked_for_and_pages_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "dump.xml.bz2"
    make_dump(path, 3.0, fresh=1.0)
    source = Source(path)
    assert recognise(path, source.caps) is Kind.WIKIPEDIA
    assert 3e6 <= sum(map(len, source.pieces())) < 5e6
    found = [page for page in pages(source.pieces(), 1 << 20) if isinstance(page, Page)]
    distinct = {page.id for page in found}
    assert len(distinct) < len(found) <= 3 * len(distinct)
    assert len({page.text for page in found}) == len(distinct)
