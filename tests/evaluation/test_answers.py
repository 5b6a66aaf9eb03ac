"""From a network's outputs to what is judged: at native size, by the rule, and refused where it is no number."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from ml.evaluation.predicting import box_cases, case_masks, class_scores, masks_of
from ml.evaluation.sound import only_numbers, refuse_broken_scores, refuse_broken_truth
from viewer.core.errors import BadModel, BadRequest
from viewer.core.labels import Verdict
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns

SIDE = 16


def mask(rows: slice, cols: slice, side: int = SIDE) -> MaskRuns:
    whole = np.zeros((side, side), bool)
    whole[rows, cols] = True
    return MaskRuns.from_array(whole)


class Said(nn.Module):
    """A network that says the same rows in turn, and keeps how many images it was asked at once."""

    def __init__(self, outputs: list) -> None:
        super().__init__()
        self.outputs, self.asked = outputs, []

    def forward(self, images):
        start = sum(self.asked)
        self.asked.append(len(images))
        part = self.outputs[start : start + len(images)]
        return part if isinstance(part[0], dict) else torch.stack(part)


def test_probabilities_of_every_image_in_their_order(data_of, film_of) -> None:
    films = [film_of(i, labels={"a": Verdict.YES}) for i in range(20)]
    data = data_of(films, "classification", ("a", "b"))
    logits = [torch.tensor([float(i), -float(i)]) for i in range(20)]
    network = Said(logits)

    scores = class_scores(network, data, np.arange(20), exclusive=False)

    assert network.asked == [16, 4]
    assert scores == pytest.approx(torch.sigmoid(torch.stack(logits)).numpy(), abs=1e-6)
    exclusive = class_scores(Said(logits), data, np.arange(20), exclusive=True)
    assert exclusive == pytest.approx(torch.softmax(torch.stack(logits), dim=1).numpy(), abs=1e-6)
    assert class_scores(network, data, np.arange(0), exclusive=True).shape == (0, 2)


def test_boxes_of_every_image_lie_in_its_own_points(data_of, film_of) -> None:
    films = [film_of(i, boxes=(("x", Box(x0_px=1, y0_px=2, x1_px=3, y1_px=4)),)) for i in range(2)]
    data = data_of(films, "detection", ("x",), sizes=[(32, 64), (16, 16)])
    said = {"boxes": torch.tensor([[2.0, 2, 8, 8]]), "labels": torch.tensor([1]), "scores": torch.tensor([0.75])}

    found = box_cases(Said([said, said]), data, np.arange(2))

    assert [case.boxes.tolist() for case in found] == [[[8.0, 4, 32, 16]], [[2, 2, 8, 8]]]
    assert [case.truth.tolist() for case in found] == [[[1.0, 2, 3, 4]]] * 2
    assert [case.scores.tolist() for case in found] == [[0.75]] * 2


def test_an_image_without_an_answer_of_its_own_is_an_error_and_no_empty_film(data_of, film_of) -> None:
    data = data_of([film_of(0), film_of(1)], "detection", ("x",))
    said = {"boxes": torch.zeros((0, 4)), "labels": torch.zeros(0, dtype=torch.int64), "scores": torch.zeros(0)}

    with pytest.raises(ValueError, match="shorter"):
        box_cases(Said([said]), data, np.arange(2))


def test_masks_are_judged_at_the_image_s_own_size_and_cut_at_the_threshold(data_of, film_of) -> None:
    half = np.zeros((1, SIDE, SIDE), np.float32)
    half[0, :, :8] = 0.4
    film = film_of(0, masks=(("x", mask(slice(None), slice(0, 32), 64)),))
    small = film_of(1, masks=(("x", mask(slice(None), slice(0, 8))),))
    data = data_of([small, small], "segmentation", ("x",), sizes=[(SIDE, SIDE), (64, 64)])
    data.items[1] = film

    def only(row: int, threshold: float):
        (found,) = masks_of(data, row, half, threshold).figures
        return found

    assert only(0, 0.3).dice == 1.0
    assert only(0, 0.4).dice == 1.0  # at or above
    assert only(0, 0.5).dice == 0.0
    assert only(1, 0.2).dice == pytest.approx(1.0, abs=0.02)
    assert only(1, 0.2).present
    assert np.isnan(only(1, 0.2).hd95_mm)  # it does not say its spacing
    data.cache.facts[1]["spacing_mm"] = [0.5, 0.25]
    assert only(1, 0.2).true_mm2 == 64 * 32 * 0.125
    assert only(1, 0.5).hd95_mm == pytest.approx(np.hypot(64 * 0.5, 64 * 0.25))


def test_unknown_masks_have_no_dice_nor_have_two_empty_ones(data_of, film_of) -> None:
    films = [film_of(0, complete=False, masks=(("x", mask(slice(4), slice(4))),)), film_of(1)]
    data = data_of(films, "segmentation", ("x", "y"))
    logits = [torch.full((2, SIDE, SIDE), -9.0) for _ in films]

    found = case_masks(Said(logits), data, np.arange(2), exclusive=False, threshold=0.5)

    assert found.dice[0, 0] == 0.0
    assert np.isnan(found.dice[0, 1]) and np.isnan(found.dice[1]).all()
    assert found.present.tolist() == [[True, False], [False, False]]
    assert found.known.tolist() == [[True, False], [True, True]]


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_scores_that_are_no_numbers_are_refused_by_the_name_of_run_and_case(bad: float) -> None:
    scores = np.array([[0.1, 0.9], [0.5, bad], [bad, bad]])

    with pytest.raises(BadModel, match=r"run7 gives no number for 2 cases of 3, the first is b\.png.*another run"):
        refuse_broken_scores(scores, ["a.png", "b.png", "c.png"], "run7")
    refuse_broken_scores(scores[:1], ["a.png"], "run7")
    refuse_broken_scores(np.zeros((0, 2)), [], "run7")


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_layer_that_ends_in_no_number_is_refused(bad: float) -> None:
    network = nn.Sequential(nn.Conv2d(1, 1, 1), nn.Flatten(), nn.Linear(4, 1))
    images = torch.ones(2, 1, 2, 2)
    with only_numbers(network, "run7"):
        network(images)
    with torch.no_grad():
        network[2].bias.fill_(bad)

    with pytest.raises(BadModel, match="run7 gives no numbers"), only_numbers(network, "run7"):
        network(images)
    network(images)  # asked outside, it answers as it does
    with torch.no_grad():
        network[2].bias.fill_(0)
        network[0].bias.fill_(bad)
    with pytest.raises(BadModel, match="run7 gives no numbers"), only_numbers(network, "run7"):
        network(images)


def test_a_true_box_without_an_end_is_refused_by_its_film(data_of, film_of) -> None:
    sound = film_of(0, boxes=(("x", Box(x0_px=0, y0_px=0, x1_px=4, y1_px=4)),))
    endless = film_of(1, boxes=(("x", SimpleNamespace(x0_px=0, y0_px=0, x1_px=float("inf"), y1_px=4)),))
    data = data_of([sound, sound], "detection", ("x",))
    data.items[1] = endless

    refuse_broken_truth(data, np.array([0]))
    with pytest.raises(BadRequest, match=r"film 1\.png has a box with a corner that is not finite"):
        refuse_broken_truth(data, np.array([0, 1]))


def test_the_trained_network_answers_and_no_longer_learns(tmp_path, monkeypatch) -> None:
    from ml.evaluation import predicting

    network = nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.5))
    asked = []
    spec = SimpleNamespace(build=lambda classes, channels: asked.append((classes, channels)) or network)
    monkeypatch.setattr(predicting, "load_spec", lambda name: spec)
    monkeypatch.setattr(predicting, "weights_path", lambda folder: folder)
    monkeypatch.setattr(
        predicting, "read_tensors", lambda path: ({"0.weight": torch.eye(2), "0.bias": torch.ones(2)}, {})
    )
    card = SimpleNamespace(model="m", labels=("a", "b"), preprocess=SimpleNamespace(channels=3))

    loaded = predicting.load_trained(tmp_path, card, torch.device("cpu"))

    assert not loaded.training
    assert asked == [(2, 3)]
    assert torch.equal(loaded[0].weight, torch.eye(2))
