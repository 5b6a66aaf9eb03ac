"""Figures of boxes against faster-coco-eval and by hand: what is shown where nothing is counts against a detector."""

import numpy as np
import pytest

from ml.evaluation.average_precision import weighted_precision
from ml.evaluation.box_outcome import BoxOutcome
from ml.evaluation.boxes import BoxCase, choose_threshold, hits, matched, mean_iou, mean_precision
from ml.evaluation.intervals import LEFT_OUT
from ml.evaluation.leaving_out import Groups
from ml.evaluation.measures import figure_of

A, B, FAR = [0.0, 0, 10, 10], [20.0, 0, 30, 10], [50.0, 50, 60, 60]


def case(truth, boxes, scores=None, *, truth_labels=None, labels=None) -> BoxCase:
    return BoxCase(
        truth=np.array(truth, np.float64).reshape(-1, 4),
        truth_labels=np.array(truth_labels if truth_labels is not None else [0] * len(truth), np.int64),
        boxes=np.array(boxes, np.float64).reshape(-1, 4),
        labels=np.array(labels if labels is not None else [0] * len(boxes), np.int64),
        scores=np.array(scores if scores is not None else [0.9] * len(boxes), np.float64),
    )


def random_cases(seed: int) -> list[BoxCase]:
    rng = np.random.default_rng(seed)
    cases = []
    for _ in range(8):
        corner = rng.uniform(0, 60, (rng.integers(0, 4), 2))
        truth = np.concatenate([corner, corner + rng.uniform(8, 40, corner.shape)], axis=1)
        labels = rng.integers(0, 2, len(truth))
        near = truth + rng.normal(0, 3, truth.shape)
        corner = rng.uniform(0, 60, (2, 2))
        wrong = np.concatenate([corner, corner + 20], axis=1)
        boxes = np.concatenate([near, wrong])
        found = np.concatenate([labels, rng.integers(0, 2, 2)])
        cases.append(case(truth, boxes, rng.random(len(boxes)), truth_labels=labels, labels=found))
    return cases


def coco(cases: list[BoxCase], labels: int, most: int = 100) -> dict[str, float]:
    """The library's own summary, boxes as in COCO: x, y, width, height."""
    import contextlib
    import io

    from faster_coco_eval import COCO, COCOeval_faster

    def rows(boxes, names, **more):
        return [
            {"category_id": int(name) + 1, "bbox": [*box[:2], *(box[2:] - box[:2])], **more}
            for box, name in zip(boxes, names, strict=True)
        ]

    truth, found = [], []
    for number, one in enumerate(cases):
        truth += rows(one.truth, one.truth_labels, image_id=number, iscrowd=0)
        for row, score in zip(rows(one.boxes, one.labels, image_id=number), one.scores, strict=True):
            found.append({**row, "score": float(score)})
    for number, row in enumerate(truth):
        row |= {"id": number + 1, "area": float(row["bbox"][2] * row["bbox"][3])}
    with contextlib.redirect_stdout(io.StringIO()):
        wanted = COCO(
            {
                "images": [{"id": number, "width": 0, "height": 0} for number in range(len(cases))],
                "annotations": truth,
                "categories": [{"id": i + 1, "name": str(i)} for i in range(labels)],
            }
        )
        judged = COCOeval_faster(wanted, wanted.loadRes(found), "bbox")
        judged.params.maxDets = [1, 10, most]
        judged.run()
    return dict(zip(("map", "map50", "map75"), map(float, judged.stats[:3]), strict=True))


@pytest.mark.parametrize("seed", range(6))
def test_both_ways_to_a_precision_equal_the_library(seed: int) -> None:
    cases = random_cases(seed)
    theirs = coco(cases, 2)

    ours = weighted_precision(cases, 2, np.ones((1, len(cases))))

    assert {name: float(value[0]) for name, value in ours.items()} == pytest.approx(theirs, abs=1e-6)
    assert mean_precision(cases, 2) == pytest.approx(theirs, abs=1e-6)


def test_a_case_drawn_twice_counts_twice() -> None:
    cases = random_cases(3)
    weights = np.array([[2.0, 0, 1, 1, 0, 3, 1, 0]])
    copies = [one for one, times in zip(cases, weights[0], strict=True) for _ in range(int(times))]

    drawn = weighted_precision(cases, 2, weights)["map"][0]

    assert drawn == pytest.approx(coco(copies, 2)["map"], abs=1e-3)  # ties of the copies order freely


def test_many_draws_are_each_like_one_alone() -> None:
    cases = random_cases(5)
    weights = np.random.default_rng(1).multinomial(8, np.full(8, 1 / 8), size=401).astype(np.float64)

    together = weighted_precision(cases, 2, weights)["map50"]

    for draw in (0, 199, 200, 399, 400):
        alone = weighted_precision(cases, 2, weights[draw : draw + 1])["map50"][0]
        assert together[draw] == pytest.approx(alone, nan_ok=True)


