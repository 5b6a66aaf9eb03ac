"""Predictive values by Bayes' rule, against worked examples and a count of whole people."""

from math import isnan, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.core.deciding import predictive_values


def test_a_good_test_of_a_rare_disease_is_wrong_most_of_the_time_when_it_says_yes() -> None:
    """1 of 100 has it, 90 % are found, 9 % of the others are called: 0.9 of 9.81 (Gigerenzer and others, 2007)."""
    positive, negative = predictive_values(0.9, 0.91, 0.01)

    assert positive == pytest.approx(0.9 / 9.81)
    assert negative == pytest.approx(90.09 / 90.19)


@given(*(st.integers(1, 50) for _ in range(4)))
def test_at_the_prevalence_of_the_cases_themselves_they_are_the_shares_that_are_counted(
    found: int, missed: int, false: int, spared: int
) -> None:
    there, absent = found + missed, false + spared

    positive, negative = predictive_values(found / there, spared / absent, there / (there + absent))

    assert positive == pytest.approx(found / (found + false))
    assert negative == pytest.approx(spared / (spared + missed))


def test_without_an_answer_of_the_kind_there_is_none() -> None:
    assert isnan(predictive_values(0.0, 1.0, 0.3)[0]) and predictive_values(0.0, 1.0, 0.3)[1] == pytest.approx(0.7)
    assert all(isnan(one) for one in predictive_values(nan, 0.5, 0.1))
