"""Tables of a report beside its figures: truth against answers, cases with the wrong ones first. Counted by hand."""

from typing import Any

import numpy as np
import pytest

from ml.evaluation.box_outcome import BoxOutcome
from ml.evaluation.boxes import BoxCase
from ml.evaluation.case_tables import MOST_CASES, read_tables, without_names
from ml.evaluation.class_outcome import ClassOutcome
from ml.evaluation.mask_outcome import MaskOutcome
from ml.evaluation.page import headline, report_page
from viewer.core.errors import BadFile


def classes(truth: Any, scores: Any, *, exclusive: bool, labels: tuple[str, ...] = ("none", "disc")) -> ClassOutcome:
    truth, scores = np.array(truth, float), np.array(scores, float)
    return ClassOutcome(
        truth=truth, scores=scores, thresholds=np.full(len(truth), 0.5), folds=np.zeros(len(truth), np.int64),
        labels=labels, exclusive=exclusive,
    )  # fmt: skip


def test_of_exclusive_labels_each_case_is_a_row_and_the_surest_mistake_stands_first() -> None:
    second = [1, 1, 0, 0, 0]
    scores = [0.9, 0.4, 0.8, 0.1, 0.3]
    outcome = classes([[1 - t, t] for t in second], [[1 - s, s] for s in scores], exclusive=True)

    truth, cases = outcome.tables(["a.png", "b.png", "c.png", "d.png", "e.png"])

    assert truth.columns == ("Truth", "answered none", "answered disc")
    assert truth.rows == (("none", "2", "1"), ("disc", "1", "1"))
    assert cases.columns == ("Case", "Truth", "Answer", "Score of the answer", "Right or wrong")
    assert cases.rows == (
        ("c.png", "none", "disc", "0.800", "wrong"),
        ("b.png", "disc", "none", "0.600", "wrong"),
        ("e.png", "none", "none", "0.700", "right"),
        ("a.png", "disc", "disc", "0.900", "right"),
        ("d.png", "none", "none", "0.900", "right"),
    )
    assert cases.note == "2 of 5 cases are wrong."


def test_of_exclusive_labels_a_case_whose_truth_is_not_known_is_no_row() -> None:
    nobody_knows = [np.nan, np.nan]
    outcome = classes([[0, 1], nobody_knows, [1, 0]], [[0.2, 0.8], [0.3, 0.7], [0.9, 0.1]], exclusive=True)

    truth, cases = outcome.tables(["a.png", "b.png", "c.png"])

    assert truth.rows == (("none", "1", "0"), ("disc", "0", "1"))
    assert sorted(row[0] for row in cases.rows) == ["a.png", "c.png"] and cases.note == "0 of 2 cases are wrong."


def test_of_labels_that_do_not_exclude_each_other_each_known_answer_is_a_row() -> None:
    outcome = classes([[1, np.nan], [0, 1]], [[0.2, 0.7], [0.6, 0.9]], exclusive=False, labels=("x", "y"))

    truth, cases = outcome.tables(["a.png", "b.png"])

    assert truth.columns == ("Label", "there and found", "there and missed", "false alarm", "neither")
    assert truth.rows == (("x", "0", "1", "1", "0"), ("y", "1", "0", "0", "0"))
    assert cases.columns == ("Case", "Label", "Truth", "Answer", "Score of the label", "Right or wrong")
    assert [row[:2] for row in cases.rows] == [("a.png", "x"), ("b.png", "x"), ("b.png", "y")]
    assert cases.note == "2 of 3 answers are wrong."


def test_a_score_is_told_from_the_cut_that_it_was_held_against() -> None:
    each = classes([[1], [1], [1]], [[0.4996], [0.5], [0.5004]], exclusive=False, labels=("disc",))
    pair = classes([[0, 1], [1, 0]], [[0.4996, 0.5004], [0.5004, 0.4996]], exclusive=True)

    assert sorted(row[3:5] for row in each.tables(["a.png", "b.png", "c.png"])[1].rows) == [
        ("no", "0.4996"), ("yes", "0.500"), ("yes", "0.5004"),
    ]  # fmt: skip
    # Of two that exclude each other the second's score alone is cut.
    assert sorted(row[2:4] for row in pair.tables(["a.png", "b.png"])[1].rows) == [
        ("disc", "0.5004"),
        ("none", "0.500"),
    ]
    assert pair.held().tolist() == [0.5004, 0.4996] and each.held().tolist() == [0.4996, 0.5, 0.5004]


