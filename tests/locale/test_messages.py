"""Every template that the program words by itself has a Chinese translation with the same placeholders.

Collected from the source: the first argument of `message(...)`, of every subclass of `AppError`, and of the
command line's own usage errors; and the help of every command.
"""

from __future__ import annotations

import ast
import errno
import json
import os
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import aigc_tui
from aigc_tui.cli.groups import help_key
from tests.cli.test_docs import commands

PACKAGE = Path(aigc_tui.__file__).parent
ZH, EN = PACKAGE / "locale" / "zh" / "messages", PACKAGE / "locale" / "en" / "messages"
F_STRING = "f-string: use a template and values"
OTHER_WORDS = ("BadValue", "WrongUsage", "message")
HAN = re.compile("[\u4e00-\u9fff]")
ERRNOS = (
    *(errno.ENOENT, errno.EACCES, errno.EPERM, errno.EEXIST, errno.EISDIR, errno.ENOTDIR, errno.ENOSPC),
    *(errno.EROFS, errno.EBUSY, errno.ENOTEMPTY, errno.EMFILE, errno.EIO, errno.EINVAL, errno.ENAMETOOLONG),
    *(errno.EPIPE, errno.ECONNREFUSED, errno.ECONNRESET, errno.ETIMEDOUT, errno.ELOOP, errno.EDQUOT),
    *(errno.EFBIG, errno.ENOMEM, errno.ENODEV, errno.ENXIO, errno.EADDRINUSE, errno.EHOSTUNREACH),
    *(errno.ENETUNREACH, errno.ESTALE, errno.EXDEV, errno.EAGAIN),
)


def translations() -> dict[str, str]:
    found: dict[str, str] = {}
    for file in sorted(ZH.glob("*.json")):
        found |= json.loads(file.read_text(encoding="utf-8"))
    return found


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE), ast.parse(path.read_text(encoding="utf-8"))


def error_names() -> set[str]:
    """The names of AppError and everything derived from it, told by the class statements."""
    bases: dict[str, set[str]] = {}
    for _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                bases[node.name] = {
                    base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
                    for base in node.bases
                }
    found = {"AppError"}
    while new := {name for name, above in bases.items() if above & found} - found:
        found |= new
    return found


def templates() -> Iterator[tuple[Path, int, str]]:
    ours = error_names() | set(OTHER_WORDS)
    for path, tree in trees():
        # A programming error may bear the name of another package's AppError.
        plain = {
            node.name
            for node in tree.body
            if isinstance(node, ast.ClassDef)
            and not {getattr(base, "id", getattr(base, "attr", "")) for base in node.bases} & ours
        }
        names = ours - plain
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in names:
                yield from ((path, node.lineno, each) for each in literals(node.args[0]))


def literals(node: ast.expr) -> Iterator[str]:
    """The texts that an argument may be; an f-string is told by a brace that no catalogue can hold."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=body, orelse=other):
            yield from literals(body)
            yield from literals(other)
        case ast.JoinedStr():
            yield F_STRING


def placeholders(text: str) -> set[str]:
    return {name.split("!")[0] for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def helps() -> Iterator[str]:
    for command in commands().values():
        yield help_key(command.help or "")
        for parameter in command.params:
            if text := getattr(parameter, "help", None):
                yield help_key(text)


def needs_translation(template: str) -> bool:
    """A template of placeholders and marks alone says the same in both languages."""
    return bool(re.search("[a-z]{2,}", re.sub(r"\{[^}]*\}", "", template)))


def test_the_scan_sees_what_it_is_meant_to_see() -> None:
    assert {"CommandError"} <= error_names()
    assert len(list(templates())) > 50


def test_every_template_is_translated() -> None:
    known = translations()
    assert [
        f"{path}:{line}: {template}"
        for path, line, template in templates()
        if needs_translation(template) and template not in known
    ] == []


def test_the_help_of_every_command_and_option_is_translated() -> None:
    known = translations()
    assert sorted({text for text in helps() if text not in known}) == []


def test_translations_have_the_placeholders_of_their_templates() -> None:
    # click fills its own templates; a noun that Chinese leaves out may be missing there.
    own = {
        text: translation
        for file in ZH.glob("*.json")
        if file.stem != "click"
        for text, translation in json.loads(file.read_text(encoding="utf-8")).items()
    }
    helped = set(helps())
    assert [
        text
        for text, translation in own.items()
        if text not in helped and placeholders(text) != placeholders(translation)
    ] == []


def test_no_template_is_translated_twice_differently() -> None:
    seen: dict[str, str] = {}
    for file in sorted(ZH.glob("*.json")):
        for text, translation in json.loads(file.read_text(encoding="utf-8")).items():
            assert seen.setdefault(text, translation) == translation, f"{file.name}: {text}"


def test_translations_are_chinese() -> None:
    assert [
        text
        for text, translation in translations().items()
        if text.count(" ") > 1 and needs_translation(text) and not HAN.search(translation)
    ] == []


def test_english_catalogues_hold_plurals_alone() -> None:
    for file in EN.glob("*.json"):
        for text, entry in json.loads(file.read_text(encoding="utf-8")).items():
            assert isinstance(entry, dict), f"{file.name}: {text}"
            assert set(entry) == {"one", "other"}, f"{file.name}: {text}"


@pytest.mark.parametrize("number", sorted(set(ERRNOS)))
def test_the_reasons_of_the_system_are_translated(number: int) -> None:
    assert HAN.search(translations().get(os.strerror(number), ""))
