"""One file over HTTP: resumed, checked, stopped, and what happens on a full disk."""

from __future__ import annotations

import errno
import hashlib
import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aigc_tui.engine import transfer
from aigc_tui.engine.transfer import (
    Address,
    DiskFullError,
    DownloadError,
    RefusedError,
    RemoteFile,
    Stop,
    StoppedError,
    fetch,
    only_one,
    require_room,
    write_all,
)
from tests.support.hub_server import COMMIT, Hub, hub_server

DATA = random.Random(10).randbytes(300_000)
FILE = RemoteFile("model.gguf", len(DATA), sha256=hashlib.sha256(DATA).hexdigest())


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.setattr(transfer, "_FIRST_PAUSE", 0.0)
    with hub_server({FILE.name: DATA}) as server:
        yield server


def address(hub: Hub, **headers: str) -> Address:
    return Address(f"{hub.address}/owner/tiny/resolve/{COMMIT}/{FILE.name}", headers)


def parts(folder: Path) -> list[Path]:
    return list(folder.glob("*.part"))


def test_a_file_comes_whole_and_its_bytes_are_told(hub: Hub, tmp_path: Path) -> None:
    told: list[int] = []
    assert fetch(address(hub), FILE, tmp_path, told.append).read_bytes() == DATA
    assert told == sorted(told)
    assert told[-1] == len(DATA)
    assert [path.name for path in tmp_path.iterdir()] == [FILE.name]


def test_what_is_there_is_not_asked_for(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / FILE.name).write_bytes(DATA)
    fetch(address(hub), FILE, tmp_path)
    assert hub.requests == []


@pytest.mark.parametrize("ignore_ranges", [False, True])
def test_a_broken_download_goes_on_and_keeps_what_it_has(
    hub: Hub, tmp_path: Path, ignore_ranges: bool
) -> None:
    hub.break_after, hub.ignore_ranges = 100_000, ignore_ranges
    if ignore_ranges:
        with pytest.raises(DownloadError, match="broke off"):
            fetch(address(hub), FILE, tmp_path)
        assert parts(tmp_path)[0].read_bytes() == DATA[:100_000]
        hub.break_after = None
    assert fetch(address(hub), FILE, tmp_path).read_bytes() == DATA
    assert "bytes=100000-" in [span for _, span in hub.requests]


def test_a_flipped_byte_is_refused_and_nothing_is_kept(hub: Hub, tmp_path: Path) -> None:
    hub.corrupt = True
    with pytest.raises(RefusedError, match="wrong checksum"):
        fetch(address(hub), FILE, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_rest_of_another_file_is_never_put_behind_the_beginning(hub: Hub, tmp_path: Path) -> None:
    hub.hold_after = 100_000
    stop = Stop()
    with pytest.raises(StoppedError):
        fetch(address(hub), FILE, tmp_path, lambda done: stop.set() if done >= 90_000 else None, stop)
    hub.released.set()
    new = random.Random(11).randbytes(len(DATA))
    hub.files[FILE.name] = new
    changed = RemoteFile(FILE.name, len(new), sha256=hashlib.sha256(new).hexdigest())
    hub.requests.clear()
    assert fetch(address(hub), changed, tmp_path).read_bytes() == new
    assert [span for _, span in hub.requests] == [""]


@pytest.mark.parametrize("length", [len(DATA) + 1, len(DATA) - 1, 10**15])
def test_a_server_that_lies_about_the_length_is_refused(hub: Hub, tmp_path: Path, length: int) -> None:
    hub.claimed_length = length
    with pytest.raises(RefusedError, match="not as long as expected"):
        fetch(address(hub), FILE, tmp_path)
    assert not (tmp_path / FILE.name).exists()


def test_a_file_that_shrank_on_the_server_is_refused(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / f"{FILE.name}.{FILE.mark}.part").write_bytes(DATA[:200_000])
    hub.files[FILE.name] = DATA[:100_000]
    with pytest.raises(RefusedError, match="was changed"):
        fetch(address(hub), FILE, tmp_path)


@pytest.mark.parametrize(("code", "tries"), [(403, 1), (404, 1), (503, transfer.ATTEMPTS)])
def test_a_refusal_is_one_line_and_only_what_may_pass_is_tried_again(
    hub: Hub, tmp_path: Path, code: int, tries: int
) -> None:
    hub.answers = [code] * 20
    with pytest.raises(DownloadError, match=f"answered {code} for") as caught:
        fetch(address(hub), FILE, tmp_path)
    assert "\n" not in str(caught.value)
    assert len(hub.requests) == tries


def test_a_server_that_recovers_is_enough(hub: Hub, tmp_path: Path) -> None:
    hub.answers = [503, 429]
    assert fetch(address(hub), FILE, tmp_path).read_bytes() == DATA


def test_a_server_that_is_away_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "_FIRST_PAUSE", 0.0)
    with pytest.raises(DownloadError, match=r"127\.0\.0\.1:9 cannot be reached"):
        fetch(Address("http://user:secret@127.0.0.1:9/x"), FILE, tmp_path)


