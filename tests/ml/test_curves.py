"""The curves of a report: as another library draws them, told in words, read back as they were written."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import auc as area_under
from sklearn.metrics import precision_recall_curve, roc_auc_score, roc_curve

from ml.evaluation.class_outcome import ClassOutcome
from ml.evaluation.curve_picture import curve_svg, picture_high
from ml.evaluation.curves import (
    LOSS,
    ROC,
    Curve,
    Line,
    as_json,
    curve_words,
    precision_points,
    read_curves,
    report_curves,
    roc_points,
)
from ml.evaluation.figures.probabilities import reliability_points
from ml.events import append_event
from viewer.core.errors import BadFile

RANDOM = np.random.default_rng(7)
TRUTH = RANDOM.random(60) < 0.4
TIED = np.round(TRUTH * 0.3 + RANDOM.random(60), 1)  # many cases share a score


@pytest.mark.parametrize("scores", [TIED, TRUTH * 0.3 + RANDOM.random(60), np.full(60, 0.5)])
def test_the_points_are_those_of_another_library(scores: np.ndarray) -> None:
    x, y = roc_points(TRUTH, scores)
    false, hits, _ = roc_curve(TRUTH, scores, drop_intermediate=False)
    np.testing.assert_allclose((x, y), (false, hits))
    assert area_under(x, y) == pytest.approx(roc_auc_score(TRUTH, scores))

    recall, precision = precision_points(TRUTH, scores)
    theirs, at, _ = precision_recall_curve(TRUTH, scores)
    np.testing.assert_allclose((recall, precision), (at[:-1][::-1], theirs[:-1][::-1]))


def outcome(*, exclusive: bool, labels: tuple[str, ...] = ("none", "disc")) -> ClassOutcome:
    """Four cases; the second label's scores put one of its two cases behind one of the others."""
    second = np.array([1, 0, 1, 0], float)
    scores = np.array([0.9, 0.6, 0.4, 0.2])
    return ClassOutcome(
        truth=np.stack([1 - second, second], axis=1), scores=np.stack([1 - scores, scores], axis=1),
        thresholds=np.full(4, 0.5), folds=np.zeros(4, np.int64), labels=labels, exclusive=exclusive,
    )  # fmt: skip


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run of two epochs, the second trained twice."""
    folder = tmp_path / "run-a"
    folder.mkdir()
    append_event(folder, "started", first_epoch=1)
    for epoch, loss in ((1, 0.7), (2, 0.9), (2, 0.5)):
        append_event(folder, "epoch", epoch=epoch, train_loss=loss, val_loss=None if epoch == 1 else loss + 0.1)
    return folder


def test_a_report_has_those_of_its_labels_and_of_its_runs(run: Path) -> None:
    titles = [curve.title for curve in report_curves(outcome(exclusive=True).curves(), [run], "films")]
    assert titles == [
        "ROC of disc against none", "Precision of disc against none", "Reliability of disc against none",
        "Loss of run-a",
    ]  # fmt: skip

    each = report_curves(outcome(exclusive=False).curves(), [], "films")
    assert [curve.title for curve in each] == [
        "ROC of none", "Precision of none", "Reliability of none",
        "ROC of disc", "Precision of disc", "Reliability of disc",
    ]  # fmt: skip
    *_, loss = report_curves(outcome(exclusive=True).curves(), [run], "films")
    assert [(line.name, line.x, line.y) for line in loss.lines] == [
        ("train", (1.0, 2.0), (0.7, 0.5)), ("validation", (2.0,), (0.6,)),
    ]  # fmt: skip


def test_a_label_of_which_one_kind_of_case_is_there_has_none() -> None:
    one = outcome(exclusive=False)
    one.truth[:, 0] = 1
    one.truth[:, 1] = np.nan

    assert report_curves(one.curves(), [], "films") == ()


def test_words_say_what_the_picture_shows_and_stand_in_it(run: Path) -> None:
    roc, precision, reliability, loss = report_curves(outcome(exclusive=True).curves(), [run], "films")

    # By hand: hits at cuts 0.9, 0.6, 0.4, 0.2 are 1, 1, 2, 2 of 2, false alarms 0, 1, 1, 2 of 2.
    assert curve_words(roc) == (
        "ROC of disc against none: sensitivity 0.50 at 0.1, 0.50 at 0.2, 1.00 at 0.5 false alarms per negative case."
    )
    assert curve_words(precision) == (
        "Precision of disc against none: precision 1.00 at 0.5, 0.67 at 0.8, 0.67 at 0.95 sensitivity or more."
    )
    # Each of the four in a bin of its own; 0.4 is so and 0.6 is not.
    assert curve_words(reliability) == (
        "Reliability of disc against none: furthest from the diagonal at a mean score of 0.40, share of cases 1.00."
    )
    assert curve_words(loss) == (
        "Loss of run-a: train 0.7 after epoch 1, 0.5 after epoch 2; validation 0.6 after epoch 2, 0.6 after epoch 2."
    )
    # At 0.5 both 0.9 and 0.6 are called: one of two is found, one of two is a false alarm.
    assert [line.name for line in roc.lines] == ["", "operating point"]
    assert [(line.x, line.y) for line in (roc.lines[1], precision.lines[1])] == [((0.5,), (0.5,))] * 2
    for curve in (roc, precision, reliability, loss):
        svg = curve_svg(curve)
        assert 'role="img"' in svg and curve_words(curve) in svg


def test_the_reliability_curve_equals_scikit_learns() -> None:
    # Scores on the edge of two bins are of the upper one here and of the lower one there, so they are moved off it.
    scores = TIED.clip(0, 1) * 0.99 + 0.00137
    x, y, count = reliability_points(TRUTH, scores)

    share, mean = calibration_curve(TRUTH, scores, n_bins=10)
    np.testing.assert_allclose((x, y), (mean, share))
    assert count.sum() == 60


def test_a_name_in_a_picture_is_text() -> None:
    curve = report_curves(outcome(exclusive=True, labels=("a", '<script src="x">&')).curves(), [], "films")[0]

    assert "<script" not in curve_svg(curve) and "&lt;script" in curve_svg(curve)


def test_what_was_written_is_read_back_and_what_is_broken_refused(run: Path) -> None:
    curves = report_curves(outcome(exclusive=True).curves(), [run], "films")
    assert read_curves(as_json(curves), "figures.json") == curves

    for broken in (
        {"kind": "other"}, {"lines": []}, {"lines": [{"x": [0, 1], "y": [0]}]}, {"lines": [{"x": [], "y": []}]},
        {"lines": [{"x": [0], "y": [float("nan")]}]}, {"lines": "x"}, {"of": 3},
    ):  # fmt: skip
        document: dict[str, Any] = {**curves[0].to_json(), **broken}
        with pytest.raises(BadFile):
            read_curves([document], "figures.json")
    with pytest.raises(BadFile):
        read_curves([3], "figures.json")


def test_a_file_of_more_lines_or_points_than_a_picture_holds_is_refused_and_of_many_curves_the_first_are_read() -> None:
    def document(lines: int = 1, points: int = 2) -> dict[str, Any]:
        line = Line(x=tuple(np.linspace(0, 1, points)), y=tuple(np.linspace(0, 1, points)))
        return Curve(kind=LOSS, of="run", lines=(line,) * lines).to_json()

    assert len(read_curves([document(8)], "figures.json")[0].lines) == 8
    assert len(read_curves([document(points=400)], "figures.json")[0].lines[0].x) == 400
    for broken in (document(9), document(points=401)):
        with pytest.raises(BadFile):
            read_curves([broken], "figures.json")
    assert len(read_curves([document()] * 101, "figures.json")) == 100


def test_a_line_with_more_of_one_axis_than_of_the_other_is_told_by_no_words() -> None:
    with pytest.raises(ValueError, match="shorter"):
        curve_words(Curve(kind=ROC, of="disc", lines=(Line(x=(0.0, 0.5, 1.0), y=(0.0, 1.0)),)))


def _texts(curve: Curve) -> list[tuple[str, float]]:
    """The words of a picture with how low they stand, in pixels."""
    every = ElementTree.fromstring(curve_svg(curve)).iter("{http://www.w3.org/2000/svg}text")
    return [(str(one.text), float(one.attrib["y"])) for one in every]


@pytest.mark.parametrize(
    "of", ["disc", "pneumonia, bacterial against consolidation of the lower lobe, second reading of the year"]
)
def test_a_title_is_whole_and_names_of_lines_stand_clear_of_it_and_of_the_plot(of: str) -> None:
    lines = tuple(Line(name=name, x=(1.0, 2.0), y=(1.0, 0.5)) for name in ("train", "validation"))
    curve = Curve(kind=LOSS, of=of, lines=lines)
    texts = _texts(curve)

    names = [y for words, y in texts if words in ("train", "validation")]
    title = [(words, y) for words, y in texts if y < min(names)]
    assert " ".join(words for words, _ in title) == f"Loss of {of}"
    paths = [
        one.attrib["d"] for one in ElementTree.fromstring(curve_svg(curve)).iter("{http://www.w3.org/2000/svg}path")
    ]
    grid = [float(d.split("H")[0].split()[1]) for d in paths if "H" in d]
    assert max(y for _, y in title) + 8 <= min(names), "letters of 13 px hang 3 px below their line"
    assert max(names) + 3 < min(grid), "and the letters of the names hang over no line of the grid"
    assert picture_high(curve) == float(ElementTree.fromstring(curve_svg(curve)).attrib["height"])
