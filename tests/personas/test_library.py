"""Where personas are found: shipped ones, the user's over them, and broken ones that hide nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from aigc_tui.config import Paths
from aigc_tui.personas import PersonaError, PersonaLibrary
from aigc_tui.personas.library import SHIPPED


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    paths = Paths.find(tmp_path)
    paths.make(paths.personas)
    return paths


def test_eight_personas_come_with_the_program_in_the_pickers_order(paths: Paths) -> None:
    library = PersonaLibrary(paths)
    assert library.ids() == SHIPPED
    assert [persona.id for persona in library.all()] == list(SHIPPED)
    assert library.problems() == ()


def test_the_users_persona_shadows_the_shipped_one_of_its_name(paths: Paths) -> None:
    (paths.personas / "tutor.yaml").write_text("name: Mine", encoding="utf-8")
    tutor = PersonaLibrary(paths).get("tutor")
    assert tutor.text("name", "en") == "Mine"
    assert tutor.source == paths.personas / "tutor.yaml"


def test_the_users_personas_come_after_the_shipped_ones_by_name(paths: Paths) -> None:
    for name in ("zoe", "amy"):
        (paths.personas / f"{name}.yaml").write_text(f"name: {name}", encoding="utf-8")
    assert PersonaLibrary(paths).ids()[-2:] == ("amy", "zoe")


def test_a_broken_file_hides_only_itself(paths: Paths) -> None:
    (paths.personas / "bad.yaml").write_text("name: [", encoding="utf-8")
    (paths.personas / "good.yaml").write_text("name: Good", encoding="utf-8")
    library = PersonaLibrary(paths)
    assert [persona.id for persona in library.all()] == [*SHIPPED, "good"]
    assert [str(problem).split(": ")[0] for problem in library.problems()] == ["bad.yaml:1"]
    with pytest.raises(PersonaError, match=r"bad\.yaml:1"):
        library.get("bad")


def test_a_file_changed_meanwhile_is_read_anew(paths: Paths) -> None:
    file = paths.personas / "amy.yaml"
    file.write_text("name: Amy", encoding="utf-8")
    library = PersonaLibrary(paths)
    assert library.get("amy").text("name", "en") == "Amy"
    file.write_text("name: Amelia", encoding="utf-8")
    assert library.get("amy").text("name", "en") == "Amelia"


@pytest.mark.parametrize("name", ["nobody", "", "../assistant", "/etc/passwd", "a\x1b[2J"])
def test_an_unknown_name_is_one_clean_line_that_lists_the_known_ones(paths: Paths, name: str) -> None:
    with pytest.raises(PersonaError) as caught:
        PersonaLibrary(paths).get(name)
    assert "known: assistant, tutor" in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_a_pipe_in_the_folder_does_not_hang_the_program(paths: Paths) -> None:
    os.mkfifo(paths.personas / "pipe.yaml")
    assert "pipe" not in PersonaLibrary(paths).ids()


def test_a_library_without_the_users_folder_works(tmp_path: Path) -> None:
    assert PersonaLibrary(Paths.find(tmp_path / "nowhere")).get("npc").id == "npc"


def test_nothing_is_parsed_before_it_is_asked_for() -> None:
    code = (
        "import sys; from pathlib import Path; from aigc_tui.config import Paths;"
        "from aigc_tui.personas import PersonaLibrary; PersonaLibrary(Paths(Path('/x'))).ids();"
        "print([name for name in ('yaml', 'torch', 'textual', 'sqlite_utils') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
