"""`aigc-tui doctor`, `backup` and `restore`: keep the installation and the store well."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from aigc_tui.cli.errors import FAILED
from aigc_tui.cli.groups import Command
from aigc_tui.cli.output import data, emit_json, say
from aigc_tui.cli.target import check_target
from aigc_tui.cli.workspace import Workspace, json_option, pass_workspace


@click.command(cls=Command)
@click.option("--repair", is_flag=True, help="Mend what can be mended without losing a word.")
@json_option
@pass_workspace
def doctor(workspace: Workspace, repair: bool, as_json: bool) -> None:
    """Check store, models, personas, settings, machine."""
    from aigc_tui.doctor import examine

    report = examine(workspace.paths, repair_store=repair)
    for line in report.mended:
        say(line)
    if as_json:
        emit_json({"ok": report.ok, "checks": [asdict(check) for check in report.checks]})
    else:
        for check in report.checks:
            data(f"{'ok  ' if check.ok else 'FAIL'}  {check.name}: {check.detail}")
    if not report.ok:
        click.get_current_context().exit(FAILED)


@click.command(cls=Command)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="F",
    help="The copy; default: a new file in the home's backups folder.",
)
@click.option("--force", is_flag=True, help="Overwrite the file.")
@pass_workspace
def backup(workspace: Workspace, output: Path | None, force: bool) -> None:
    """Copy the store, checked, while the application may be open. Prints the copy's path."""
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
    """Put a backup in the store's place, after checking it. The old store is kept beside it."""
    from aigc_tui.store.backup import restore as put_back

    workspace.paths.make(workspace.paths.home)
    kept = put_back(file, workspace.paths.store)
    say(workspace.t("cli.restored", file=str(file)))
    if kept is not None:
        say(workspace.t("cli.kept_aside", file=str(kept)))
