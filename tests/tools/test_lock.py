"""The lock of versions: what is in it, how it is read out of pip's report."""

from __future__ import annotations

import re
import tomllib

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tools.lock import LOCK, PYTHONS, ROOT, TARGETS, Package, Target, missing, packages, text_of


def pins() -> dict[str, Version]:
    lines = [line for line in LOCK.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    pairs = [re.fullmatch(r"([a-z0-9-]+)==([\w.]+)", line) for line in lines]
    assert all(pairs)
    return {pair[1]: Version(pair[2]) for pair in pairs if pair}


PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def wanted() -> list[Requirement]:
    """Everything that pyproject.toml asks for: run, develop, build."""
    groups = [
        PROJECT["project"]["dependencies"],
        *PROJECT["project"]["optional-dependencies"].values(),
        PROJECT["build-system"]["requires"],
    ]
    lines = [line for group in groups for line in group if not line.startswith("aigc-tui[")]
    return [Requirement(line) for line in lines]


def test_every_requirement_is_locked_to_a_version_that_it_allows() -> None:
    locked = pins()
    for requirement in wanted():
        name = canonicalize_name(requirement.name)
        assert name in locked, f"{name}: run make lock"
        assert requirement.specifier.contains(locked[name], prereleases=True), f"{name}: run make lock"


def test_the_tools_that_install_and_build_are_locked_and_torch_has_no_build() -> None:
    locked = pins()
    assert {"pip", "setuptools", "hatchling", "editables"} <= set(locked)
    assert locked["torch"].local is None
    assert not [name for name in locked if name.startswith(("nvidia", "cuda", "triton"))]


def item(
    name: str, version: str, file: str, requires: tuple[str, ...] = (), **more: object
) -> dict[str, object]:
    metadata = {"name": name, "version": version, "requires_dist": list(requires)}
    return {"metadata": metadata, "download_info": {"url": f"https://a.invalid/{file}"}, **more}


def test_a_report_is_read_without_the_project_and_without_what_a_build_of_torch_brings() -> None:
    report = {
        "install": [
            item("Torch", "2.13.0+cpu", "torch-2.13.0%2Bcpu-cp311-cp311-linux_x86_64.whl"),
            item("PyYAML", "6.0.4", "pyyaml-6.0.4-cp311-cp311-manylinux2014_x86_64.whl"),
            item("nvidia-cublas", "13.1", "nvidia_cublas-13.1-py3-none-manylinux2014_x86_64.whl"),
            item("triton", "3.7", "triton-3.7-cp311-cp311-linux_x86_64.whl"),
            item("aigc_tui", "0.1.0", "build"),
            item("jieba", "0.42.1", "jieba-0.42.1.tar.gz"),
            item("click", "8.5.1", "click-8.5.1-py3-none-any.whl"),
        ]
    }
    found = packages(report)
    assert text_of(found).splitlines()[2:] == [
        "click==8.5.1",
        "jieba==0.42.1",
        "pyyaml==6.0.4",
        "torch==2.13.0",
    ]
    assert [each.name for each in found if each.is_bound] == ["pyyaml", "torch"]


def test_what_another_python_or_platform_needs_is_found() -> None:
    found = [
        Package("a", "1", "a.whl", ('old; python_version < "3.12"', 'new>=2; python_version >= "3.14"', "b")),
        Package("b", "1", "b.whl", ('mac; sys_platform == "darwin"', 'win; sys_platform == "win32"')),
        Package("c", "1", "c.whl", ('x; extra == "more"', 'y; extra == "less"'), frozenset({"more"})),
        Package("old", "1", "old.whl"),
    ]
    assert {Requirement(each).name for each in missing(found, TARGETS)} == {"new", "mac", "x"}
    assert missing(found, [Target("3.11", "Linux", "x86_64")]) == {'x; extra == "more"'}


def test_the_targets_are_the_pythons_that_the_project_supports() -> None:
    lowest = PROJECT["project"]["requires-python"].removeprefix(">=")
    assert PYTHONS[0] == lowest
    assert {each.system for each in TARGETS} == {"Linux", "macOS"}
