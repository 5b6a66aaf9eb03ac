"""Figures of masks: by hand, and equal to those made of contourpy's outlines and SimpleITK's distances."""

import itertools

import contourpy
import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.evaluation.figures.masks import MaskFigures, mask_figures, mask_table
from ml.evaluation.leaving_out import Groups
from ml.evaluation.mask_outcome import MaskOutcome
from ml.evaluation.measures import figure_of

NAN = float("nan")


def square(rows: tuple[int, int], cols: tuple[int, int], side: int = 30) -> np.ndarray:
    mask = np.zeros((side, side), bool)
    mask[slice(*rows), slice(*cols)] = True
    return mask


def test_a_square_that_is_moved_lies_as_far_away_as_it_was_moved() -> None:
    # 10 x 10 px of 1 x 2 mm, moved 3 px along rows: top and bottom (40 of 60 mm) are 3 mm off, the sides overlap by 7.
    found = mask_figures(square((5, 15), (5, 15)), square((8, 18), (5, 15)), (1.0, 2.0))

    assert found.dice == pytest.approx(2 * 70 / 200)
    assert found.iou == pytest.approx(70 / 130)
    assert found.hd95_mm == pytest.approx(3.0)
    assert (found.true_mm2, found.said_mm2) == (200.0, 200.0)
    # An outline: 9 pieces of 1 mm on each side, 9 of 2 mm above and below, 4 corners of half a pixel's slant. Within
    # 2 mm of the other lie both sides (at most 2 rows beyond it), the two corners on its sides, and beside each of
    # them one piece of the 9, which is 2 mm from the other's side.
    slant = np.hypot(1, 2) / 2
    assert found.surface_dice == pytest.approx((18 + 2 * slant + 2 * 2) / (18 + 36 + 4 * slant))


def test_a_dot_far_away_is_beyond_95_of_100_parts_of_a_large_outline_and_half_of_a_small_one() -> None:
    large, dot = square((2, 27), (2, 27)), square((0, 1), (0, 1))

    assert mask_figures(large, large | square((29, 30), (29, 30)), (1.0, 1.0)).hd95_mm == 0.0
    # Of the dot's own outline nothing lies within 1 mm, so a dot for a square is far both ways.
    assert mask_figures(large, dot, (1.0, 1.0)).hd95_mm > 30


@pytest.mark.parametrize("spacing", [(1.0, 1.0), (0.5, 2.0)])
def test_one_empty_mask_is_as_far_as_the_image_is_wide_and_two_are_nothing(spacing: tuple[float, float]) -> None:
    some, empty = square((5, 9), (5, 9)), np.zeros((30, 30), bool)
    diagonal = np.hypot(30 * spacing[0], 30 * spacing[1])

    for pair in ((some, empty), (empty, some)):
        found = mask_figures(*pair, spacing)
        assert (found.dice, found.iou, found.surface_dice) == (0, 0, 0)
        assert found.hd95_mm == pytest.approx(diagonal)
    both = mask_figures(empty, empty, spacing)
    assert all(np.isnan(value) for value in (both.dice, both.iou, both.surface_dice, both.hd95_mm))
    assert (both.true_mm2, both.said_mm2, both.present, both.answered) == (0, 0, False, False)


def test_without_a_spacing_there_is_nothing_in_mm() -> None:
    found = mask_figures(square((5, 15), (5, 15)), square((8, 18), (5, 15)), None)

    assert found.dice == pytest.approx(0.7)
    assert all(np.isnan(getattr(found, name)) for name in ("surface_dice", "hd95_mm", "true_mm2", "said_mm2"))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 5000))
def test_distances_equal_those_of_other_libraries(seed: int) -> None:
    rng = np.random.default_rng(seed)
    spacing = (float(rng.choice([0.4, 1.0, 2.5])), float(rng.choice([0.7, 1.0])))
    truth, said = (blob(rng) for _ in range(2))

    found = mask_figures(truth, said, spacing)

    wanted_hd, wanted_dice = theirs(truth, said, spacing, tolerance_mm=2.0)
    assert found.hd95_mm == pytest.approx(wanted_hd)
    assert found.surface_dice == pytest.approx(wanted_dice)
    overlap = sitk.LabelOverlapMeasuresImageFilter()
    overlap.Execute(*(sitk.GetImageFromArray(mask.astype(np.uint8)) for mask in (truth, said)))
    assert found.dice == pytest.approx(overlap.GetDiceCoefficient())
    assert found.iou == pytest.approx(overlap.GetJaccardCoefficient())


def blob(rng: np.random.Generator) -> np.ndarray:
    """An odd shape with holes, which may touch the edges."""
    rough = sitk.GetArrayFromImage(sitk.DiscreteGaussian(sitk.GetImageFromArray(rng.random((24, 20))), 2.0))
    return np.asarray(rough > np.quantile(rough, rng.uniform(0.4, 0.9)))


