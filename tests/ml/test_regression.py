"""Numbers of whole images: learned in spreads of the training part; answered, judged, explained in their own unit."""

import csv
import math
import statistics
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ml.before import outlook
from ml.card import Card, NumberScale, read_card
from ml.catalogue import load_spec, specs
from ml.data.preprocess import Preprocess
from ml.data.targets import TaskFacts
from ml.evaluation.comparing import BETTER, UNCLEAR, WORSE, sentence, verdict
from ml.evaluation.curve_picture import curve_svg
from ml.evaluation.curves import as_json, curve_words, read_curves
from ml.evaluation.number_outcome import NumberOutcome
from ml.evaluation.report import evaluate_runs
from ml.explain.heatmap import explain
from ml.inference.load import load_model
from ml.inference.predict import predict
from ml.inference.wire import prediction_document, prediction_of
from ml.recipe import Recipe, default_recipe
from ml.tasks.regression import REGRESSION
from ml.training.initial import start_from
from ml.training.run import run_training
from tests.ml.conftest import Film, Films, read_film
from viewer.core.errors import BadModel, BadRequest
from viewer.core.pixels import FrameIdentity, PixelFacts
from viewer.core.values import Quantity
from viewer.reading.frame import Frame
from viewer.reading.series import FrameRef

SIZE = "disc size"
FIGURE = f"mae:{SIZE} [mm]"


def films(disc_films: Callable[..., Films], count: int = 32) -> Films:
    """Films whose number is the width of their disc; of every seventh it is not known."""
    made = disc_films("detection", count)
    for number, film in enumerate(made.items):
        box = film.boxes[0][1]
        film.boxes = ()
        film.numbers = {} if number % 7 == 6 else {SIZE: float(box.width_px) * 2 + 40}
    made.card = {"units": {SIZE: "mm"}}
    return made


def recipe(**values: Any) -> Recipe:
    facts = {"input_px": 32, "epochs": 2, "batch_size": 8, "threads": 1, "precision": "fp32", "device": "cpu", **values}
    return default_recipe(task="sizes", kind="regression", labels=(SIZE,), model="simple_cnn", exclusive=False, **facts)


@pytest.fixture
def trained(disc_films: Any, new_run: Callable[..., Path]) -> tuple[Films, Path, Card]:
    snapshot = films(disc_films)
    folder = new_run(recipe())
    return snapshot, folder, run_training(folder, snapshot, reader=read_film)


def frame_of(film: Film) -> Frame:
    pixels = film.pixels
    assert pixels is not None
    facts = PixelFacts(rows=pixels.shape[0], cols=pixels.shape[1])
    who = FrameIdentity(modality="DX")
    return Frame(ref=FrameRef(path=Path("film.png")), stored=pixels, facts=facts, identity=who, decoder="native")


def answers_by_hand(folder: Path, card: Card, chosen: list[Film]) -> np.ndarray[Any, Any]:
    """Of the network itself: mean + spread x output."""
    network, preprocess = load_model(folder).network, Preprocess(card.preprocess)
    scale = card.scales[SIZE]
    found = []
    for film in chosen:
        values, _ = preprocess.forward(film.pixels, PixelFacts(rows=film.pixels.shape[0], cols=film.pixels.shape[1]))
        with torch.no_grad():
            found.append(float(network(torch.from_numpy(values)[None])[0, 0]) * scale.spread + scale.mean)
    return np.array(found)


def test_the_card_keeps_mean_spread_and_unit_of_the_training_part(trained: tuple[Films, Path, Card]) -> None:
    snapshot, folder, card = trained
    known = [film.numbers[SIZE] for film in snapshot.parts()["train"] if film.numbers]

    assert 0 < len(known) < len(snapshot.parts()["train"])
    scale = read_card(folder).scales[SIZE]
    assert (scale.mean, scale.spread, scale.unit) == (pytest.approx(np.mean(known)), pytest.approx(np.std(known)), "mm")
    assert (card.cut_from, card.decides_by) == ("none", "the number itself")
    assert card.decides == f"the number of {SIZE} as the model gives it"
    assert list(card.metrics) == [FIGURE, f"rmse:{SIZE} [mm]", f"r2:{SIZE} [mm]"]


def test_a_card_of_numbers_without_their_scale_is_refused(trained: tuple[Films, Path, Card]) -> None:
    document = trained[2].to_json()
    del document["scales"]

    with pytest.raises(BadModel, match="scales"):
        Card.from_json(document)


