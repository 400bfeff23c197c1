from __future__ import annotations

from pathlib import Path

from aigc_tui.personas.library import SHIPPED
from tests.cli.conftest import Run


def test_all_shipped_personas_are_listed_in_both_languages(run: Run) -> None:
    rows = run("persona", "list", "--json").json
    assert [row["id"] for row in rows] == list(SHIPPED)
    assert all(list(row) == ["id", "name", "description", "tags", "safety"] for row in rows)
    assert all(row["name"]["en"] and row["name"]["zh"] for row in rows)


def test_a_persona_is_shown_in_the_users_language(run: Run) -> None:
    english, chinese = (
        run("--language", language, "persona", "show", "tutor").out for language in ("en", "zh")
    )
    assert english != chinese
    assert "(tutor)" in english


def test_a_persona_is_shown_whole_as_json(run: Run) -> None:
    shown = run("persona", "show", "listener", "--json").json
    assert shown["id"] == "listener"
    assert shown["safety"] == "counselling"
    assert set(shown["system"]) == {"en", "zh"}
    assert {"greeting", "style", "examples", "sampling", "avatar", "file"} <= set(shown)


def test_an_unknown_persona_is_one_line(run: Run) -> None:
    result = run("persona", "show", "nobody")
    assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)


def test_one_broken_persona_file_hides_no_other(run: Run, home: Path) -> None:
    (home / "personas").mkdir(parents=True)
    (home / "personas" / "mine.yaml").write_text("name: [")
    result = run("persona", "list", "--json")
    assert result.code == 0
    assert len(result.json) == len(SHIPPED)
    assert "mine.yaml" in result.err
