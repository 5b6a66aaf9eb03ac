"""FROC by hand, and equal to what the counts of scikit-learn's ROC give."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_curve

from ml.evaluation.box_outcome import BoxOutcome
from ml.evaluation.boxes import BoxCase
from ml.evaluation.curves import curve_words
from ml.evaluation.figures.froc import RATES, _Found, froc_curve

PLACES = np.array([[20.0 * i, 0, 20.0 * i + 10, 10] for i in range(12)])


def case(true: int, said: list[tuple[int, float]]) -> BoxCase:
    """`true` boxes at the first places; said: (place, score)."""
    return BoxCase(
        truth=PLACES[:true], truth_labels=np.zeros(true, np.int64),
        boxes=PLACES[[place for place, _ in said]].reshape(-1, 4), labels=np.zeros(len(said), np.int64),
        scores=np.array([score for _, score in said], np.float64),
    )  # fmt: skip


def figures(cases: list[BoxCase], weights=None) -> dict[str, float]:
    outcome = BoxOutcome(cases=cases, thresholds=np.full(len(cases), 0.5), labels=("x",))
    weights = np.ones(len(cases)) if weights is None else np.asarray(weights, np.float64)
    return {name: float(value[0]) for name, value in outcome.figures(weights[None]).items()}


def test_what_is_found_at_each_number_of_false_positives_is_counted_by_hand() -> None:
    # By falling score: right, false, right, false, false, right of 4 true boxes on 2 images.
    cases = [case(2, [(0, 0.9), (5, 0.8), (1, 0.7)]), case(2, [(7, 0.6), (8, 0.5), (0, 0.4)])]

    got = figures(cases)

    # False positives per image and share found: (0, .25), (.5, .25), (.5, .5), (1, .5), (1.5, .5), (1.5, .75).
    assert got["froc_0125"] == got["froc_025"] == 0.25
    assert got["froc_05"] == got["froc_1"] == 0.5
    assert got["froc_2"] == got["froc_4"] == got["froc_8"] == 0.75
    assert got["froc"] == pytest.approx((2 * 0.25 + 2 * 0.5 + 3 * 0.75) / 7)
    curve = froc_curve(cases, "x")
    assert curve is not None
    assert curve.lines[0].x == (0, 0, 0.5, 0.5, 1, 1.5, 1.5)
    assert curve_words(curve) == (
        "FROC of x: share of true boxes found 0.50 at 0.5, 0.50 at 1, 0.75 at 4 false positives per image."
    )


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2000))
def test_it_equals_the_counts_of_another_library_in_every_draw(seed: int) -> None:
    rng = np.random.default_rng(seed)
    weights = rng.integers(0, 3, 5)
    weights[0] = 1
    cases = []
    for _ in range(5):
        said = rng.permutation(12)[: rng.integers(0, 12)]
        cases.append(case(int(rng.integers(1, 5)), [(int(p), float(rng.integers(1, 9)) / 9) for p in said]))
    drawn = [cases[i] for i in np.repeat(np.arange(5), weights)]
    scores = np.concatenate([one.scores for one in drawn])
    right = np.concatenate([[box[0] < 20 * len(one.truth) for box in one.boxes] for one in drawn]).astype(bool)
    wanted = sum(len(one.truth) for one in drawn)
    if not right.any() or right.all():
        return
    false, hit, _ = roc_curve(right, scores, drop_intermediate=False)
    rates = list(RATES.values())

    got = figures(cases, weights)

    theirs = np.interp(rates, false * (~right).sum() / len(drawn), hit * right.sum() / wanted)
    assert [got[f"froc_{name}"] for name in RATES] == pytest.approx(theirs)
    assert got["froc"] == pytest.approx(theirs.mean())


def test_images_without_a_box_count_and_no_true_box_is_no_figure() -> None:
    one = case(1, [(5, 0.9), (0, 0.8)])

    assert figures([one])["froc_05"] == pytest.approx(0.0)
    assert figures([one, case(0, [])])["froc_05"] == 1.0
    assert np.isnan(figures([case(0, [(0, 0.9)])])["froc"])
    assert figures([case(1, [])])["froc"] == 0.0
    assert froc_curve([case(0, [(0, 0.9)])], "x") is None
    assert froc_curve([case(1, [])], "x") is None


def test_a_curve_ends_at_eight_false_positives_per_image() -> None:
    curve = froc_curve([case(1, [(place, 1 - place / 20) for place in (*range(1, 12), 0)])], "x")

    assert curve is not None
    assert max(curve.lines[0].x) == 8.0


def test_of_many_cuts_some_are_drawn_the_first_and_the_last_among_them() -> None:
    rng = np.random.default_rng(2)
    cases = [case(3, [(place, float(rng.random())) for place in range(10)]) for _ in range(80)]

    curve = froc_curve(cases, "x")

    assert curve is not None
    x, y = _Found(cases).points(np.ones(80))
    drawn = list(zip(curve.lines[0].x, curve.lines[0].y, strict=True))
    assert len(x) == 801 and len(drawn) == 400
    # All that is right is found at seven false boxes a film, where the curve ends.
    assert drawn[0] == (0.0, 0.0) and drawn[-1] == (7.0, 1.0)
    assert set(drawn) <= set(zip(x.tolist(), y.tolist(), strict=True))


def test_boxes_beyond_the_last_rate_change_nothing_and_are_not_needed() -> None:
    rng = np.random.default_rng(4)

    def low() -> list[tuple[int, float]]:
        return [(int(place), float(rng.random() * 0.1)) for _ in range(5) for place in range(4, 12)]

    cases = [case(3, [(0, float(rng.random())), *low()]) for _ in range(40)]
    weights = (np.arange(40) != 7).astype(float)

    found = _Found(cases)
    x, y = found.points(weights)
    few_x, few_y = found.points(weights, 8.0)

    assert len(few_x) < len(x) and few_x[-1] > 8
    np.testing.assert_array_equal((few_x, few_y), (x[: len(few_x)], y[: len(few_x)]))
    assert figures(cases, weights)["froc_8"] == pytest.approx(np.interp(8, x, y))


def test_cuts_go_as_low_as_the_boxes_that_count() -> None:
    # The one image that counts has the lowest scores: hundreds of boxes of others come before its own.
    scores = iter(np.linspace(0.1, 1, 80 * 55))
    others = [case(1, [(p, float(next(scores))) for _ in range(5) for p in range(1, 12)]) for _ in range(80)]
    last = case(2, [(5, 0.02), (0, 0.01), *[(6, 0.001)] * 20])
    weights = np.append(np.zeros(80), 1.0)

    got = figures([*others, last], weights)

    assert (got["froc_05"], got["froc_1"]) == (0.0, 0.5)