def test_an_answer_is_a_number_with_its_unit_and_proposes_nothing(trained: tuple[Films, Path, Card]) -> None:
    snapshot, folder, card = trained
    film = snapshot.parts()["test"][0]

    answer = predict(load_model(folder), frame_of(film), film.image_id)

    (wanted,) = answers_by_hand(folder, card, [film])
    assert (answer.scores, answer.proposals) == ({}, ())
    assert answer.numbers[SIZE].unit == "mm"
    assert answer.numbers[SIZE].number == pytest.approx(wanted, rel=1e-5)
    assert answer.number_words == f"{SIZE} {answer.numbers[SIZE].number:.4g} mm"
    document = prediction_document(answer)
    assert document["numbers"] == {SIZE: {"number": answer.numbers[SIZE].number, "unit": "mm"}}
    assert prediction_of(document) == answer


def test_every_figure_is_that_of_the_answers(trained: tuple[Films, Path, Card], tmp_path: Path) -> None:
    snapshot, folder, card = trained

    document = evaluate_runs([folder], snapshot, tmp_path / "project", tmp_path / "out", reader=read_film)

    judged = [film for film in snapshot.parts()["test"] if film.numbers]
    off = answers_by_hand(folder, card, judged) - [film.numbers[SIZE] for film in judged]
    truth = np.array([film.numbers[SIZE] for film in judged])
    figures = {name: figure["value"] for name, figure in document["answers"]["model"].items()}
    half = 1.96 * off.std(ddof=1)
    assert figures == {
        f"bias:{SIZE} [mm]": pytest.approx(off.mean(), rel=1e-4),
        f"limit_low:{SIZE} [mm]": pytest.approx(off.mean() - half, rel=1e-4),
        f"limit_high:{SIZE} [mm]": pytest.approx(off.mean() + half, rel=1e-4),
        FIGURE: pytest.approx(np.abs(off).mean(), rel=1e-4),
        f"rmse:{SIZE} [mm]": pytest.approx(math.sqrt((off**2).mean()), rel=1e-4),
        f"r2:{SIZE} [mm]": pytest.approx(1 - (off**2).sum() / ((truth - truth.mean()) ** 2).sum(), rel=1e-4),
    }
    assert (document["primary"], document["decides"], document["threshold_from"]) == (FIGURE, FIGURE, "none")
    assert document["cases"] == len(judged) < len(snapshot.parts()["test"])
    known = [film.numbers[SIZE] for film in snapshot.parts()["train"] if film.numbers]
    assert document["answers"]["training mean"][FIGURE]["value"] == pytest.approx(np.abs(truth - np.mean(known)).mean())
    assert document["answers"]["training median"][FIGURE]["value"] == pytest.approx(
        np.abs(truth - np.median(known)).mean()
    )
    assert {"linear regression on 32x32", "header facts only"} <= set(document["answers"])
    rows = list(csv.DictReader((tmp_path / "out" / "cases.csv").read_text("utf-8").splitlines()))
    scores = [float(row["score"]) for row in rows if row["score"]]
    assert scores == pytest.approx(np.abs(off).tolist(), abs=1e-4)
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert f"MAE {SIZE} [mm]" in page and "accuracy" not in page and "operating point" not in page


def test_a_heatmap_tells_what_moves_the_number_up_in_its_unit(trained: tuple[Films, Path, Card]) -> None:
    """SimpleCNN ends in a mean and a linear layer: its map and the network's constant add up to the number."""
    snapshot, folder, card = trained
    film = snapshot.parts()["test"][0]
    loaded = load_model(folder)

    heat = explain(loaded, frame_of(film), film.image_id, SIZE, "gradcam")

    (number,) = answers_by_hand(folder, card, [film])
    scale = card.scales[SIZE]
    constant = float(loaded.network.head.bias[0]) * scale.spread + scale.mean  # type: ignore[union-attr, index]
    assert heat.unit == "mm"
    assert float(heat.grid.sum()) + constant == pytest.approx(number, rel=1e-4)


def test_numbers_in_another_unit_are_not_judged(trained: tuple[Films, Path, Card], tmp_path: Path) -> None:
    snapshot, folder, _ = trained
    snapshot.card = {"units": {SIZE: "cm"}}

    with pytest.raises(BadRequest, match=f"says {SIZE} in mm, and the snapshot has it in cm"):
        evaluate_runs([folder], snapshot, tmp_path / "project", tmp_path / "out", reader=read_film)


