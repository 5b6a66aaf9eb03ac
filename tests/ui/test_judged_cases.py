"""In which order a page tells the answers of a report, of every kind of task; expected by hand."""

from math import nan

import numpy as np

from ml.evaluation.kept_cases import KeptCases
from viewer.ui.run_page.judged import judged_cases, matrix_of


def kept(
    labels: tuple[str, ...],
    truth: list[tuple[str, ...]],
    answer: list[tuple[str, ...]],
    score: list[tuple[float, ...]],
    false: list[tuple[float, ...]] | None = None,
) -> KeptCases:
    names = tuple(f"i{place}" for place in range(len(truth)))
    return KeptCases(
        labels=labels, images=names, files=names, patients=names, folds=np.zeros(len(truth), np.int64),
        truth=tuple(truth), answer=tuple(answer), score=np.array(score),
        false=np.array(false if false is not None else [[nan] * len(labels)] * len(truth)),
    )  # fmt: skip


def test_labels_that_exclude_each_other_have_one_answer_a_case() -> None:
    yes, no, unknown = "yes", "no", "unknown"
    cases = kept(
        ("a", "b", "c"),
        [(yes, no, no), (no, yes, no), (no, no, yes), (unknown, unknown, unknown)],
        [(yes, no, no), (no, no, yes), (no, yes, no), (yes, no, no)],
        [(0.6, 0.2, 0.2), (0.1, 0.2, 0.7), (0.0, 0.9, 0.1), (0.5, 0.3, 0.2)],
    )
    judged = judged_cases(cases, exclusive=True)

    assert [(one.image_id, one.truth, one.answer, one.score, one.wrong) for one in judged] == [
        ("i2", "c", "b", "score 0.900", True), ("i1", "b", "c", "score 0.700", True),
        ("i0", "a", "a", "score 0.600", False),
    ]  # fmt: skip
    matrix = matrix_of(judged, cases.labels, exclusive=True)
    assert matrix is not None and matrix.columns == ("a", "b", "c")
    assert [[matrix.count(row, column) for column in range(3)] for row in range(3)] == [[1, 0, 0], [0, 0, 1], [0, 1, 0]]


def test_labels_that_stand_each_for_itself_have_an_answer_each() -> None:
    cases = kept(
        ("a", "b"),
        [("yes", "no"), ("no", "unknown"), ("yes", "yes")],
        [("no", "yes"), ("no", "yes"), ("yes", "no")],
        [(0.1, 0.6), (0.2, 0.9), (0.8, 0.05)],
    )
    judged = judged_cases(cases, exclusive=False)

    assert [(one.image_id, one.label, one.words) for one in judged] == [
        ("i2", "b", "b: yes, answered no"),  # 0.45 from the middle
        ("i0", "a", "a: yes, answered no"),  # 0.40
        ("i0", "b", "b: no, answered yes"),  # 0.10
        ("i1", "a", "a: no, answered no"), ("i2", "a", "a: yes, answered yes"),  # right, both 0.30
    ]  # fmt: skip
    matrix = matrix_of(judged, cases.labels, exclusive=False)
    assert matrix is not None
    assert [[matrix.count(row, way) for way in range(4)] for row in range(2)] == [[1, 1, 0, 1], [0, 1, 1, 0]]


def test_of_boxes_the_most_missed_and_false_ones_stand_first_and_there_is_no_matrix() -> None:
    cases = kept(("box",), [("2",), ("1",), ("1",)], [("1",), ("1",), ("3",)], [(0.7,), (0.9,), (nan,)],
                 [(0.0,), (0.0,), (3.0,)])  # fmt: skip
    judged = judged_cases(cases, exclusive=True)

    assert [(one.image_id, one.truth, one.answer, one.score, one.wrong) for one in judged] == [
        ("i2", "1 box", "3 boxes, 3 false", "", True),  # three false ones, and the true one missed
        ("i0", "2 boxes", "1 box", "overlap 0.700", True),
        ("i1", "1 box", "1 box", "overlap 0.900", False),
    ]
    assert matrix_of(judged, cases.labels, exclusive=True) is None


def test_of_masks_the_least_overlap_of_numbers_the_furthest_off() -> None:
    masks = kept(("lung",), [("present",), ("empty",), ("present",), ("unknown",)],
                 [("present",), ("present",), ("present",), ("",)], [(0.9,), (0.0,), (0.4,), (nan,)])  # fmt: skip
    numbers = kept(("age",), [("40",), ("60",)], [("42.5",), ("51",)], [(2.5,), (9.0,)])

    assert [one.image_id for one in judged_cases(masks, exclusive=True)] == ["i1", "i2", "i0"]
    assert [one.score for one in judged_cases(numbers, exclusive=True)] == ["off by 9", "off by 2.5"]
    assert {one.wrong for one in judged_cases(numbers, exclusive=True)} == {None}


def test_a_matrix_of_too_many_labels_is_none_to_read() -> None:
    labels = tuple(f"l{n}" for n in range(13))
    row = ("yes", *["no"] * 12)
    judged = judged_cases(kept(labels, [row], [row], [(0.9, *[0.0] * 12)]), exclusive=True)

    assert judged and matrix_of(judged, labels, exclusive=True) is None
