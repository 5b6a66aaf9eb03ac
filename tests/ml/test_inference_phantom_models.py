"""The three models that ship: they work on phantom films nobody trained on, and on nothing else."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ml.card import read_card
from ml.explain.heatmap import explain
from ml.inference.load import LoadedModel, load_model, resolve_model
from ml.inference.predict import predict
from ml.inference.resolve import bundled_models
from ml.training.phantom_models import (
    SHIPPED,
    Films,
    cuttings,
    film_figures,
    films_of,
    make_films,
    read,
    read_cutting,
    train,
)
from viewer.core.errors import OutsideDomain
from viewer.core.labels import Verdict
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.reading.frame import Frame
from viewer.reading.frames import read_frame
from viewer.reading.phantom.sample import write_radiographs
from viewer.reading.series import FrameRef
from viewer.reading.sources.data_folder import find_data

NAMES = ("phantom_classifier", "phantom_detector", "phantom_segmenter")


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Films:
    """Twelve patients of a seed that no model was trained on."""
    return films_of(write_radiographs(tmp_path_factory.mktemp("films"), 12, size_px=200, seed=77).films, seed=1)


def bundled(name: str) -> LoadedModel:
    return load_model(resolve_model(None, name))


def test_all_three_ship_and_are_small() -> None:
    assert set(NAMES) <= set(bundled_models())
    for folder in bundled_models().values():
        weights = folder / "weights.safetensors"
        assert weights.stat().st_size <= 1_200_000
        assert sum(p.numel() for p in load_model(folder).network.parameters()) <= 300_000


@pytest.mark.parametrize("name", NAMES)
def test_each_card_is_complete(name: str) -> None:
    card = read_card(bundled_models()[name])

    assert card.metrics and card.snapshot_id and card.cam_layer and card.licence and card.created
    assert card.domain.phantom and card.domain.source and card.domain.modality == ("DX",)
    assert 0 < card.threshold < 1
    assert any("held-out phantom patients" in note for note in card.notes)


def test_the_segmenter_finds_the_lungs(films: Films) -> None:
    assert film_figures("phantom_segmenter", bundled("phantom_segmenter"), films.items)["smallest dice"] > 0.9


def test_the_classifier_tells_films_with_nodules_from_clear_ones(films: Films) -> None:
    assert film_figures("phantom_classifier", bundled("phantom_classifier"), films.items)["auc"] >= 0.7


def test_the_detector_finds_nodules(films: Films) -> None:
    figures = film_figures("phantom_detector", bundled("phantom_detector"), films.items)

    assert figures["map50"] > 0.3 and figures["iou"] > 0.3


def test_the_classifiers_heatmap_is_in_logits_over_the_whole_film(films: Films) -> None:
    loaded, film = bundled("phantom_classifier"), films.items[1]

    heat = explain(loaded, read(film), film.image_id, "nodule", "gradcam")

    facts = read(film).facts
    assert (heat.x0_px, heat.y0_px, heat.x1_px, heat.y1_px) == (0, 0, facts.cols, facts.rows)
    bias = float(loaded.network.get_parameter("head.bias")[1])
    scores = predict(loaded, read(film), film.image_id).scores
    other = explain(loaded, read(film), film.image_id, "clear", "gradcam")
    margin = float(heat.grid.sum() - other.grid.sum()) + bias - float(loaded.network.get_parameter("head.bias")[0])
    assert margin == pytest.approx(np.log(scores["nodule"] / scores["clear"]), abs=1e-3)


@pytest.mark.parametrize("name", NAMES)
def test_an_image_that_is_no_phantom_is_refused(name: str, films: Films) -> None:
    frame = read(films.items[0])
    other = replace(frame, identity=replace(frame.identity, extra={"manufacturer": "A hospital's"}))

    with pytest.raises(OutsideDomain, match="no image of the generated phantom"):
        predict(bundled(name), other, "a" * 32)
    assert predict(bundled(name), other, "a" * 32, run_anyway=True).outside_domain


def test_a_real_film_is_refused() -> None:
    data = find_data()
    if data is None:
        pytest.skip("the real images are not here; the made-up stranger above stands in")
    path = min((data / "cxr").rglob("*.png"))

    with pytest.raises(OutsideDomain):
        predict(bundled("phantom_segmenter"), read_frame(FrameRef(path=path)), "a" * 32)


def turned_to_monochrome1(frame: Frame) -> Frame:
    facts = replace(frame.facts, photometric="MONOCHROME1")
    return replace(frame, stored=(4095 - frame.stored).astype(frame.stored.dtype), facts=facts)


def test_the_segmenter_sees_the_same_in_monochrome1(films: Films) -> None:
    loaded, film = bundled("phantom_segmenter"), films.items[0]

    (one,) = predict(loaded, read(film), film.image_id).proposals
    (other,) = predict(loaded, turned_to_monochrome1(read(film)), film.image_id).proposals

    assert isinstance(one.shape, MaskRuns) and isinstance(other.shape, MaskRuns)
    a, b = one.shape.to_array(), other.shape.to_array()
    assert 2 * (a & b).sum() / (a.sum() + b.sum()) > 0.99


@pytest.mark.parametrize("name", ["phantom_classifier", "phantom_detector"])
def test_a_model_with_a_fixed_window_refuses_monochrome1(name: str, films: Films) -> None:
    with pytest.raises(OutsideDomain, match="photometric interpretation MONOCHROME1, not MONOCHROME2"):
        predict(bundled(name), turned_to_monochrome1(read(films.items[0])), "a" * 32)


def test_cuttings_keep_their_patients_part_and_say_yes_only_where_a_nodule_is_whole(films: Films) -> None:
    made = cuttings(films, 50, per_film=6, seed=0)
    of = {film.path: film for film in films.items}

    assert len(made.items) > 30
    assert {item.labels["nodule"] for item in made.items} == {Verdict.YES, Verdict.NO}
    for item in made.items:
        assert item.part == of[item.path].part and item.cut is not None
        x0, y0, side = item.cut
        inside = [
            box for _, box in item.boxes
            if x0 <= (box.x0_px + box.x1_px) / 2 < x0 + side and y0 <= (box.y0_px + box.y1_px) / 2 < y0 + side
        ]  # fmt: skip
        assert (item.labels["nodule"] is Verdict.YES) == bool(inside)
    stored, facts = read_cutting(made.items[0])
    assert stored.shape == (50, 50) == (facts.rows, facts.cols)


def test_the_command_makes_a_model_that_loads_and_answers(tmp_path: Path) -> None:
    films = make_films(tmp_path / "films", count=20, seed=4)
    assert {len(part) for part in films.parts().values()} == {14, 3}

    settings = ["epochs=1", "input_px=32", "precision=fp32", "threads=1"]
    card = train("phantom_segmenter", films, tmp_path, tmp_path / "out", settings=settings)

    loaded = load_model(tmp_path / "out" / "phantom_segmenter")
    assert loaded.card == card
    assert SHIPPED["phantom_segmenter"].recipe.epochs > 1
    assert "3 held-out phantom patients" in " ".join(card.notes)
    film = films.parts()["test"][0]
    assert all(not isinstance(p.shape, Box) for p in predict(loaded, read(film), film.image_id).proposals)
