"""Interactive sessions, several models in turn, vectors and maps."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from aigc_tui.course.textgen import synthesize, vectors
from aigc_tui.course.textgen.generate import GenerateError, Style
from aigc_tui.course.textgen.interactive import InteractiveText
from aigc_tui.course.textgen.model import TextModel
from aigc_tui.course.textgen.texts import TextsError
from tests.course.textgen.conftest import sentences


def test_a_session_offers_the_likeliest_and_takes_steps_back(words: TextModel) -> None:
    session = InteractiveText(words, "the", "old", top=4)
    offered = session.choices()
    assert offered[0].text == " old"
    assert [c.probability for c in offered] == sorted((c.probability for c in offered), reverse=True)
    assert session.pick(2)
    assert session.text == "the" + offered[1].text
    session.own(" whale \x1b[2J")
    assert session.text.startswith("the" + offered[1].text + " whale ")
    assert "\x1b" not in session.text
    assert session.back()
    assert session.text == "the" + offered[1].text
    assert session.back()
    assert not session.back()
    assert session.text == "the"


def test_a_session_ends_when_the_end_is_picked(words: TextModel) -> None:
    session = InteractiveText(words, "the red cat sings", "red", top=1)
    assert [choice.ends for choice in session.choices()] == [True]
    assert session.pick(1) is False


def test_a_wrong_number_or_label_is_refused(words: TextModel) -> None:
    session = InteractiveText(words)
    session.choices()
    with pytest.raises(GenerateError, match="choose 1 to 3"):
        session.pick(4)
    with pytest.raises(GenerateError, match="no label"):
        InteractiveText(words, label="none")
    with pytest.raises(GenerateError, match="1 to 100"):
        InteractiveText(words, top=0)


def test_models_of_both_levels_take_turns_at_spaces(words: TextModel, characters: TextModel) -> None:
    style = Style(max_length=40, seed=3)
    made = synthesize.synthesize([words, characters], 2, "the", style)
    assert all(written.text.startswith("the") for written in made)
    assert made == synthesize.synthesize([words, characters], 2, "the", style)


def test_two_times_the_same_model_writes_its_sentences(words: TextModel) -> None:
    known = {sample.text for sample in sentences().samples}
    made = synthesize.synthesize([words, words], 5, "the", Style(temperature=(0.1,), seed=1))
    assert sum(written.text in known for written in made) >= 3


def test_turns_are_written_to_a_file(words: TextModel, tmp_path: Path) -> None:
    synthesize.synthesize_to_file([words, words], tmp_path / "f", 3, "the")
    assert len((tmp_path / "f").read_text().splitlines()) == 3
    with pytest.raises(GenerateError, match="two models"):
        synthesize.synthesize([words])


def test_the_text_itself_is_the_most_similar_one(words: TextModel) -> None:
    texts = [sample.text for sample in sentences().samples]
    ranked = vectors.similarity(words, texts[7], texts)
    assert ranked[0].text == texts[7]
    assert ranked[0].cosine == pytest.approx(1, abs=1e-5)
    assert [one.cosine for one in ranked] == sorted((one.cosine for one in ranked), reverse=True)
    assert vectors.similarity(words, texts[7], [texts[7]])[0].cosine == pytest.approx(1, abs=1e-5)
    with pytest.raises(TextsError):
        vectors.similarity(words, "a", [])


def test_the_map_keeps_the_widest_spread_and_its_signs(words: TextModel) -> None:
    found = vectors.text_vectors(words, [sample.text for sample in sentences().samples])
    assert found.shape == (20, 32)
    mapped = vectors.project(found, 2)
    again = vectors.project(found.clone(), 2)
    assert torch.equal(mapped, again)
    assert mapped.var(dim=0)[0] >= mapped.var(dim=0)[1]
    exact = torch.linalg.svdvals(found - found.mean(dim=0))[:2]
    torch.testing.assert_close(mapped.norm(dim=0), exact, atol=1e-4, rtol=1e-4)
    assert vectors.project(found[:1], 3).tolist() == [[0.0, 0.0, 0.0]]


def test_tsne_keeps_groups_together() -> None:
    torch.manual_seed(0)
    groups = torch.arange(3).repeat_interleave(8)
    points = torch.randn(3, 6)[groups] * 3 + torch.randn(24, 6) * 0.1
    mapped = vectors.tsne(points)
    nearest = torch.cdist(mapped, mapped).fill_diagonal_(1e9).argmin(dim=1)
    assert torch.equal(groups[nearest], groups)
    assert torch.equal(mapped, vectors.tsne(points))
    shares = vectors.affinities(points.double(), 5.0)
    assert float(shares.sum()) == pytest.approx(1, abs=1e-6)
    with pytest.raises(TextsError, match="too many"):
        vectors.tsne(torch.zeros(2001, 2))
    assert vectors.tsne(points[:2]).tolist() == [[0, 0], [0, 0]]
