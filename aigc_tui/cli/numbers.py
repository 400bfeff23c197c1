"""Option types for numbers. Click's own accept `nan`, which compares false with both ends of every range."""

from __future__ import annotations

import math
from typing import Any

import click

from aigc_tui.cli.errors import BadValue


class Number(click.types.FloatParamType):
    """Any number but NaN."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return _told(super().convert(value, param, ctx))


class NumberRange(click.FloatRange):
    """A number in a range."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return _told(super().convert(value, param, ctx))


def _told(number: float) -> float:
    if math.isnan(number):
        raise BadValue("'{value}' is not a number", value=number)
    return number
