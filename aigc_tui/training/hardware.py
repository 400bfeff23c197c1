"""What the machine has: memory, disk, a device, a compiler. Asked before and during a run."""

from __future__ import annotations

import os
import resource
import shutil
import sys
from pathlib import Path

import torch
from torch import nn

from aigc_tui.message import Message, message
from aigc_tui.process.environment import thread_count
from aigc_tui.training.step import BFLOAT16, FLOAT32

AUTO = "auto"


def available_memory() -> int | None:
    """Bytes that programs can still take without swapping (Linux), or None."""
    return _meminfo("MemAvailable:")


def total_memory() -> int | None:
    """Bytes of memory of the machine (Linux), or None."""
    return _meminfo("MemTotal:")


def peak_memory(device: torch.device) -> int:
    """Most bytes that this process has held so far, on the device where its tensors are."""
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def free_disk(folder: Path) -> int:
    """Bytes free where ``folder`` is or will be."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def choose_device(wanted: str) -> torch.device:
    """Return the device named, or for ``auto`` the first GPU, else the processor."""
    if wanted != AUTO:
        return torch.device(wanted)
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def use_threads_for(model: nn.Module) -> None:
    """Compute with as many threads as a model of this size deserves."""
    torch.set_num_threads(thread_count(sum(weight.numel() for weight in model.parameters())))


def choose_precision(wanted: str, device: torch.device) -> str:
    """Return ``bf16`` for ``auto`` where the device multiplies it in hardware, else ``float32``."""
    if wanted != AUTO:
        return wanted
    if device.type == "cuda":
        return BFLOAT16 if torch.cuda.is_bf16_supported() else FLOAT32
    return BFLOAT16 if _cpu_multiplies_bfloat16() else FLOAT32


def why_not_compile(device: torch.device) -> Message | None:
    """Say what torch.compile lacks here; None if it can run."""
    if device.type == "cuda":
        old = torch.cuda.get_device_capability(device) < (7, 0)
        return message("the GPU is too old for Triton") if old else None
    compiler = os.environ.get("CXX") or "g++"
    found = any(map(shutil.which, (compiler, "clang++", "c++")))
    return None if found else message("there is no C++ compiler (g++)")


def device_name(device: torch.device) -> str:
    """Name the device for people."""
    if device.type == "cuda":
        return f"{device} ({torch.cuda.get_device_name(device)})"
    return f"{device} ({torch.get_num_threads()} threads)"


def _cpu_multiplies_bfloat16() -> bool:
    flags = _cpu_flags()
    return bool(flags & {"avx512_bf16", "amx_bf16", "bf16"})


def _cpu_flags() -> set[str]:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return set()
    named = next((line for line in lines if line.lower().startswith(("flags", "features"))), "")
    return set(named.partition(":")[2].split())


def _meminfo(name: str) -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    found = next((line for line in lines if line.startswith(name)), "")
    return int(found.split()[1]) * 1024 if found else None
