"""Hostile GGUF files: whatever a stranger writes there becomes one line, at once, and takes no memory."""

from __future__ import annotations

import contextlib
import struct
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch
from gguf import GGMLQuantizationType
from gguf.constants import GGML_QUANT_SIZES
from gguf.quants import dequantize
from hypothesis import given, settings
from hypothesis import strategies as st

from aigc_tui.transformer.gguf import GgufError, GgufFile, config_of, load_gguf, open_gguf, weights_of
from aigc_tui.transformer.gguf_reader import MAX_ARRAY, MAX_ENTRIES, MAX_METADATA, MAX_TENSORS
from tests.support.gguf import write_gguf
from tests.transformer.conftest import GROUPED, make_model

MUCH = 2**60
MOST_MEMORY = 30_000_000


def text(value: str) -> bytes:
    raw = value.encode()
    return struct.pack("<Q", len(raw)) + raw


def entry(key: str, code: int, value: bytes) -> bytes:
    return text(key) + struct.pack("<I", code) + value


def number(key: str, value: int) -> bytes:
    return entry(key, 4, struct.pack("<I", value))


def tensor(name: str, shape: tuple[int, ...] = (32,), kind: int = 0, offset: int = 0) -> bytes:
    """An entry of the tensor table; the shape is in GGUF's order, columns first."""
    axes = struct.pack(f"<I{len(shape)}Q", len(shape), *shape)
    return text(name) + axes + struct.pack("<IQ", kind, offset)


def header(
    *entries: bytes,
    tensors: tuple[bytes, ...] = (),
    data: int = 0,
    version: int = 3,
    claims: tuple[int, int] | None = None,
) -> bytes:
    """A whole file with ``data`` bytes of tensors; ``claims``: other counts of tensors and entries."""
    counts = claims or (len(tensors), len(entries))
    found = b"GGUF" + struct.pack("<IQQ", version, *counts) + b"".join(entries) + b"".join(tensors)
    return found + b"\0" * (-len(found) % 32 + data)


@contextmanager
def little_memory() -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()


def opened(folder: Path, content: bytes) -> GgufFile:
    path = folder / "m.gguf"
    path.write_bytes(content)
    return open_gguf(path)


