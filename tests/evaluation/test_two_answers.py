"""How far two models answer alike: by hand and by scikit-learn, with an interval by patients, or why there is none."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from ml.evaluation.agreeing.two_answers import Agreed, agreement
from ml.evaluation.intervals import EXACT, exact_interval
from ml.evaluation.kept_cases import read_cases
from tests.evaluation.test_two_reports import report

NAMES = ("aaaa", "bbbb")


def agreed(tmp_path: Path, first: list[dict[str, Any]], second: list[dict[str, Any]], *, exclusive: bool) -> Agreed:
    """Of two tables as reports keep them."""
    tables = []
    for name, rows in (("first", first), ("second", second)):
        report(tmp_path / name, "auc", 0.5, [dict(row) for row in rows])
        tables.append(read_cases(tmp_path / name))
    return agreement(*tables, exclusive=exclusive, names=NAMES)


def yes_no(answers: Any, truth: Any, patients: int = 0) -> list[dict[str, Any]]:
    """One label, a case a row. patients: of how many people the cases are, 0 each of its own."""
    return [
        {"case": place, "truth": "yes" if true else "no", "answer": "yes" if said else "no", "score": 0.9 * said + 0.05,
         "patient": f"p{place % (patients or len(truth)):03}"}
        for place, (said, true) in enumerate(zip(answers, truth, strict=True))
    ]  # fmt: skip


def test_share_kappa_and_the_four_ways_are_those_counted_by_hand(tmp_path: Path) -> None:
    """Of 40: 12 both yes, 4 only the first, 6 only the second, 18 none. Alike 30/40; by chance (16*18 + 24*22)/1600 =
    0.51, so kappa is (0.75 - 0.51) / 0.49."""
    first = [1] * 12 + [1] * 4 + [0] * 6 + [0] * 18
    second = [1] * 12 + [0] * 4 + [1] * 6 + [0] * 18
    truth = [1] * 16 + [0] * 24

    found = agreed(tmp_path, yes_no(first, truth), yes_no(second, truth), exclusive=False)

    same, kappa = found.figures["same"], found.figures["kappa"]
    assert same.value == 0.75 and kappa.value == pytest.approx(0.24 / 0.49)
    assert (same.low, same.high) == pytest.approx(exact_interval(30, 40)) and same.method == EXACT
    assert kappa.low < kappa.value < kappa.high
    assert found.ways == {"both right": 30, "only aaaa right": 10, "only bbbb right": 0, "both wrong": 0}
    assert len(found.differ) == 10 and {one.image_id for one in found.differ} == {f"i{n:03}" for n in range(12, 22)}
    assert found.said.startswith("Of 40 cases of 40 patients aaaa and bbbb agree on 0.750 (")
    assert "Cohen's kappa is 0.490 (" in found.said


def test_of_labels_that_exclude_each_other_it_is_the_kappa_of_all_of_them(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    truth, first = rng.integers(0, 3, 90), rng.integers(0, 3, 90)
    second = np.where(rng.random(90) < 0.7, first, rng.integers(0, 3, 90))
    labels = ("a", "b", "c")

    def rows(said: Any) -> list[dict[str, Any]]:
        return [
            {"case": case, "label": label, "truth": "yes" if true == i else "no", "score": 0.8 if one == i else 0.1,
             "answer": "yes" if one == i else "no", "patient": f"p{case // 3:03}"}
            for case, (one, true) in enumerate(zip(said, truth, strict=True)) for i, label in enumerate(labels)
        ]  # fmt: skip

    found = agreed(tmp_path, rows(first), rows(second), exclusive=True)

    assert found.figures["kappa"].value == pytest.approx(cohen_kappa_score(first, second))
    assert found.figures["same"].value == pytest.approx((first == second).mean())
    right = first == truth, second == truth
    assert list(found.ways.values()) == [
        int((a & b).sum()) for a, b in ((right[0], right[1]), (right[0], ~right[1]), (~right[0], right[1]),
                                        (~right[0], ~right[1]))
    ]  # fmt: skip
    assert len(found.differ) == (first != second).sum(), "two that are both wrong differ too"
    assert found.said.startswith("Of 90 cases of 30 patients ")


def test_several_films_of_a_patient_make_the_interval_wider(tmp_path: Path) -> None:
    """Ten films of a patient that are all alike tell as little as one."""
    first = np.repeat(np.arange(40) % 2, 10)
    second = np.repeat(np.where(np.arange(40) % 5, first[::10], 1 - first[::10]), 10)

    def rows(said: Any, each: int) -> list[dict[str, Any]]:
        return [{**row, "patient": f"p{place // each:03}"} for place, row in enumerate(yes_no(said, first))]

    clustered = agreed(tmp_path / "", rows(first, 10), rows(second, 10), exclusive=False).figures["kappa"]
    (tmp_path / "apart").mkdir()
    apart = agreed(tmp_path / "apart", rows(first, 1), rows(second, 1), exclusive=False).figures["kappa"]

    assert clustered.value == pytest.approx(apart.value)
    assert clustered.high - clustered.low > 2.5 * (apart.high - apart.low)


def test_too_few_patients_have_no_interval_and_one_answer_throughout_no_kappa(tmp_path: Path) -> None:
    found = agreed(tmp_path, yes_no([1] * 12, [1] * 12, 6), yes_no([1] * 11 + [0], [1] * 12, 6), exclusive=False)
    assert "no interval: 6 patients are too few, it takes 30" in found.said

    (tmp_path / "one").mkdir()
    found = agreed(tmp_path / "one", yes_no([0] * 40, [1] * 40), yes_no([0] * 40, [1] * 40), exclusive=False)
    assert "Cohen's kappa is not defined: both give one and the same answer throughout" in found.said
    assert found.figures["same"].value == 1 and list(found.ways.values()) == [0, 0, 0, 40]


def test_of_boxes_it_is_whether_any_is_proposed_and_why_no_more_is_said(tmp_path: Path) -> None:
    """A case is right where each true box is found and none is false: 2 boxes of which one is false are not."""
    one = [{"truth": 1, "answer": 1, "false": 0, "score": 0.8}] * 3 + [{"truth": 0, "answer": 0, "false": 0}]
    other = [{"truth": 1, "answer": 2, "false": 1, "score": 0.8}, {"truth": 1, "answer": 0, "false": 0, "score": 0.0}]
    other += [{"truth": 1, "answer": 1, "false": 1, "score": 0.1}, one[3]]  # one box, in the wrong place

    found = agreed(tmp_path, one, other, exclusive=False)

    assert found.figures["same"].value == 0.75, "one of four has a box by the first alone"
    assert found.ways == {"both right": 1, "only aaaa right": 3, "only bbbb right": 0, "both wrong": 0}
    assert found.note.startswith("A report keeps no boxes")
    assert {one.image_id for one in found.differ} == {"i000", "i001"}


def test_of_masks_that_are_nowhere_told_nothing_is_said_and_of_others_whether_there_is_one(tmp_path: Path) -> None:
    old = [{"truth": "present", "answer": "", "score": 0.8}] * 3
    found = agreed(tmp_path, old, old, exclusive=False)
    assert not found.figures and "evaluate both runs again" in found.said

    (tmp_path / "new").mkdir()
    one = [{"truth": "present", "answer": "present", "score": 0.8}] * 3
    other = [*one[:2], {"truth": "present", "answer": "empty", "score": 0.0}]
    found = agreed(tmp_path / "new", one, other, exclusive=False)
    assert found.figures["same"].value == pytest.approx(2 / 3) and found.note.startswith("A report keeps no masks")
    assert list(found.ways.values()) == [2, 1, 0, 0]


def test_of_numbers_it_is_the_mean_difference_and_its_limits(tmp_path: Path) -> None:
    """Bland and Altman: the mean and 1.96 standard deviations of the differences beside it."""
    rng = np.random.default_rng(1)
    first, off = 50 + 10 * rng.random(40), rng.normal(2.0, 1.5, 40).round(3)

    def rows(said: Any) -> list[dict[str, Any]]:
        return [{"truth": "55", "answer": f"{one:.6f}", "score": abs(one - 55)} for one in said]

    found = agreed(tmp_path, rows(first), rows(first + off), exclusive=False)

    assert found.figures["bias:a"].value == pytest.approx(off.mean(), abs=1e-5)
    assert found.figures["limit_low:a"].value == pytest.approx(off.mean() - 1.96 * off.std(ddof=1), abs=1e-5)
    assert found.ways == {} and f"bbbb less aaaa is {off.mean():.3f} (" in found.said
    assert found.answers[0].apart == pytest.approx(abs(off).max(), abs=1e-5)
