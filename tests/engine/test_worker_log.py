"""Nothing that a library prints reaches the pipe, and the log stays small and private."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

from aigc_tui.engine.worker_channel import MAX_LOG

CODE = """
import os, sys
from pathlib import Path
from aigc_tui.engine.worker_channel import claim_stdout
pipe = claim_stdout(Path(sys.argv[1]))
print("noise", flush=True)
os.write(2, b"from C\\n")
for _ in range(int(sys.argv[2])):
    os.write(1, b"x" * 65536)
os.write(pipe, b"protocol\\n")
os.close(1); os.close(2)
import threading
[thread.join() for thread in threading.enumerate() if thread.name == "log"]
"""


def run(log: Path, pieces: int) -> bytes:
    found = subprocess.run(
        [sys.executable, "-c", CODE, str(log), str(pieces)], capture_output=True, check=True, timeout=60
    )
    assert found.stderr == b""
    return found.stdout


def test_only_the_protocol_is_on_the_pipe(tmp_path: Path) -> None:
    log = tmp_path / "engine.log"
    assert run(log, 0) == b"protocol\n"
    assert log.read_bytes() == b"noise\nfrom C\n"


def test_the_log_is_capped_private_and_the_last_one_is_kept(tmp_path: Path) -> None:
    log = tmp_path / "engine.log"
    run(log, 40)
    assert log.stat().st_size == MAX_LOG
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    run(log, 0)
    assert log.read_bytes() == b"noise\nfrom C\n"
    assert (tmp_path / "engine.old.log").stat().st_size == MAX_LOG


def test_a_folder_that_cannot_be_written_does_not_matter(tmp_path: Path) -> None:
    assert run(tmp_path / "missing" / "engine.log", 0) == b"protocol\n"
    assert os.listdir(tmp_path) == []