WRONG: list[tuple[bytes, str]] = [
    (b"", "m.gguf is empty"),
    (b"GGUF", "damaged or cut short"),
    (b"PK\x03\x04" * 99, "m.gguf is not a GGUF file"),
    (header(version=1), "is GGUF version 1; versions 2 and 3 can be read"),
    (header(version=3 << 24), "big-endian"),
    (header(claims=(MUCH, 0)), f"claims to hold {MUCH} tensors"),
    (header(claims=(0, MUCH)), f"claims to hold {MUCH} metadata entries"),
    (header(data=2**22, claims=(MAX_TENSORS + 1, 0)), "claims to hold 65537 tensors"),
    (header(data=2**20, claims=(0, MAX_METADATA + 1)), "claims to hold 4097 metadata entries"),
    (header(struct.pack("<Q", MUCH), data=32), f"claims to hold {MUCH} bytes in a string"),
    (header(entry("a", 8, struct.pack("<Q", MUCH))), f"claims to hold {MUCH} bytes in a string"),
    (header(entry("a", 8, struct.pack("<Q", 2**20 + 1)), data=2**21), "claims to hold 1048577 bytes"),
    (header(text("k" * 600)), "claims to hold 600 bytes"),
    (header(text(""), data=32), "a name that is not printable"),
    (header(text("a\x1b[31m")), "a name that is not printable: 'a.*31m'"),
    (header(entry("a", 13, b"")), "'a' has a value of the unknown type 13"),
    (header(entry("a", 9, struct.pack("<IQ", 9, 1))), "'a' has a value of the unknown type 9"),
    (header(entry("a", 9, struct.pack("<IQ", 99, 1))), "'a' has a value of the unknown type 99"),
    (header(entry("a", 9, struct.pack("<IQ", 4, MUCH))), f"claims to hold {MUCH} numbers in arrays"),
    (header(entry("a", 9, struct.pack("<IQ", 8, MUCH))), f"claims to hold {MUCH} strings in arrays"),
    (header(entry("a", 9, struct.pack("<IQQ", 8, 3, MUCH)), data=32), "a string is longer"),
    (header(entry("a", 9, struct.pack("<IQQ", 8, 2, 8) + b"12345678123")), "damaged"),
    (header(number("a", 1), number("a", 2)), "holds 'a' twice"),
    (
        header(number("general.alignment", 0)),
        "must be a power of two up to 65536, not 0",
    ),
    (header(number("general.alignment", 48)), "must be a power of two up to 65536, not 48"),
    (header(number("general.alignment", 2**30)), "must be a power of two"),
    (header(entry("general.alignment", 8, text("32"))), "must be a power of two"),
    (header(tensors=(tensor("t", ()),)), "t has 0 axes, not 1 to 4"),
    (header(tensors=(tensor("t", (1,) * 5),)), "t has 5 axes, not 1 to 4"),
    (header(tensors=(tensor("t", (32, 0)),), data=128), "t has an axis of size 0"),
    (header(tensors=(tensor("t", (MUCH, MUCH)),), data=128), "cut short: t ends at byte"),
    (
        header(tensors=(tensor("t", (33,), kind=2),), data=128),
        "t has rows of 33 numbers, which Q4_0",
    ),
    (header(tensors=(tensor("t", kind=77),), data=128), "t has the unknown type 77"),
    (header(tensors=(tensor("t", kind=4),), data=128), "t has the unknown type 4"),
    (header(tensors=(tensor("t", kind=26),), data=128), "t is of type I32, which cannot be read"),
    (header(tensors=(tensor("t", offset=32),), data=128), "cut short: t ends at byte"),
    (header(tensors=(tensor("t", offset=2**63),), data=128), "cut short: t ends at byte"),
    (header(tensors=(tensor("t", offset=4),), data=256), "t is not aligned"),
    (header(tensors=(tensor("t"), tensor("u")), data=256), "u overlaps t"),
    (header(tensors=(tensor("t"), tensor("u", offset=96)), data=256), "u overlaps t"),
    (header(tensors=(tensor("t"), tensor("t", offset=128)), data=256), "holds 't' twice"),
    (header(tensors=(tensor("t\n../../etc"),), data=128), "a name that is not printable"),
]


@pytest.mark.parametrize(("content", "complaint"), WRONG, ids=[complaint for _, complaint in WRONG])
def test_what_is_wrong_is_said_in_one_line(content: bytes, complaint: str, tmp_path: Path) -> None:
    with little_memory(), pytest.raises(GgufError, match=complaint) as caught:
        opened(tmp_path, content)
    assert str(caught.value).isprintable()


