"""From runs to the written report, for each kind, with a network that says what it is told: nothing is trained."""

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from ml.card import Card, Domain
from ml.catalogue import PreprocessSpec
from ml.evaluation import controls, report, seen_cases
from ml.evaluation.report import evaluate_runs
from ml.evaluation.seen_cases import SeenInTraining
from ml.recipe import default_recipe
from ml.seen import KEY_FILE, TRAINED, Overlap
from viewer.core.errors import BadModel, BadRequest
from viewer.core.labels import Verdict
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns

MODELS = {"classification": "simple_cnn", "detection": "center_point", "segmentation": "small_unet"}
SIDE = 16


class Told(nn.Module):
    """Says the outputs of its images in the order in which they are asked."""

    def __init__(self, outputs: list) -> None:
        super().__init__()
        self.outputs = list(outputs)
        self.layer = nn.Linear(1, 1)

    def forward(self, images):
        part, self.outputs = self.outputs[: len(images)], self.outputs[len(images) :]
        self.layer(
            torch.tensor([[float(torch.as_tensor(part[0]["scores"] if isinstance(part[0], dict) else part[0]).sum())]])
        )
        return part if isinstance(part[0], dict) else torch.stack(part)


@pytest.fixture
def evaluated(data_of, tmp_path: Path, monkeypatch) -> Callable[..., tuple[dict[str, Any], list[dict[str, str]]]]:
    """(kind, films by part of each fold, outputs of each fold) to the document and the rows of the table."""

    def make(kind, labels, folds, outputs, *, cuts=None, exclusive=False, part="test", **more):
        cards, prepared, networks, parts = {}, {}, {}, {}
        for fold, (films, said) in enumerate(zip(folds, outputs, strict=True)):
            recipe = default_recipe(task="t", kind=kind, model=MODELS[kind], labels=labels, exclusive=exclusive)
            recipe = replace(recipe, fold=fold if len(folds) > 1 else None)
            card = Card(
                name="m", model=MODELS[kind], kind=kind, labels=labels, exclusive=exclusive,
                preprocess=PreprocessSpec(size_px=SIDE), domain=Domain(), threshold=(cuts or [0.5] * len(folds))[fold],
                metrics={}, snapshot_id="s", cam_layer="", task="t", fold=recipe.fold, recipe=recipe.to_json(),
                model_hash=f"hash {fold}",
            )  # fmt: skip
            run = tmp_path / f"run {fold}"
            cards[run], parts[recipe.fold] = card, films
            data = data_of([film for name in ("train", "val", "test") for film in films[name]], kind, labels,
                           exclusive=exclusive)  # fmt: skip
            rows = {name: data.rows_of(films[name]) for name in films}
            prepared[recipe.fold] = SimpleNamespace(data=data, rows=rows, device=torch.device("cpu"))
            networks[run] = Told(said)
        monkeypatch.setattr(report, "read_card", cards.get)
        monkeypatch.setattr(report, "prepare", lambda recipe, *rest, **kept: prepared[recipe.fold])
        monkeypatch.setattr(report, "load_trained", lambda run, *rest: networks[run])
        snapshot = SimpleNamespace(id="0123456789abcdef", parts=lambda fold=None: parts[fold])
        out = tmp_path / "out"
        document = evaluate_runs(list(cards), snapshot, tmp_path, out, part=part, command=["a", "b"], **more)
        with (out / "cases.csv").open(newline="") as file:
            return document, list(csv.DictReader(file))

    return make


def logits(score: float) -> torch.Tensor:
    return torch.tensor([0.0, float(np.log(score / (1 - score)))])


