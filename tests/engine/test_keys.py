"""Where a server's key comes from, and that it goes nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from aigc_tui.config import Paths
from aigc_tui.engine.keys import ServerKeyError, find_key

KEY = "sk-very-secret"


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    found = Paths(tmp_path)
    found.make(found.keys)
    return found


def write(paths: Paths, name: str, content: str, mode: int = 0o600) -> None:
    (paths.keys / name).write_text(content)
    (paths.keys / name).chmod(mode)


def test_no_name_means_no_key(paths: Paths) -> None:
    assert find_key("", paths, {}) == ""


def test_the_environment_comes_before_the_file(paths: Paths) -> None:
    write(paths, "MY_KEY", "from file\n")
    assert find_key("MY_KEY", paths, {"MY_KEY": KEY}) == KEY
    assert find_key("MY_KEY", paths, {}) == "from file"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_file_that_others_may_read_is_refused(paths: Paths, mode: int) -> None:
    write(paths, "MY_KEY", KEY, mode)
    with pytest.raises(ServerKeyError, match="chmod 600") as caught:
        find_key("MY_KEY", paths, {})
    assert KEY not in str(caught.value)


def test_a_link_is_not_followed(paths: Paths, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text(KEY)
    (tmp_path / "elsewhere").chmod(0o600)
    (paths.keys / "MY_KEY").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ServerKeyError, match="there is no key"):
        find_key("MY_KEY", paths, {})


@pytest.mark.parametrize("name", ["../MY_KEY", "a/b", "1KEY", "a b", "a\nb", ".hidden"])
def test_a_name_that_is_no_name_is_refused(paths: Paths, name: str) -> None:
    with pytest.raises(ServerKeyError, match="must be the name of an environment variable"):
        find_key(name, paths, {})


@pytest.mark.parametrize(
    ("content", "complaint"), [("", "is empty"), ("a\nb", "characters"), ("钥匙", "characters")]
)
def test_a_key_that_is_no_key_is_refused_without_being_shown(
    paths: Paths, content: str, complaint: str
) -> None:
    write(paths, "MY_KEY", content)
    with pytest.raises(ServerKeyError, match=complaint) as caught:
        find_key("MY_KEY", paths, {})
    assert not content or content not in str(caught.value)


def test_a_missing_key_says_where_to_put_it(paths: Paths) -> None:
    with pytest.raises(ServerKeyError, match="set MY_KEY in the environment, or write it to"):
        find_key("MY_KEY", paths, {})
