"""Which label was taken for which, in boxes and pixels: by hand, and as the COCO evaluation and scikit-learn count."""

import contextlib
import io

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from ml.evaluation.box_outcome import BoxOutcome
from ml.evaluation.boxes import BoxCase
from ml.evaluation.confusion import box_confusion, pixel_counts, read_confusion
from ml.evaluation.figures.masks import joined, mask_table
from ml.evaluation.mask_outcome import MaskOutcome
from tests.evaluation.test_boxes import FAR, A, B, case, random_cases
from viewer.core.checked import Fields
from viewer.core.errors import BadFile

LABELS = ("mass", "scar")


def counts(cases: list[BoxCase], cut: float = 0.5) -> list[list[int]]:
    return box_confusion(cases, [cut] * len(cases), LABELS).each.sum(axis=0).tolist()


def test_boxes_are_found_missed_false_or_taken_for_another_label() -> None:
    """By hand: a mass found at A, a mass at B taken for a scar, a scar at FAR missed, a false mass where nothing is;
    a box below the cut counts nowhere."""
    nowhere = [80.0, 80, 90, 90]
    one = case([A, B, FAR], [A, B, nowhere, FAR], [0.9, 0.8, 0.7, 0.4], truth_labels=[0, 0, 1], labels=[0, 1, 0, 1])

    assert counts([one]) == [[1, 1, 0], [0, 0, 1], [1, 0, 0]]
    assert counts([one], cut=0.3) == [[1, 1, 0], [0, 1, 0], [1, 0, 0]]


def test_the_box_of_its_own_label_goes_first_and_a_true_box_is_taken_once() -> None:
    """By hand: at A a mass is said rightly (0.6) and a scar wrongly with a better score: the scar is false, for A is
    found. At B two scars are said where one mass is: one was taken for it, the other is false."""
    here = case([A], [A, A], [0.9, 0.6], truth_labels=[0], labels=[1, 0])
    twice = case([B], [B, B], [0.9, 0.8], truth_labels=[0], labels=[1, 1])

    assert counts([here]) == [[1, 0, 0], [0, 0, 0], [0, 1, 0]]
    assert counts([twice]) == [[0, 1, 0], [0, 0, 0], [0, 1, 0]]
    half = [0.0, 0, 10, 20]  # an overlap of exactly 0.5 is one, a little less is none
    assert counts([case([A], [half], truth_labels=[0], labels=[1])]) == [[0, 1, 0], [0, 0, 0], [0, 0, 0]]
    less = [0.0, 0, 10, 20.1]
    assert counts([case([A], [less], truth_labels=[0], labels=[1])]) == [[0, 0, 1], [0, 0, 0], [0, 1, 0]]


@pytest.mark.parametrize("seed", range(5))
def test_what_is_found_missed_and_false_is_what_the_coco_evaluation_counts(seed: int) -> None:
    """At an overlap of 0.5, label by label; what is taken for another label is missed and false to COCO."""
    cases = random_cases(seed)
    found = np.array(counts(cases, cut=0.0))

    for label in range(2):
        right, true, said = coco_matches(cases, label)
        assert (found[label, label], found[label].sum(), found[:, label].sum()) == (right, true, said)
    assert found.sum() == sum(map(len, (c.truth for c in cases))) + found[2].sum()
    outcome = BoxOutcome(cases=cases, thresholds=np.zeros(len(cases)), labels=LABELS)
    shares = {name: measure.values(np.ones((1, len(cases))))[0] for name, measure in outcome.measures().items()}
    right = np.trace(found[:2, :2])
    assert shares["precision"] == pytest.approx(right / found[:, :2].sum())
    assert shares["recall"] == pytest.approx(right / found[:2].sum())


