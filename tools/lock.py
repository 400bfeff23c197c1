"""Write constraints.txt: the exact version of everything that a checkout installs (`make lock`).

pip resolves the project with its dev extra in a fresh environment under the lowest supported Python: a
version that supports it usually has wheels for the newer ones, too, but not the other way round. Then every
wheel that is bound to a platform is looked up for each Python and platform of TARGETS. torch is locked
without its build (`+cpu`, `+cu130`), and the CUDA packages that a build of it needs are left to it.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "constraints.txt"
PROJECT = "aigc-tui"
LOWEST = (3, 11)
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
# hatchling asks for editables only while it builds, and jieba, which has no wheel, is built by setuptools.
TOOLS = ("pip", "setuptools", "editables")
CUDA = re.compile(r"nvidia-|cuda-|triton$|pytorch-triton")
HEADER = """\
# Exact versions of all that `make run` and `make test` install: Python 3.11 to 3.14, Linux and macOS.
# Written by `make lock`; do not edit. torch's build (CPU or CUDA) is left to the package index.
"""


@dataclass(frozen=True)
class Package:
    """A package as pip resolved it."""

    name: str
    version: str
    file: str
    """Name of its wheel or source archive."""
    requires: tuple[str, ...] = ()
    extras: frozenset[str] = frozenset()

    @property
    def pin(self) -> str:
        """``name==version``, without the version's local part, which names a build."""
        return f"{self.name}=={self.version.split('+')[0]}"

    @property
    def is_bound(self) -> bool:
        """Whether it is a wheel for one platform."""
        return self.file.endswith(".whl") and not self.file.endswith("-none-any.whl")


@dataclass(frozen=True)
class Target:
    """A Python on a platform."""

    python: str
    system: str
    machine: str

    def __str__(self) -> str:
        return f"Python {self.python} on {self.system} {self.machine}"

    @property
    def environment(self) -> dict[str, str]:
        """The values of environment markers there."""
        return {
            "python_version": self.python,
            "python_full_version": f"{self.python}.0",
            "sys_platform": "darwin" if self.system == "macOS" else "linux",
            "platform_system": "Darwin" if self.system == "macOS" else "Linux",
            "platform_machine": self.machine,
            "os_name": "posix",
            "implementation_name": "cpython",
            "platform_python_implementation": "CPython",
        }

    @property
    def platforms(self) -> list[str]:
        """Pip's options for its wheels; pip takes a manylinux tag for itself only, not for older ones."""
        if self.system == "macOS":
            return ["--platform", f"macosx_14_0_{self.machine}"]
        tags = ["manylinux2014", *(f"manylinux_2_{minor}" for minor in range(17, 36))]
        return [part for tag in tags for part in ("--platform", f"{tag}_{self.machine}")]


TARGETS = tuple(
    Target(python, system, machine)
    for python, (system, machine) in product(
        PYTHONS, (("Linux", "x86_64"), ("Linux", "aarch64"), ("macOS", "arm64"))
    )
)


class LockError(Exception):
    """The versions cannot be locked; the message is one line."""


def packages(report: Mapping[str, Any]) -> list[Package]:
    """Read pip's installation report; CUDA packages and the project itself are left out."""
    found = [
        Package(
            canonicalize_name(item["metadata"]["name"]),
            item["metadata"]["version"],
            item["download_info"]["url"].rsplit("/", 1)[-1],
            tuple(item["metadata"].get("requires_dist", ())),
            frozenset(item.get("requested_extras", ())),
        )
        for item in report["install"]
    ]
    kept = (each for each in found if each.name != PROJECT and not CUDA.match(each.name))
    return sorted(kept, key=lambda each: each.name)


def missing(found: Sequence[Package], targets: Sequence[Target]) -> set[str]:
    """Requirements that hold on other Pythons or platforms only and are not resolved yet."""
    known = {each.name for each in found}
    return {
        str(wanted)
        for each in found
        for wanted in map(Requirement, each.requires)
        if canonicalize_name(wanted.name) not in known and not CUDA.match(canonicalize_name(wanted.name))
        if any(_holds(wanted, target, each.extras) for target in targets)
    }


def _holds(wanted: Requirement, target: Target, extras: frozenset[str]) -> bool:
    if wanted.marker is None:
        return True
    return any(wanted.marker.evaluate({**target.environment, "extra": extra}) for extra in extras or {""})


def resolve(python: Path, requirements: Sequence[str]) -> list[Package]:
    """Let pip resolve the newest versions that fit together, without installing them.

    Raises:
        LockError: It found none.
    """
    text = _pip(python, "--dry-run", "--ignore-installed", "--quiet", "--report", "-", *requirements)
    return packages(json.loads(text))


def without_wheels(python: Path, found: Sequence[Package], target: Target) -> Iterator[Package]:
    """The packages that a target would have to compile."""
    wanted = {each.name: each for each in found if each.is_bound and each.name != "torch"}
    while wanted:
        try:
            _pip(
                python, "--dry-run", "--no-deps", "--ignore-installed", "--quiet", "--target", "unused",
                "--only-binary", ":all:", "--python-version", target.python, *target.platforms,
                *(each.pin for each in wanted.values()),
            )  # fmt: skip
            return
        except LockError as error:
            lacking = re.search(r"No matching distribution found for ([\w.-]+)==", str(error))
            if lacking is None:
                raise
            yield wanted.pop(canonicalize_name(lacking[1]))


def _pip(python: Path, *arguments: str) -> str:
    command = [str(python), "-m", "pip", "--disable-pip-version-check", "--no-input", "install", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise LockError("pip: " + (errors or done.stderr.splitlines() or ["no output"])[-1])
    return done.stdout


def text_of(found: Sequence[Package]) -> str:
    """The lock's text."""
    return HEADER + "".join(f"{each.pin}\n" for each in found)


def _resolved_for_all(python: Path) -> list[Package]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    requirements = ["--editable", ".[dev]", *TOOLS, *project["build-system"]["requires"]]
    found = resolve(python, requirements)
    while more := missing(found, TARGETS):
        # Without its marker, or pip would not resolve it here.
        requirements += [each.split(";")[0].strip() for each in sorted(more)]
        found = resolve(python, requirements)
    return found


def main() -> int:
    """Resolve, check and write; the exit code is 0, or 1 after a failure."""
    if sys.version_info[:2] != LOWEST:
        print(
            f"make lock needs Python {LOWEST[0]}.{LOWEST[1]}, the lowest supported one, not "
            f"{sys.version.split()[0]}: make lock VENV=.venv-lock PYTHON=python3.11",
            file=sys.stderr,
        )
        return 1
    try:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, "-m", "venv", folder], check=True)
            python = Path(folder) / "bin" / "python"
            _pip(python, "--quiet", "--upgrade", "pip")
            print("resolving the newest versions", file=sys.stderr)
            found = _resolved_for_all(python)
            for target in TARGETS:
                lacking = ", ".join(each.pin for each in without_wheels(python, found, target))
                print(
                    f"{target}: " + (f"no wheel of {lacking}" if lacking else "all wheels"), file=sys.stderr
                )
    except (LockError, subprocess.CalledProcessError) as error:
        print(f"lock: {error}", file=sys.stderr)
        return 1
    LOCK.write_text(text_of(found), encoding="utf-8")
    print(f"{LOCK.name}: {len(found)} packages", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
