"""The environment that every child process gets, and that programs which load torch give themselves."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import aigc_tui

JOB_VARIABLE = "AIGC_TUI_JOB"
"""Set for children that a runner of ours reads; started by hand, the same modules talk to a person."""
_OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TRANSFORMERS_OFFLINE": "1",
}
_WAIT_POLICY = "OMP_WAIT_POLICY"
_PARAMETERS_A_THREAD = 20_000_000


def command(module: str, *arguments: str) -> list[str]:
    """Build the command line that runs a module of this package, such as ``training.pretrain``."""
    # -P: a file named random.py in the folder where the program was started must not be imported.
    return [sys.executable, "-P", "-m", f"{aigc_tui.__name__}.{module}", *arguments]


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Build a child's environment: offline, able to find this very package, with ``extra`` variables."""
    package = str(Path(aigc_tui.__file__).resolve().parent.parent)
    search = os.pathsep.join(part for part in (package, os.environ.get("PYTHONPATH", "")) if part)
    ours = {**_OFFLINE, "TOKENIZERS_PARALLELISM": "false", "PYTHONUTF8": "1", "PYTHONPATH": search}
    return {_WAIT_POLICY: "PASSIVE", **os.environ, **ours, **(extra or {})}


def share_the_cores() -> None:
    """Make the threads that torch will start sleep while they wait; call it before torch is imported.

    OpenMP reads the variable once, when it is loaded. Threads that wait by spinning stop each other as soon
    as another program wants a core: beside one busy process on two cores, training the course's model took
    403 s with spinning threads, 53 s with sleeping ones and 33 s with one thread; reading a prompt took 30
    times longer. The packages that import torch call this in their ``__init__``, so that every entry point
    has it.
    """
    os.environ.setdefault(_WAIT_POLICY, "PASSIVE")


def thread_count(parameters: int, cores: int | None = None) -> int:
    """Choose how many threads a model of a size deserves, in training as in inference.

    Sharing a small matrix costs more than computing it, a step of several threads waits for the one whose
    core is busy elsewhere, and a core left alone keeps the interface smooth: the starter (6.5 million
    parameters) is a third slower per token with two threads than with one.

    Args:
        parameters: Of the model.
        cores: Of the machine; None asks it.
    """
    return min(cores or os.cpu_count() or 1, 1 + parameters // _PARAMETERS_A_THREAD)