def test_classes_of_two_folds_are_pooled_each_at_its_own_cut(evaluated, film_of, tmp_path: Path) -> None:
    def film(number: int, sick: bool | None):
        labels = {} if sick is None else {"sick": Verdict.YES if sick else Verdict.NO,
                                          "well": Verdict.NO if sick else Verdict.YES}  # fmt: skip
        return film_of(number, labels=labels)

    learnt = {"train": [film(90, True), film(91, False), film(92, False)], "val": [film(93, False)]}
    one = {**learnt, "test": [film(0, True), film(1, False), film(2, None)]}
    two = {**learnt, "test": [film(3, True), film(4, False), film(5, True)]}

    document, rows = evaluated(
        "classification", ("well", "sick"), [one, two],
        [[logits(0.6), logits(0.2)], [logits(value) for value in (0.6, 0.2, 0.8)]],
        cuts=[0.5, 0.7], exclusive=True,
    )  # fmt: skip

    assert (document["cases"], document["patients"], document["folds"]) == (5, 5, 2)
    assert document["thresholds"] == [0.5, 0.7]
    assert document["runs"] == ["run 0", "run 1"]
    assert document["model_hashes"] == ["hash 0", "hash 1"]
    assert not (tmp_path / KEY_FILE).exists()  # to judge a model leaves nothing in the project
    assert (document["task"], document["kind"], document["labels"]) == ("t", "classification", ["well", "sick"])
    assert (document["snapshot"], document["part"], document["command"]) == ("0123456789abcdef", "test", ["a", "b"])
    answers = document["answers"]
    assert answers["model"]["accuracy"]["value"] == 0.8
    assert answers["most frequent class"]["accuracy"]["value"] == pytest.approx(2 / 5)
    assert answers["most frequent class"]["auc"]["value"] == 0.5
    assert document["decides"] == "auc_fold_mean"
    assert any("1 image of this part" in note and "film 2.png" in note for note in document["notes"])
    sick = [(row["file"], row["patient"], row["fold"], row["score"], row["truth"], row["answer"])
            for row in rows if row["label"] == "sick"]  # fmt: skip
    assert sick == [
        ("film 0.png", "P0", "0", "0.600000", "yes", "yes"),
        ("film 1.png", "P1", "0", "0.200000", "no", "no"),
        ("film 3.png", "P3", "1", "0.600000", "yes", "no"),
        ("film 4.png", "P4", "1", "0.200000", "no", "no"),
        ("film 5.png", "P5", "1", "0.800000", "yes", "yes"),
        ("film 2.png", "P2", "0", "", "unknown", ""),
    ]


def boxed(*scores: float) -> dict[str, torch.Tensor]:
    places = [[8.0 * i, 0, 8.0 * i + 6, 6] for i in range(len(scores))]
    return {
        "boxes": torch.tensor(places).reshape(-1, 4),
        "labels": torch.ones(len(scores), dtype=torch.int64),
        "scores": torch.tensor(scores),
    }


def films_with_boxes(film_of) -> dict[str, list]:
    box = ("x", Box(x0_px=0, y0_px=0, x1_px=6, y1_px=6))
    test = [film_of(0, boxes=(box,)), film_of(1), film_of(2), film_of(3, complete=False)]
    return {"train": [film_of(8, boxes=(box,)), film_of(9, boxes=(box,))], "val": [], "test": test}


def test_boxes_are_judged_with_what_is_shown_on_empty_films(evaluated, film_of) -> None:
    document, rows = evaluated(
        "detection", ("x",), [films_with_boxes(film_of)], [[boxed(0.9, 0.3), boxed(0.8), boxed()]], cuts=[0.4]
    )

    model, control = (document["answers"][who] for who in ("model", "mean box"))
    assert (document["decides"], document["cases"]) == ("f1", 3)
    assert model["f1"]["value"] == pytest.approx(2 * 1 / (1 + 2))
    assert model["false_positives"]["value"] == pytest.approx(1 / 3)
    assert (control["recall"]["value"], control["precision"]["value"]) == pytest.approx((1.0, 1 / 3))
    assert [(row["file"], row["truth"], row["answer"], row["false"]) for row in rows] == [
        ("film 0.png", "1", "1", "0"),
        ("film 1.png", "0", "1", "1"),
        ("film 2.png", "0", "0", "0"),
        ("film 3.png", "unknown", "", ""),
    ]
    assert any("film 3.png" in note for note in document["notes"])


def test_a_crowded_film_is_told_in_the_report(evaluated, film_of) -> None:
    films = films_with_boxes(film_of)
    films["test"][1] = film_of(1, boxes=films["test"][0].boxes * 301)

    document, _ = evaluated("detection", ("x",), [films], [[boxed(0.9), boxed(0.8), boxed()]])

    assert any(note.startswith("An image holds 301 true boxes") for note in document["notes"])


@pytest.mark.parametrize("where", ["test", "train"])
def test_a_box_without_an_end_ends_the_evaluation(evaluated, film_of, where: str, tmp_path: Path) -> None:
    films = films_with_boxes(film_of)
    films[where][0] = film_of(7, boxes=(("x", SimpleNamespace(x0_px=0, y0_px=0, x1_px=float("inf"), y1_px=6)),))

    with pytest.raises(BadRequest, match=r"film 7\.png has a box with a corner that is not finite"):
        evaluated("detection", ("x",), [films], [[boxed(0.9), boxed(0.8), boxed()]])
    assert not (tmp_path / "out").exists()


