"""A reading of the interface's source: does any text enter a widget without having passed `plain`?

Sinks are the places where Textual takes text: constructors, `update`, `notify`, titles, placeholders. What
reaches one must be a literal, a catalogue text without values, or Content; Content in turn is only made from
such pieces or by `plain`. Names, attributes and function results count as Content if every assignment or the
annotation says so. What cannot be shown to be safe is reported.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

WIDGETS = {
    "Static", "Label", "Button", "Option", "Checkbox", "RadioButton", "Collapsible", "Link", "Tree", "Tab",
    "TabPane", "Digits", "Header", "Rule", "Tick",
}  # fmt: skip
"""Constructors whose text arguments are parsed as markup."""
FIELDS = {"Input", "TextArea", "Prompt", "Filter"}
"""Constructors that take text literally: it has to be clean, but cannot be markup."""
TITLES = {"border_title", "border_subtitle", "sub_title", "tooltip", "placeholder"}
METHODS = {"update", "notify", "set_options", "add_option", "add_options"}
DOORS = {"plain", "plain_line"}
CLEANERS = {"clean", "one_line", "shorten", *DOORS}
CONTENT_MAKERS = {"assemble", "join", "styled", "stylize", "stylize_before", "append", "from_text", "wrap"}
NOT_TEXT = {"id", "classes", "name", "variant", "type", "markup", "compact", "disabled", "severity"}
CONTENTS = ("Content", "Content | None", "list[Content]", "list[Option]", "Option", "Text")
MOST_STEPS = 8
"""How far a name is followed from assignment to assignment."""


@dataclass
class Scope:
    """What is known to be Content in a module: functions, names and attributes."""

    functions: set[str]
    names: dict[str, list[ast.expr]] = field(default_factory=dict)
    attributes: dict[str, list[ast.expr]] = field(default_factory=dict)
    annotated: set[str] = field(default_factory=set)


def content_functions(sources: dict[Path, str]) -> set[str]:
    """The functions of the interface that are annotated to return Content, or options made of it."""
    found = set()
    for source in sources.values():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef) and node.returns and ast.unparse(node.returns) in CONTENTS:
                found.add(node.name)
    return found


def offences(path: Path, source: str, functions: set[str]) -> Iterator[str]:
    """Every place of a module where text may enter a widget unchecked, as `file:line: source`."""
    tree = ast.parse(source)
    scope = _scope(tree, functions)
    for node in ast.walk(tree):
        for text, literal in _sunk(node):
            if not _safe(text, scope, literal):
                yield f"{path.name}:{node.lineno}: {ast.unparse(text)}"  # type: ignore[attr-defined]


def _scope(tree: ast.Module, functions: set[str]) -> Scope:
    scope = Scope(functions)
    for node in ast.walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
            name = node.arg if isinstance(node, ast.arg) else ast.unparse(node.target).removeprefix("self.")
            if ast.unparse(node.annotation) in ("Content", "list[Content]", "int", "float"):
                scope.annotated.add(name)
        if isinstance(node, ast.Assign | ast.NamedExpr):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                for place, value in _pairs(target, node.value):
                    if isinstance(place, ast.Name):
                        scope.names.setdefault(place.id, []).append(value)
                    elif isinstance(place, ast.Attribute):
                        scope.attributes.setdefault(place.attr, []).append(value)
    return scope


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    """What is assigned to what; `a, b = x, y` is two assignments."""
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        yield from zip(target.elts, value.elts, strict=False)
    else:
        yield target, value


def _sunk(node: ast.AST) -> Iterator[tuple[ast.expr, bool]]:
    """The texts that a node hands to a widget, and whether the widget takes them literally."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Attribute) and target.attr in TITLES:
                yield node.value, target.attr == "placeholder"
    if not isinstance(node, ast.Call):
        return
    name = _name(node.func)
    literal = name in FIELDS or any(
        word.arg == "markup" and isinstance(word.value, ast.Constant) and word.value.value is False
        for word in node.keywords
    )
    is_method = isinstance(node.func, ast.Attribute) and name in METHODS and not _on_plain_object(node)
    if name in WIDGETS | FIELDS or is_method:
        for argument in node.args:
            yield argument, literal
        for word in node.keywords:
            if word.arg is not None and word.arg not in NOT_TEXT and not _is_switch(word.value):
                yield word.value, literal


def _on_plain_object(node: ast.Call) -> bool:
    """`update` of a dict or a hash is none of a widget: those are not called on queried or kept widgets."""
    text = ast.unparse(node.func)
    return any(word in text for word in ("digest.", "values.", "variables.", "counts."))


def _is_switch(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and not isinstance(node.value, str)


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _safe(node: ast.expr, scope: Scope, literal: bool, steps: int = 0) -> bool:
    parts = _parts(node, scope, literal)
    if parts is None or steps > MOST_STEPS:
        return False
    return all(_safe(part, scope, literal, steps + 1) for part in parts)


def _parts(node: ast.expr, scope: Scope, literal: bool) -> list[ast.expr] | None:
    """What has to be safe for this to be safe: nothing for a literal, None for what cannot be shown."""
    match node:
        case ast.Constant():
            return []
        case ast.Call():
            return _parts_of_call(node, scope, literal)
        case ast.Name(id=name):
            return [] if name.isupper() or name in scope.annotated else scope.names.get(name)
        case ast.Attribute(attr=name):
            return [] if name in scope.annotated else scope.attributes.get(name)
    return _parts_of_compound(node)


def _parts_of_compound(node: ast.expr) -> list[ast.expr] | None:
    match node:
        case ast.IfExp(body=body, orelse=other):
            return [body, other]
        case ast.Tuple(elts=[text, ast.Constant() | ast.Name()]):
            return [text]  # a text and its style
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.BoolOp(values=parts):
            return list(parts)
        case ast.ListComp(elt=part) | ast.GeneratorExp(elt=part) | ast.Starred(value=part):
            return [part]
        case ast.BinOp(left=left, op=ast.Mult()):
            return [left]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [left, right]
    return None


def _parts_of_call(node: ast.Call, scope: Scope, literal: bool) -> list[ast.expr] | None:
    name = _name(node.func)
    if name in DOORS or name in scope.functions or (literal and name in CLEANERS):
        return []
    if name in ("t", "_t"):
        # Values are cleaned by the catalogue, but they may hold markup.
        return [] if literal or not node.keywords else None
    made_of_content = name in WIDGETS or name == "Content" or name in CONTENT_MAKERS
    return list(node.args) if made_of_content else None