def test_more_than_a_hundred_boxes_of_an_image_all_count() -> None:
    corners = np.arange(150.0)[:, None] * 12
    truth = np.concatenate([corners, corners * 0, corners + 10, corners * 0 + 10], axis=1)
    crowded = case(truth, truth, np.linspace(0.9, 0.5, 150))

    assert mean_precision([crowded], 1)["map"] == pytest.approx(1.0)
    assert weighted_precision([crowded], 1, np.ones((1, 1)))["map"][0] == pytest.approx(1.0)
    assert hits(crowded).sum() == 150


def test_boxes_without_truth_have_no_precision() -> None:
    empty = case([], [])

    assert all(np.isnan(value) for value in mean_precision([empty], 1).values())
    assert np.isnan(weighted_precision([empty], 1, np.ones((2, 1)))["map"]).all()
    assert np.isnan(mean_iou([empty]))
    assert np.isnan(mean_iou([]))
    assert choose_threshold([empty]) == choose_threshold([]) == 0.5


def test_truth_without_boxes_has_a_precision_of_nought() -> None:
    missed = case([A], [])

    assert mean_precision([missed], 1) == {"map": 0.0, "map50": 0.0, "map75": 0.0}
    assert weighted_precision([missed], 1, np.ones((1, 1)))["map"][0] == 0.0
    assert mean_iou([missed, case([B], [B])]) == 0.5


def test_a_label_without_a_true_box_is_left_out_of_the_mean() -> None:
    cases = [case([A], [A, B], [0.9, 0.8], labels=[0, 1])]

    assert weighted_precision(cases, 2, np.ones((1, 1)))["map"][0] == pytest.approx(1.0)
    assert mean_precision(cases, 2)["map"] == pytest.approx(1.0)


def test_one_true_box_is_matched_once() -> None:
    double = case([A], [A, A], [0.8, 0.9])

    assert hits(double).tolist() == [False, True]
    assert matched(np.ones((3, 2)), 0.5).tolist() == [True, True, False]
    assert weighted_precision([double, case([B], [B], [0.7])], 1, np.ones((1, 2)))["map50"][0] == pytest.approx(
        coco([double, case([B], [B], [0.7])], 1)["map50"]
    )


def test_a_box_whose_best_true_box_is_taken_may_have_another() -> None:
    near = [0.0, 0, 10, 9]
    two = case([A, near], [A, A], [0.9, 0.8])

    assert hits(two).tolist() == [True, True]


def test_a_box_is_right_from_an_overlap_of_a_half_on_and_with_its_own_label() -> None:
    half, less = [0.0, 0, 5, 10], [0.0, 0, 4.9, 10]

    assert hits(case([A], [half])).tolist() == [True]
    assert hits(case([A], [less])).tolist() == [False]
    assert hits(case([A], [A], labels=[1])).tolist() == [False]
    assert hits(case([], [A])).tolist() == [False]
    assert matched(np.array([[0.75]]), 0.75).tolist() == [True]


def test_the_chosen_cut_has_the_highest_f1_with_missed_boxes_counted() -> None:
    cases = [case([A], [A, FAR], [0.9, 0.3]), case([A, B], [A], [0.7]), case([], [FAR], [0.8])]

    def f1(cut: float) -> float:
        right = sum(int((hits(one) & (one.scores >= cut)).sum()) for one in cases)
        said = sum(int((one.scores >= cut).sum()) for one in cases)
        return 2 * right / (said + 3)

    cut = choose_threshold(cases)

    assert f1(cut) == max(f1(value) for value in (0.0, 0.2, 0.3, 0.5, 0.7, 0.75, 0.8, 0.85, 0.9))
    assert cut == 0.5  # of all cuts between 0.3 and 0.7, which are as good


def test_the_cut_counts_the_boxes_that_no_proposal_finds() -> None:
    # Nine boxes are never found. Without them a cut above 0.6 has the higher F1 (2/2 against 4/5); with them below.
    missed = case([[float(i * 20), 40, i * 20 + 10, 50] for i in range(9)], [])
    cases = [missed, case([A, B], [A, FAR, B], [0.9, 0.6, 0.5])]

    assert choose_threshold(cases) == pytest.approx(0.5)
    assert choose_threshold([case([A], [A, FAR], [0.9, 0.6])]) == pytest.approx(0.75)
    assert choose_threshold([case([A], [A], [0.2])]) == pytest.approx(0.1)


def boxes(cases, cuts=0.5, labels=("x",)) -> BoxOutcome:
    return BoxOutcome(cases=cases, thresholds=np.full(len(cases), cuts), labels=labels)