def test_what_is_not_a_file_is_said_in_one_line(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere.gguf"):
        with pytest.raises(GgufError, match="cannot read"):
            open_gguf(path)


def test_all_arrays_together_are_bounded(tmp_path: Path) -> None:
    full = entry("{}", 9, struct.pack("<IQ", 0, MAX_ARRAY) + b"\0" * MAX_ARRAY)
    entries = [full.replace(b"{}", f"k{place}".encode()) for place in range(MAX_ENTRIES // MAX_ARRAY + 1)]
    with pytest.raises(GgufError, match=f"claims to hold {MAX_ARRAY} numbers in arrays"):
        opened(tmp_path, header(*entries))


def test_values_of_every_type_are_read(tmp_path: Path) -> None:
    scalars: dict[int, tuple[str, float]] = {
        0: ("B", 200),
        1: ("b", -3),
        2: ("H", 60_000),
        3: ("h", -9),
        4: ("I", 2**31),
        5: ("i", -7),
    }
    scalars |= {6: ("f", 0.5), 7: ("?", True), 10: ("Q", 2**63), 11: ("q", -(2**62)), 12: ("d", 0.1)}
    entries = [entry(f"s{code}", code, struct.pack(f"<{kind}", v)) for code, (kind, v) in scalars.items()]
    entries += [
        entry(f"a{code}", 9, struct.pack(f"<IQ2{kind}", code, 2, v, v)) for code, (kind, v) in scalars.items()
    ]
    entries += [
        entry("text", 8, text("你好\x1b")),
        entry("texts", 9, struct.pack("<IQ", 8, 2) + text("a") + text("")),
    ]
    for version in (2, 3):
        found = opened(tmp_path, header(*entries, version=version)).metadata
        for code, (_, value) in scalars.items():
            assert found[f"s{code}"] == value
            assert found[f"a{code}"] == [value, value]
        assert (found["text"], found["texts"]) == ("你好\x1b", ["a", ""])


@pytest.mark.parametrize("kind", [k for k in GGMLQuantizationType if k.name[0] in "QIT" and k.name[1] != "8"])
def test_every_type_that_the_package_dequantises_is_read(kind: GGMLQuantizationType, tmp_path: Path) -> None:
    block, size = GGML_QUANT_SIZES[kind]
    content = header(tensors=(tensor("t", (2 * block, 3), kind=int(kind)),), data=6 * size)
    raw = np.random.default_rng(0).integers(0, 256, (3, 2 * size), dtype=np.uint8)
    try:
        with np.errstate(all="ignore"):
            wanted = torch.from_numpy(dequantize(raw, kind))
    except NotImplementedError:
        with pytest.raises(GgufError, match=f"is of type {kind.name}"):
            opened(tmp_path, content)
        return
    file = opened(tmp_path, content[: -6 * size] + raw.tobytes())
    assert file.tensors["t"].shape == (3, 2 * block)
    assert np.array_equal(file.raw(file.tensors["t"]), raw)
    torch.testing.assert_close(file.dequantised(file.tensors["t"]), wanted, equal_nan=True, atol=0, rtol=0)


def attempt(path: Path) -> None:
    """Do all that is done with a file; only our own error may come out."""
    with contextlib.suppress(GgufError):
        file = open_gguf(path)
        weights_of(file, config_of(file))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    tokens = [f"t{number}" for number in range(97)]
    tokenizer = {
        "model": "gpt2",
        "tokens": tokens,
        "token_type": [1] * 97,
        "scores": [0.5] * 97,
        "eos_token_id": 3,
    }
    path = tmp_path_factory.mktemp("gguf") / "m.gguf"
    return write_gguf(path, make_model(GROUPED), "Q4_1", tokenizer).read_bytes()


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("gguf") / "m.gguf"


def header_length(content: bytes) -> int:
    return content.rindex(b"output_norm.weight") + 64


@given(share=st.floats(0, 1, exclude_max=True))
def test_a_file_cut_anywhere_is_refused(share: float, whole: bytes, path: Path) -> None:
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(GgufError) as caught:
        load_gguf(path)
    assert str(caught.value).isprintable()


@settings(max_examples=300)
@given(data=st.data())
def test_flipped_bytes_in_the_header_crash_nothing(data: st.DataObject, whole: bytes, path: Path) -> None:
    content = bytearray(whole)
    places = data.draw(st.lists(st.integers(0, header_length(whole)), min_size=1, max_size=6))
    for place in places:
        content[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    with little_memory():
        attempt(path)


@settings(max_examples=200)
@given(place=st.integers(4, 10**9), value=st.sampled_from([0, 1, 2**31, 2**32 - 1, 2**60, 2**63, 2**64 - 1]))
def test_lying_numbers_anywhere_crash_nothing(place: int, value: int, whole: bytes, path: Path) -> None:
    place %= header_length(whole)
    content = whole[:place] + struct.pack("<Q", value) + whole[place + 8 :]
    path.write_bytes(content)
    with little_memory():
        attempt(path)


@given(content=st.binary(max_size=300))
def test_noise_behind_the_magic_crashes_nothing(content: bytes, path: Path) -> None:
    path.write_bytes(b"GGUF\3\0\0\0" + content)
    attempt(path)
