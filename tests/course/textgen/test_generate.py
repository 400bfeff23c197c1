"""Writing: seeded, by temperature and label, up to an end, a stop or a length; the cache changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from aigc_tui.course.textgen import generate
from aigc_tui.course.textgen.generate import GenerateError, Style, draw, probabilities
from aigc_tui.course.textgen.model import TextModel
from aigc_tui.course.textgen.vocabulary import byte_ids
from aigc_tui.course.textgen.windowed_model import WindowedModel
from tests.course.textgen.conftest import COLOURS, sentences


def test_a_trained_generator_says_its_sentences_and_ends_them(words: TextModel) -> None:
    known = {sample.text for sample in sentences().samples}
    made = generate.generate(words, 10, style=Style(temperature=(0.3,)))
    assert sum(written.text in known for written in made) >= 8
    assert {written.ended for written in made} == {"end"}


def test_a_label_is_obeyed_and_without_one_labels_are_drawn(words: TextModel) -> None:
    told = generate.generate(words, 8, label="old", style=Style(temperature=(0.2,)))
    assert sum(" old " in written.text for written in told) >= 7
    drawn = generate.generate(words, 30)
    assert {written.label for written in drawn} == set(COLOURS)
    with pytest.raises(GenerateError, match="it has: red, blue, old, new"):
        generate.generate(words, label="green")


def test_the_seed_decides_and_the_prefix_begins_every_text(words: TextModel) -> None:
    style = Style(temperature=(1.0,), seed=5)
    assert generate.generate(words, 4, "the", style=style) == generate.generate(words, 4, "the", style=style)
    assert all(w.text.startswith("the x") for w in generate.generate(words, 3, "the x", style=style))


def test_temperatures_are_cycled_by_position(words: TextModel, monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[float] = []

    def spy(scores: torch.Tensor, temperature: float, top_k: int, random: torch.Generator) -> int:
        used.append(temperature)
        return draw(scores, temperature, top_k, random)

    monkeypatch.setattr(generate, "draw", spy)
    generate.generate(words, style=Style(temperature=(1.0, 0.2, 0.3)))
    assert len(used) > 3
    assert used == [(1.0, 0.2, 0.3)[at % 3] for at in range(len(used))]


def test_a_text_ends_before_a_stop_or_at_the_length(words: TextModel) -> None:
    [stopped] = generate.generate(words, prefix="the red", style=Style(temperature=(0.0,), stop=("sing",)))
    assert (stopped.ended, "sing" in stopped.text) == ("stop", False)
    [cut] = generate.generate(words, style=Style(max_length=2))
    assert cut.ended == "length"


def test_samples_are_a_sheet_of_temperatures(words: TextModel) -> None:
    sheet = generate.generate_samples(words, 2)
    assert {t: len(texts) for t, texts in sheet.items()} == {0.2: 2, 0.5: 2, 1.0: 2}


def test_a_file_gets_one_text_a_line_and_is_untouched_when_writing_fails(
    words: TextModel, tmp_path: Path
) -> None:
    told: list[int] = []
    path = tmp_path / "texts.txt"
    generate.generate_to_file(words, path, 3, on_text=told.append)
    lines = path.read_text().splitlines()
    assert lines == [written.text for written in generate.generate(words, 3)]
    assert told == [1, 2, 3]
    with pytest.raises(GenerateError):
        generate.generate_to_file(words, path, 3, label="none")
    assert path.read_text().splitlines() == lines


def test_no_byte_and_no_padding_is_ever_written(characters: TextModel) -> None:
    scores = WindowedModel(characters).logits([characters.start])
    banned = [*byte_ids(characters.tokenizer), characters.tokenizer.token_to_id("<|pad|>")]
    assert bool(torch.isinf(scores[banned]).all())
    assert bool(torch.isfinite(scores[characters.end]))


def test_scores_do_not_depend_on_what_was_read_before(characters: TextModel) -> None:
    ids = [characters.start, *characters.encode("the old cat sings of the new dog and of the red fox")]
    model = WindowedModel(characters)
    for length in (3, 9, 20, 8, 31, 40, 41, len(ids), 5):
        found = model.logits(ids[:length])
        torch.testing.assert_close(
            found, WindowedModel(characters).logits(ids[:length]), atol=1e-5, rtol=1e-5
        )


def test_probabilities_are_a_softmax_over_the_likeliest() -> None:
    scores = torch.tensor([1.0, 3.0, 2.0, float("-inf")])
    found = probabilities(scores, 0.5, top_k=2)
    expected = (torch.tensor([3.0, 2.0]) / 0.5).softmax(0)
    torch.testing.assert_close(found[[1, 2]].float(), expected)
    assert found[0] == found[3] == 0


@pytest.mark.parametrize(
    "wrong",
    [{"temperature": ()}, {"temperature": (-1.0,)}, {"max_length": 0}, {"top_k": -1}, {"stop": ("",)}],
)
def test_a_style_out_of_range_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(GenerateError):
        Style(**wrong)  # type: ignore[arg-type]


def test_no_text_at_all_is_refused(words: TextModel) -> None:
    with pytest.raises(GenerateError, match="number of texts"):
        generate.generate(words, 0)
