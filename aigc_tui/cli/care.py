"""`aigc-tui doctor`, `backup`, `restore` and `bench`: keep the installation well, and measure it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import click

import aigc_tui
from aigc_tui.cli.errors import DONE, FAILED, CommandError, check_target
from aigc_tui.cli.groups import Command
from aigc_tui.cli.output import data, emit_json, say
from aigc_tui.cli.workspace import Workspace, json_option, pass_workspace


@click.command(cls=Command)
@click.option("--repair", is_flag=True, help="Repair what can be repaired without losing text.")
@json_option
@pass_workspace
def doctor(workspace: Workspace, repair: bool, as_json: bool) -> None:
    """Check the store, models, personas, settings and the machine."""
    from aigc_tui.doctor import examine

    t, report = workspace.t, examine(workspace.paths, repair_store=repair)
    for line in report.mended:
        say(line.text(t))
    if as_json:
        emit_json(
            {
                "ok": report.ok,
                "checks": [{**asdict(check), "detail": str(check.detail)} for check in report.checks],
            }
        )
    else:
        for check in report.checks:
            state = t("ok  ") if check.ok else t("FAIL")
            # `model NAME`: the model's own name is not translated.
            name, _, rest = check.name.partition(" ")
            data(f"{state}  {' '.join(filter(None, (t(name), rest)))}{t(': ')}{check.detail.text(t)}")
    if not report.ok:
        click.get_current_context().exit(FAILED)


@click.command(cls=Command)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="F",
    help="File to write; default: a new file in the home's backups folder.",
)
@click.option("--force", is_flag=True, help="Overwrite the file.")
@pass_workspace
def backup(workspace: Workspace, output: Path | None, force: bool) -> None:
    """Back up the store and print the copy's path; works while the application is open."""
    from aigc_tui.ids import utc_now
    from aigc_tui.store.backup import backup as copy

    # Another pattern than that of the daily copies, which go in time: this one was asked for.
    name = f"backup-{utc_now()[:19].replace(':', '').replace('-', '')}Z.db"
    target = output or workspace.paths.make(workspace.paths.backups) / name
    if output:
        check_target(output, force=force)
    copy(workspace.paths.store, target)
    data(str(target))


@click.command(cls=Command)
@click.argument("file", metavar="F", type=click.Path(path_type=Path))
@pass_workspace
def restore(workspace: Workspace, file: Path) -> None:
    """Restore the store from a backup, after checking it. The old store is kept."""
    from aigc_tui.store.backup import restore as put_back

    workspace.paths.make(workspace.paths.home)
    kept = put_back(file, workspace.paths.store)
    say(workspace.t("cli.restored", file=str(file)))
    if kept is not None:
        say(workspace.t("cli.kept_aside", file=str(kept)))


NAMES = (
    "first-frame",
    "stream",
    "search",
    "turn",
    "engine",
    "train",
    "objectives",
    "corpus-build",
    "quiz",
    "quiz-checks",
    "quiz-grading",
    "quiz-stems",
    "grammar",
)


@click.command(cls=Command, context_settings={"ignore_unknown_options": True})
@click.argument("name", type=click.Choice(NAMES), metavar="NAME")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[ARGUMENTS]...")
@click.pass_context
def bench(context: click.Context, name: str, arguments: tuple[str, ...]) -> None:
    """Run a benchmark: speed, memory, learning, quiz rules.

    Speed: first-frame, stream, search, turn, engine, train, quiz, grammar. Memory: corpus-build. Learning:
    objectives. Quiz rules and grading: quiz-checks, quiz-grading, quiz-stems.

    Prints ratios with their spread and writes JSON to bench/results. ARGUMENTS are passed to the benchmark;
    `-- --help` lists them. Needs a clone of the repository.
    """
    module = f"bench.{name.replace('-', '_')}"
    root = repository()
    path = os.pathsep.join(filter(None, (str(root), os.environ.get("PYTHONPATH"))))
    # -P: nothing in the current folder may stand in for a module of ours.
    command = [sys.executable, "-P", "-m", module, *arguments]
    context.exit(FAILED if subprocess.call(command, env={**os.environ, "PYTHONPATH": path}) else DONE)


def repository() -> Path:
    """Find the folder that holds bench/; CommandError where the program is installed from a wheel."""
    root = Path(aigc_tui.__file__).resolve().parent.parent
    if not (root / "bench" / "__init__.py").is_file():
        raise CommandError("{path}: no bench folder here; run this in a clone of the repository", path=root)
    return root
