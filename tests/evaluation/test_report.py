"""What stands in the report: every figure with its interval and its meaning, every case, no number that is none."""

import csv
import json
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from ml.card import Card, Domain
from ml.catalogue import PreprocessSpec
from ml.evaluation import report
from ml.evaluation.box_outcome import BoxOutcome
from ml.evaluation.boxes import BoxCase
from ml.evaluation.class_outcome import ClassOutcome
from ml.evaluation.collected import CASE_COLUMNS, Collected, write_report
from ml.evaluation.figures.masks import mask_figures, mask_table
from ml.evaluation.mask_outcome import MaskOutcome
from ml.evaluation.report import MODEL, judged
from ml.evaluation.seen_cases import SeenCases
from ml.metric_words import figure_text, metric_line, metric_meaning, metric_title, number_text
from ml.tasks.classification_outputs import ClassAnswers
from ml.tasks.outputs import outputs_of
from viewer.cli.evaluate_lines import control_lines, figure_lines, meaning_lines, report_lines
from viewer.core.errors import BadRequest

CARD = Card(
    name="m",
    model="simple_cnn",
    kind="classification",
    labels=("well", "sick"),
    exclusive=True,
    preprocess=PreprocessSpec(size_px=32),
    domain=Domain(),
    threshold=0.42,
    metrics={},
    snapshot_id="s",
    cam_layer="",
    task="t",
)
RNG = np.random.default_rng(0)


def classes(second, truth, *, cut=0.5, folds=None) -> ClassOutcome:
    second, truth = np.asarray(second, np.float64), np.asarray(truth, np.float64)
    return ClassOutcome(
        truth=np.stack([1 - truth, truth], axis=1),
        scores=np.stack([1 - second, second], axis=1),
        thresholds=np.full(len(truth), cut),
        folds=np.zeros(len(truth), np.int64) if folds is None else np.asarray(folds),
        labels=("well", "sick"),
        exclusive=True,
    )


# What a control that never says "sick" has no figure of.
ANOTHER_REASON = {("ppv:well", None): "no answer says the label", ("npv:sick", None): "every answer says the label"}


def named(count: int) -> list[str]:
    return [f"p{i}" for i in range(count)]


def test_model_and_controls_are_judged_on_the_same_patients() -> None:
    truth = np.arange(60) % 2
    model, control = classes(truth * 0.7 + RNG.random(60) * 0.6, truth), classes(RNG.random(60), truth)

    document = judged({MODEL: model, "guessing": control, "the same": model}, named(60))

    assert document["decides"] == document["primary"] == "auc"
    assert set(document["answers"]) == {MODEL, "guessing", "the same"}
    assert set(document["against"]) == {"guessing", "the same"}
    assert document["against"]["the same"]["value"] == 0
    figures = [document["answers"][who]["auc"]["value"] for who in ("guessing", "the same")]
    assert document["sentence"] == (
        f"By AUC the model beats guessing ({figures[0]:.3f}). No comparison with the same ({figures[1]:.3f}): it is "
        "the same whichever patient is left out."
    )
    back = judged({MODEL: control, "the network": model}, named(60))
    assert back["against"]["the network"]["high"] == pytest.approx(-document["against"]["guessing"]["low"])
    assert back["sentence"] == f"By AUC the model does NOT beat the network ({figures[1]:.3f}), which is better."


def test_comparisons_with_several_controls_are_told_with_all_allowed_for() -> None:
    """By hand, Holm (1979): the least p times how many there are, the next times one less."""
    truth = np.arange(60) % 2
    model, near, far = (classes(truth * gain + RNG.random(60), truth) for gain in (0.7, 0.3, 0.0))

    against = judged({MODEL: model, "near": near, "far": far, "the same": model}, named(60))["against"]

    small, large = sorted((against["near"], against["far"]), key=lambda gap: gap["p"])
    assert small["p_holm"] == pytest.approx(min(1, 2 * small["p"]))
    assert large["p_holm"] == pytest.approx(min(1, max(large["p"], 2 * small["p"])))
    assert "p_holm" not in against["the same"]  # which has no difference to be tested


