"""Predictions in the image's own pixels, whatever the network's input was."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ml.card import Card, Domain
from ml.catalogue import PreprocessSpec, load_spec
from ml.data.preprocess import Inverse
from ml.inference.load import load_model
from ml.inference.predict import predict
from ml.inference.store import write_model
from ml.inference.wire import error_document, error_of, heat_document, heat_of, prediction_document, prediction_of
from ml.tasks.classification_outputs import whole_image
from ml.tasks.detection_outputs import boxes
from ml.tasks.segmentation_outputs import masks
from viewer.core.errors import BadModel, JobFailed, OutsideDomain
from viewer.core.heat import NOT_A_DIAGNOSIS, HeatMap
from viewer.core.pixels import FrameIdentity, PixelFacts
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.kinds.polygon import Polygon
from viewer.reading.frame import Frame
from viewer.reading.series import FrameRef

IMAGE = "a" * 32


def a_card(kind: str = "classification", **changed: Any) -> Card:
    model = {"classification": "simple_cnn", "detection": "center_point", "segmentation": "small_unet"}[kind]
    values: dict[str, Any] = {
        "name": "M",
        "model": model,
        "kind": kind,
        "labels": ("left", "right"),
        "exclusive": True,
        "preprocess": PreprocessSpec(size_px=64),
        "domain": Domain(),
        "threshold": 0.5,
        "metrics": {},
        "snapshot_id": "",
        "cam_layer": load_spec(model).cam_layer,
    }
    return Card(**{**values, **changed})


def a_frame(rows: int = 50, cols: int = 80, **identity: Any) -> Frame:
    stored = (np.arange(rows * cols, dtype=np.uint16).reshape(rows, cols) * 7) % 1000
    facts = PixelFacts(rows=rows, cols=cols)
    who = FrameIdentity(**{"modality": "CR", **identity})
    return Frame(ref=FrameRef(path=Path("x.dcm")), stored=stored, facts=facts, identity=who, decoder="native")


def a_model(folder: Path, card: Card) -> Any:
    torch.manual_seed(2)
    write_model(folder, load_spec(card.model).build(len(card.labels), card.preprocess.channels), card)
    return load_model(folder)


def test_exclusive_probabilities_are_a_softmax_and_independent_ones_sigmoids() -> None:
    logits = torch.tensor([[1.0, 3.0]])

    one = whole_image(logits, a_card(), IMAGE, "p").scores
    each = whole_image(logits, a_card(exclusive=False), IMAGE, "p").scores

    assert one["right"] == pytest.approx(1 / (1 + np.exp(-2)))
    assert sum(one.values()) == pytest.approx(1)
    assert each["left"] == pytest.approx(1 / (1 + np.exp(-1)))


def test_a_whole_image_label_is_a_proposal_without_a_shape_best_first() -> None:
    found = whole_image(torch.tensor([[1.0, 3.0]]), a_card(), IMAGE, "p")

    assert [p.label for p in found.proposals] == ["right", "left"]
    assert all(p.shape is None for p in found.proposals)


def found_boxes(**changed: Any) -> dict[str, torch.Tensor]:
    values: dict[str, Any] = {
        "boxes": torch.tensor([[8.0, 16.0, 24.0, 32.0]]),
        "labels": torch.tensor([2]),
        "scores": torch.tensor([0.9]),
    }
    return {**values, **changed}


def test_a_stretched_box_comes_back_in_image_points_with_its_own_label() -> None:
    inverse = Inverse.of(128, 256, 64, "stretch")

    (proposal,) = boxes(found_boxes(), inverse, a_card("detection"), IMAGE, "p").proposals

    assert proposal.shape == Box(x0_px=32, y0_px=32, x1_px=96, y1_px=64)
    assert proposal.label == "right"  # detectors count from 1
    assert proposal.score == pytest.approx(0.9)


def test_a_letterboxed_box_is_cut_at_the_image_and_dropped_in_the_bars() -> None:
    inverse = Inverse.of(32, 64, 64, "letterbox")  # content in rows 16 to 48
    found = found_boxes(
        boxes=torch.tensor([[0.0, 8.0, 10.0, 20.0], [0.0, 0.0, 10.0, 10.0]]),
        labels=torch.tensor([1, 1]),
        scores=torch.tensor([0.9, 0.8]),
    )

    (proposal,) = boxes(found, inverse, a_card("detection"), IMAGE, "p").proposals

    assert proposal.shape == Box(x0_px=0, y0_px=0, x1_px=10, y1_px=4)


def test_overlapping_boxes_of_one_label_leave_the_best_and_other_labels_stay() -> None:
    found = found_boxes(
        boxes=torch.tensor([[8.0, 8.0, 24.0, 24.0], [9.0, 8.0, 25.0, 24.0], [8.0, 8.0, 24.0, 24.0]]),
        labels=torch.tensor([1, 1, 2]),
        scores=torch.tensor([0.6, 0.7, 0.5]),
    )

    proposals = boxes(found, Inverse.of(64, 64, 64, "stretch"), a_card("detection"), IMAGE, "p").proposals

    assert [(p.label, round(p.score, 3)) for p in proposals] == [("left", 0.7), ("right", 0.5)]
    assert len({p.proposal_id for p in proposals}) == 2


def test_boxes_under_the_floor_of_no_label_or_of_no_number_are_dropped() -> None:
    found = found_boxes(
        boxes=torch.tensor([[8.0, 8.0, 24.0, 24.0], [30.0, 8.0, 44.0, 24.0], [float("nan"), 8.0, 44.0, 24.0]]),
        labels=torch.tensor([1, 3, 1]),
        scores=torch.tensor([0.04, 0.9, 0.9]),
    )

    assert boxes(found, Inverse.of(64, 64, 64, "stretch"), a_card("detection"), IMAGE, "p").proposals == ()


def test_a_mask_comes_back_in_the_pixels_of_the_original_image() -> None:
    logits = torch.full((1, 2, 64, 64), -20.0)
    logits[0, 0, 16:32, 8:24] = 20.0
    card = a_card("segmentation", exclusive=False)

    (proposal,) = masks(logits, Inverse.of(128, 256, 64, "stretch"), card, IMAGE, "p").proposals

    assert isinstance(proposal.shape, MaskRuns)
    expected = np.zeros((128, 256), bool)
    expected[32:64, 32:96] = True
    odd = np.argwhere(proposal.shape.to_array() != expected).tolist()
    assert proposal.shape.bounds() == (32, 32, 64, 96)
    assert len(odd) <= 8  # bilinear enlargement rounds the corners
    assert all(row in (32, 63) for row, _ in odd)
    assert proposal.label == "left"
    assert proposal.score > 0.9


def test_a_letterboxed_mask_comes_back_in_its_place() -> None:
    logits = torch.full((1, 2, 64, 64), -20.0)
    logits[0, 1, :20] = 20.0  # half of it lies in the bar above the image
    card = a_card("segmentation", exclusive=False)

    (proposal,) = masks(logits, Inverse.of(32, 64, 64, "letterbox"), card, IMAGE, "p").proposals

    assert isinstance(proposal.shape, MaskRuns)
    assert proposal.shape.bounds() == (0, 0, 4, 64)


def test_the_threshold_of_a_mask_is_the_cards() -> None:
    logits = torch.full((1, 2, 8, 8), -20.0)
    logits[0, 0, :, :4] = 0.5  # probability 0.62
    inverse = Inverse.of(8, 8, 8, "stretch")

    low = masks(logits, inverse, a_card("segmentation", exclusive=False, threshold=0.6), IMAGE, "p").proposals
    high = masks(logits, inverse, a_card("segmentation", exclusive=False, threshold=0.7), IMAGE, "p").proposals

    assert [p.label for p in low] == ["left"]
    assert high == ()


def test_exclusive_masks_do_not_overlap() -> None:
    logits = torch.full((1, 2, 8, 8), 3.0)
    logits[0, 1, :, 4:] = 3.5
    card = a_card("segmentation", threshold=0.3)

    left, right = masks(logits, Inverse.of(8, 8, 8, "stretch"), card, IMAGE, "p").proposals

    assert isinstance(left.shape, MaskRuns) and isinstance(right.shape, MaskRuns)
    assert not (left.shape.to_array() & right.shape.to_array()).any()
    assert left.shape.area_px + right.shape.area_px == 64


@pytest.mark.parametrize("kind", ["classification", "detection", "segmentation"])
def test_every_kind_answers_with_its_card_and_the_same_ids_every_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    # A network that has learnt nothing says every box with 0.047, a little below what is kept.
    monkeypatch.setattr("ml.inference.outputs.SCORE_FLOOR", 0.01)
    loaded = a_model(tmp_path, a_card(kind, threshold=0.37))

    first = predict(loaded, a_frame(), IMAGE)
    again = predict(loaded, a_frame(), IMAGE)
    other = predict(loaded, a_frame(), "b" * 32)

    assert (first.kind, first.threshold, first.model_hash) == (kind, 0.37, loaded.card.model_hash)
    assert first.proposals and first.proposals == again.proposals
    assert first.prediction_id == again.prediction_id != other.prediction_id
    assert all(p.prediction_id == first.prediction_id and p.image_id == IMAGE for p in first.proposals)
    ids = {p.proposal_id for p in first.proposals}
    assert len(ids) == len(first.proposals)
    assert not ids & {p.proposal_id for p in other.proposals}
    for proposal in first.proposals:
        if isinstance(proposal.shape, Box):
            assert 0 <= proposal.shape.x0_px < proposal.shape.x1_px <= 80
            assert 0 <= proposal.shape.y0_px < proposal.shape.y1_px <= 50
        if isinstance(proposal.shape, MaskRuns):
            assert (proposal.shape.rows, proposal.shape.cols) == (50, 80)


def test_an_image_outside_the_domain_is_refused_and_run_anyway_is_stamped(tmp_path: Path) -> None:
    loaded = a_model(tmp_path, a_card(domain=Domain(modality=("CT",))))

    with pytest.raises(OutsideDomain, match="modality CR, not CT"):
        predict(loaded, a_frame(), IMAGE)

    assert "modality CR" in predict(loaded, a_frame(), IMAGE, run_anyway=True).outside_domain


def test_a_prediction_survives_the_wire(tmp_path: Path) -> None:
    for kind in ("classification", "segmentation", "detection"):
        given = predict(a_model(tmp_path / kind, a_card(kind, threshold=0.1)), a_frame(), IMAGE)
        assert prediction_of(json.loads(json.dumps(prediction_document(given)))) == given


def test_a_polygon_survives_the_wire() -> None:
    from ml.inference.wire import shape_document, shape_of

    shape = Polygon(points_px=((0.5, 1.0), (2.0, 3.0), (4.0, 1.0)))
    assert shape_of(json.loads(json.dumps(shape_document(shape)))) == shape


def test_a_heatmap_survives_the_wire_to_the_last_bit_with_the_fixed_wording() -> None:
    grid = np.random.default_rng(1).normal(size=(5, 7)).astype(np.float32)
    heat = HeatMap(
        image_id=IMAGE, model_hash="h", label="left", method="gradcam", layer="features", grid=grid,
        x0_px=0, y0_px=-8, x1_px=64, y1_px=40, unit="logit", scale_top=2.5, scale_from="somewhere",
        scale_image="ab" * 32, same_as=("HiResCAM",),
    )  # fmt: skip

    document = json.loads(json.dumps(heat_document(heat)))
    back = heat_of(document)

    assert np.array_equal(back.grid, grid)
    assert (back.y0_px, back.x1_px, back.label, back.checks) == (-8, 64, "left", "Map not checked")
    assert document["wording"] == NOT_A_DIAGNOSIS
    assert document["maximum"] == float(grid.max())
    assert back.scale_image == "ab" * 32
    assert (back.unit, back.scale_top, back.scale_from, back.same_as) == ("logit", 2.5, "somewhere", ("HiResCAM",))


def test_an_error_keeps_its_class_over_the_wire() -> None:
    back = error_of(error_document(BadModel("No.")))

    assert type(back) is BadModel
    assert str(back) == "No."
    assert type(error_of({"error": "Odd.", "kind": "Popen"})) is JobFailed
