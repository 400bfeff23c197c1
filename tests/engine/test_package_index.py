"""A model's bytes out of wheels: found, resumed, joined, and no trick of a stranger's zip."""

from __future__ import annotations

import hashlib
import io
import random
import struct
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from aigc_tui.engine import package_index, transfer
from aigc_tui.engine.package_index import (
    MAX_DIRECTORY,
    PUBLIC_INDEX,
    Part,
    extract,
    fetch_joined,
    parse_part,
    pip_indexes,
)
from aigc_tui.engine.transfer import Address, DownloadError, RefusedError, RemoteFile, Stop, StoppedError
from tests.support.hub_server import Hub, hub_server, make_wheel

DATA = b"GGUF" + random.Random(3).randbytes(600_000)
CUTS = (0, 250_000, 250_001, len(DATA))
FILE = RemoteFile("model.gguf", len(DATA), sha256=hashlib.sha256(DATA).hexdigest())
PARTS = tuple(Part(f"some-model-part{i}", "1.0", f"some_model_part{i}/data/part{i}.bin") for i in (1, 2, 3))


def wheels() -> dict[str, bytes]:
    """Three wheels that hold the file between them."""
    found = {}
    for number, part in enumerate(PARTS):
        members = {
            f"some_model_part{number + 1}/__init__.py": b"raise SystemExit('imported')",
            part.path: DATA[CUTS[number] : CUTS[number + 1]],
            f"some_model_part{number + 1}-1.0.dist-info/RECORD": b"",
        }
        found[f"some_model_part{number + 1}-1.0-py3-none-any.whl"] = make_wheel(members)
    return found


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.setattr(transfer, "_FIRST_PAUSE", 0.0)
    with hub_server({}) as server:
        server.wheels = wheels()
        yield server


def get(hub: Hub, folder: Path, file: RemoteFile = FILE, parts: tuple[Part, ...] = PARTS) -> bytes:
    return fetch_joined(parts, file, folder, indexes=[Address(hub.index)]).read_bytes()


@pytest.mark.parametrize("as_html", [False, True])
def test_several_wheels_are_joined_in_order_and_nothing_else_is_left(
    hub: Hub, tmp_path: Path, as_html: bool
) -> None:
    hub.as_html = as_html
    assert get(hub, tmp_path) == DATA
    assert [path.name for path in tmp_path.iterdir()] == [FILE.name]


