"""Patients are left out whole, in pieces that fit into memory, with a word between that can end the work."""

import tracemalloc

import numpy as np
import pytest

from ml.evaluation import leaving_out
from ml.evaluation.class_outcome import ClassOutcome
from ml.evaluation.leaving_out import BLOCK_BYTES, MOST_GROUPS, Groups
from ml.evaluation.measures import Computed, MeanOf, Ranking, Share, figure_of, ratio
from ml.evaluation.report import judged
from ml.tasks.outputs import MODEL


class Ended(Exception):
    pass


def test_films_of_a_patient_are_left_out_together() -> None:
    groups = Groups.of(["a", "b", "a", "c"])

    assert (groups.count, groups.index.tolist(), groups.patients.tolist()) == (3, [0, 1, 0, 2], [0, 1, 0, 2])
    assert groups.through(lambda weights: weights @ np.array([1.0, 10, 100, 1000])).tolist() == [1010, 1101, 111]
    assert groups.sums(np.array([[1.0], [10], [100], [1000]])).tolist() == [[101], [10], [1000]]


def test_of_many_patients_groups_are_left_out_the_same_every_time() -> None:
    patients = [f"p{i // 2}" for i in range(2 * (MOST_GROUPS + 500))]

    groups, again = Groups.of(patients), Groups.of(patients)

    assert groups.count == MOST_GROUPS == 2000
    assert (groups.index == again.index).all()
    assert (groups.index[::2] == groups.index[1::2]).all()  # never half a patient
    assert np.bincount(groups.index).tolist().count(4) == 500  # as even as can be
    assert len(set(groups.patients.tolist())) == 2500
    assert len(set(Groups.of(patients[:4000]).index.tolist())) == 2000


def test_the_spread_in_groups_is_that_of_the_patients() -> None:
    values = np.random.default_rng(0).random(20_000)
    figure = figure_of(Share(top=values, bottom=np.ones(20_000)), Groups.of([f"p{i}" for i in range(20_000)]))

    half = 1.96 * values.std() / np.sqrt(20_000)
    assert figure.high - figure.low == pytest.approx(2 * half, rel=0.06)  # 2,000 groups: 1 / sqrt(2 x 2000) = 1.6 %


def test_the_weights_of_all_groups_are_never_there_at_once() -> None:
    cases, sizes = 20_000, []

    def function(weights):
        sizes.append(weights.nbytes)
        return weights @ np.ones(cases)

    groups = Groups.of([f"p{i}" for i in range(cases)])
    tracemalloc.start()
    found = Computed(function=function, counts=np.ones(cases, bool)).left_out(groups)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert found.tolist() == [cases - 10.0] * 2000
    assert max(sizes) <= BLOCK_BYTES and sum(sizes) == 2000 * cases * 8  # 320 MB in all
    assert peak < 4 * BLOCK_BYTES


def test_a_report_of_many_cases_needs_little_beside_its_cases() -> None:
    """As many weights as groups and cases would be 640 MB; each figure's own columns are a few MB."""
    cases = 40_000
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, cases).astype(float)
    outcome = ClassOutcome(
        truth=truth[:, None], scores=rng.random((cases, 1)), thresholds=np.full(cases, 0.5),
        folds=np.zeros(cases, np.int64), labels=("a",), exclusive=False,
    )  # fmt: skip
    patients = [f"p{i % 15_000}" for i in range(cases)]
    tracemalloc.start()
    judged({MODEL: outcome, "again": outcome}, patients)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 100 << 20


def test_a_small_table_s_weights_are_kept_for_figures_that_share_their_work() -> None:
    seen = []
    groups = Groups.of(["a", "b", "c"])
    for _ in range(2):
        groups.through(lambda weights: seen.append(weights) or weights.sum(axis=1))

    assert seen[0] is seen[1]


def test_what_is_told_between_can_end_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving_out, "BLOCK_BYTES", 8 * 40)
    told = []

    def tick() -> None:
        told.append(len(told))
        if len(told) == 3:
            raise Ended

    names = [f"p{i}" for i in range(40)]
    with pytest.raises(Ended):
        Groups.of(names, tick=tick).through(lambda weights: weights.sum(axis=1))
    assert told == [0, 1, 2]
    with pytest.raises(Ended):
        truth = np.resize([1.0, 0.0], 40)
        parts = tuple(Ranking(truth=truth, scores=np.arange(40.0)) for _ in range(3))
        told.clear()
        MeanOf(parts=parts).left_out(Groups.of(names, tick=tick))


def test_a_report_tells_how_many_figures_are_done_and_can_be_ended() -> None:
    rng = np.random.default_rng(0)
    outcome = ClassOutcome(
        truth=rng.integers(0, 2, (60, 1)).astype(float), scores=rng.random((60, 1)), thresholds=np.full(60, 0.5),
        folds=np.zeros(60, np.int64), labels=("a",), exclusive=False,
    )  # fmt: skip
    told: list[tuple[int, int]] = []
    document = judged({MODEL: outcome, "x": outcome}, [f"p{i}" for i in range(60)], lambda _, *at: told.append(at))

    total = 2 * len(document["figures"])
    assert {of for _, of in told} == {total}
    assert sorted({done for done, _ in told}) == list(range(total))

    def stop(_: str, done: int, of: int) -> None:
        if done == 4:
            raise Ended

    with pytest.raises(Ended):
        judged({MODEL: outcome}, [f"p{i}" for i in range(60)], stop)


def test_a_mean_of_figures_leaves_out_what_is_not_defined() -> None:
    truth = np.resize([1.0, 0.0], 60)
    rng = np.random.default_rng(0)
    one, two = (Ranking(truth=truth, scores=rng.random(60)) for _ in range(2))
    none = Ranking(truth=np.ones(60), scores=rng.random(60))
    ones = np.ones((1, 60))
    groups = Groups.of([f"p{i // 2}" for i in range(60)])

    mean = MeanOf(parts=(one, none, two))

    assert mean.values(ones)[0] == pytest.approx((one.values(ones)[0] + two.values(ones)[0]) / 2)
    assert mean.left_out(groups) == pytest.approx((one.left_out(groups) + two.left_out(groups)) / 2)
    assert mean.counts.all()
    assert figure_of(mean, groups).has_interval
    assert np.isnan(MeanOf(parts=(none,)).values(ones)[0])
    assert ratio(np.array([1.0]), np.array([2.0])).tolist() == [0.5]
