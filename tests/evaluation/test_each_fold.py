"""Each fold alone and how far folds lie apart: by hand and by scikit-learn."""

from typing import Any

import numpy as np
import pytest
from sklearn import metrics as sk

from ml.evaluation.class_outcome import ClassOutcome
from ml.evaluation.several.each_fold import add_folds


def document() -> dict[str, Any]:
    return {"primary": "auc", "tables": [{"of_cases": False}, {"of_cases": True}]}


def outcome(folds: np.ndarray) -> ClassOutcome:
    truth = np.arange(len(folds)) % 2
    scores = np.random.default_rng(3).random(len(folds)) * 0.7 + truth * 0.3
    return ClassOutcome(
        truth=truth[:, None].astype(float), scores=scores[:, None], thresholds=np.full(len(folds), 0.5), folds=folds,
        labels=("sick",), exclusive=False,
    )  # fmt: skip


def test_each_fold_has_its_own_figures_and_their_mean_and_spread_stand_below() -> None:
    folds = np.repeat([0, 1, 2], [20, 30, 40])
    of, found = outcome(folds), document()

    add_folds(found, of, folds, [f"p{i // 2}" for i in range(90)], {2: "c", 0: "a", 1: "b"})

    rows = found["by_fold"]["folds"]
    assert [(row["fold"], row["run"], row["cases"], row["patients"]) for row in rows] == [
        (0, "a", 20, 10), (1, "b", 30, 15), (2, "c", 40, 20),
    ]  # fmt: skip
    areas = [sk.roc_auc_score(of.truth[folds == fold, 0], of.scores[folds == fold, 0]) for fold in range(3)]
    assert [row["figures"]["auc"] for row in rows] == pytest.approx(areas)
    spread = found["by_fold"]["spread"]["auc"]
    assert spread["mean"] == pytest.approx(sum(areas) / 3)
    assert spread["sd"] == pytest.approx((sum((area - sum(areas) / 3) ** 2 for area in areas) / 2) ** 0.5)
    assert (spread["low"], spread["high"]) == pytest.approx((min(areas), max(areas)))
    table = found["tables"][1]
    assert table["title"] == "Each fold alone" and found["tables"][2]["of_cases"]
    place = table["columns"].index("AUC")
    assert [row[place] for row in table["rows"]] == [
        *(f"{area:.3f}" for area in areas), f"{spread['mean']:.3f}", f"{spread['sd']:.3f}",
    ]  # fmt: skip
    assert [row[0] for row in table["rows"]] == ["0", "1", "2", "mean", "standard deviation"]


def test_a_figure_that_one_fold_lacks_is_of_the_others_and_one_fold_has_no_spread() -> None:
    folds = np.repeat([0, 1, 2], [20, 20, 20])
    of = outcome(folds)
    of.truth[folds == 1] = 1.0
    found = document()

    add_folds(found, of, folds, [f"p{i}" for i in range(60)], {2: "c", 0: "a", 1: "b"})

    values = [row["figures"]["auc"] for row in found["by_fold"]["folds"]]
    assert values[1] is None
    assert found["by_fold"]["spread"]["auc"]["mean"] == pytest.approx((values[0] + values[2]) / 2)
    alone = document()
    add_folds(alone, outcome(np.zeros(20, np.int64)), np.zeros(20, np.int64), ["p"] * 20, {0: "a"})
    assert alone["by_fold"] is None and len(alone["tables"]) == 2
