"""`aigc-tui history`: list, read, find, export, import and delete conversations."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aigc_tui.cli.dialogue import find_conversation
from aigc_tui.cli.errors import WrongUsage, check_target
from aigc_tui.cli.groups import Group
from aigc_tui.cli.output import data, emit_json, say, table
from aigc_tui.cli.workspace import Workspace, json_option, pass_workspace
from aigc_tui.files import write_text
from aigc_tui.store import Store
from aigc_tui.store.records import Conversation
from aigc_tui.store.transfer import export_html, export_json, export_jsonl, export_md
from aigc_tui.text import one_line

if TYPE_CHECKING:
    from aigc_tui.store import Store
    from aigc_tui.store.records import Conversation, Message

KINDS = ("chat", "write", "quiz")
FORMATS = ("md", "json", "jsonl", "html")
PAGE = 500


@click.group(cls=Group)
def history() -> None:
    """Conversations: list, show, search, export, import, delete.

    ID is a conversation's id, its beginning or end (4 characters or more), or `last`.
    """


@history.command("list")
@click.option("--kind", type=click.Choice(KINDS), help="Only conversations of this kind.")
@click.option("--archived", is_flag=True, help="Archived conversations.")
@click.option("--deleted", is_flag=True, help="Deleted conversations; `history undelete` restores them.")
@click.option("--limit", type=click.IntRange(min=1), help="At most this many; default: all.")
@json_option
@pass_workspace
def list_(
    workspace: Workspace, kind: str | None, archived: bool, deleted: bool, limit: int | None, as_json: bool
) -> None:
    """List conversations, newest first."""
    with workspace.store() as store:
        if deleted:
            found = [one for one in store.conversations.trashed() if kind in (None, one.kind)][:limit]
        else:
            found = list(_pages(store, kind, archived, limit))
    if as_json:
        emit_json([_summary(one) for one in found])
    else:
        table([_row(one) for one in found])


def _row(one: Conversation) -> tuple[str, ...]:
    return one.id, one.updated[:16].replace("T", " "), one.persona, str(one.messages), one.title


def _pages(store: Store, kind: str | None, archived: bool, limit: int | None) -> Iterator[Conversation]:
    last: Conversation | None = None
    left = limit
    while left is None or left > 0:
        size = PAGE if left is None else min(PAGE, left)
        page = store.conversations.page(kind=kind, archived=archived, limit=size, before=last)
        yield from page
        if len(page) < size:
            return
        last, left = page[-1], None if left is None else left - size


def _summary(one: Conversation) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": one.kind,
        "title": one.title,
        "persona": one.persona,
        "messages": one.messages,
        "updated": one.updated,
    }


@history.command()
@click.argument("conversation", metavar="ID")
@json_option
@pass_workspace
def show(workspace: Workspace, conversation: str, as_json: bool) -> None:
    """Print a conversation with the versions that are shown, not the others."""
    with workspace.store() as store:
        one = find_conversation(store, conversation)
        messages = store.messages.path(one.id)
    if as_json:
        emit_json({**_summary(one), "model": one.model, "messages": [_message(each) for each in messages]})
        return
    say(f"{one.title or one.id}  {one.persona}  {one.model}  {one.updated}")
    data("\n\n".join(f"{_speaker(workspace, each)}: {each.content}" for each in messages))


def _speaker(workspace: Workspace, message: Message) -> str:
    name = one_line(message.author or workspace.t(message.role))
    return name if message.status == "complete" else f"{name} ({workspace.t(message.status)})"


def _message(message: Message) -> dict[str, Any]:
    names = ("id", "parent", "role", "author", "content", "status", "rating", "model", "created")
    return {name: getattr(message, name) for name in names}


@history.command()
@click.argument("query")
@click.option("--kind", type=click.Choice(KINDS), help="Only conversations of this kind.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="At most this many.")
@json_option
@pass_workspace
def search(workspace: Workspace, query: str, kind: str | None, limit: int, as_json: bool) -> None:
    """Find messages and titles that contain every word of QUERY, best match first.

    Words in "double quotes" must be adjacent. Chinese needs no spaces: one character is enough.
    """
    with workspace.store() as store:
        hits = store.search(query, kind=kind, limit=limit)
    if as_json:
        names = ("conversation", "message", "kind", "title", "snippet")
        emit_json([{name: getattr(hit, name) for name in names} for hit in hits])
    else:
        table([(hit.conversation, one_line(hit.title, 24), hit.snippet) for hit in hits])


@history.command()
@click.argument("conversation", metavar="ID", required=False)
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="md", show_default=True, help="Output format."
)
@click.option("--all", "everything", is_flag=True, help="Export every conversation; jsonl only.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="F", help="Write to this file."
)
@click.option("--force", is_flag=True, help="Overwrite the file.")
@pass_workspace
def export(
    workspace: Workspace,
    conversation: str | None,
    form: str,
    everything: bool,
    output: Path | None,
    force: bool,
) -> None:
    """Export a conversation to stdout or to a file."""
    if everything == (conversation is not None):
        raise WrongUsage("give an ID, or --all")
    if everything and form != "jsonl":
        raise WrongUsage("--all needs --format jsonl")
    with workspace.store() as store:
        text = export_one(store, conversation, form) if conversation else export_all(store)
    write_export(text, output, force=force)


@history.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@pass_workspace
def import_(workspace: Workspace, file: Path, as_json: bool) -> None:
    """Import conversations: our json and jsonl, a ChatGPT export zip, Markdown transcripts."""
    from aigc_tui.store.transfer import import_file

    with workspace.store() as store:
        report = import_file(store, file)
    if as_json:
        emit_json(
            {
                "conversations": report.conversations,
                "messages": report.messages,
                "skipped": [str(reason) for reason in report.skipped],
            }
        )
        return
    for reason in report.skipped:
        say(workspace.t("cli.skipped", reason=one_line(reason.text(workspace.t))))
    say(workspace.t("cli.imported", conversations=report.conversations, messages=report.messages))


@history.command()
@click.argument("conversation", metavar="ID")
@click.option("--forever", is_flag=True, help="Delete permanently; it cannot be restored.")
@json_option
@pass_workspace
def delete(workspace: Workspace, conversation: str, forever: bool, as_json: bool) -> None:
    """Delete a conversation. `history undelete` restores it unless --forever was given."""
    with workspace.store() as store:
        one = find_conversation(store, conversation)
        if forever:
            store.conversations.purge(one.id)
        else:
            store.conversations.trash(one.id)
    if as_json:
        emit_json({"deleted": one.id, "forever": forever})
    elif forever:
        say(workspace.t("cli.purged", title=one.title or one.id))
    else:
        say(workspace.t("cli.deleted", title=one.title or one.id, id=one.id))


@history.command()
@click.argument("conversation", metavar="ID")
@pass_workspace
def undelete(workspace: Workspace, conversation: str) -> None:
    """Restore a deleted conversation. ID is its full id; see `history list --deleted`."""
    with workspace.store() as store:
        one = store.conversations.get(conversation)
        store.conversations.untrash(one.id)
    say(workspace.t("cli.undeleted", title=one.title or one.id))


EXPORT_PAGE = 200
WHOLE_TREE = ("json",)
"""Formats that keep sibling replies; the others hold the path on show."""
_WRITERS = {"md": export_md, "json": export_json, "jsonl": export_jsonl, "html": export_html}


def export_one(store: Store, name: str, form: str) -> str:
    """Write one conversation in a format."""
    return _write(store, find_conversation(store, name), form)


def export_all(store: Store) -> str:
    """Write all conversations but the deleted, newest first, archived ones last: a JSON line each."""
    lines: list[str] = []
    for archived in (False, True):
        last: Conversation | None = None
        while page := store.conversations.page(archived=archived, limit=EXPORT_PAGE, before=last):
            lines += [_write(store, one, "jsonl").rstrip("\n") for one in page]
            last = page[-1]
    return "".join(f"{line}\n" for line in lines)


def _write(store: Store, one: Conversation, form: str) -> str:
    messages = store.messages.tree(one.id) if form in WHOLE_TREE else store.messages.path(one.id)
    return _WRITERS[form](one, messages)


def write_export(text: str, output: Path | None, *, force: bool) -> None:
    """Write an export to stdout, or atomically to a file, which `force` may overwrite."""
    if output is None:
        data(text.rstrip("\n"))
        return
    check_target(output, force=force)
    write_text(output, text)