def test_masks_are_judged_beside_the_mean_mask(evaluated, film_of) -> None:
    half, whole = np.zeros((SIDE, SIDE), bool), np.ones((SIDE, SIDE), bool)
    half[:, :8] = True
    films = {
        "train": [film_of(8, masks=(("x", MaskRuns.from_array(whole)),))],
        "val": [film_of(9, masks=(("x", MaskRuns.from_array(whole)),))],
        "test": [film_of(0, masks=(("x", MaskRuns.from_array(half)),)), film_of(1)],
    }
    said = [torch.where(torch.from_numpy(mask), 5.0, -5.0)[None] for mask in (half, half)]

    document, rows = evaluated("segmentation", ("x",), [films], [said])

    assert document["answers"]["model"]["dice"]["value"] == 0.5
    assert document["answers"]["mean mask"]["dice"]["value"] == pytest.approx((2 / 3 + 0) / 2)
    assert [(row["score"], row["truth"]) for row in rows] == [("1.000000", "present"), ("0.000000", "empty")]


@pytest.mark.parametrize("kind", ["classification", "segmentation", "detection"])
def test_an_answer_that_is_no_number_ends_the_evaluation(evaluated, film_of, tmp_path: Path, kind: str) -> None:
    nan = float("nan")
    mask = MaskRuns.from_array(np.ones((SIDE, SIDE), bool))
    films = {
        part: [film_of(number, labels={"x": Verdict.YES if number % 2 else Verdict.NO},
                       masks=(("x", mask),) if kind == "segmentation" else (),
                       boxes=(("x", Box(x0_px=0, y0_px=0, x1_px=6, y1_px=6)),) if kind == "detection" else ())
               for number in numbers]
        for part, numbers in (("train", (4, 5)), ("val", (6, 7)), ("test", (0, 1)))
    }  # fmt: skip
    said = {
        "classification": [torch.tensor([0.3]), torch.tensor([nan])],
        "segmentation": [torch.full((1, SIDE, SIDE), nan)] * 2,
        "detection": [boxed(nan)] * 2,
    }

    with pytest.raises(BadModel, match="run 0 gives no number"):
        evaluated(kind, ("x",), [films], [said[kind]])
    assert not (tmp_path / "out").exists()


def test_controls_learn_from_the_training_part_and_are_cut_on_validation(evaluated, film_of) -> None:
    def film(number: int, yes: bool):
        return film_of(number, labels={"x": Verdict.YES if yes else Verdict.NO})

    films = {"train": [film(1, True)], "val": [film(2, True), film(3, False)], "test": [film(4, False), film(5, True)]}
    control = controls.class_controls
    seen = []

    def watched(data, learnt, rows):
        seen[:] = [" ".join(sorted(data.items[row].patient_id for row in each.tolist()))
                   for each in (learnt.fit, learnt.cut_on)]  # fmt: skip
        return control(data, learnt, rows)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(controls, "class_controls", watched)
        # What they learn from, and where their cut is from. Validation that is judged chooses nothing.
        for part, wanted in (("test", ["P1", "P2 P3"]), ("val", ["P1", "P1"]), ("train", ["P1", "P2 P3"])):
            said = [torch.tensor([float(i)]) for i in range(len(films[part]))]
            evaluated("classification", ("x",), [films], [said], part=part)
            assert seen == wanted, part


def test_figures_of_cases_that_were_seen_say_so_first_and_others_say_nothing_of_it(
    evaluated, film_of, monkeypatch: pytest.MonkeyPatch
) -> None:
    films = {
        part: [film_of(number, labels={"x": Verdict.YES if number % 2 else Verdict.NO}) for number in numbers]
        for part, numbers in (("train", (4, 5)), ("val", (6, 7)), ("test", (0, 1)))
    }
    said = [torch.tensor([0.3]), torch.tensor([0.7])]
    plain, rows = evaluated("classification", ("x",), [films], [said])
    assert plain["sentence"][:2] == "No" and plain["seen"]["mark"] == "" and [row["seen"] for row in rows] == ["", ""]

    found = Overlap(images=(TRAINED, ""), patients=("", ""), people=1)
    monkeypatch.setattr(seen_cases, "overlap", lambda *rest: found)
    with pytest.raises(SeenInTraining, match="say nothing of new patients"):
        evaluated("classification", ("x",), [films], [said])
    marked, rows = evaluated("classification", ("x",), [films], [said], seen_anyway=True)

    assert marked["sentence"] == f"SEEN IN TRAINING. {plain['sentence']}"
    assert marked["notes"][0].startswith("1 of 2 cases, of 1 patient, are images or patients that the model")
    assert [row["seen"] for row in rows] == [TRAINED, ""]


