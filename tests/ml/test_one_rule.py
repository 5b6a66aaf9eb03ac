"""What is judged is what is written and what is shown: for every kind of task each figure that `evaluate` prints is
computed again, by scikit-learn and numpy, from the file that `predict` wrote and from what the window proposes."""

import argparse
import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

from tests.ml.judged_kinds import KINDS, Judged, asked, make
from viewer.cli import train
from viewer.cli.main import main
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.project.project import Project
from viewer.ui.flows.findings import image_findings, shown_findings, visible_proposals

Bools = NDArray[np.bool_]
ABOUT = 1e-4  # a network gives a film alone the last digits of its outputs otherwise than in a batch


@dataclass(frozen=True, kw_only=True)
class Said:
    """One thing that is said of a film. region: None, a box as (x0, y0, x1, y1), or a mask (row, col)."""

    label: str
    score: float
    region: Any
    proposed: bool


Answers = dict[str, list[Said]]


@pytest.fixture(scope="module")
def judged_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Judged]:
    """Each kind's project is made once, when it is first asked for."""
    made: dict[str, Judged] = {}

    def of(name: str) -> Judged:
        if name not in made:
            made[name] = make(tmp_path_factory.mktemp("judged"), KINDS[name])
        return made[name]

    return of


@pytest.fixture(params=sorted(KINDS))
def judged(request: pytest.FixtureRequest, judged_of: Callable[[str], Judged]) -> Judged:
    return judged_of(request.param)


def as_written(judged: Judged, out: Path) -> Answers:
    """What `predict` wrote of the test films; the predictions enter the project."""
    films = [str(path) for path in judged.test_films()]
    assert main(["predict", *films, "--project", str(judged.project), "--model", judged.run, "--out", str(out)]) == 0
    return {name: [_row(row) for row in one["proposals"]] for name, one in asked(out).items()}


def _row(row: dict[str, Any]) -> Said:
    region = None
    if row["shape"] is not None and row["shape"]["kind"] == "box":
        region = tuple(row["shape"]["box"])
    elif row["shape"] is not None:
        region = np.zeros((row["shape"]["rows"], row["shape"]["cols"]), np.bool_)
        for line, start, end in row["shape"]["runs"]:
            region[line, start:end] = True
    return Said(label=row["label"], score=row["score"], region=region, proposed=row["proposed"])


def as_shown(judged: Judged) -> Answers:
    """What the window lists of each test film at the model's operating point, and what it keeps below it."""
    answers: Answers = {}
    with Project.open(judged.project, writable=False) as project:
        for image in project.images.all():
            findings = image_findings(project.work.predictions(image.image_id))
            if findings:
                cut = findings[0].prediction.threshold
                shown = {finding.proposal.proposal_id for finding in shown_findings(findings, cut)}
                drawn = {proposal.proposal_id for proposal in visible_proposals(findings, image.image_id, cut)}
                regions = {f.proposal.proposal_id for f in findings if f.proposal.shape is not None}
                assert drawn == shown & regions  # the image shows what the list does
                answers[Path(image.path).name] = [
                    Said(label=p.label, score=p.score, region=_region(p.shape), proposed=p.proposal_id in shown)
                    for p in (finding.proposal for finding in findings)
                ]
    return answers


def _region(shape: Any) -> Any:
    if isinstance(shape, Box):
        return shape.x0_px, shape.y0_px, shape.x1_px, shape.y1_px
    return shape.to_array() if isinstance(shape, MaskRuns) else None


# Figures


def class_figures(judged: Judged, answers: Answers) -> dict[str, float]:
    labels, names = judged.kind.labels, sorted(answers)
    truth = np.array([judged.truth[name] for name in names])
    scores = np.array([[_score(answers[name], label) for label in labels] for name in names])
    said = np.array([[_is_said(answers[name], label) for label in labels] for name in names])
    figures = {}
    if judged.kind.exclusive and len(labels) == 2:
        figures["auc"] = roc_auc_score(truth[:, 1], scores[:, 1])
    else:
        each = {label: roc_auc_score(truth[:, i], scores[:, i]) for i, label in enumerate(labels)}
        figures |= {"auc": float(np.mean(list(each.values())))} | {f"auc:{label}": v for label, v in each.items()}
    if judged.kind.exclusive:
        assert (said.sum(axis=1) == 1).all()  # always one, and never two
        figures["accuracy"] = accuracy_score(truth.argmax(axis=1), said.argmax(axis=1))
    else:
        figures["accuracy"] = float((truth == said).mean())
    figures["macro_f1"] = f1_score(truth, said, average="macro", zero_division=np.nan)
    return figures