def test_of_boxes_the_case_with_most_mistakes_stands_first() -> None:
    square = np.array([[0.0, 0.0, 10.0, 10.0]])
    nothing, no_label, label = np.zeros((0, 4)), np.zeros(0, np.int64), np.zeros(1, np.int64)
    missed = BoxCase(truth=square, truth_labels=label, boxes=nothing, labels=no_label, scores=np.zeros(0))
    found = BoxCase(truth=square, truth_labels=label, boxes=square, labels=label, scores=np.array([0.9]))
    outcome = BoxOutcome(cases=[found, missed], thresholds=np.full(2, 0.5), labels=("Nodule",))

    (cases,) = outcome.tables(["a.png", "b.png"])

    assert cases.rows == (
        ("b.png", "Nodule", "1 box", "0 boxes", "0.000", "wrong"),
        ("a.png", "Nodule", "1 box", "1 box", "1.000", "right"),
    )


def test_of_masks_the_least_overlap_stands_first() -> None:
    outcome = MaskOutcome(dice=np.array([[0.9], [0.2]]), present=np.array([[True], [True]]), labels=("Lung",))

    (cases,) = outcome.tables(["a.png", "b.png"])

    assert cases.rows == (("b.png", "Lung", "present", "0.200"), ("a.png", "Lung", "present", "0.900"))


def test_of_many_cases_the_first_are_told_and_where_the_rest_is() -> None:
    many = MOST_CASES + 5
    second = np.zeros(many)
    outcome = classes(np.stack([1 - second, second], 1), np.full((many, 2), 0.5), exclusive=True)

    cases = outcome.tables([f"{n}.png" for n in range(many)])[-1]

    assert len(cases.rows) == MOST_CASES
    assert cases.note.endswith(f"These are the first {MOST_CASES}; all are in cases.csv.")


def test_tables_are_read_back_told_on_the_page_as_text_and_without_names_where_those_are_hidden() -> None:
    outcome = classes([[1, 0]], [[0.2, 0.8]], exclusive=True, labels=("<b>none", "disc"))
    written = [table.to_json() for table in outcome.tables(["<i>who.png"])]

    read = read_tables(written, "a report")

    assert [table.to_json() for table in read] == written
    page = report_page(document(tables=written))
    assert "&lt;i&gt;who.png" in page and "&lt;b&gt;none" in page and "<i>" not in page
    hidden = without_names(written)
    assert hidden[0] == written[0]
    assert [row[0] for row in hidden[1]["rows"]] == ["row 1 of this table"], (
        "Case 1 is another one: the first of the list of cases"
    )
    with pytest.raises(BadFile, match="as many cells"):
        read_tables([{**written[0], "rows": [["one"]]}], "a report")


def test_a_column_without_a_name_is_in_no_table_of_cases() -> None:
    box = BoxCase(
        truth=np.array([[0.0, 0, 9, 9]]), truth_labels=np.zeros(1, np.int64), boxes=np.zeros((0, 4)),
        labels=np.zeros(0, np.int64), scores=np.zeros(0),
    )  # fmt: skip
    outcomes = (
        classes([[1, 0]], [[0.2, 0.8]], exclusive=True, labels=("none", "disc")),
        classes([[1]], [[0.2]], exclusive=False, labels=("disc",)),
        BoxOutcome(cases=[box], thresholds=np.full(1, 0.5), labels=("Nodule",)),
        MaskOutcome(dice=np.ones((1, 1)), present=np.ones((1, 1), bool), labels=("disc",)),
    )
    for outcome in outcomes:
        assert all(all(table.columns) for table in outcome.tables(["a.png"]))


def document(**facts: Any) -> dict[str, Any]:
    model = {"auc": {"value": 0.75, "why": "there are 5 patients, and it takes 10"}}
    return {
        "task": "disc or none", "part": "test", "cases": 10, "patients": 5, "runs": ["r"], "model": "net",
        "snapshot": "0" * 64, "decides": "auc", "sentence": "", "interval": "95%", "answers": {"model": model}, **facts,
    }  # fmt: skip


def test_the_headline_says_why_there_is_no_interval_in_a_sentence_of_its_own() -> None:
    assert headline(document()) == (
        "AUC 0.750 on the test part: 10 cases of 5 patients. No interval: there are 5 patients, and it takes 10"
    )
    nothing = {"model": {"auc": {"value": None, "why": "the cases hold one class only"}}}
    assert headline(document(answers=nothing)) == (
        "AUC not defined on the test part: 10 cases of 5 patients. Not defined: the cases hold one class only"
    )
