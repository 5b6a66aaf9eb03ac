"""Numbers as they are written, and stored values as places in a table. Expected values by hand."""

import math

import numpy as np
import pytest

from viewer.core.units import compact, number, unit_text, unsigned_view, window_numbers, with_unit


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(0, 0, "0"), (-0.4, 0, "0"), (-0.04, 1, "0.0"), (-1, 0, "−1"), (1, 0, "1"), (-1024.26, 1, "−1024.3"),
     (2.5, 2, "2.50"), (math.nan, 0, "no value"), (-math.inf, 1, "no value")],
)  # fmt: skip
def test_a_number_has_its_digits_a_real_minus_and_no_minus_before_nothing(value: float, digits: int, text: str) -> None:
    assert number(value, digits=digits) == text


def test_a_number_is_whole_unless_digits_are_asked_for() -> None:
    assert number(12.6) == "13"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (7.0, "7"), (-7.0, "−7"), (1234.5678, "1235"), (100.4, "100"), (99.94, "99.9"), (-40.56, "−40.6"),
        (1.04, "1.0"), (0.987, "0.987"), (0.5, "0.500"), (0.0104, "0.010"), (0.00987654, "0.00988"),
        (-0.00123, "−0.00123"), (999_999_999_999.0, "999999999999"), (1e12, "1e+12"), (-4e300, "−4e+300"),
        (1234567890123.0, "1.23457e+12"), (math.inf, "no value"), (math.nan, "no value"),
    ],
)  # fmt: skip
def test_a_number_has_as_many_digits_as_its_size_needs(value: float, text: str) -> None:
    assert compact(value) == text


def test_a_unit_follows_after_a_space_and_degrees_at_once() -> None:
    assert with_unit("5", "HU") == "5 HU"
    assert with_unit("5", "BQML") == "5 Bq/ml" and unit_text("BQML") == "Bq/ml" and unit_text("HU") == "HU"
    assert with_unit("5", "°") == "5°"
    assert with_unit("5", "") == "5"


def test_stored_values_are_places_in_a_table_by_their_low_16_bits() -> None:
    assert unsigned_view(np.array([-1, -128, 0, 127], np.int8)).tolist() == [65535, 65408, 0, 127]
    assert unsigned_view(np.array([-1, -32768, 32767], np.int16)).tolist() == [65535, 32768, 32767]
    assert unsigned_view(np.array([False, True])).tolist() == [0, 1]
    for dtype in (np.uint8, np.uint16):
        stored = np.array([0, 200], dtype)
        assert unsigned_view(stored) is stored, "nothing is copied"


@pytest.mark.parametrize(
    ("width", "center", "texts"),
    [
        (1500, -400, ("1500", "−400")), (17.1252, 3.0004, ("17.13", "3")), (255, 127.5, ("255", "127.5")),
        (5.32178, 2.66089, ("5.322", "2.661")), (0.0123456, 0.5, ("0.01235", "0.5")),
        (1500.4, -400.6, ("1500", "−401")),
        (1, -0.00001, ("1", "0")), (1e13, 0, ("1e+13", "0")), (math.inf, 0, ("no value", "0")),
    ],
)  # fmt: skip
def test_a_window_has_no_digit_that_is_less_than_a_thousandth_of_its_width(
    width: float, center: float, texts: tuple[str, str]
) -> None:
    assert window_numbers(width, center) == texts
