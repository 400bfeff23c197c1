"""The table of sampling parameters, and everything that must agree with it."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import click
import pytest

from aigc_tui.cli.sampling_options import OPTIONS
from aigc_tui.config import SCHEMA, Settings
from aigc_tui.config.sampling import BY_NAME, OFFERED, PARAMETERS, SamplingParameter
from aigc_tui.engine.protocol import Sampling
from aigc_tui.transformer.sampling.settings import ORDERS
from aigc_tui.transformer.sampling.settings import SamplingSettings as ChainSettings

DOCS = (Path(__file__).parents[2] / "docs" / "sampling.md").read_text(encoding="utf-8")
FILTERS = [each for each in PARAMETERS if each.strategies]


def test_settings_have_the_parameters_of_the_table_with_its_ranges() -> None:
    found = {item.key: (item.minimum, item.maximum) for item in SCHEMA if item.section.startswith("sampling")}
    del found["sampling_order"]
    assert found == {name: BY_NAME[name].range for name in OFFERED}
    assert {field.name for field in fields(Settings)} >= set(OFFERED)


def test_a_request_has_the_parameters_and_defaults_of_the_table() -> None:
    usual = {field.name: field.default for field in fields(Sampling) if field.name in BY_NAME}
    assert usual.keys() == set(OFFERED)
    assert usual == {name: BY_NAME[name].usual for name in OFFERED} | {"seed": None}


def test_the_chain_has_the_parameters_and_neutral_values_of_the_table() -> None:
    neutral = {field.name: field.default for field in fields(ChainSettings)}
    assert {each.name: each.neutral for each in FILTERS}.items() <= neutral.items()
    assert neutral.keys() - {each.name for each in FILTERS} == {"sequence_bias", "order"}
    assert [type(neutral[each.name]) for each in FILTERS] == [type(each.neutral) for each in FILTERS]
    assert tuple(ORDERS) == next(item.choices for item in SCHEMA if item.key == "sampling_order")


def test_the_command_line_has_an_option_for_each_filter() -> None:
    found = {option.name: option for option in OPTIONS if option.default is None}
    assert list(found) == [each.name for each in FILTERS]
    for each in FILTERS:
        kind = found[each.name].type
        low, high = each.wide
        assert isinstance(kind, click.IntRange if each.whole else click.types.FloatParamType), each.name
        assert (getattr(kind, "min", None), getattr(kind, "max", None)) == (low, high), each.name
        assert found[each.name].help == each.help
        assert each.help


@pytest.mark.parametrize("each", PARAMETERS, ids=lambda each: each.name)
def test_a_range_holds_the_values_that_mean_something(each: SamplingParameter) -> None:
    low, high = each.range
    assert low <= each.neutral <= high
    assert low <= each.usual <= high
    wide_low, wide_high = each.wide
    assert wide_low is None or wide_low <= low
    assert wide_high is None or high <= wide_high
    assert not each.needs or each.needs in BY_NAME


@pytest.mark.parametrize("each", FILTERS, ids=lambda each: each.name)
def test_the_page_on_sampling_names_each_with_its_neutral_value(each: SamplingParameter) -> None:
    rows = [line for line in DOCS.splitlines() if line.startswith("|") and f"`{each.name}`" in line]
    assert rows, f"docs/sampling.md has no row for {each.name}"
    for said in re.findall(rf"`{each.name}` \(([^)]*)\)", rows[0]):
        assert float(said) == each.neutral
    chat = rows[0].split("|")[5].strip()
    assert not each.section or chat.startswith("yes")
    assert each.section or chat != "yes"


def test_only_local_models_have_what_the_page_says() -> None:
    (line,) = [line for line in DOCS.splitlines() if "N-grams, top-h, epsilon, eta" in line]
    assert "local models" in line
    local = {each.name for each in PARAMETERS if each.section and not each.server}
    assert local == {"no_repeat_ngram", "top_h", "epsilon", "eta"}