def test_the_bytes_are_told_of_all_wheels_together(hub: Hub, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    fetch_joined(PARTS, FILE, tmp_path, lambda *step: told.append(step), indexes=[Address(hub.index)])
    total = sum(map(len, hub.wheels.values()))
    assert told[-1] == (total, total)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_wheels_in_another_order_are_refused_by_the_hash(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="wrong checksum"):
        get(hub, tmp_path, parts=PARTS[::-1])
    assert not (tmp_path / FILE.name).exists()
    assert get(hub, tmp_path) == DATA


def test_a_stopped_join_goes_on_at_the_wheel_where_it_stopped(hub: Hub, tmp_path: Path) -> None:
    names = list(hub.wheels)
    first = len(hub.wheels[names[0]])
    stop = Stop()

    def progress(done: int, total: int) -> None:
        if done > first + len(hub.wheels[names[1]]) + 100_000:
            stop.set()

    with pytest.raises(StoppedError):
        fetch_joined(PARTS, FILE, tmp_path, progress, stop, [Address(hub.index)])
    hub.requests.clear()
    assert get(hub, tmp_path) == DATA
    (asked,) = [(path, span) for path, span in hub.requests if path.startswith("/files/")]
    assert asked[0].endswith(names[2])
    assert asked[1].startswith("bytes=")


def test_a_torn_end_behind_the_last_whole_wheel_is_cut_off(hub: Hub, tmp_path: Path) -> None:
    mark = FILE.sha256[:12]
    (tmp_path / f"{FILE.name}.{mark}.joined").write_bytes(DATA[: CUTS[1]] + b"torn")
    (tmp_path / f"{FILE.name}.{mark}.joined.json").write_text(f'{{"wheels": 1, "bytes": {CUTS[1]}}}')
    assert get(hub, tmp_path) == DATA


@pytest.mark.parametrize(
    "journal",
    ["", "[]", "{}", '{"wheels": 9, "bytes": 1}', '{"wheels": -1, "bytes": -5}', '{"wheels": 1e999}'],
)
def test_a_broken_journal_begins_anew(hub: Hub, tmp_path: Path, journal: str) -> None:
    (tmp_path / f"{FILE.name}.{FILE.mark}.joined.json").write_text(journal)
    assert get(hub, tmp_path) == DATA


def test_a_flipped_byte_in_a_wheel_is_refused(hub: Hub, tmp_path: Path) -> None:
    hub.corrupt = True
    with pytest.raises(RefusedError, match="wrong checksum"):
        get(hub, tmp_path)
    hub.corrupt = False
    assert get(hub, tmp_path) == DATA


def test_a_package_that_is_not_there_is_named(hub: Hub, tmp_path: Path) -> None:
    for missing in (replace(PARTS[1], package="no-such-package"), replace(PARTS[1], version="9.9")):
        with pytest.raises(RefusedError, match=missing.package):
            get(hub, tmp_path, parts=(PARTS[0], missing, PARTS[2]))
        # It is known before gigabytes came.
        assert not [path for path, _ in hub.requests if path.startswith("/files/")]


def test_a_wheel_without_the_file_names_what_it_holds(hub: Hub, tmp_path: Path) -> None:
    wrong = replace(PARTS[0], path="some_model_part1/other.bin")
    with pytest.raises(
        RefusedError, match=r"does not hold some_model_part1/other\.bin exactly once; .*part1\.bin"
    ):
        get(hub, tmp_path, parts=(wrong, *PARTS[1:]))


def test_without_a_path_the_one_data_file_is_taken(hub: Hub, tmp_path: Path) -> None:
    hub.wheels = {
        "some_model_part1-1.0-py3-none-any.whl": make_wheel({"a/b.bin": DATA, "a/__init__.py": b"x"})
    }
    part = replace(PARTS[0], path="")
    assert get(hub, tmp_path, replace(FILE, size=-1), (part,)) == DATA
    hub.wheels = {"some_model_part1-1.0-py3-none-any.whl": make_wheel({"a.bin": DATA, "b.bin": DATA})}
    with pytest.raises(RefusedError, match=r"holds 2 data files; name one with --file: a\.bin, b\.bin"):
        get(hub, tmp_path, replace(FILE, size=-1, name="other.gguf"), (part,))


def test_an_index_of_broken_pages_is_one_line(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for body in (b"{", b"[]", b'{"files": [{}]}', b'{"files": 1}', b"[" * 100_000):
        monkeypatch.setattr(Hub, "page", lambda self, project, b=body: ("application/json", b))
        with pytest.raises(DownloadError, match="unreadable list") as caught:
            get(hub, tmp_path)
        assert "\n" not in str(caught.value)


def test_an_endless_page_is_cut_short(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package_index, "MAX_PAGE", 100)
    with pytest.raises(RefusedError, match="longer than 100 bytes"):
        get(hub, tmp_path)


def test_the_second_index_is_asked_when_the_first_has_nothing(hub: Hub, tmp_path: Path) -> None:
    empty, real = Address(f"{hub.address}/nothing"), Address(hub.index)
    assert fetch_joined(PARTS, FILE, tmp_path, indexes=[empty, real]).read_bytes() == DATA


# ---- zip files of strangers


def cut(wheel: bytes, folder: Path, part: Part, limit: int = 10**6) -> bytes:
    """Take a file out of a wheel."""
    (folder / "x.whl").write_bytes(wheel)
    with (folder / "out").open("wb", buffering=0) as output:
        extract(folder / "x.whl", part, output, folder / "out", limit, Stop())
    return (folder / "out").read_bytes()


BIN = Part("p", "1", "p/data.bin")


def test_no_other_path_of_a_wheel_is_ever_written(tmp_path: Path) -> None:
    names = (
        "../../evil",
        "/etc/evil",
        "p/../../evil",
        "C:\\evil",
        "p/data.bin/",
        "p//data.bin",
        "P/DATA.BIN",
    )
    (tmp_path / "in").mkdir()
    assert (
        cut(make_wheel({**dict.fromkeys(names, b"evil"), "p/data.bin": b"good"}), tmp_path / "in", BIN)
        == b"good"
    )
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["in", "out", "x.whl"]


def test_a_path_that_leads_outside_is_a_mere_name(tmp_path: Path) -> None:
    part = replace(BIN, path="../../evil")
    (tmp_path / "in").mkdir()
    assert cut(make_wheel({"../../evil": b"data"}), tmp_path / "in", part) == b"data"
    assert not list(tmp_path.rglob("evil"))


def test_a_name_that_stands_twice_is_refused(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("p/data.bin", b"one")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("p/data.bin", b"two")
    with pytest.raises(RefusedError, match="exactly once"):
        cut(packed.getvalue(), tmp_path, BIN)


def test_a_bomb_ends_at_the_size_that_the_model_has(tmp_path: Path) -> None:
    bomb = make_wheel({"p/data.bin": bytes(50 * 2**20)})
    assert len(bomb) < 100_000
    with pytest.raises(RefusedError, match="larger than the model should be"):
        cut(bomb, tmp_path, BIN, 10_000)
    assert (tmp_path / "out").stat().st_size == 0


def test_a_bomb_that_lies_about_its_size_ends_there_too(tmp_path: Path) -> None:
    bomb = bytearray(make_wheel({"p/data.bin": bytes(50 * 2**20)}))
    directory = bomb.rfind(b"PK\x01\x02")
    struct.pack_into("<I", bomb, directory + 24, 5_000)
    with pytest.raises(RefusedError, match=r"damaged|larger than"):
        cut(bytes(bomb), tmp_path, BIN, 10_000)
    assert (tmp_path / "out").stat().st_size <= 10_000


@pytest.mark.parametrize("keep", [0, 1, 21, 100, 400])
def test_a_torn_wheel_is_one_line(tmp_path: Path, keep: int) -> None:
    with pytest.raises(RefusedError, match=r"wheel of p==1|does not hold") as caught:
        cut(make_wheel({"p/data.bin": bytes(range(256)) * 8})[:keep], tmp_path, BIN)
    assert "\n" not in str(caught.value)


def test_flipped_bits_anywhere_never_crash_and_never_pass_for_the_data(tmp_path: Path) -> None:
    good = make_wheel({"p/data.bin": random.Random(1).randbytes(3000), "p/x.py": b"x"})
    whole = cut(good, tmp_path, BIN)
    chance = random.Random(2)
    for _ in range(150):
        bad = bytearray(good)
        bad[chance.randrange(len(bad))] ^= 1 << chance.randrange(8)
        with suppress(RefusedError):
            assert cut(bytes(bad), tmp_path, BIN) == whole


def test_a_list_of_contents_that_would_fill_the_memory_is_not_read(tmp_path: Path) -> None:
    wheel = bytearray(make_wheel({"p/data.bin": b"x"}))
    struct.pack_into("<I", wheel, wheel.rfind(b"PK\x05\x06") + 12, MAX_DIRECTORY + 1)
    with pytest.raises(RefusedError, match="no usable zip file"):
        cut(bytes(wheel), tmp_path, BIN)


def test_an_encrypted_or_oddly_packed_file_is_refused(tmp_path: Path) -> None:
    wheel = bytearray(make_wheel({"p/data.bin": b"x" * 100}))
    at = wheel.rfind(b"PK\x01\x02")
    locked, odd = bytearray(wheel), bytearray(wheel)
    locked[at + 8] |= 1
    struct.pack_into("<H", odd, at + 10, 14)
    for bad in (locked, odd):
        with pytest.raises(RefusedError, match="packed in an unknown way"):
            cut(bytes(bad), tmp_path, BIN)


def test_hostile_names_are_clean_in_messages(tmp_path: Path) -> None:
    wheel = make_wheel({"p/\x1b]52;c;evil\x07.bin": random.Random(1).randbytes(100_000)})
    with pytest.raises(RefusedError) as caught:
        cut(wheel, tmp_path, BIN)
    assert "\x1b" not in str(caught.value)


def test_taking_data_out_can_be_stopped(tmp_path: Path) -> None:
    (tmp_path / "x.whl").write_bytes(make_wheel({"p/data.bin": b"x"}))
    stop = Stop()
    stop.set()
    with (tmp_path / "out").open("wb", buffering=0) as output, pytest.raises(StoppedError):
        extract(tmp_path / "x.whl", BIN, output, tmp_path / "out", 10, stop)


# ---- pip's configuration


@pytest.mark.parametrize(
    "said", ["x", "x>=1", "x==1.*", "x == 1", "--index-url=evil==1", "a/b==1", "x==1;y", "==1"]
)
def test_what_names_no_exact_version_is_refused(said: str) -> None:
    with pytest.raises(RefusedError, match="one exact version"):
        parse_part(said)


def configured(tmp_path: Path, text: str, **environ: str) -> list[Address]:
    file = tmp_path / "pip.conf"
    file.write_text(text)
    return pip_indexes({"PIP_CONFIG_FILE": str(file), "HOME": str(tmp_path), **environ})


def test_the_index_is_the_one_that_pip_uses(tmp_path: Path) -> None:
    text = "[global]\nindex-url = https://all.example/simple\n[download]\nindex-url = https://one.example/simple\n"
    assert configured(tmp_path, text)[0].url == "https://one.example/simple"
    found = configured(tmp_path, text, PIP_INDEX_URL="https://env.example/simple")
    assert found[0].url == "https://env.example/simple"


def test_further_indexes_come_behind_and_folders_are_left_to_pip(tmp_path: Path) -> None:
    text = "[global]\nextra-index-url = file:///opt/simple https://more.example/simple\n"
    urls = [one.url for one in configured(tmp_path, text)]
    assert urls[0] == PUBLIC_INDEX
    assert "https://more.example/simple" in urls
    assert not [url for url in urls if url.startswith("file:")]


def test_a_password_in_the_address_is_used_and_never_shown(tmp_path: Path) -> None:
    found = configured(tmp_path, "", PIP_INDEX_URL="https://me:se%40cret@own.example/simple")[0]
    assert (found.url, found.auth) == ("https://own.example/simple", ("me", "se@cret"))


def test_without_pip_its_variables_still_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert pip_indexes({"PIP_INDEX_URL": "https://env.example/simple"})[0].url == "https://env.example/simple"
    assert pip_indexes({})[0].url == PUBLIC_INDEX


def test_a_silent_index_can_be_stopped(hub: Hub, tmp_path: Path) -> None:
    hub.hold_after = 50_000
    stop, ended = Stop(), threading.Event()

    def download() -> None:
        with pytest.raises(StoppedError):
            fetch_joined(
                PARTS, FILE, tmp_path, lambda done, total: stop.set() if done > 40_000 else None, stop,
                [Address(hub.index)],
            )  # fmt: skip
        ended.set()

    threading.Thread(target=download, daemon=True).start()
    assert ended.wait(10)
    hub.released.set()