def test_the_last_layer_is_taken_over_from_the_same_kind_of_task_alone(
    trained: tuple[Films, Path, Card], tmp_path: Path
) -> None:
    spec = load_spec("simple_cnn")

    def skipped(kind: str) -> set[str]:
        return set(start_from(spec.build(1, 1), spec, (SIZE,), trained[1], tmp_path, kind=kind).skipped)

    assert skipped("classification") - skipped("regression") == {"head.weight", "head.bias"}


def test_unknown_numbers_have_no_part_in_the_loss(disc_films: Any, new_run: Any) -> None:
    from ml.data.batches import ImageData
    from ml.tasks.regression_outputs import NumberObjective
    from ml.training.run import prepare

    snapshot, asked = films(disc_films), recipe(augment=False)
    data: ImageData = prepare(asked, snapshot, new_run(asked).parent.parent, reader=read_film).data
    rows = data.rows_of(snapshot.items)
    objective = NumberObjective(asked, data, rows)
    assert len(rows) == sum(bool(film.numbers) for film in snapshot.items) < len(snapshot.items)
    outputs = torch.full((3, 1), 2.0)
    scale = objective.scales[SIZE]
    numbers = torch.tensor([[scale.mean], [math.nan], [scale.mean + scale.spread]])

    # Smooth L1 by hand: 2 off is 1.5, 1 off is 0.5.
    assert float(objective._loss(outputs, numbers)) == pytest.approx((1.5 + 0.5) / 2)
    assert float(objective._loss(outputs, torch.full((3, 1), math.nan))) == 0


def test_measures_of_weighted_cases_are_scikit_learns() -> None:
    from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score

    rng = np.random.default_rng(3)
    truth, weights = rng.normal(50, 9, 30), rng.integers(0, 4, 30).astype(float)
    answers = truth + rng.normal(1, 4, 30)
    unknown = truth.copy()
    unknown[:5] = np.nan
    outcome = NumberOutcome(truth=unknown[:, None], answers=answers[:, None], labels=("age",), units=("a",))

    found = {name: float(value[0]) for name, value in outcome.figures(weights[None]).items()}

    known = {"sample_weight": weights[5:]}
    drawn = np.repeat(answers[5:] - truth[5:], weights[5:].astype(int))
    assert found == {
        "bias:age [a]": pytest.approx(drawn.mean()),
        "limit_low:age [a]": pytest.approx(drawn.mean() - 1.96 * statistics.stdev(drawn)),
        "limit_high:age [a]": pytest.approx(drawn.mean() + 1.96 * statistics.stdev(drawn)),
        "mae:age [a]": pytest.approx(mean_absolute_error(truth[5:], answers[5:], **known)),
        "rmse:age [a]": pytest.approx(math.sqrt(mean_squared_error(truth[5:], answers[5:], **known))),
        "r2:age [a]": pytest.approx(r2_score(truth[5:], answers[5:], **known)),
    }
    alike = NumberOutcome(truth=np.full((4, 1), 7.1), answers=answers[:4, None], labels=("age",), units=("a",))
    assert math.isnan(float(alike.figures(np.ones((1, 4)))["r2:age [a]"][0]))


def test_of_several_numbers_the_mean_of_what_each_explains_decides() -> None:
    truth = np.array([[1.0, 10], [2, 20], [3, 40]])
    outcome = NumberOutcome(truth=truth, answers=truth + np.array([[0.5, 0]]), labels=("a", "b"), units=("mm", ""))

    figures = {name: float(value[0]) for name, value in outcome.figures(np.ones((1, 3))).items()}

    assert outcome.primary == "r2"
    assert figures["r2"] == pytest.approx((figures["r2:a [mm]"] + figures["r2:b"]) / 2)
    assert (figures["mae:a [mm]"], figures["mae:b"], figures["r2:b"]) == (0.5, 0.0, 1.0)


def test_the_smaller_error_is_the_better_one() -> None:
    less, more = {"low": -3.0, "high": -1.0}, {"low": 1.0, "high": 3.0}

    assert (verdict(less, figure=FIGURE), verdict(more, figure=FIGURE)) == (BETTER, WORSE)
    assert (verdict(less, figure="auc"), verdict(more, figure="auc")) == (WORSE, BETTER)
    assert verdict({"low": -1.0, "high": 1.0}, figure=FIGURE) == UNCLEAR
    assert sentence(FIGURE, {"training mean": less}) == f"By MAE {SIZE} [mm] the model beats training mean."