def pieces(mask: np.ndarray, spacing: tuple[float, float]) -> np.ndarray:
    """(row + 1, col + 1) the length of contourpy's outline in each square between four pixel centres."""
    lengths = np.zeros((mask.shape[0] + 1, mask.shape[1] + 1))
    for line in contourpy.contour_generator(z=np.pad(mask, 1).astype(float)).lines(0.5):
        for a, b in itertools.pairwise(line[:, ::-1]):  # x, y to row, col
            row, col = np.floor((a + b) / 2).astype(int)
            lengths[row, col] += np.hypot(*((b - a) * spacing))
    return lengths


def theirs(
    truth: np.ndarray, said: np.ndarray, spacing: tuple[float, float], *, tolerance_mm: float
) -> tuple[float, float]:
    """HD95 and surface Dice by the same definition."""
    lengths = [pieces(mask, spacing) for mask in (truth, said)]
    far = []
    for long in lengths:
        image = sitk.GetImageFromArray((long > 0).astype(np.uint8))
        image.SetSpacing(spacing[::-1])
        far.append(np.abs(sitk.GetArrayFromImage(
            sitk.SignedMaurerDistanceMap(image, insideIsPositive=False, squaredDistance=False, useImageSpacing=True)
        )))  # fmt: skip
    reach, near, whole = [], 0.0, 0.0
    for long, other, mine in ((lengths[0], far[1], lengths[1]), (lengths[1], far[0], lengths[0])):
        # SimpleITK's distance is to the edge of what is inside, whose own corners lie at 0.
        distance = np.where(mine > 0, 0.0, other)[long > 0]
        weight = long[long > 0]
        order = np.argsort(distance)
        share = np.cumsum(weight[order]) / weight.sum()
        reach.append(distance[order][np.argmax(share >= 0.95 - 1e-9)])
        near, whole = near + weight[distance <= tolerance_mm + 1e-4].sum(), whole + weight.sum()
    return max(reach), near / whole


def table(*cases: MaskFigures | None, spaced: bool = True):
    return mask_table([[case] for case in cases], [spaced] * len(cases), 1)


SOME, MOVED, EMPTY = square((5, 15), (5, 15)), square((8, 18), (5, 15)), np.zeros((30, 30), bool)


def test_two_empty_masks_are_in_no_mean_and_one_counts_as_the_diagonal() -> None:
    pairs = [(SOME, SOME), (SOME, MOVED), (SOME, EMPTY), (EMPTY, SOME), (EMPTY, EMPTY), (EMPTY, EMPTY)]
    outcome = MaskOutcome.of(table(*(mask_figures(a, b, (1.0, 1.0)) for a, b in pairs), None), ("x",))

    got = {name: float(value[0]) for name, value in outcome.figures(np.ones((1, 7))).items()}

    diagonal = np.hypot(30, 30)
    assert got["dice"] == pytest.approx((1 + 0.7 + 0 + 0) / 4)
    assert got["hd95"] == pytest.approx((0 + 3 + 2 * diagonal) / 4)
    # Areas differ by 0, 0, -100, 100, 0 and 0.
    assert got["area_bias"] == 0
    spread = np.std([0, 0, -100, 100, 0, 0], ddof=1)
    assert (got["area_limit_low"], got["area_limit_high"]) == pytest.approx((-1.96 * spread, 1.96 * spread))
    assert outcome.notes() == [
        "Of 6 pairs of a true and a proposed mask 2 have one that is empty (Dice 0, and as HD95 the image's diagonal), "
        "and 2 are empty both, which no mean counts."
    ]
    rows = [(row.truth, row.answer, row.score) for (row,) in outcome.rows()]
    assert rows[2:] == [("present", "empty", 0.0), ("empty", "present", 0.0), ("empty", "empty", None),
                        ("empty", "empty", None), ("unknown", "", None)]  # fmt: skip


def test_figures_in_mm_of_images_without_a_spacing_say_why_they_are_none() -> None:
    def why(outcome: MaskOutcome, name: str) -> str:
        names = [f"p{i}" for i in range(len(outcome.dice))]
        return figure_of(outcome.measures()[name], Groups.of(names)).why

    plain = MaskOutcome.of(table(mask_figures(SOME, MOVED, None), spaced=False), ("x",))
    for name in ("hd95", "surface_dice", "area_bias", "area_limit_low"):
        assert why(plain, name) == "no image says its pixel spacing, so nothing is known in mm"
    empty = MaskOutcome.of(table(mask_figures(EMPTY, EMPTY, (1.0, 1.0))), ("x",))
    assert why(empty, "dice") == why(empty, "hd95") == "in every case both masks are empty"
    some = [mask_figures(SOME, MOVED, (1.0, 1.0)), mask_figures(SOME, MOVED, None)]
    mixed = MaskOutcome.of(mask_table([[one] for one in some], [True, False], 1), ("x",))
    assert figures_of(mixed)["hd95"] == 3.0
    assert mixed.notes() == [
        "1 image of 2 does not say the pixel spacing: figures in mm and mm² are of the others."
    ]  # fmt: skip


def figures_of(outcome: MaskOutcome) -> dict[str, float]:
    return {name: float(value[0]) for name, value in outcome.figures(np.ones((1, len(outcome.dice)))).items()}
