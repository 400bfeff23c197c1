"""Set up the virtual environment of a checkout: `python3 tools/setup_venv.py .venv [--latest]`.

Installs the versions of constraints.txt, or with --latest the newest ones that pyproject.toml allows. Shows
one line of progress on a terminal and nothing in a pipe; a failure is one line in both. Uses only the
standard library and runs under Python 3.8, so that an old Python gets a sentence instead of a syntax error.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LOWEST = (3, 11)
ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "constraints.txt"
PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input")
NO_ANSWER = re.compile(
    r"NewConnectionError|NameResolutionError|ConnectTimeout|ReadTimeout|ProxyError|SSLError|ConnectionError"
    r"|ConnectionResetError|MaxRetryError|RemoteDisconnected|Failed to (?:connect|establish)|timed out"
)


class SetUpError(Exception):
    """Set-up failed; the message is one line: what, where, and what to do."""


class Progress:
    """One line on a terminal that is drawn over and over; silent elsewhere."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._width = shutil.get_terminal_size().columns - 1
        self._last = ""

    def say(self, text: str) -> None:
        """Print a line that stays."""
        if self._shown:
            print("\r\x1b[K" + text, file=sys.stderr, flush=True)

    def show(self, text: str) -> None:
        """Replace the line of progress."""
        if self._shown and text != self._last:
            self._last = text
            print("\r\x1b[K  " + text[: self._width - 2], end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Remove the line of progress."""
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


class PipOutput:
    """Turns the lines that pip prints into what is shown while it runs."""

    def __init__(self) -> None:
        self._file = ""
        self.installing: list[str] = []

    def status(self, line: str) -> str | None:
        """What to show after this line; None if it changes nothing."""
        line = line.strip()
        if found := re.match(r"Progress (\d+) of (\d+)", line):
            done, total = int(found[1]), max(int(found[2]), 1)
            return f"{self._file}: {100 * done // total} % of {total / 1e6:.0f} MB" if total > 2e6 else None
        if found := re.match(r"(Downloading|Using cached|Processing) (?:\S*/)?([\w.]+)-([\w.]+)", line):
            verb = "downloading" if found[1] == "Downloading" else "unpacking"
            self._file = f"{verb} {found[2].replace('_', '-')} {found[3]}"
            return self._file
        if found := re.match(r"Collecting ([\w.-]+)", line):
            return f"looking up {found[1]}"
        if found := re.match(r"Building (?:editable|wheel) for ([\w.-]+)", line):
            return f"building {found[1]}"
        if found := re.match(r"Installing collected packages: (.+)", line):
            self.installing = found[1].split(", ")
            return f"installing {len(self.installing)} packages"
        if "Retrying (" in line:
            return "the package index does not answer; trying again"
        return None


def explain(output: Iterable[str], log: Path) -> str:
    """Say in one line why pip failed.

    Args:
        output: The lines that it printed.
        log: Where all of them can be read.
    """
    lines = [line.strip() for line in output]
    again = f"then run make again. Details: {log}"
    indexes = re.findall(r"Looking in indexes: (.+)", "\n".join(lines))
    index = f"the package index ({indexes[-1].split(',')[0] if indexes else 'pip uses its default'})"
    network = "Check the network, the proxy and pip's settings (python3 -m pip config list)"
    refused = next((line for line in reversed(lines) if NO_ANSWER.search(line)), "")
    if refused:
        reason = re.search(r"\[Errno [^\]]+\] ([^')\"]+)|(timed out|certificate verify failed)", refused)
        why = f": {next(part for part in reason.groups() if part)}" if reason else ""
        return f"{index} cannot be reached{why}. {network}, {again}"
    if any("No space left on device" in line for line in lines):
        return f"the disk is full; the packages need about 2 GB (6 GB with CUDA). Make room, {again}"
    errors = [line for line in lines if line.startswith("ERROR: ")] or lines[-1:] or ["it printed nothing"]
    name = next((line.rsplit(" for ", 1)[1] for line in errors if "No matching distribution" in line), "")
    if name and "(from versions: none)" in "".join(errors):
        return f"{index} offers no version of {name}, or cannot be reached. {network}, {again}"
    if name:
        system = f"Python {sys.version_info[0]}.{sys.version_info[1]} on {sys.platform}"
        return (
            f"{index} offers no {name} for {system}. Try another Python (make run PYTHON=python3.11), {again}"
        )
    return f"pip: {errors[-1].replace('ERROR: ', '')}. Mend that, {again}"


def python_of(venv: Path) -> Path:
    """The interpreter of an environment."""
    return venv / "bin" / "python"


def works(venv: Path) -> bool:
    """Whether an environment has a Python that is new enough, and pip."""
    code = f"import sys, pip; sys.exit(sys.version_info < {LOWEST})"
    try:
        return (
            subprocess.run([str(python_of(venv)), "-c", code], capture_output=True, check=False).returncode
            == 0
        )
    except OSError:
        return False


def drop_half_installed(venv: Path) -> list[str]:
    """Make pip install again what an interrupted run left without a RECORD, which pip writes last."""
    found = [
        each for each in venv.glob("lib/python*/site-packages/*.dist-info") if not (each / "RECORD").exists()
    ]
    for each in found:
        shutil.rmtree(each)
    return [each.name.split("-")[0] for each in found]


def count_installed(names: list[str], venv: Path) -> int:
    """How many of the packages are in the environment already."""
    folders = venv.glob("lib/python*/site-packages/*.dist-info")
    there = {re.sub(r"[-_.]+", "-", each.name.split("-")[0]).lower() for each in folders}
    return sum(re.sub(r"[-_.]+", "-", name).lower() in there for name in names)


def watch_installation(told: PipOutput, venv: Path, ended: threading.Event, progress: Progress) -> None:
    """Count the packages while pip, silent for a minute or more, writes them to the disk."""
    while not ended.wait(0.5):
        if told.installing:
            done = count_installed(told.installing, venv)
            progress.show(f"installing packages: {done} of {len(told.installing)}")


def run(command: list[str], log: Path, progress: Progress, env: dict[str, str] | None = None) -> None:
    """Run pip or venv, show its progress and keep its output in the log.

    Raises:
        SetUpError: It failed.
    """
    output: list[str] = []
    told = PipOutput()
    process = subprocess.Popen(
        command,
        cwd=str(ROOT),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=env,
    )
    assert process.stdout is not None
    ended = threading.Event()
    watcher = threading.Thread(target=watch_installation, args=(told, log.parent, ended, progress))
    watcher.start()
    try:
        for line in process.stdout:
            if not line.startswith("Progress "):
                output.append(line)
            status = told.status(line)
            if status:
                progress.show(status)
        failed = process.wait()
    except KeyboardInterrupt:
        process.terminate()
        process.wait()
        raise
    finally:
        ended.set()
        watcher.join()
        progress.clear()
        if log.parent.is_dir():
            with log.open("a", encoding="utf-8") as file:
                file.writelines(["$ " + " ".join(command) + "\n", *output])
    if failed:
        raise SetUpError(explain(output, log))


def make_venv(venv: Path, progress: Progress) -> None:
    """Make the environment, or make it anew if it is broken; keep one that works, with what is in it.

    Raises:
        SetUpError: This Python is too old or cannot make one.
    """
    if works(venv):
        for name in drop_half_installed(venv):
            progress.say(f"{name} was only half installed; installing it again")
        return
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < LOWEST:
        raise SetUpError(
            f"{sys.executable} is Python {version}; 3.11 or newer is needed. "
            "Name one: make run PYTHON=python3.11"
        )
    if importlib.util.find_spec("ensurepip") is None:
        raise SetUpError(
            f"{sys.executable} has no ensurepip, which makes environments. Install it "
            "(Debian, Ubuntu: apt install python3-venv), then run make again."
        )
    if venv.exists():
        progress.say(f"{venv} is incomplete; making it anew")
    progress.show(f"making {venv}")
    run([sys.executable, "-m", "venv", "--clear", str(venv)], venv / "setup.log", progress)


def locked(name: str) -> str:
    """A package with its exact version, for pip."""
    found = re.search(rf"^{re.escape(name)}==\S+", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    return found[0] if found else name


def install(venv: Path, latest: bool, progress: Progress) -> None:
    """Install the project with all that its tests need.

    Raises:
        SetUpError: pip failed.
    """
    python, log = str(python_of(venv)), venv / "setup.log"
    env = {**os.environ, "PYTHONUNBUFFERED": "1"}
    # First pip itself: the one that comes with Python may know neither `raw` progress nor build constraints.
    own = ["--upgrade", "pip"] if latest else [locked("pip")]
    run([python, *PIP, "install", *own], log, progress, env)
    versions = (
        ["--upgrade", "--upgrade-strategy", "eager"]
        if latest
        # The build backends (hatchling, setuptools) are locked, too; pip builds in an environment of its own.
        else ["--constraint", str(LOCK), "--build-constraint", str(LOCK)]
    )
    run(
        [python, *PIP, "install", "--progress-bar", "raw", *versions, "--editable", ".[dev]"],
        log,
        progress,
        env,
    )


def arguments(given: list[str] | None = None) -> tuple[Path, bool]:
    """The environment's folder, and whether to install the newest versions."""
    parser = argparse.ArgumentParser(description="Set up the virtual environment of this checkout.")
    parser.add_argument("venv", type=Path, help="the environment's folder, for instance .venv")
    parser.add_argument(
        "--latest", action="store_true", help="the newest versions instead of the locked ones"
    )
    found = parser.parse_args(given)
    return found.venv, found.latest


def main() -> int:
    """Set up; the exit code is 0, 1 after a failure, 130 after Ctrl+C."""
    venv, latest = arguments()
    progress = Progress()
    began = time.monotonic()
    try:
        first = "" if venv.exists() else "; the first time takes a few minutes"
        progress.say(f"Setting up {venv}: about 100 {'newest' if latest else 'locked'} packages{first}.")
        make_venv(venv, progress)
        install(venv, latest, progress)
    except SetUpError as error:
        print(f"Set-up failed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Set-up stopped; the next make goes on with it.", file=sys.stderr)
        return 130
    progress.say(f"Set up in {time.monotonic() - began:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