def _score(said: list[Said], label: str) -> float:
    (score,) = [one.score for one in said if one.label == label]
    return score


def _is_said(said: list[Said], label: str) -> bool:
    return any(one.label == label and one.proposed for one in said)


def mask_figures(judged: Judged, answers: Answers) -> dict[str, float]:
    labels, names = judged.kind.labels, sorted(answers)
    values = np.array([[_dice(judged.truth[name][i], answers[name], label) for i, label in enumerate(labels)]
                       for name in names])  # fmt: skip
    each = [np.nanmean(row) for row in values if not np.isnan(row).all()]
    return {"dice": float(np.mean(each))} | {
        f"dice:{label}": float(np.nanmean(values[:, i])) for i, label in enumerate(labels)
    }


def _dice(truth: Bools, said: list[Said], label: str) -> float:
    mask = np.zeros(truth.shape, np.bool_)
    for one in said:
        if one.label == label and one.proposed:
            mask |= one.region
    total = int(truth.sum()) + int(mask.sum())
    return 2 * int((truth & mask).sum()) / total if total else float("nan")


def overlap(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    w, h = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    both = max(w, 0) * max(h, 0)
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


def hits(truth: list[Any], said: list[Said], cut: float) -> list[tuple[float, bool]]:
    """(score, right) best first: each takes the free true box that it covers most."""
    free, found = list(truth), []
    for one in sorted(said, key=lambda one: -one.score):
        each = [overlap(one.region, box) for box in free]
        right = bool(each) and max(each) >= cut
        if right:
            free.pop(int(np.argmax(each)))
        found.append((one.score, right))
    return found


def box_figures(judged: Judged, answers: Answers) -> dict[str, float]:
    labels, names = judged.kind.labels, sorted(answers)
    true = right = shown = 0
    covered: list[float] = []
    for name in names:
        for i, label in enumerate(labels):
            boxes, said = judged.truth[name][i], [one for one in answers[name] if one.label == label]
            proposed = [one for one in said if one.proposed]
            true, shown = true + len(boxes), shown + len(proposed)
            right += sum(good for _, good in hits(boxes, proposed, 0.5))
            best = sorted(said, key=lambda one: -one.score)[: len(boxes)]
            table = np.array([[overlap(box, one.region) for one in best] for box in boxes]).reshape(
                len(boxes), len(best)
            )
            rows, cols = linear_sum_assignment(-table)
            covered += [*table[rows, cols], *[0.0] * (len(boxes) - len(rows))]
    precision = {cut: [_average(judged, answers, i, cut) for i in range(len(labels))] for cut in _COCO}
    return {
        "f1": 2 * right / (true + shown), "precision": right / shown, "recall": right / true,
        "false_positives": (shown - right) / len(names), "iou": float(np.mean(covered)),
        "map": float(np.mean(list(precision.values()))), "map50": float(np.mean(precision[0.5])),
        "map75": float(np.mean(precision[0.75])),
    }  # fmt: skip


_COCO = tuple(round(0.5 + 0.05 * i, 2) for i in range(10))


def _average(judged: Judged, answers: Answers, i: int, cut: float) -> float:
    """COCO's 101-point precision of one label."""
    label, found, total = judged.kind.labels[i], [], 0
    for name in sorted(answers):
        found += hits(judged.truth[name][i], [one for one in answers[name] if one.label == label], cut)
        total += len(judged.truth[name][i])
    right = np.cumsum([good for _, good in sorted(found, key=lambda pair: -pair[0])])
    recall, precision = right / total, right / np.arange(1, len(found) + 1)
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    steps = np.linspace(0, 1, 101)
    return float(
        np.mean([precision[np.searchsorted(recall, s)] if len(recall) and s <= recall[-1] else 0.0 for s in steps])
    )


FIGURES = {"classification": class_figures, "detection": box_figures, "segmentation": mask_figures}


def test_every_figure_of_evaluate_is_that_of_what_was_written_and_of_what_is_shown(
    judged: Judged, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written = as_written(judged, tmp_path / "predicted.json")
    shown = as_shown(judged)
    capsys.readouterr()

    assert main(["evaluate", str(judged.project), judged.run, "--out", str(tmp_path / "e")]) == 0

    printed = capsys.readouterr().out
    document = json.loads((tmp_path / "e" / "figures.json").read_text())
    said = {name: figure["value"] for name, figure in document["answers"]["model"].items()}
    own = FIGURES[judged.kind.kind](judged, written)
    assert sorted(written) == sorted(shown) == [path.name for path in judged.test_films()]
    said = {name: said[name] for name in own}  # the others are other figures of the same answers
    assert own == pytest.approx(said, abs=ABOUT)
    assert FIGURES[judged.kind.kind](judged, shown) == pytest.approx(said, abs=ABOUT)
    of_model = printed.partition("most frequent")[0].partition("mean ")[0].replace(",", "")
    lines = [line.split() for line in of_model.splitlines()]
    if judged.kind.kind == "classification":  # the same picture, the same score
        with (tmp_path / "e" / "cases.csv").open(newline="") as file:
            scores = {(row["file"], row["label"]): float(row["score"]) for row in csv.DictReader(file)}
        assert {(n, one.label): one.score for n, all_ in written.items() for one in all_} == pytest.approx(
            scores, abs=2e-6
        )
    for name, value in own.items():  # and as it stands on the terminal
        assert any(f"{value:.3f}" in line for line in lines), name


def test_the_cut_parts_the_answers_so_that_a_rule_can_be_wrong(judged: Judged, tmp_path: Path) -> None:
    """Without this the test above could pass whatever the rule."""
    answers = as_written(judged, tmp_path / "predicted.json")
    said = [one for several in answers.values() for one in several]

    cut = json.loads((judged.project / "runs" / judged.run / "card.json").read_text())["threshold"]
    alone = [one.score >= cut for one in said]
    if judged.kind.kind == "segmentation":
        if judged.kind.exclusive:  # without the second half of the rule the masks would lie on each other
            assert cut < 0.5 and all(one.proposed for one in said) and len(said) > len(answers)
    elif judged.kind.exclusive:
        assert alone != [one.proposed for one in said]  # each label for itself says something else
    else:
        assert 0 < sum(one.proposed for one in said) < len(said)


def test_a_cut_and_a_prevalence_can_be_asked_for_and_change_no_card(
    judged_of: Callable[[str], Judged], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    judged = judged_of("two exclusive labels")
    card = (judged.project / "runs" / judged.run / "card.json").read_bytes()
    shown = judged.project / "runs" / judged.run / "report" / "figures.json"  # what the window judged, if it did
    before = shown.read_bytes() if shown.exists() else b""
    command = ["evaluate", str(judged.project), judged.run, "--out", str(tmp_path / "e")]
    capsys.readouterr()

    assert main([*command, "--operating-point", "recall:0.9", "--prevalence", "0.1"]) == 0

    printed = capsys.readouterr().out
    document = json.loads((tmp_path / "e" / "figures.json").read_text())
    assert document["threshold_by"] == ["recall:0.9"] and document["thresholds"] != [json.loads(card)["threshold"]]
    assert "Chosen on validation for recall at least 0.9, cut" in printed
    assert "At a prevalence of 0.1 (the same mix of cases assumed" in printed
    assert (judged.project / "runs" / judged.run / "card.json").read_bytes() == card
    assert (shown.read_bytes() if shown.exists() else b"") == before
    assert main([*command, "--operating-point", "best"]) == main([*command, "--prevalence", "3"]) == 2


def test_a_training_is_asked_for_by_its_operating_point(judged_of: Callable[[str], Judged]) -> None:
    parser = argparse.ArgumentParser()
    train.add_arguments(parser)
    asked_for = [str(judged_of("two exclusive labels").project), "--task", "t", "--operating-point", "recall:0.9"]

    (recipe,), _ = train.recipes_of(parser.parse_args(asked_for))

    assert recipe.operating_point == "recall:0.9"
