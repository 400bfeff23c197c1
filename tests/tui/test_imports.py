"""The modules of the interface do not import in a circle; type-checking imports count, too."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import aigc_tui.tui

ROOT = Path(aigc_tui.tui.__file__).parent
PACKAGE = "aigc_tui.tui"


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join([PACKAGE, *(part for part in parts if part != "__init__")])


def imported(source: str, modules: frozenset[str]) -> Iterator[str]:
    """The modules of the interface that a source names, at whatever place in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if name in modules else node.module for name in names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def cycle(graph: Mapping[str, frozenset[str]]) -> list[str]:
    """One way from a module back to itself; empty: there is none."""
    done: set[str] = set()

    def walk(module: str, way: list[str]) -> list[str]:
        if module in way:
            return [*way[way.index(module) :], module]
        if module in done:
            return []
        for following in sorted(graph[module]):
            if found := walk(following, [*way, module]):
                return found
        done.add(module)
        return []

    return next((found for module in sorted(graph) if (found := walk(module, []))), [])


def test_the_interface_has_no_import_cycle() -> None:
    sources = {name_of(path): path.read_text(encoding="utf-8") for path in sorted(ROOT.rglob("*.py"))}
    modules = frozenset(sources)
    graph = {name: frozenset(imported(source, modules)) & modules for name, source in sources.items()}
    assert cycle(graph) == [], " -> ".join(cycle(graph))


def test_a_cycle_is_found() -> None:
    graph = {"a": frozenset({"b"}), "b": frozenset({"c"}), "c": frozenset({"b"})}
    assert cycle(graph) == ["b", "c", "b"]
    code = "if TYPE_CHECKING:\n    from x.y import z\n\ndef f():\n    from x import y"
    assert set(imported(code, frozenset({"x.y"}))) == {"x.y"}