def coco_matches(cases: list[BoxCase], label: int) -> tuple[int, int, int]:
    """(right, true, said) of a label, by the library's own matching."""
    from faster_coco_eval import COCO, COCOeval_faster

    def rows(boxes, labels, **more):
        return [
            {"category_id": 1, "bbox": [*box[:2], *(box[2:] - box[:2])], **more}
            for box, name in zip(boxes, labels, strict=True)
            if name == label
        ]  # fmt: skip

    truth, said = [], []
    for number, one in enumerate(cases):
        truth += [{**row, "area": row["bbox"][2] * row["bbox"][3]}
                  for row in rows(one.truth, one.truth_labels, image_id=number, iscrowd=0)]  # fmt: skip
        mine = one.scores[one.labels == label]
        said += [{**row, "score": float(score)}
                 for row, score in zip(rows(one.boxes, one.labels, image_id=number), mine, strict=True)]  # fmt: skip
    if not truth or not said:
        return 0, len(truth), len(said)
    truth = [{**row, "id": number} for number, row in enumerate(truth, 1)]
    with contextlib.redirect_stdout(io.StringIO()):
        images = [{"id": number, "width": 0, "height": 0} for number in range(len(cases))]
        wanted = COCO({"images": images, "annotations": truth, "categories": [{"id": 1, "name": "x"}]})
        evaluation = COCOeval_faster(wanted, wanted.loadRes(said), "bbox")
        evaluation.params.iouThrs = np.array([0.5])
        evaluation.evaluate()
        evaluation.accumulate()
    recall = float(np.asarray(evaluation.eval["recall"])[0, 0, 0, -1])
    return round(recall * len(truth)), len(truth), len(said)


def test_pixels_of_labels_that_exclude_each_other_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(3)
    truth, said = rng.integers(0, 4, (2, 30, 40))  # 3 is nothing

    found = pixel_counts([truth == i for i in range(3)], [said == i for i in range(3)])

    wanted = confusion_matrix(truth.ravel(), said.ravel(), labels=range(4))
    wanted[3, 3] = 0
    assert found.tolist() == wanted.tolist()


def test_pixels_that_may_be_of_several_labels_are_taken_for_one_that_is_not_there() -> None:
    """By hand, five pixels. Truth: both, first, first, second, nothing. Said: first, second, both, nothing, first.

    First: found in 1 and 3, in 2 taken for the second. Second: in 1 not found (the first is truly there), in 4 not
    found; in 3 false beside the first, which was found; in 5 the first is false."""
    first, second = np.array([[1, 1, 1, 0, 0]], bool), np.array([[1, 0, 0, 1, 0]], bool)
    one, two = np.array([[1, 0, 1, 0, 1]], bool), np.array([[0, 1, 1, 0, 0]], bool)

    assert pixel_counts([first, second], [one, two]).tolist() == [[2, 1, 0], [0, 0, 2], [1, 1, 0]]
    assert pixel_counts([first, None], [one, two]).tolist() == [[2, 0, 1], [0, 0, 0], [1, 0, 0]], "of an unknown none"


def test_each_number_lists_its_cases_those_of_most_first_and_is_read_back() -> None:
    each = [np.array([[5, 0], [number, 0]]) for number in (2, 0, 7)]
    table = joined([mask_table([[None]] * 3, [False] * 3, 1, each)])
    outcome = MaskOutcome.of(table, ("lung",))
    confusion = outcome.confusion()
    assert confusion is not None

    told = confusion.to_json(["a", "b", "c"])

    assert (told["unit"], told["counts"]) == ("pixels", [[15, 0], [9, 0]])
    assert told["cells"] == [
        {"row": 0, "column": 0, "cases": [["a", 5], ["b", 5], ["c", 5]]},
        {"row": 1, "column": 0, "cases": [["c", 7], ["a", 2]]},
    ]
    page = confusion.table()
    assert page.columns == ("Truth", "taken for lung", "not found")
    assert page.rows == (("lung", "15", "0"), ("nothing there", "9", ""))
    assert read_confusion(Fields({"confusion": told}, "figures.json")) == told
    assert read_confusion(Fields({}, "older")) is None
    for wrong in ({}, {"labels": ["lung"], "counts": [[1]]}, {**told, "counts": [[1, 2], [3, -1]]},
                  {**told, "cells": [{"row": 2, "column": 0, "cases": []}]}, {**told, "unit": "apples"},
                  {**told, "cells": [{"row": 0, "column": 0, "cases": [["a", "b"]]}]}):  # fmt: skip
        with pytest.raises(BadFile, match=r"^figures\.json"):
            read_confusion(Fields({"confusion": wrong}, "figures.json"))