def test_over_folds_the_mean_of_their_areas_decides() -> None:
    truth, folds = np.arange(60) % 2, np.arange(60) // 20
    scores = truth * 0.5 + RNG.random(60) + folds * 9.0

    document = judged({MODEL: classes(scores, truth, folds=folds), "x": classes(RNG.random(60), truth, folds=folds)},
                      named(60))  # fmt: skip

    assert document["decides"] == "auc_fold_mean"
    assert document["primary"] == "auc"
    answers = document["answers"]
    gap = answers[MODEL]["auc_fold_mean"]["value"] - answers["x"]["auc_fold_mean"]["value"]
    assert document["against"]["x"]["value"] == pytest.approx(gap)


def test_one_patient_has_figures_and_nothing_beside_them() -> None:
    truth = np.arange(12) % 2
    document = judged({MODEL: classes(truth * 0.8 + 0.1, truth), "x": classes(np.full(12, 0.5), truth)}, ["one"] * 12)

    for figures in document["answers"].values():
        for name, figure in figures.items():
            assert figure["low"] is figure["high"] is None, name
            wanted = ANOTHER_REASON.get((name, figure["value"]), "1 patient, who says nothing of others")
            assert figure["why"] == wanted
    assert document["answers"][MODEL]["accuracy"]["value"] == 1.0
    assert "beat" not in document["sentence"]
    assert document["sentence"] == "No comparison with x (0.500): 1 patient is too few, it takes 30."


def test_six_of_six_right_is_no_certainty() -> None:
    truth = np.arange(6) % 2
    document = judged({MODEL: classes(truth * 0.8 + 0.1, truth), "x": classes(np.full(6, 0.5), truth)}, named(6))

    lines = [re.sub(" +", " ", line) for line in (*figure_lines(document), *control_lines(document))]
    assert "accuracy 1.000 (0.541 to 1.000, exact binomial)" in lines
    assert "AUC 1.000 (0.292 to 1.000, exact binomial of 3 pairs of patients)" in lines
    assert "x AUC 0.500, no interval: every case has the same score, so nothing is ranked" in lines
    assert "macro F1 1.000, no interval: 6 patients are too few, it takes 30" in lines
    assert "beat" not in document["sentence"]


