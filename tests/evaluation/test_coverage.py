"""Intervals hold the truth as often as they say, by simulation; a method that is plainly wrong is seen to fail.

The table of the README: `pytest -s -m full tests/evaluation/test_coverage.py`.
"""

import sys

import pytest

from tests.evaluation.coverage import (
    HEAD,
    OF_BOXES,
    Answered,
    Boxed,
    Design,
    Drawn,
    Held,
    Numbered,
    Scored,
    Twins,
    by_film,
    coverage,
    percentiles,
)

LEAST, MOST = 0.93, 0.975
OWN_ERRORS = 2  # of the simulation's own error, which is no fault of an interval
REPEATS = {50: 2000, 500: 1000}
QUICK = 500
OF_SCORES = ("auc", "average_precision", "brier")
OF_ANSWERS = ("accuracy", "balanced_accuracy", "sensitivity", "specificity", "ppv", "npv", "f1", "kappa")
EVERY = (*OF_SCORES, *OF_ANSWERS)

USUAL = Scored(name="usual")
NEAR_ONE = Scored(name="AUC 0.95, 1 in 10 has it", area=0.95, prevalence=0.1, cut=1.2, alike=0.6)
DESIGNS: tuple[tuple[Design, tuple[str, ...]], ...] = (
    (USUAL, EVERY),
    (Scored(name="one label a patient", by_patient=True), EVERY),
    (NEAR_ONE, ("auc", "average_precision", "brier", "accuracy", "sensitivity", "specificity", "f1")),
    (Answered(name="0.9 right"), ("accuracy",)),
    (Answered(name="0.97 right, much alike", right=0.97, alike=0.8), ("accuracy",)),
    (Drawn(name="no failure", failures=0.0), ("dice",)),
    (Drawn(name="1 in 10 fails", failures=0.1, alike=0.7), ("dice",)),
    (Numbered(name="numbers, off by a bell"), ("mae", "rmse", "r2")),
    (Twins(name="difference of two alike", of=USUAL), ("auc", "accuracy")),
    (Twins(name="difference, near 1", of=NEAR_ONE), ("auc", "accuracy")),
)


def too_little(held: Held) -> bool:
    return held.held < LEAST - OWN_ERRORS * held.error


def too_much(held: Held) -> bool:
    return held.patients >= 500 and held.held > MOST + OWN_ERRORS * held.error


@pytest.mark.parametrize(
    ("design", "figures"),
    [(USUAL, ("auc", "accuracy", "f1")), (NEAR_ONE, ("auc", "accuracy")), (Drawn(name="masks"), ("dice",))],
    ids=["usual", "near 1", "masks"],
)
def test_intervals_hold_with_several_films_a_patient(design: Design, figures: tuple[str, ...]) -> None:
    for held in coverage(design, figures, 50, QUICK):
        assert held.given > 0.7, held.line()
        assert not too_little(held), held.line()


@pytest.mark.parametrize(
    ("design", "figure"),
    [(USUAL, "auc"), (Answered(name="much alike", alike=0.8), "accuracy"), (Drawn(name="masks", alike=0.7), "dice")],
    ids=["auc", "accuracy", "dice"],
)
def test_films_taken_for_patients_are_seen_to_hold_too_little(design: Design, figure: str) -> None:
    [held] = coverage(design, [figure], 50, QUICK, taken=by_film)

    assert too_little(held), held.line()


def test_percentiles_of_resampled_patients_are_seen_to_hold_too_little() -> None:
    [held] = coverage(NEAR_ONE, ["auc"], 50, QUICK, find=percentiles)

    assert too_little(held), held.line()


def test_what_holds_always_is_seen_to_hold_too_much() -> None:
    always = Held(
        design="x", figure="auc", patients=500, held=1.0, below=0.0, above=0.0, given=1.0, repeats=1000
    )  # fmt: skip

    assert too_much(always)
    assert not too_little(always)


@pytest.mark.full
def test_the_table_of_coverage() -> None:
    """A quarter of an hour on one core."""
    sys.stdout.write(f"\n{HEAD}\n")
    found = []
    for design, figures in DESIGNS:
        for patients, repeats in REPEATS.items():
            for held in coverage(design, figures, patients, repeats, seed=1):
                sys.stdout.write(f"{held.line()}\n")
                found.append(held)
    # Boxes are matched film by film: of 500 patients it would take an hour.
    for held in coverage(Boxed(name="one box or none"), OF_BOXES, 50, REPEATS[50] // 4, seed=1):
        sys.stdout.write(f"{held.line()}\n")
        found.append(held)
    sys.stdout.write("Percentiles of resampled patients, which were used before:\n")
    for design, figures in ((USUAL, ("auc", "accuracy", "f1")), (NEAR_ONE, ("auc", "accuracy"))):
        for held in coverage(design, figures, 50, REPEATS[50] // 2, find=percentiles, seed=1):
            sys.stdout.write(f"{held.line()}\n")

    assert [held.line() for held in found if too_little(held)] == []
    assert [held.line() for held in found if too_much(held)] == []
