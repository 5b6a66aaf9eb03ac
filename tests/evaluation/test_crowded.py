"""A limit on the number of boxes is above what an image holds, the same everywhere, or told."""

import numpy as np
import pytest
import torch

from ml.before import outlook
from ml.data.preprocess import Inverse
from ml.inference.outputs import placed_boxes
from ml.nets.center_point import CenterPoint
from ml.nets.most_boxes import MOST_BOXES
from ml.recipe import default_recipe
from viewer.core.shapes.kinds.box import Box


def grid(side: int) -> torch.Tensor:
    corners = torch.tensor([[x * 10.0, y * 10.0] for y in range(side) for x in range(side)])
    return torch.cat([corners, corners + 8], dim=1)


def test_every_one_of_a_hundred_and_ninety_six_boxes_is_placed() -> None:
    boxes = grid(14)
    found = {"boxes": boxes, "labels": torch.ones(196, dtype=torch.int64), "scores": torch.linspace(0.9, 0.5, 196)}

    placed = placed_boxes(found, Inverse.of(140, 140, 140, "stretch"), 1)

    assert len(placed) == 196
    assert MOST_BOXES == 300


def test_a_net_of_centres_proposes_more_than_a_hundred() -> None:
    net = CenterPoint(classes=1, channels=1).eval()
    centers, sides = torch.full((1, 40, 40), -9.0), torch.full((1, 4, 40, 40), -5.0)
    centers[:, ::2, ::2] = torch.linspace(1, 3, 400).reshape(1, 20, 20)

    found = net.decode(centers, sides, 320, 320)

    assert len(found["boxes"]) == MOST_BOXES
    assert np.allclose(found["scores"].numpy().min(), torch.sigmoid(torch.linspace(1, 3, 400)[100]))


@pytest.mark.parametrize("count", [300, 301])
def test_more_boxes_than_a_detector_proposes_are_told_before_a_training(film_of, count: int) -> None:
    crowded = film_of(0, boxes=(("x", Box(x0_px=0, y0_px=0, x1_px=4, y1_px=4)),) * count)
    recipe = default_recipe(model="center_point", task="t", kind="detection", labels=("x",))
    told = "An image holds 301 boxes, and a detector proposes at most 300: the rest is missed."

    assert (told in outlook(recipe, {"train": [crowded], "val": [film_of(1)]}).doubts) is (count > MOST_BOXES)
    assert (told in outlook(recipe, {"train": [film_of(1), crowded], "val": []}).doubts) is (count > MOST_BOXES)