def figures(outcome: BoxOutcome, weights=None) -> dict[str, float]:
    weights = np.ones((1, len(outcome.cases))) if weights is None else np.array([weights], np.float64)
    return {name: float(value[0]) for name, value in outcome.figures(weights).items()}


LOOKALIKES = [case([A], [A, FAR], [0.9, 0.3]), case([], [A, B], [0.8, 0.7]), case([], []), case([A, B], [A], [0.6])]


def test_the_figure_that_decides_counts_boxes_where_nothing_is() -> None:
    blind = [one for one in LOOKALIKES if len(one.truth)]

    with_them, without = figures(boxes(LOOKALIKES)), figures(boxes(blind))

    assert boxes(LOOKALIKES).primary == "f1"
    assert with_them["f1"] == pytest.approx(2 * 2 / (3 + 4))
    assert without["f1"] == pytest.approx(2 * 2 / (3 + 2))
    assert with_them["iou"] == without["iou"] == pytest.approx(2 / 3)  # which is why it cannot decide
    assert (with_them["precision"], with_them["recall"]) == pytest.approx((2 / 4, 2 / 3))
    assert with_them["false_positives"] == pytest.approx(2 / 4)
    assert with_them["map50"] == pytest.approx(coco(LOOKALIKES, 1)["map50"])


def test_the_operating_point_of_each_image_decides_what_is_shown() -> None:
    cuts = np.array([0.3, 0.8, 0.5, 0.61])
    outcome = BoxOutcome(cases=LOOKALIKES, thresholds=cuts, labels=("x",))

    assert figures(outcome)["false_positives"] == pytest.approx(2 / 4)  # 0.3 and 0.8 are shown: at or above
    assert figures(outcome)["recall"] == pytest.approx(1 / 3)
    assert figures(outcome, [0, 2, 1, 0])["false_positives"] == pytest.approx(2 / 3)


def test_images_without_a_true_box_stand_in_the_table_with_their_false_ones() -> None:
    cases = [*LOOKALIKES, case([A], [A, B], labels=[1, 0], truth_labels=[1])]
    rows = boxes(cases, labels=("x", "y")).rows()

    table = [[(row.label, row.score, row.truth, row.answer, row.false) for row in one] for one in rows]

    assert table == [
        [("x", 1.0, "1", "1", 0), ("y", None, "0", "0", 0)],
        [("x", None, "0", "2", 2), ("y", None, "0", "0", 0)],
        [("x", None, "0", "0", 0), ("y", None, "0", "0", 0)],
        [("x", 0.5, "2", "1", 0), ("y", None, "0", "0", 0)],
        [("x", None, "0", "1", 1), ("y", 1.0, "1", "1", 0)],
    ]


def test_no_box_anywhere_is_no_figure_and_says_so() -> None:
    patients = [f"p{i}" for i in range(30)]
    measures = boxes([case([], [])] * 30).measures()
    found = {name: figure_of(measure, Groups.of(patients)) for name, measure in measures.items()}

    assert found["f1"].why == "there is no box, neither true nor proposed"
    assert found["precision"].why == "no box is proposed"
    assert found["recall"].why == found["iou"].why == found["map"].why == "there is no true box"
    assert found["false_positives"].value == 0.0
    assert found["false_positives"].why == "it is the same whichever patient is left out"


def test_a_detector_that_finds_all_has_no_certainty() -> None:
    patients = [f"p{i}" for i in range(12)]
    measures = boxes([case([A], [A])] * 12).measures()
    found = {name: figure_of(measure, Groups.of(patients)) for name, measure in measures.items()}

    assert (found["recall"].value, found["recall"].high) == (1.0, 1.0)
    assert found["recall"].low == pytest.approx(0.025 ** (1 / 12))
    assert found["precision"].method == "exact binomial"
    for name in ("f1", "iou", "map", "map50", "map75", "false_positives"):
        assert not found[name].has_interval, name


def test_precision_is_judged_by_patient() -> None:
    patients = [f"p{i // 2}" for i in range(60)]
    rng = np.random.default_rng(0)
    cases = [case([A], [A if rng.random() < 0.7 else FAR]) for _ in range(60)]
    measure = boxes(cases).measures()["map50"]

    figure = figure_of(measure, Groups.of(patients))

    # The two films of a patient go together, so that there are 30 figures of 58 films each.
    without = np.array([[0.0 if i // 2 == left else 1.0 for i in range(60)] for left in range(30)])
    error = np.sqrt(((measure.values(without) - figure.value) ** 2).sum() * 30 / 29)
    slope = figure.value * (1 - figure.value)
    half = np.log(figure.high / (1 - figure.high)) - np.log(figure.value / (1 - figure.value))
    assert figure.method == LEFT_OUT
    assert 2.04 < half * slope / error < 2.2  # Student's t of 29 degrees of freedom, or of a few less