def test_an_empty_part_is_refused(evaluated, film_of) -> None:
    films = {"train": [film_of(1, labels={"x": Verdict.YES})], "val": [], "test": [film_of(2)]}

    with pytest.raises(BadRequest, match="The test part of snapshot 01234567 holds no case of this task"):
        evaluated("classification", ("x",), [films], [[]])


def test_a_cut_that_is_asked_for_is_chosen_on_validation_and_never_on_what_is_judged(evaluated, film_of) -> None:
    def film(number: int, yes: bool):
        return film_of(number, labels={"x": Verdict.YES if yes else Verdict.NO})

    films = {
        "train": [film(1, True), film(2, False)],
        "val": [film(10 + i, yes) for i, yes in enumerate((True, True, True, False, False))],
        "test": [film(20 + i, yes) for i, yes in enumerate((True, True, False, False))],
    }

    def asked(*scores: float) -> list[torch.Tensor]:
        return [torch.tensor([float(np.log(score / (1 - score)))]) for score in scores]

    # Of the validation cases all three are found from 0.3 on: the cut lies between 0.2 and 0.3.
    validation, judged_scores = asked(0.9, 0.6, 0.3, 0.2, 0.1), asked(0.28, 0.8, 0.26, 0.1)

    document, rows = evaluated(
        "classification", ("x",), [films], [[*validation, *judged_scores]], cuts=[0.5], operating_point="recall:1"
    )

    assert document["thresholds"] == [pytest.approx(0.25, abs=1e-6)]
    assert document["threshold_by"] == ["recall:1"]
    assert [row["answer"] for row in rows] == ["yes", "yes", "yes", "no"]
    assert document["answers"]["model"]["sensitivity"]["value"] == 1.0
    assert document["answers"]["model"]["specificity"]["value"] == 0.5
    assert "chosen on validation for recall at least 1" in document["rule"]
    (point,) = document["operating_points"]
    assert (point["rule"], point["in_use"], point["figures"]["ppv"]["value"]) == (
        "recall:1",
        True,
        pytest.approx(2 / 3),
    )
    plain, _ = evaluated("classification", ("x",), [films], [judged_scores], cuts=[0.5])
    assert plain["thresholds"] == [0.5] and plain["operating_points"] == []


def test_an_operating_point_that_no_cut_gives_is_refused(evaluated, film_of, tmp_path: Path) -> None:
    films = {
        part: [film_of(number, labels={"x": Verdict.YES if number % 2 else Verdict.NO}) for number in numbers]
        for part, numbers in (("train", (4, 5)), ("val", (6, 7)), ("test", (0, 1)))
    }
    wrong = [torch.tensor([2.0]), torch.tensor([-2.0])] * 2

    with pytest.raises(BadRequest, match=r"No cut of run 0 gives precision at least 0\.9 on validation"):
        evaluated("classification", ("x",), [films], [wrong], operating_point="precision:0.9")
    assert not (tmp_path / "out").exists()
    with pytest.raises(BadRequest, match="An operating point is chosen by"):
        evaluated("classification", ("x",), [films], [wrong], operating_point="best")


def test_masks_have_no_operating_point_to_choose(evaluated, film_of) -> None:
    half = np.zeros((SIDE, SIDE), bool)
    half[:, :8] = True
    films = {part: [film_of(i, masks=(("x", MaskRuns.from_array(half)),))] for i, part in
             enumerate(("train", "val", "test"))}  # fmt: skip
    said = [torch.zeros((1, SIDE, SIDE))] * 2

    with pytest.raises(BadRequest, match="has no operating point to choose"):
        evaluated("segmentation", ("x",), [films], [said], operating_point="recall:0.9")


def test_a_prevalence_is_told_in_the_report(evaluated, film_of) -> None:
    films = {
        part: [film_of(number, labels={"x": Verdict.YES if number % 2 else Verdict.NO}) for number in numbers]
        for part, numbers in (("train", (4, 5)), ("val", (6, 7)), ("test", (0, 1, 2, 3)))
    }
    said = [torch.tensor([value]) for value in (-1.0, 1.0, 1.0, 1.0)]

    document, _ = evaluated("classification", ("x",), [films], [said], prevalence=0.1)

    # Sensitivity 1, specificity 1/2: 0.1 / (0.1 + 0.45).
    assert document["prevalence"]["figures"]["ppv_there"]["value"] == pytest.approx(0.1 / 0.55)
    assert [table["title"] for table in document["tables"]] == [
        "Truth and answers, in cases", "Where 0.1 of the cases have the label", "The cases, wrong ones first",
    ]  # fmt: skip
