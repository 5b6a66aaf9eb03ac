"""Shares in whole percents sum to 100, each as near to its own as that allows."""

from hypothesis import given
from hypothesis import strategies as some

from viewer.core.text.counting import percents


def test_what_rounding_leaves_goes_to_the_largest_remainders() -> None:
    assert percents([5, 1, 2]) == [63, 12, 25]  # 62.5, 12.5, 25: each rounded up for itself they are 101
    assert percents([1, 1, 1]) == [34, 33, 33]
    assert percents([2, 2, 2, 2, 2, 2]) == [17, 17, 17, 17, 16, 16]
    assert percents([0.7, 0.15, 0.15]) == [70, 15, 15]
    assert percents([70, 15, 20]) == [67, 14, 19]
    assert percents([7]) == [100]
    assert percents([0, 3]) == [0, 100]


def test_nothing_has_no_shares() -> None:
    assert percents([]) == []
    assert percents([0, 0]) == [0, 0]


@given(some.lists(some.integers(0, 10_000), min_size=1, max_size=60).filter(any))
def test_they_sum_to_100_and_each_is_less_than_one_off(amounts: list[int]) -> None:
    shares = percents(amounts)

    assert sum(shares) == 100
    assert all(abs(share - 100 * amount / sum(amounts)) < 1 for share, amount in zip(shares, amounts, strict=True))
