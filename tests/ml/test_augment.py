"""Augmentation and order: pure functions of (seed, epoch, index), and boxes move with the picture."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from ml.data.augment import draw, move_boxes, no_draws, sample, shade
from ml.data.sampler import epoch_batches, epoch_order
from ml.recipe import default_recipe

RECIPE = default_recipe(task="t", kind="classification", labels=("a", "b"), model="simple_cnn", augment_noise=0.05)


def test_an_images_draw_does_not_depend_on_its_batch() -> None:
    images = torch.rand(4, 1, 40, 40)
    together, alone = draw(np.arange(4), RECIPE, epoch=2), draw(np.array([3]), RECIPE, epoch=2)

    a = shade(sample(images, together, 32), together)[3]
    b = shade(sample(images[3:], alone, 32), alone)[0]

    assert torch.equal(a, b)


def test_epochs_and_seeds_differ() -> None:
    index = np.arange(4)
    first = draw(index, RECIPE, epoch=0).theta

    assert not torch.equal(first, draw(index, RECIPE, epoch=1).theta)
    assert not torch.equal(first, draw(index, RECIPE.with_settings(["seed=2"]), epoch=0).theta)
    assert not np.array_equal(epoch_order(50, seed=1, epoch=0), epoch_order(50, seed=1, epoch=1))
    assert np.array_equal(epoch_order(50, seed=1, epoch=3), epoch_order(50, seed=1, epoch=3))


def test_every_image_comes_once_and_none_comes_alone() -> None:
    batches = epoch_batches(17, 8, seed=1, epoch=0)

    assert sorted(np.concatenate(batches).tolist()) == list(range(17))
    assert [len(batch) for batch in batches] == [8, 9]
    assert [len(batch) for batch in epoch_batches(1, 8, seed=1, epoch=0)] == [1]


def test_without_draws_nothing_moves() -> None:
    images = torch.rand(2, 1, 32, 32)

    assert torch.allclose(sample(images, no_draws(2), 32), images, atol=1e-6)


def test_a_box_follows_its_bright_square() -> None:
    recipe = RECIPE.with_settings(["augment_rotate_deg=0", "augment_scale=0.3", "augment_shift=0.2", "augment_flip=1"])
    for epoch in range(8):
        image = torch.zeros(1, 1, 128, 128)
        image[0, 0, 40:80, 30:60] = 1
        draws = draw(np.array([5]), recipe, epoch=epoch)

        moved = sample(image, draws, 128)[0, 0] > 0.5
        boxes, kept = move_boxes(torch.tensor([[30.0, 40.0, 60.0, 80.0]]), draws.theta[0], 128)

        rows, cols = np.nonzero(moved.numpy())
        seen = [cols.min(), rows.min(), cols.max() + 1, rows.max() + 1]
        assert bool(kept[0])
        assert np.abs(boxes[0].numpy() - seen).max() <= 1.0


def test_a_box_that_leaves_the_picture_is_dropped() -> None:
    theta = torch.tensor([[1.0, 0, 1.5], [0, 1, 0]])  # shows what lies to the right

    _, kept = move_boxes(torch.tensor([[2.0, 2, 10, 10], [100, 2, 120, 10]]), theta, 128)

    assert kept.tolist() == [False, True]


def test_in_an_input_that_is_no_square_a_turn_stays_a_turn_and_boxes_go_along() -> None:
    turn = np.deg2rad(90)
    theta = torch.tensor([[[np.cos(turn), -np.sin(turn), 0.0], [np.sin(turn), np.cos(turn), 0.0]]], dtype=torch.float32)
    draws = replace(no_draws(1), theta=theta)
    image = torch.zeros(1, 1, 60, 120)
    image[0, 0, 20:30, 60:80] = 1  # 10 rows and 20 cols, beside the middle (30, 60)

    turned = sample(image, draws, 60, 120)[0, 0] > 0.5
    boxes, kept = move_boxes(torch.tensor([[60.0, 20.0, 80.0, 30.0]]), theta[0], 60, 120)

    rows, cols = np.nonzero(turned.numpy())
    assert (rows.max() + 1 - rows.min(), cols.max() + 1 - cols.min()) == (20, 10)
    assert bool(kept[0])
    assert boxes[0].tolist() == pytest.approx([cols.min(), rows.min(), cols.max() + 1, rows.max() + 1], abs=1e-3)
