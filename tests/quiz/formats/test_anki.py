"""Anki packages in Anki itself: imported, checked, edited, re-exported; and hostile packages."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from aigc_tui.quiz.formats.anki import ANKI, read_anki, write_anki
from aigc_tui.quiz.formats.anki_fields import FIELDS
from aigc_tui.quiz.formats.holding import EVERY_PART
from aigc_tui.quiz.formats.records import Options
from aigc_tui.quiz.records import BLANK, Item, ItemType, QuizError
from tests.support.anki_desk import AnkiDesk
from tests.support.any_quiz import canonical, one_of_each, quiz_of, reads_or_complains


def test_anki_takes_one_of_each_type_and_every_note_has_its_card(tmp_path: Path) -> None:
    with AnkiDesk(tmp_path) as desk:
        assert desk.take(write_anki(one_of_each(), Options()).data) == _counts(new=6)
        assert (desk.collection.note_count(), desk.collection.card_count()) == (6, 6)
        assert desk.sound()
        # A cloze note without a gap would have none, and Anki would not say so.
        assert all(len(desk.note(item.id).cards()) == 1 for item in one_of_each().items)
        card = desk.note("id-cloze").cards()[0]
        assert "[...]" in card.question()
        assert "叶绿体" in card.answer()
        assert "Oxygen" in desk.note("id-mc").cards()[0].question()


def test_a_second_export_updates_in_place_and_makes_no_second_note(tmp_path: Path) -> None:
    quiz = one_of_each()
    edited = replace(
        quiz.items[0], stem="Which gas do plants give off?", options=("Neon", "Oxygen", "Helium")
    )
    with AnkiDesk(tmp_path) as desk:
        desk.take(write_anki(quiz, Options()).data)
        kept = desk.review("id-mc")
        # Anki takes a note for newer by the second; the file is written as if a minute later.
        database = _later(write_anki(replace(quiz, items=(edited, *quiz.items[1:])), Options()).data, 60)
        counts = desk.take(database)
        assert counts["new"] == counts["conflicting"] == 0
        assert counts["updated"] >= 1
        assert desk.fields("id-mc")[0] == "Which gas do plants give off?"
        card = desk.note("id-mc").cards()[0]
        assert (card.id, card.reps, card.ivl) == kept
        assert card.reps == 1
        assert desk.collection.note_count() == 6
        assert desk.sound()


def test_two_quizzes_lie_in_two_decks_and_a_deck_keeps_its_name(tmp_path: Path) -> None:
    with AnkiDesk(tmp_path) as desk:
        desk.take(write_anki(quiz_of(Item("a", ItemType.TF, "A?", True), title="光合作用"), Options()).data)
        desk.take(write_anki(quiz_of(Item("b", ItemType.TF, "B?", True)), Options(deck="物理::力学")).data)
        names = {deck.name for deck in desk.collection.decks.all_names_and_ids()}
        assert {"光合作用", "物理", "物理::力学"} <= names
        assert desk.sound()


def test_texts_that_anki_would_run_are_shown_as_they_are(tmp_path: Path) -> None:
    nasty = "{{c2::x}} [sound:a.mp3] <b> & }} :: \\(x^2\\)"
    items = (
        Item("basic", ItemType.SHORT, nasty, nasty),
        Item("cloze", ItemType.CLOZE, f"{nasty} {BLANK} {nasty}", "a::b}} c"),
    )
    with AnkiDesk(tmp_path) as desk:
        assert desk.take(write_anki(quiz_of(*items), Options()).data) == _counts(new=2)
        assert (desk.collection.card_count(), desk.sound()) == (2, True)
        assert "[anki:play" not in desk.note("basic").cards()[0].question()
        assert "&#91;sound:a.mp3]" in desk.note("basic").cards()[0].question()
        assert "a&#58;&#58;b" in desk.note("cloze").cards()[0].answer()


@pytest.mark.parametrize("legacy", [True, False])
def test_what_anki_exports_again_is_read_back_whole(tmp_path: Path, legacy: bool) -> None:
    with AnkiDesk(tmp_path) as desk:
        desk.take(write_anki(one_of_each(), Options()).data)
        read = read_anki(desk.package("光合作用 / unit 3", legacy=legacy))
    assert read.problems == ()
    assert read.title == "光合作用 / unit 3"
    again = {item.id: canonical(item, EVERY_PART) for item in read.items}
    assert again == {item.id: canonical(item, EVERY_PART) for item in one_of_each().items}


@pytest.mark.parametrize("legacy", [True, False])
def test_basic_and_cloze_notes_of_a_person_become_items(tmp_path: Path, legacy: bool) -> None:
    with AnkiDesk(tmp_path) as desk:
        _add(desk, "Basic", ["<b>Capital</b> of France?", "Paris"], ["geo"])
        _add(desk, "Cloze", ["{{c1::Paris}} is the capital of {{c2::France::country}}.", "See the map."])
        _add(desk, "Basic", ['<img src="a.png">', "x"])
        _add(desk, "Basic", ["Only a front", ""])
        read = read_anki(desk.package("Default", legacy=legacy))
    found = {item.stem: item for item in read.items}
    assert found["Capital of France?"].answer == "Paris"
    assert found["Capital of France?"].tags == ("geo",)
    assert found[f"{BLANK} is the capital of France."].answer == "Paris"
    assert found[f"Paris is the capital of {BLANK}."].answer == "France"
    assert found[f"Paris is the capital of {BLANK}."].explanation == "See the map."
    assert [str(problem.reason) for problem in read.problems] == [
        "it needs a picture, which a text cannot hold",
        "a note of one field asks nothing",
    ]


def test_an_edit_in_anki_comes_back_and_a_spoiled_note_is_a_problem(tmp_path: Path) -> None:
    with AnkiDesk(tmp_path) as desk:
        desk.take(write_anki(one_of_each(), Options()).data)
        note = desk.note("id-short")
        note.fields[2] = "<div>stroma</div>"
        desk.collection.update_note(note)
        note = desk.note("id-mc")
        note.fields[2] = '<b class="key">Z</b>'
        desk.collection.update_note(note)
        read = read_anki(desk.package("光合作用 / unit 3", legacy=True))
    assert {item.id: item.answer for item in read.items}["id-short"] == "stroma"
    assert [str(problem.reason) for problem in read.problems] == ["its answer is not one of its options"]


def test_no_temporary_file_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    read_anki(write_anki(one_of_each(), Options()).data)
    assert list(tmp_path.iterdir()) == []


def _zip(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("_", "."), data)
    return out.getvalue()


def _database(*statements: str) -> bytes:
    connection = sqlite3.connect(":memory:")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    return connection.serialize()


_VIEW = "CREATE VIEW notes AS SELECT 1 id, 'g' guid, 1 mid, '' tags, 'a' || char(31) || 'b' flds"


@pytest.mark.parametrize(
    "hostile",
    [
        b"",
        b"PK\x03\x04 not a zip",
        _zip(media=b"{}"),
        _zip(collection_anki2=b"not a database"),
        _zip(collection_anki2=_database("CREATE TABLE x (y)")),
        _zip(collection_anki2=_database(_VIEW, "CREATE TABLE col (models)", "INSERT INTO col VALUES ('{}')")),
        _zip(collection_anki2=_database("CREATE TABLE notes (x)", "CREATE TABLE col (models)")),
        _zip(collection_anki21b=b"not zstd"),
        _zip(collection_anki2=write_anki(one_of_each(), Options()).data[:400]),
    ],
)
def test_a_hostile_package_is_one_clear_line(hostile: bytes) -> None:
    assert reads_or_complains(read_anki, hostile) is None


def test_a_database_that_unpacks_to_more_than_its_cap_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import zstandard

    monkeypatch.setattr("aigc_tui.quiz.formats.anki._LARGEST_DATABASE", 1 << 20)
    bomb = bytes(8 << 20)
    for package in (_zip(collection_anki2=bomb), _zip(collection_anki21b=zstandard.compress(bomb))):
        with pytest.raises(QuizError, match="larger than 1 MB"):
            read_anki(package)


def test_a_damaged_page_is_one_clear_line() -> None:
    package = write_anki(
        quiz_of(*(Item(f"n{n}", ItemType.SHORT, f"Q{n}" * 50, "a") for n in range(40))), Options()
    )
    with zipfile.ZipFile(io.BytesIO(package.data)) as archive:
        database = bytearray(archive.read("collection.anki2"))
    for at in range(len(database) // 2, len(database), 7):
        database[at] = 0xFF
    reads_or_complains(read_anki, _zip(collection_anki2=bytes(database)))


@pytest.mark.parametrize(
    "piece", ["{{c1::", "{{c1::a::", "<li>", "<tr><td>", '<ol class="steps">', "<cite>", "<q "]
)
def test_a_field_of_unfinished_marks_is_read_in_one_pass(piece: str) -> None:
    models = json.dumps(
        {"7": {"name": "n", "flds": [{"name": name, "ord": at} for at, name in enumerate(FIELDS)]}}
    )
    fields = "\x1f".join([piece * (150_000 // len(piece))] * 6)
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE notes (id, guid, mid, tags, flds)")
    connection.execute("CREATE TABLE col (models)")
    connection.execute("INSERT INTO notes VALUES (1, 'g', 7, '', ?)", (fields,))
    connection.execute("INSERT INTO col VALUES (?)", (models,))
    connection.commit()
    read = read_anki(_zip(collection_anki2=connection.serialize()))
    assert (len(read.items), len(read.problems)) == (0, 1)


def test_note_types_and_decks_keep_their_ids_from_export_to_export() -> None:
    seen = []
    for _ in range(2):
        with zipfile.ZipFile(io.BytesIO(ANKI.write(one_of_each(), Options()).data)) as archive:
            connection = sqlite3.connect(":memory:")
            connection.deserialize(archive.read("collection.anki2"))
            models, decks = connection.execute("SELECT models, decks FROM col").fetchone()
            guids = [row[0] for row in connection.execute("SELECT guid FROM notes ORDER BY id")]
            seen.append((sorted(json.loads(models)), sorted(json.loads(decks)), guids))
    assert seen[0] == seen[1]
    assert seen[0][0] == ["1764000101", "1764000102"]


def _counts(**some: int) -> dict[str, int]:
    return {"new": 0, "updated": 0, "duplicate": 0, "conflicting": 0} | some


def _add(desk: AnkiDesk, kind: str, fields: list[str], tags: list[str] | None = None) -> None:
    model = desk.collection.models.by_name(kind)
    assert model is not None
    note = desk.collection.new_note(model)
    for at, field in enumerate(fields):
        note.fields[at] = field
    note.tags = tags or []
    deck = desk.collection.decks.id("Default")
    assert deck is not None
    desk.collection.add_note(note, deck)


def _later(package: bytes, seconds: int) -> bytes:
    """The package as if it had been written so much later."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        connection = sqlite3.connect(":memory:")
        connection.deserialize(archive.read("collection.anki2"))
    connection.execute("UPDATE notes SET mod = mod + ?", (seconds,))
    connection.commit()
    return _zip(collection_anki2=connection.serialize(), media=b"{}")
