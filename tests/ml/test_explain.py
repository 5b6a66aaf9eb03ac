"""What a heatmap of each kind of model explains, and where the question is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ml.card import Card, Domain
from ml.catalogue import PreprocessSpec, load_spec, specs
from ml.explain.cam import heat as heat_by
from ml.explain.cam import methods
from ml.explain.cams import CAMS
from ml.explain.heatmap import explain, score_of
from ml.explain.measuring_scale import measure_scale
from ml.explain.scale import SCALE_FILE, read_scale, write_scale
from ml.inference.load import LoadedModel, load_model
from ml.inference.predict import predict
from ml.inference.store import write_model
from viewer.core.errors import BadRequest, NotFound, OutsideDomain
from viewer.core.heat import ARBITRARY, LOGIT
from viewer.core.pixels import FrameIdentity, PixelFacts
from viewer.reading.frame import Frame
from viewer.reading.series import FrameRef

IMAGE = "a" * 32


def a_card(model: str, **changed: Any) -> Card:
    spec = load_spec(model)
    values: dict[str, Any] = {
        "name": "M", "model": model, "kind": spec.kind, "labels": ("left", "right"), "exclusive": True,
        "preprocess": PreprocessSpec(size_px=64), "domain": Domain(), "threshold": 0.3, "metrics": {},
        "snapshot_id": "", "cam_layer": spec.cam_layer,
    }  # fmt: skip
    return Card(**{**values, **changed})


def a_model(folder: Path, model: str, **changed: Any) -> LoadedModel:
    torch.manual_seed(4)
    card = a_card(model, **changed)
    write_model(folder, load_spec(model).build(len(card.labels), card.preprocess.channels), card)
    return load_model(folder)


def a_frame(rows: int = 50, cols: int = 80, seed: int = 3) -> Frame:
    stored = np.random.default_rng(seed).integers(0, 1000, (rows, cols)).astype(np.uint16)
    return Frame(
        ref=FrameRef(path=Path("x.dcm")), stored=stored, facts=PixelFacts(rows=rows, cols=cols),
        identity=FrameIdentity(modality="CR"), decoder="native",
    )  # fmt: skip


def test_the_map_of_a_class_and_its_bias_add_up_to_the_logit_of_the_image(tmp_path: Path) -> None:
    loaded = a_model(tmp_path, "simple_cnn", exclusive=False)

    heat = explain(loaded, a_frame(), IMAGE, "right", "gradcam")

    probability = predict(loaded, a_frame(), IMAGE).scores["right"]
    logit = np.log(probability / (1 - probability))
    bias = float(loaded.network.get_parameter("head.bias")[1])
    assert heat.grid.shape == (4, 4)
    assert float(heat.grid.sum()) + bias == pytest.approx(logit, abs=1e-4)


def test_the_grid_of_a_stretched_input_covers_the_image_and_of_a_letterboxed_one_its_bars_too(tmp_path: Path) -> None:
    stretched = explain(a_model(tmp_path / "a", "simple_cnn"), a_frame(), IMAGE, "left", "gradcam")
    boxed = a_model(tmp_path / "b", "simple_cnn", preprocess=PreprocessSpec(size_px=64, fit="letterbox"))
    barred = explain(boxed, a_frame(), IMAGE, "left", "gradcam")

    assert (stretched.x0_px, stretched.y0_px, stretched.x1_px, stretched.y1_px) == (0, 0, 80, 50)
    assert (barred.x0_px, barred.x1_px) == (0, 80)
    assert barred.y0_px < 0 and barred.y1_px > 50


def test_a_segmentation_explains_the_logits_of_the_region_it_proposes(tmp_path: Path) -> None:
    unsure = a_model(tmp_path / "a", "small_unet", exclusive=False)
    images = torch.from_numpy(unsure.preprocess.forward(a_frame().stored, a_frame().facts)[0])[None]
    logits = unsure.network(images)[0, 1]
    half = float(torch.sigmoid(logits).median())
    loaded = a_model(tmp_path / "b", "small_unet", exclusive=False, threshold=half)

    score = score_of(loaded.card, loaded.network, "right")(loaded.network, images)
    heat = explain(loaded, a_frame(), IMAGE, "right", "gradcam")

    inside = torch.sigmoid(logits) >= half
    assert 0.4 < float(inside.float().mean()) < 0.6
    assert float(score) == pytest.approx(float(logits[inside].sum()), rel=1e-5)
    assert heat.grid.shape == (64, 64)


def test_a_region_that_is_not_proposed_has_nothing_to_explain(tmp_path: Path) -> None:
    loaded = a_model(tmp_path, "small_unet", exclusive=False, threshold=0.9999)

    with pytest.raises(BadRequest, match="proposes no right"):
        explain(loaded, a_frame(), IMAGE, "right", "gradcam")


def test_a_centre_detector_explains_its_strongest_centre(tmp_path: Path) -> None:
    loaded = a_model(tmp_path, "center_point")
    images = torch.from_numpy(loaded.preprocess.forward(a_frame().stored, a_frame().facts)[0])[None]

    score = score_of(loaded.card, loaded.network, "left")(loaded.network, images)
    heat = explain(loaded, a_frame(), IMAGE, "left", "gradcam")

    assert float(score) == float(loaded.network.maps(images)[0][0, 0].max())
    assert heat.grid.shape == (8, 8)
    assert np.isfinite(heat.grid).all()


def test_a_two_stage_detector_refuses_with_a_sentence() -> None:
    network = torch.nn.Identity()
    card = a_card("fasterrcnn_mobilenet_v3_320")

    with pytest.raises(BadRequest, match="two stages"):
        score_of(card, network, "left")


def test_an_unknown_class_or_method_is_refused_with_what_there_is(tmp_path: Path) -> None:
    loaded = a_model(tmp_path, "simple_cnn")

    with pytest.raises(BadRequest, match="its labels are left, right"):
        explain(loaded, a_frame(), IMAGE, "up", "gradcam")
    with pytest.raises(NotFound, match="gradcam"):
        explain(loaded, a_frame(), IMAGE, "left", "eigencam")


def test_outside_the_domain_no_map_is_made_unless_told_and_then_it_says_so(tmp_path: Path) -> None:
    loaded = a_model(tmp_path, "simple_cnn", domain=Domain(modality=("CT",)))

    with pytest.raises(OutsideDomain):
        explain(loaded, a_frame(), IMAGE, "left", "gradcam")
    heat = explain(loaded, a_frame(), IMAGE, "left", "gradcam", run_anyway=True)

    assert heat.checks.startswith("Map not checked")
    assert "outside its domain" in heat.checks


@pytest.mark.parametrize("name", [s.name for s in specs() if s.kind != "detection"] + ["center_point"])
def test_the_default_layer_of_every_model_gives_a_finite_map(name: str) -> None:
    spec = load_spec(name)
    torch.manual_seed(0)
    network = spec.build(2, spec.preprocess.channels).eval()
    images = torch.rand((1, spec.preprocess.channels, 64, 64))
    card = a_card(name, exclusive=False, threshold=0.01)
    from viewer.core.registry import load

    heat = heat_by(load(CAMS, "gradcam"), network, spec.cam_layer, images, score_of(card, network, "left"))

    assert heat.ndim == 2 and np.isfinite(heat).all() and np.abs(heat).max() > 0
    assert all(p.grad is None for p in network.parameters())


# What a map's numbers mean


@pytest.mark.parametrize(
    ("method", "unit"),
    [
        ("gradcam", LOGIT), ("hirescam", LOGIT), ("xgradcam", LOGIT), ("gradcam++", ARBITRARY), ("layercam", ARBITRARY),
    ],
)  # fmt: skip
def test_a_map_is_in_logits_where_it_and_the_bias_add_up_to_the_logit(tmp_path: Path, method: str, unit: str) -> None:
    loaded = a_model(tmp_path, "simple_cnn", exclusive=False)

    heat = explain(loaded, a_frame(), IMAGE, "right", method)

    probability = predict(loaded, a_frame(), IMAGE).scores["right"]
    logit = np.log(probability / (1 - probability))
    bias = float(loaded.network.get_parameter("head.bias")[1])
    adds_up = abs(float(heat.grid.sum()) + bias - logit) < 1e-3
    assert (heat.unit, adds_up) == (unit, unit == LOGIT)


@pytest.mark.parametrize("model", ["resnet18", "mobilenet_v2", "densenet121", "efficientnet_b0", "convnext_tiny"])
def test_a_head_that_is_not_pooling_and_one_linear_layer_has_no_logits_by_place(tmp_path: Path, model: str) -> None:
    loaded = a_model(tmp_path, model, exclusive=False, preprocess=PreprocessSpec(size_px=64, channels=3))

    heat = explain(loaded, a_frame(), IMAGE, "right", "gradcam")

    # torchvision: all pool and have one linear layer, but ConvNeXt has a LayerNorm between them.
    assert heat.unit == (ARBITRARY if model == "convnext_tiny" else LOGIT)


def test_the_map_of_a_region_s_logits_has_no_unit(tmp_path: Path) -> None:
    loaded = a_model(tmp_path, "small_unet", exclusive=False, threshold=0.0001)

    assert explain(loaded, a_frame(), IMAGE, "right", "gradcam").unit == ARBITRARY


def test_methods_that_are_one_on_this_network_are_named(tmp_path: Path) -> None:
    loaded = a_model(tmp_path, "simple_cnn")
    maps = {name: explain(loaded, a_frame(), IMAGE, "left", name) for name in CAMS}

    assert maps["gradcam"].same_as == ("HiResCAM", "XGrad-CAM")
    assert maps["hirescam"].same_as == ("Grad-CAM", "XGrad-CAM")
    for name, heat in maps.items():  # by the maps themselves
        equal = {
            methods()[other].title
            for other, theirs in maps.items()
            if other != name and np.abs(theirs.grid - heat.grid).max() < 1e-3 * np.abs(heat.grid).max()
        }
        assert set(heat.same_as) == equal


# One scale for each model, class and method


def test_the_scale_is_the_largest_value_over_the_validation_images(tmp_path: Path) -> None:
    loaded = a_model(tmp_path, "simple_cnn", exclusive=False)
    frames = [a_frame(seed=seed) for seed in range(4)]
    inputs = [torch.from_numpy(loaded.preprocess.forward(one.stored, one.facts)[0])[None] for one in frames]
    alone = {
        (label, name): [explain(loaded, one, IMAGE, label, name).grid.max() for one in frames]
        for label in loaded.card.labels
        for name in CAMS
    }
    assert explain(loaded, frames[0], IMAGE, "left", "gradcam").scale_top is None  # not measured yet

    names = [f"{place:064x}" for place in range(4)]
    write_scale(loaded.folder, measure_scale(loaded.card, loaded.network, iter(inputs), names))

    for (label, name), values in alone.items():
        heat = explain(loaded, frames[0], IMAGE, label, name)
        largest = max(values)
        assert heat.scale_top == (pytest.approx(largest, rel=1e-5) if largest > 0 else None)
        assert heat.scale_from == ("the largest of 4 validation images" if largest > 0 else "")
        assert heat.scale_image == (names[int(np.argmax(values))] if largest > 0 else "")


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"images": 0, "tops": {}}', '{"images": 3, "tops": {"left": {"gradcam": "2"}}}',
     '{"images": 3, "tops": {"left": {"gradcam": -1}}}', '{"images": 3, "tops": {"left": {"gradcam": 1e999}}}',
     '{"images": true, "tops": {"left": {"gradcam": 2}}}', '{"images": 3, "tops": {"left": 2}}', '{"images": NaN}'],
)  # fmt: skip
def test_a_scale_that_is_none_is_not_used(tmp_path: Path, text: str) -> None:
    (tmp_path / SCALE_FILE).write_text(text)

    assert read_scale(tmp_path).of("left", "gradcam").top is None