def test_a_redirect_to_another_host_drops_the_token(hub: Hub, tmp_path: Path) -> None:
    with hub_server({FILE.name: DATA}) as storage:
        # The same machine under another name is another host.
        hub.redirect_to = storage.address.replace("127.0.0.1", "localhost")
        fetch(address(hub, Authorization="Bearer secret"), FILE, tmp_path)
        assert hub.tokens == ["Bearer secret"]
        assert storage.tokens == [""]


def test_a_stop_takes_effect_while_the_server_is_silent(hub: Hub, tmp_path: Path) -> None:
    hub.hold_after = 100_000
    stop, arrived, ended = Stop(), threading.Event(), threading.Event()
    raised: list[BaseException] = []

    def download() -> None:
        try:
            fetch(address(hub), FILE, tmp_path, lambda done: arrived.set() if done > 90_000 else None, stop)
        except StoppedError as error:
            raised.append(error)
        ended.set()

    threading.Thread(target=download, daemon=True).start()
    assert arrived.wait(30)
    stop.set()
    # The server says nothing more until it is released, and its time-out is half a minute.
    assert ended.wait(5)
    hub.released.set()
    assert "pull again to go on" in str(raised[0])
    assert DATA.startswith(parts(tmp_path)[0].read_bytes())
    assert fetch(address(hub), FILE, tmp_path).read_bytes() == DATA


def test_what_is_stopped_already_asks_nobody(hub: Hub, tmp_path: Path) -> None:
    stop = Stop()
    stop.set()
    with pytest.raises(StoppedError):
        fetch(address(hub), FILE, tmp_path, stop=stop)
    assert hub.requests == []


def test_actions_are_called_by_a_stop_inside_their_block_alone() -> None:
    stop, called = Stop(), list[str]()
    with stop.calling(lambda: called.append("gone")):
        pass
    with stop.calling(lambda: called.append("inside")):
        stop.set()
    with stop.calling(lambda: called.append("late")):
        pass
    assert called == ["inside", "late"]


class Disk:
    """A raw file on a disk that has room for some bytes more."""

    def __init__(self, room: int, problem: int = errno.ENOSPC) -> None:
        self.room, self.problem, self.held = room, problem, b""

    def write(self, piece: Any) -> int:
        if not self.room:
            raise OSError(self.problem, os.strerror(self.problem))
        taken = bytes(piece[: self.room])
        self.room -= len(taken)
        self.held += taken
        return len(taken)


def test_a_disk_that_fills_up_keeps_what_fits_and_says_so(tmp_path: Path) -> None:
    disk: Any = Disk(5)
    with pytest.raises(DiskFullError, match=r"the disk is full at .*; make room and pull again to go on"):
        write_all(disk, b"12345678", tmp_path / "x.part")
    assert disk.held == b"12345"


def test_another_failure_to_write_is_named(tmp_path: Path) -> None:
    disk: Any = Disk(0, errno.EIO)
    with pytest.raises(RefusedError, match=r"cannot write .*x\.part"):
        write_all(disk, b"1", tmp_path / "x.part")


def test_a_full_disk_in_a_real_process_is_one_line_and_the_rest_comes_later(hub: Hub, tmp_path: Path) -> None:
    code = (
        "import resource, signal, sys; from pathlib import Path; from aigc_tui.engine.transfer import *\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "url, size, digest, folder = sys.argv[1:]\n"
        "try: fetch(Address(url), RemoteFile('model.gguf', int(size), sha256=digest), Path(folder))\n"
        "except DiskFullError as error: print(error)\n"
    )
    arguments = [address(hub).url, str(FILE.size), FILE.sha256, str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"the disk is full at {tmp_path}; make room and pull again to go on\n"
    assert parts(tmp_path)[0].read_bytes() == DATA[:100_000]
    hub.requests.clear()
    assert fetch(address(hub), FILE, tmp_path).read_bytes() == DATA
    assert [span for _, span in hub.requests] == ["bytes=100000-"]


def test_what_cannot_fit_is_refused_before_a_byte_comes(tmp_path: Path) -> None:
    with pytest.raises(DiskFullError, match=r"1,000,000,000,000 MB are needed in .*, and .* MB are free"):
        require_room(tmp_path, 10**18)
    require_room(tmp_path, 0)


def test_two_at_once_are_kept_apart_and_the_lock_leaves_nothing(tmp_path: Path) -> None:
    lock = tmp_path / ".x.lock"
    with only_one(lock, "x"):
        busy = pytest.raises(RefusedError, match="x is being pulled or changed by another aigc-tui")
        with busy, only_one(lock, "x"):
            pytest.fail("two at once")
        assert lock.exists()
    with only_one(lock, "x"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_lock_of_a_killed_process_holds_nobody_up(tmp_path: Path) -> None:
    lock = tmp_path / ".x.lock"
    code = (
        "import os, signal, sys; from pathlib import Path; from aigc_tui.engine.transfer import only_one\n"
        "with only_one(Path(sys.argv[1]), 'x'): os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(lock)], check=False).returncode == -9
    assert lock.exists()
    with only_one(lock, "x"):
        pass