def test_answers_over_truth_are_drawn_as_cases_beside_the_line_of_equal_ones() -> None:
    truth = np.array([[-20.0], [10], [40], [np.nan]])
    outcome = NumberOutcome(truth=truth, answers=truth + 5, labels=("t",), units=("Cel",))

    curve, agreement = read_curves(as_json(outcome.curves()), "the report")

    assert curve.title == "Answers over truth of t [Cel]"
    assert (curve.lines[0].x, curve.lines[0].y) == ((-20.0, 10.0, 40.0), (-15.0, 15.0, 45.0))
    assert curve_words(curve) == f"{curve.title}: on average the answers are 5 above the truth, and 5 off it."
    picture = curve_svg(curve)
    assert picture.count("<circle") == 3 and picture.count('stroke-dasharray="2 4"') == 1
    # Answers that are all 5 off: bias and both limits are 5.
    assert curve_words(agreement) == "Agreement of t [Cel]: bias 5, lower 5, upper 5."
    assert (agreement.lines[0].x, agreement.lines[0].y) == ((-17.5, 12.5, 42.5), (5.0, 5.0, 5.0))
    assert curve_svg(agreement).count("<circle") == 3


def test_an_outcome_with_a_label_more_than_columns_has_no_rows() -> None:
    outcome = NumberOutcome(truth=np.ones((2, 1)), answers=np.ones((2, 1)), labels=("a", "b"), units=("", ""))

    with pytest.raises(ValueError, match="shorter"):
        outcome.rows()


def test_a_number_shows_as_more_than_the_median_of_those_that_are_known() -> None:
    """By hand: of 1, 2, 3 and 7 the median is 2.5, of 5 and 5 it is 5, of none there is none."""
    numbers = [(1.0, 5.0), (2.0, None), (3.0, 5.0), (None, None), (7.0, None)]
    items = [
        Film(
            image_id=str(place),
            patient_id=str(place),
            pixels=None,
            numbers={label: one for label, one in zip("ab", pair, strict=True) if one is not None},
        )
        for place, pair in enumerate(numbers)
    ]

    shown = REGRESSION.shown(items, TaskFacts(kind="regression", labels=("a", "b", "c"), exclusive=False))

    no, unknown = 0.0, np.nan
    np.testing.assert_array_equal(shown[:, 0], [no, no, 1.0, unknown, 1.0])
    np.testing.assert_array_equal(shown[:, 1], [no, unknown, no, unknown, unknown])
    assert np.isnan(shown[:, 2]).all()


def test_what_cannot_be_learned_is_told_before_the_start(disc_films: Any) -> None:
    snapshot = films(disc_films)
    alike = [replace(film, numbers={SIZE: 4.0}) for film in snapshot.items]
    huge = [replace(film, numbers={SIZE: 1e40 * number}) for number, film in enumerate(snapshot.items)]

    assert outlook(recipe(), snapshot.parts()).refusals == ()
    assert outlook(recipe(), {"train": alike, "val": alike}).refusals == (
        f"The training images do not differ in {SIZE}: there is nothing to learn.",
    )
    assert "beyond 1e+30" in outlook(recipe(), {"train": huge, "val": []}).refusals[0]


def test_every_network_that_classifies_learns_numbers_too() -> None:
    assert [spec.name for spec in specs("regression")] == [spec.name for spec in specs("classification")]


def test_a_number_stands_with_its_unit_and_without_one() -> None:
    scale = NumberScale(mean=0, spread=1)
    assert scale.unit == ""
    from tests.ml.test_inference_predict import IMAGE
    from viewer.core.shapes.annotations import Prediction

    answer = Prediction(
        prediction_id="p", image_id=IMAGE, model_hash="h", model_name="m", kind="regression", created="", threshold=0.5,
        numbers={"age": Quantity(number=43.21873, unit="a"), "cells": Quantity(number=123456.7)},
    )  # fmt: skip
    assert answer.number_words == "age 43.22 a, cells 123457"
    assert (answer.rule.has_cut, answer.rule.answer(answer.scores, 0.5), answer.answer()) == (False, (), ())
