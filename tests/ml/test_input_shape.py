"""A training whose input has other rows than cols, or a pixel spacing of its own, for each kind of task."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ml.before import preprocess_of
from ml.card import read_card
from ml.catalogue import load_spec
from ml.inference.load import load_model
from ml.inference.predict import predict
from ml.recipe import Recipe
from ml.training.run import run_training
from viewer.core.errors import BadRequest
from viewer.core.geometry import Spacing
from viewer.core.pixels import FrameIdentity, PixelFacts
from viewer.core.shapes.shape import Box
from viewer.reading.frame import Frame
from viewer.reading.series import FrameRef


def spaced_reader(film: Any) -> tuple[Any, PixelFacts]:
    rows, cols = film.pixels.shape
    return film.pixels, PixelFacts(rows=rows, cols=cols, spacing=Spacing(row_mm=0.5, col_mm=0.5, source="test"))


@pytest.mark.parametrize("kind", ["classification", "detection", "segmentation"])
@pytest.mark.parametrize("of_its_own", [{}, {"spacing_row_mm": 0.75, "spacing_col_mm": 0.6}], ids=["fit", "spacing"])
def test_every_kind_trains_and_answers_in_image_points(
    disc_films: Callable[..., Any], tiny_recipe: Callable[..., Recipe], new_run: Callable[..., Path], kind: str,
    of_its_own: dict[str, float],
) -> None:  # fmt: skip
    films = disc_films(kind, count=12)
    folder = new_run(tiny_recipe(kind, input_px=32, input_cols_px=48, epochs=1, **of_its_own))

    run_training(folder, films, reader=spaced_reader)

    card, film = read_card(folder), films.items[0]
    assert card.preprocess.shape_px == (32, 48)
    assert card.preprocess.spacing_mm == ((0.75, 0.6) if of_its_own else None)
    stored, facts = spaced_reader(film)
    frame = Frame(
        ref=FrameRef(path=Path("x.dcm")), stored=stored, facts=facts, identity=FrameIdentity(modality="DX"),
        decoder="native",
    )  # fmt: skip
    prediction = predict(load_model(folder), frame, film.image_id)
    for proposal in prediction.proposals:
        if isinstance(proposal.shape, Box):
            assert 0 <= proposal.shape.x0_px < proposal.shape.x1_px <= facts.cols
            assert 0 <= proposal.shape.y0_px < proposal.shape.y1_px <= facts.rows
        elif proposal.shape is not None:
            assert (proposal.shape.rows, proposal.shape.cols) == (facts.rows, facts.cols)


def test_a_mask_in_the_cache_lies_over_its_picture(
    disc_films: Callable[..., Any], tiny_recipe: Callable[..., Recipe], tmp_path: Path
) -> None:
    """Its middle is that of the bright disc, in the larger cached picture too."""
    from ml.training.run import prepare

    films = disc_films("segmentation", count=4)
    recipe = tiny_recipe("segmentation", input_px=32, input_cols_px=64, spacing_row_mm=1.0, spacing_col_mm=0.5)
    data = prepare(recipe, films, tmp_path, reader=spaced_reader).data

    batch = data.train_batch(np.arange(4), tiny_recipe("segmentation", augment=False), epoch=0)
    assert batch.images.shape[-2:] == batch.masks.shape[-2:] == (32, 64)
    for image, mask in zip(batch.images[:, 0], batch.masks[:, 0], strict=True):
        inside, bright = np.argwhere(mask.numpy() > 0.5), np.argwhere(image.numpy() > image.numpy().max() / 2)
        assert inside.mean(axis=0) == pytest.approx(bright.mean(axis=0), abs=1)


def test_a_recipe_says_rows_cols_and_spacing_and_each_must_fit_the_network(tiny_recipe: Callable[..., Recipe]) -> None:
    spec = load_spec("small_unet")  # sides of 8, 16, 24 ... pixels
    recipe = tiny_recipe("segmentation", input_px=32, input_cols_px=40, spacing_row_mm=2.0, spacing_col_mm=1.0)

    made = preprocess_of(recipe, spec)

    assert (made.shape_px, made.spacing_mm) == ((32, 40), (2.0, 1.0))
    assert Recipe.from_json(recipe.to_json()) == recipe
    with pytest.raises(BadRequest, match="multiple of 8, not 41"):
        preprocess_of(tiny_recipe("segmentation", input_px=32, input_cols_px=41), spec)
    with pytest.raises(BadRequest, match="both, or neither"):
        tiny_recipe("segmentation", spacing_row_mm=2.0)
    with pytest.raises(BadRequest, match="at least 8 pixels"):
        tiny_recipe("segmentation", input_cols_px=4)