def test_every_figure_says_what_it_is_and_how_its_interval_was_made() -> None:
    truth = np.arange(40) % 2
    box = BoxCase(
        truth=np.array([[0.0, 0, 9, 9]]), truth_labels=np.zeros(1, np.int64), boxes=np.zeros((0, 4)),
        labels=np.zeros(0, np.int64), scores=np.zeros(0),
    )  # fmt: skip
    kinds = (
        classes(RNG.random(40), truth, folds=np.arange(40) // 20),
        MaskOutcome(dice=RNG.random((40, 2)), present=np.ones((40, 2), bool), labels=("left", "right")),
        BoxOutcome(cases=[box] * 40, thresholds=np.full(40, 0.5), labels=("x",)),
    )
    for outcome in kinds:
        document = judged({MODEL: outcome}, named(40)) | {"interval": report.INTERVALS, "notes": []}
        head = {"task": "t", "part": "test", "cases": 40, "patients": 40, "seen": {}, "tables": []}
        text = "\n".join(report_lines(document | head, Path("out")))
        for name, figure in document["answers"][MODEL].items():
            facts = document["figures"][name]
            assert facts["title"] != name or name in ("accuracy", "precision", "recall")
            assert f"{facts['title']}: {facts['is']}." in text or ":" in name
            assert len(facts["is"]) > 20
            assert bool(figure["method"]) is (figure["low"] is not None) is (figure["why"] == "")
        assert "Intervals: 95%, of patients, not of trainings. Where one says exact binomial, it is computed" in text
        assert (
            "it takes 30 patients, and 10 of each class where it needs classes. A comparison takes as many, 30, and"
            in text
        )
        assert document["sentence"] == "There is no control to compare with."
        json.dumps(document, allow_nan=False)


def test_what_is_printed_stands_in_short_sections_each_under_its_heading() -> None:
    truth = np.arange(40) % 2
    outcomes = {MODEL: classes(truth * 0.8 + 0.1, truth), "guessing": classes(np.full(40, 0.5), truth)}
    document = judged(outcomes, named(40)) | {
        "task": "t", "part": "test", "cases": 40, "patients": 40, "interval": report.INTERVALS, "notes": ["A note."],
        "seen": {"mark": "SEEN IN TRAINING"}, "controls": [{"name": "view alone", "tells": "", "why": "one view"}],
    }  # fmt: skip

    lines = list(report_lines(document, Path("folder")))

    assert lines[0] == "t, test: 40 cases of 40 patients · SEEN IN TRAINING"
    headings = [line for before, line in pairwise(lines) if not before]
    assert headings == ["Figures", "Controls, on the same cases", "To be known", "What the figures are", "Report"]
    at = lines.index("Controls, on the same cases")
    of_controls = [re.sub(" +", " ", line) for line in lines[at + 1 : lines.index("", at)]]
    assert [line.split()[0] for line in of_controls] == ["model", "guessing", "view", "By"]
    assert of_controls[2] == " view alone is not there: one view."
    assert all("SEEN IN TRAINING" in line for line in of_controls[:2])
    assert lines[-1] == "  Written to folder: figures.json, cases.csv and report.html, the same as a page"
    assert sum(line.startswith("  accuracy ") for line in lines) == 1, "of no control"


def test_figures_of_single_labels_are_explained_once() -> None:
    outcome = MaskOutcome(dice=RNG.random((40, 2)), present=np.ones((40, 2), bool), labels=("left", "right"))

    lines = meaning_lines(judged({MODEL: outcome}, named(40)))

    assert sum("overlap of masks" in line for line in lines) == 2
    assert any(line.startswith("Dice left, Dice right: ") and line.endswith(", of each label alone.") for line in lines)


def test_a_figure_is_written_the_same_way_everywhere() -> None:
    assert figure_text({"value": 0.98149, "low": 0.9, "high": 1.0}) == "0.981 (0.900 to 1.000)"
    assert figure_text({"value": 1.0, "low": 0.5, "high": 1.0, "method": "patient bootstrap"}) == (
        "1.000 (0.500 to 1.000)"
    )
    exact = {"value": 1.0, "low": 0.5, "high": 1.0, "method": "exact binomial"}
    assert figure_text(exact) == "1.000 (0.500 to 1.000, exact binomial)"
    assert figure_text({"value": 0.5, "low": None, "high": None, "why": "1 patient"}) == "0.500, no interval: 1 patient"
    assert figure_text({"value": 0.5}) == "0.500, no interval"
    assert figure_text({"value": None, "why": "one class"}) == "not defined: one class"
    assert figure_text({"value": float("nan"), "low": 0.0, "high": 1.0}) == figure_text({}) == "not defined"
    assert figure_text({"value": 0.5, "low": 0.1, "high": float("inf")}) == "0.500, no interval"
    assert number_text(0.0) == "0.000"
    assert metric_line({"auc": 0.98149, "map50": float("nan")}) == "AUC 0.981 · mAP@0.5 –"


def test_titles_and_meanings_of_a_label_name_it() -> None:
    assert metric_title("auc:Nodule") == "AUC Nodule"
    assert metric_meaning("auc:Nodule") == "area under the ROC curve of all cases together, of Nodule alone"
    assert metric_meaning("dice") == "mean over the cases of the overlap of masks (Dice); one empty mask is 0, and " \
        "two empty masks are not defined and in no mean"  # fmt: skip
    assert metric_meaning("unheard") == metric_meaning("unheard:x") == ""


def test_what_a_reader_must_know_is_noted() -> None:
    sound = Collected(seen=SeenCases(part="test"))
    some = Collected(seen=SeenCases(part="test"), left_out=[("i1", "p1", 0, "a.png", ""), ("i2", "p2", 0, "b.png", "")])

    assert report._notes(CARD, sound, "test") == []
    assert report._notes(CARD, sound, "val") == [
        "The operating point and the best epoch were chosen on these very cases; the figures are too good."
    ]
    assert report._notes(replace(CARD, labels=("a", "b", "c")), sound, "val") == [
        "The best epoch was chosen on these very cases; the figures are too good."
    ]
    assert report._notes(CARD, some, "test") == [
        "2 images of this part cannot be read or have no known label of the task (the first is a.png): in cases.csv, "
        "but in no figure.",
    ]


def test_more_boxes_than_a_detector_proposes_are_noted() -> None:
    def crowd(boxes: int) -> BoxOutcome:
        case = BoxCase(
            truth=np.tile([0.0, 0, 9, 9], (boxes, 1)), truth_labels=np.zeros(boxes, np.int64),
            boxes=np.zeros((0, 4)), labels=np.zeros(0, np.int64), scores=np.zeros(0),
        )  # fmt: skip
        return BoxOutcome(cases=[case], thresholds=np.array([0.5]), labels=("x",))

    notes = outputs_of("detection").notes
    assert notes(crowd(300)) == []
    assert notes(crowd(301)) == [
        "An image holds 301 true boxes, and a detector proposes at most 300; the rest counts as missed."
    ]


def test_the_note_on_the_rule_says_whose_cut_is_whose() -> None:
    three = replace(CARD, labels=("a", "b", "c"))
    folds = [replace(CARD, fold=0), replace(CARD, fold=1, threshold=0.3)]

    assert report._rule_note([three]) == "The answer: the highest scored of the 3 labels."
    assert "Each control learnt from the training part, and has a cut of its own" in report._rule_note([CARD])
    assert "fold 0: " in report._rule_note(folds)
    assert "fold 1: " in report._rule_note(folds)


def test_the_note_on_the_rule_says_by_what_the_cut_was_chosen_and_what_no_cut_gave() -> None:
    chosen = replace(CARD, operating_point="recall:0.95")
    lacking = replace(CARD, recipe={"operating_point": "precision:0.9"})

    assert "The cut was chosen on validation for recall at least 0.95." in report._rule_note([chosen])
    assert "No cut gives precision at least 0.9 on validation; the cut is" in report._rule_note([lacking])
    assert "chosen on validation for" not in report._rule_note([lacking]) + report._rule_note([CARD])


def collected(count: int) -> Collected:
    return Collected(
        seen=SeenCases(part="test", marks=["", *["trained"] * (count - 1)]),
        images=[f"i{i}" for i in range(count)],
        names=[f"f{i}.png" for i in range(count)],
        patients=named(count),
        folds=list(range(count)),
        left_out=[("i9", "p9", 4, "unknown.png", "")],
    )


# What the page beside the figures needs of them.
DOCUMENT = {
    "task": "film", "part": "test", "cases": 2, "patients": 2, "runs": ["r"], "model": "m", "snapshot": "s",
    "decides": "dice", "answers": {"model": {"dice": {"value": None}}}, "sentence": "", "interval": "",
}  # fmt: skip


def test_every_case_of_the_part_stands_in_the_table(tmp_path: Path) -> None:
    outcome = MaskOutcome(
        dice=np.array([[0.25, np.nan], [np.nan, np.nan]]), present=np.array([[True, False]] * 2), labels=("a", "b")
    )
    document = {**DOCUMENT, "value": float("nan"), "rows": [float("inf")]}

    write_report(tmp_path / "out", document, collected(2), outcome, "test")

    with (tmp_path / "out" / "cases.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert tuple(rows[0][:-1]) == CASE_COLUMNS
    assert [row[:-1] for row in rows[1:]] == [
        ["i0", "p0", "0", "test", "a", "0.250000", "present", "", "", "", "f0.png"],
        ["i0", "p0", "0", "test", "b", "", "unknown", "", "", "", "f0.png"],
        ["i1", "p1", "1", "test", "a", "", "unknown", "", "", "trained", "f1.png"],
        ["i1", "p1", "1", "test", "b", "", "unknown", "", "", "trained", "f1.png"],
        ["i9", "p9", "4", "test", "a", "", "unknown", "", "", "", "unknown.png"],
        ["i9", "p9", "4", "test", "b", "", "unknown", "", "", "", "unknown.png"],
    ]
    text = (tmp_path / "out" / "figures.json").read_text()
    assert json.loads(text, parse_constant=pytest.fail) == {**DOCUMENT, "value": None, "rows": [None]}


def test_false_boxes_stand_in_the_table(tmp_path: Path) -> None:
    case = BoxCase(
        truth=np.zeros((0, 4)), truth_labels=np.zeros(0, np.int64), boxes=np.array([[0.0, 0, 9, 9]]),
        labels=np.zeros(1, np.int64), scores=np.array([0.8]),
    )  # fmt: skip

    outcome = BoxOutcome(cases=[case], thresholds=np.array([0.5]), labels=("x",))
    write_report(tmp_path, DOCUMENT, collected(1), outcome, "val")

    rows = (tmp_path / "cases.csv").read_text().splitlines()
    assert rows[1].startswith("i0,p0,0,val,x,,0,1,1,,f0.png,")


def bits_of(bits: str) -> np.ndarray:
    return np.array([[bit == "1" for bit in bits]])


@pytest.mark.parametrize("kind", ["classification", "segmentation", "detection"])
def test_answers_of_several_runs_are_joined_with_the_operating_point_of_each(kind: str) -> None:
    card = replace(CARD, kind=kind, labels=("x",), exclusive=False)
    box = BoxCase(
        truth=np.array([[0.0, 0, 9, 9]]), truth_labels=np.zeros(1, np.int64), boxes=np.array([[0.0, 0, 9, 9]]),
        labels=np.zeros(1, np.int64), scores=np.array([0.6]),
    )  # fmt: skip
    if kind == "classification":
        parts = [
            ClassAnswers(truth=np.array([[1.0]]), scores=np.array([[0.6]]), cut=0.7),
            ClassAnswers(truth=np.array([[1.0], [0.0]]), scores=np.array([[0.6], [0.1]]), cut=0.5),
        ]
        wanted, name = 2 / 3, "accuracy"
    elif kind == "segmentation":
        # 1, 1/2 and 0; two empty masks count for nothing.
        bits = [[("1110", "1110")], [("1100", "1001"), ("0000", "1000"), ("0000", "0000")]]
        made = [[[mask_figures(bits_of(a), bits_of(b), None)] for a, b in part] for part in bits]
        parts = [mask_table(part, [False] * len(part), 1) for part in made]
        wanted, name = 0.5, "dice"
    else:
        parts = [([box], 0.7), ([box, box], 0.5)]
        wanted, name = 2 / 3, "recall"

    outcome = outputs_of(kind).outcome(card, parts, np.array([0, 1, 1]))

    assert outcome.figures(np.ones((1, len(outcome.rows()))))[name][0] == pytest.approx(wanted)
    assert outcome.labels == ("x",)


def test_runs_of_other_tasks_or_of_the_same_fold_are_not_pooled() -> None:
    runs = [Path("one"), Path("two")]
    folds = [replace(CARD, fold=0), replace(CARD, fold=1)]

    report._check(folds, runs)
    report._check([CARD], runs[:1])
    for other in (replace(CARD, task="u"), replace(CARD, labels=("a", "b")), replace(CARD, exclusive=False),
                  replace(CARD, kind="detection")):  # fmt: skip
        with pytest.raises(BadRequest, match="several tasks"):
            report._check([CARD, other], runs)
    for pair in ([CARD, CARD], [folds[0], folds[0]], [folds[0], CARD]):
        with pytest.raises(BadRequest, match="different folds; one, two are not"):
            report._check(pair, runs)


def test_an_unknown_part_is_refused() -> None:
    with pytest.raises(BadRequest, match="train, val or test, not 'dev'"):
        report.evaluate_runs([], None, Path(), Path(), part="dev")  # type: ignore[arg-type]
