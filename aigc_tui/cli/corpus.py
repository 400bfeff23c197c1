"""`aigc-tui corpus build`: make training text of what people have: dumps, crawls, chats, documents."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aigc_tui.cli.errors import BadValue
from aigc_tui.cli.groups import Command, Group
from aigc_tui.cli.numbers import NumberRange
from aigc_tui.cli.output import emit_json, say, table
from aigc_tui.cli.workspace import Workspace, json_option, pass_workspace

if TYPE_CHECKING:
    from aigc_tui.corpora.build import BuildPlan
    from aigc_tui.corpora.report import Report

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}
SHARE = NumberRange(0, 0.5)
_LANGUAGES = {"en,zh": ("en", "zh"), "en": ("en",), "zh": ("zh",), "any": ("en", "zh", "other")}


class Size(click.ParamType[int]):
    """A number of bytes, as 500000, 20M or 2G."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        found = re.fullmatch(r"(\d{1,15})([kmg]?)b?", str(value).strip().lower())
        if not found:
            raise BadValue("'{value}' is not a size; use 500000, 20M or 2G", value=value)
        return int(found[1]) * _UNITS[found[2]]


@click.group(cls=Group)
def corpus() -> None:
    """Build training text from dumps, crawls, chats and documents."""


@corpus.command(cls=Command)
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="F",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write: .jsonl, .jsonl.gz, .jsonl.xz or .jsonl.zst.",
)
@click.option(
    "--keep",
    type=click.Choice(list(_LANGUAGES)),
    default="en,zh",
    show_default=True,
    help="Languages to keep.",
)
@click.option(
    "--min-chars",
    type=click.IntRange(0),
    metavar="N",
    help="Minimum length of a text; default: 100 for dumps and crawls, else 1.",
)
@click.option(
    "--max-records", type=click.IntRange(1), metavar="N", help="Maximum number of texts per source."
)
@click.option(
    "--max-bytes", type=Size(), metavar="SIZE", help="Maximum amount of text per source, such as 500M."
)
@click.option("--dev", type=SHARE, default=0.0, metavar="SHARE", help="Write this share to F.dev.")
@click.option("--test", type=SHARE, default=0.0, metavar="SHARE", help="Write this share to F.test.")
@click.option("--no-quality", is_flag=True, help="Skip the quality filters for dumps and crawls.")
@click.option("--no-near", is_flag=True, help="Remove exact duplicates only.")
@click.option(
    "--window",
    type=click.IntRange(64, 1 << 24),
    default=1 << 18,
    show_default=True,
    metavar="N",
    help="Number of texts remembered for finding duplicates; 0.2 kB each.",
)
@click.option("--min-score", type=int, metavar="N", help="Reddit: drop posts with fewer points.")
@click.option("--no-threads", is_flag=True, help="Reddit: one text per comment instead of dialogues.")
@click.option("--traditional", is_flag=True, help="Chinese Wikipedia: use traditional characters.")
@click.option("--restart", is_flag=True, help="Start over instead of continuing an unfinished build.")
@click.option("--overwrite", is_flag=True, help="Overwrite F if it exists.")
@json_option
@pass_workspace
def build(
    workspace: Workspace,
    /,
    sources: tuple[Path, ...],
    as_json: bool,
    restart: bool,
    overwrite: bool,
    **said: Any,
) -> None:
    """Read each SOURCE, a file or a folder, and write its texts and dialogues as JSON lines.

    The format is detected from the content: Wikipedia dump, WARC, WET or WAT, Reddit ndjson, JSONL chats,
    text, Markdown, PDF or docx, compressed or not. An interrupted build continues when run again.
    """
    from aigc_tui.cli.terminal import Narrator
    from aigc_tui.corpora import build as building

    narrator = Narrator(workspace.t, plain=workspace.settings.plain)

    def tell(name: str, done: int, total: int) -> None:
        narrator.step(workspace.t("corpus.reading", name=name), done, total)

    try:
        with _asked_to_stop() as stopped:
            report = building.build(_plan(sources, said), tell, stopped, overwrite=overwrite, restart=restart)
    finally:
        narrator.quiet()
    _show(workspace, report, said["output"], as_json)


def _plan(sources: tuple[Path, ...], said: dict[str, Any]) -> BuildPlan:
    from aigc_tui.corpora.build import BuildPlan
    from aigc_tui.corpora.filters import Limits
    from aigc_tui.corpora.reader import Taste

    script = "traditional" if said["traditional"] else "simplified"
    return BuildPlan(
        sources=sources,
        output=said["output"],
        limits=Limits(languages=frozenset(_LANGUAGES[said["keep"]]), quality=not said["no_quality"]),
        min_chars=said["min_chars"],
        dev=said["dev"],
        test=said["test"],
        max_records=said["max_records"] or 0,
        max_bytes=said["max_bytes"] or 0,
        near=not said["no_near"],
        capacity=said["window"],
        taste=Taste(script, said["min_score"], threads=not said["no_threads"]),
    )


def _show(workspace: Workspace, report: Report, output: Path, as_json: bool) -> None:
    for source in report.sources:
        if source.problem:
            say(workspace.t("corpus.problem", reason=source.problem.text(workspace.t)))
    if as_json:
        emit_json(report.to_json())
        return
    t = workspace.t
    head = (t("corpus.source"), t("corpus.format"), t("corpus.records"), t("corpus.fate"))
    table([head, *((name, kind, count, t(fate)) for name, kind, count, fate in report.rows())])
    size = sum(source.text_bytes for source in report.sources)
    shown = f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.1f} kB"
    say(t("corpus.done", count=report.kept, size=shown, file=str(output)))


@contextmanager
def _asked_to_stop() -> Iterator[Callable[[], bool]]:
    """Let the first ctrl-c end the build at a checkpoint; a second one ends it at once, as a kill would."""
    asked = False

    def ask(_number: int, _frame: object) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield lambda: asked
    finally:
        signal.signal(signal.SIGINT, before)
