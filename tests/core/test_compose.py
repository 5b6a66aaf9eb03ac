"""Pixels, table, label maps and heat to RGB."""

from dataclasses import replace

import numpy as np
import pytest

from viewer.core.compose import (
    FrameView,
    HeatLayer,
    Layer,
    compose,
    fill_rgba,
    heat_palette,
    heat_rgba,
    native_view,
    over,
    over_rgba,
    premultiplied,
)
from viewer.core.geometry import ViewTransform
from viewer.core.heat import NO_EVIDENCE, HeatMap
from viewer.core.labels import Label
from viewer.core.overlays import OverlayMode, OverlaySettings, label_maps, overlay_layers
from viewer.core.pixels import PixelFacts, Shutter, VoiFunction, Window
from viewer.core.shapes.annotations import Annotation, Decision, Origin, Proposal
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.outlines import BadgeStyle
from viewer.core.windowing import display_table

FACTS = PixelFacts(rows=8, cols=8, signed=False, bits_stored=8)
TABLE = display_table(FACTS, Window(center=128, width=256), invert=False)
LABELS = [Label(name="Lung", scope="region", position=0), Label(name="Nodule", scope="region", position=6)]


def view_of(stored: np.ndarray) -> tuple[FrameView, ViewTransform]:
    return native_view(stored, FACTS)


def heat_of(grid: np.ndarray) -> HeatMap:
    return HeatMap(
        image_id="i", model_hash="m", label="Nodule", method="gradcam", layer="l", grid=grid.astype(np.float32),
        x0_px=0, y0_px=0, x1_px=8, y1_px=8,
    )  # fmt: skip


def test_without_overlays_the_pixels_are_the_table_and_nothing_else() -> None:
    stored = np.arange(64, dtype=np.uint8).reshape(8, 8)
    frame_view, transform = view_of(stored)

    made = compose(frame_view, TABLE, (), None, transform)

    assert np.array_equal(made.rgb, np.repeat(stored[:, :, None], 3, axis=2))


def test_a_mask_is_filled_with_22_percent_of_its_colour_where_it_is_and_nowhere_else() -> None:
    mask = np.zeros((8, 8), bool)
    mask[2:4, 3:6] = True
    frame_view, transform = view_of(np.full((8, 8), 100, np.uint8))
    annotation = Annotation(annotation_id="a", image_id="i", label="Lung", shape=MaskRuns.from_array(mask), author="me")

    made = compose(frame_view, TABLE, overlay_layers([annotation], [], LABELS, OverlaySettings()), None, transform)

    # #80C4FF at 22 % over 100: 0.78 * 100 + 0.22 * (128, 196, 255).
    assert made.rgb[2, 3].tolist() == pytest.approx([106, 121, 134], abs=1)
    assert (made.rgb[~mask] == 100).all()
    assert {point for line in made.outlines for point in line.points_px} == {(3, 2), (6, 2), (6, 4), (3, 4)}


def test_overlapping_masks_get_further_layers_and_separate_ones_share() -> None:
    def square(row: int, col: int) -> MaskRuns:
        mask = np.zeros((8, 8), bool)
        mask[row : row + 3, col : col + 3] = True
        return MaskRuns.from_array(mask)

    apart = label_maps([(square(0, 0), "#FF0000"), (square(4, 4), "#00FF00")], 0.22)
    over = label_maps([(square(0, 0), "#FF0000"), (square(1, 1), "#00FF00")], 0.22)

    assert len(apart) == 1 and len(apart[0].colors) == 2
    assert len(over) == 2


def test_heat_below_the_threshold_is_not_drawn_and_opacity_follows_strength() -> None:
    palette = heat_palette(0.6, 0.12).astype(float)

    assert (palette[: int(0.12 * 1023)] == 0).all()
    half = palette[512]
    assert half[3] == pytest.approx(255 * 0.6 * (512 / 1023) ** 0.75, abs=1)
    # plasma at 0.12 + 0.88 * 0.5 = 0.56 is (219, 92, 104) or one step beside it, premultiplied here.
    assert (half[:3] / half[3] * 255).tolist() == pytest.approx([212, 81, 112], abs=12)


def test_heat_is_bilinear_between_the_centres_of_its_cells() -> None:
    frame_view, transform = view_of(np.zeros((8, 8), np.uint8))
    layer = HeatLayer(heat=heat_of(np.asarray([[0.0, 4.0], [0.0, 4.0]])), opacity=1.0, hide_below=0.0)

    made = compose(frame_view, TABLE, (), layer, transform)

    # Cell centres at x = 2 and 6: the last two columns are full, and every row is alike.
    assert (made.rgb[:, 6] == made.rgb[:, 7]).all()
    assert (made.rgb[0] == made.rgb[7]).all()
    red = made.rgb[0, 2:7, 0].astype(int)
    assert (np.diff(red) > 0).all()


@pytest.mark.parametrize("grid", [np.zeros((2, 2)), np.full((2, 2), -3.0)])
def test_no_positive_evidence_is_a_state_and_draws_nothing(grid: np.ndarray) -> None:
    frame_view, transform = view_of(np.full((8, 8), 70, np.uint8))

    made = compose(frame_view, TABLE, (), HeatLayer(heat=heat_of(grid)), transform)

    assert made.note == NO_EVIDENCE and (made.rgb == 70).all()


def test_no_evidence_at_the_maximum_is_drawn_where_values_are_negative() -> None:
    frame_view, transform = view_of(np.full((8, 8), 70, np.uint8))
    layer = HeatLayer(heat=heat_of(np.asarray([[-9.0, 1.0], [-9.0, 1.0]])), hide_below=0.0)

    made = compose(frame_view, TABLE, (), layer, transform)

    assert (made.rgb[:, :2] == 70).all() and (made.rgb[:, 6:] != 70).any()


def test_outside_the_image_is_black_for_inverted_pictures_too() -> None:
    frame_view = FrameView(stored=np.zeros((4, 4), np.uint8), inside=np.eye(4, dtype=bool), rows=4, cols=4)
    transform = ViewTransform(view_width=4, view_height=4, scale_x=1, scale_y=1, center_x_px=2, center_y_px=2)
    table = display_table(FACTS, Window(center=50, width=10, function=VoiFunction.LINEAR_EXACT), invert=True)

    made = compose(frame_view, table, (), None, transform)

    assert (made.rgb[..., 0] == np.eye(4) * 255).all()


def test_a_turned_view_turns_masks_with_the_pixels() -> None:
    codes = np.zeros((8, 8), np.uint8)
    codes[0, 0] = 1
    frame_view, _ = view_of(np.zeros((8, 8), np.uint8))
    transform = ViewTransform(
        view_width=8, view_height=8, scale_x=1, scale_y=1, center_x_px=4, center_y_px=4, quarter_turns=1
    )

    made = compose(frame_view, TABLE, (Layer(codes=codes, colors=("#FFFFFF",)),), None, transform)

    assert np.argwhere(made.rgb[..., 0]).tolist() == [[0, 7]]


def box_annotation(origin: Origin) -> Annotation:
    box = Box(x0_px=1, y0_px=1, x1_px=5, y1_px=4)
    return Annotation(annotation_id="a", image_id="i", label="Nodule", shape=box, author="me", origin=origin)


def proposal(score: float, decision: Decision = Decision.UNDECIDED) -> Proposal:
    box = Box(x0_px=1, y0_px=1, x1_px=5, y1_px=4)
    return Proposal(
        proposal_id="p", prediction_id="q", image_id="i", label="Nodule", score=score, shape=box, decision=decision
    )


def test_line_means_origin_and_colour_means_label() -> None:
    person, accepted = (
        overlay_layers([box_annotation(o)], [], LABELS, OverlaySettings())[-1] for o in (Origin.PERSON, Origin.ACCEPTED)
    )
    model = overlay_layers([], [proposal(0.93)], LABELS, OverlaySettings())[-1]

    assert {layer.outlines[0].color for layer in (person, accepted, model)} == {"#F65566"}
    assert [layer.outlines[0].dashed for layer in (person, accepted, model)] == [False, False, True]
    assert [layer.tags[0].badge for layer in (person, accepted, model)] == ["", "from AI", "AI 0.93"]
    assert accepted.tags[0].badge_style is BadgeStyle.ORIGIN and model.tags[0].badge_style is BadgeStyle.SCORE


def test_a_proposals_mask_is_an_outline_and_never_filled() -> None:
    mask = np.zeros((8, 8), bool)
    mask[2:4, 2:4] = True
    masked = Proposal(
        proposal_id="p", prediction_id="q", image_id="i", label="Lung", score=0.7, shape=MaskRuns.from_array(mask)
    )

    layers = overlay_layers([], [masked], LABELS, OverlaySettings())

    assert all(layer.codes is None for layer in layers) and layers[-1].outlines[0].dashed


@pytest.mark.parametrize(
    "settings",
    [OverlaySettings(show_proposals=False), OverlaySettings(mode=OverlayMode.NONE)],
)
def test_what_is_switched_off_is_not_drawn(settings: OverlaySettings) -> None:
    layers = overlay_layers([], [proposal(0.4)], LABELS, settings)

    assert not any(layer.outlines for layer in layers)


@pytest.mark.parametrize("decision", [Decision.ACCEPTED, Decision.CORRECTED, Decision.REJECTED])
def test_a_decided_proposal_leaves_the_image(decision: Decision) -> None:
    assert not overlay_layers([], [proposal(0.9, decision)], LABELS, OverlaySettings())[-1].outlines


def test_a_selected_shape_is_thicker_and_has_handles() -> None:
    plain = overlay_layers([box_annotation(Origin.PERSON)], [], LABELS, OverlaySettings())[-1].outlines[0]
    chosen = overlay_layers([box_annotation(Origin.PERSON)], [], LABELS, OverlaySettings(selected_id="a"))[-1]

    assert chosen.outlines[0].width_px > plain.width_px
    assert len(chosen.outlines[0].handles_px) == 8 and not plain.handles_px


def drawn_strength(grid: np.ndarray, rows: int, cols: int, turns: int = 0) -> np.ndarray:
    """(view row, view col) the strength, 0..1, at which a heatmap over the whole of an image is drawn."""
    heat = HeatMap(
        image_id="i", model_hash="m", label="Nodule", method="gradcam", layer="l", grid=grid.astype(np.float32),
        x0_px=0, y0_px=0, x1_px=cols, y1_px=rows,
    )  # fmt: skip
    transform = ViewTransform(
        view_width=rows if turns % 2 else cols, view_height=cols if turns % 2 else rows, scale_x=1, scale_y=1,
        center_x_px=cols / 2, center_y_px=rows / 2, quarter_turns=turns,
    )  # fmt: skip
    rgba = heat_rgba(HeatLayer(heat=heat, opacity=1.0, hide_below=0.0), rows, cols, transform)
    return (rgba[:, :, 3] / 255.0) ** (1 / 0.75)


@pytest.mark.parametrize(("down", "across"), [(1, 1), (1, 4), (4, 1), (2, 5), (5, 2)])
@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_grid_of_any_shape_lies_over_the_whole_image(down: int, across: int, turns: int) -> None:
    grid = np.random.default_rng(2).uniform(0.2, 1.0, (down, across))
    grid[-1, -1] = 1.0
    rows, cols = 20, 30

    # Cells' values stand at their centres, in between linear, beyond the outermost centres as there.
    y = np.interp((np.arange(rows) + 0.5) / rows * down - 0.5, np.arange(down), np.arange(down))
    x = np.interp((np.arange(cols) + 0.5) / cols * across - 0.5, np.arange(across), np.arange(across))
    columns = np.stack([np.interp(y, np.arange(down), grid[:, col]) for col in range(across)], axis=1)
    expected = np.stack([np.interp(x, np.arange(across), columns[row]) for row in range(rows)])

    shown = drawn_strength(grid, rows, cols, turns)
    assert np.abs(np.rot90(shown, turns) - expected).max() < 0.01


def test_beside_the_part_that_a_heatmap_covers_nothing_is_drawn() -> None:
    heat = replace(heat_of(np.ones((2, 2))), x0_px=2, y0_px=1, x1_px=6, y1_px=5)
    _, transform = view_of(np.zeros((8, 8), np.uint8))

    rgba = heat_rgba(HeatLayer(heat=heat, opacity=1.0, hide_below=0.0), 8, 8, transform)

    expected = np.zeros((8, 8), bool)
    expected[1:5, 2:6] = True
    assert np.array_equal(rgba[:, :, 3] > 0, expected) and (rgba[expected][:, 3] == 255).all()


def test_full_strength_is_the_top_of_the_model_s_scale_or_the_map_s_maximum_where_there_is_none() -> None:
    _, transform = view_of(np.zeros((8, 8), np.uint8))
    grid = heat_of(np.full((2, 2), 2.0))

    own, set_higher = (
        heat_rgba(HeatLayer(heat=replace(grid, scale_top=top), opacity=1.0, hide_below=0.0), 8, 8, transform)
        for top in (None, 4.0)
    )
    assert (own[:, :, 3] == 255).all()
    assert set(set_higher[:, :, 3].ravel().tolist()) <= {round(255 * 0.5**0.75) - 1, round(255 * 0.5**0.75)}


def test_a_weak_map_looks_weak_and_one_too_weak_to_be_drawn_says_so() -> None:
    _, transform = view_of(np.zeros((8, 8), np.uint8))
    weak = replace(heat_of(np.full((2, 2), 0.05)), unit="logit", scale_top=2.0)  # 2.5 % of its scale

    layer = HeatLayer(heat=weak, opacity=1.0, hide_below=0.12)
    assert not heat_rgba(layer, 8, 8, transform).any()
    assert layer.stamps == ("Too weak to be drawn: below 12 % of its scale",)
    drawn = heat_rgba(HeatLayer(heat=weak, opacity=1.0, hide_below=0.0), 8, 8, transform)
    assert int(drawn[:, :, 3].max()) <= round(255 * 0.025**0.75) + 1
    assert HeatLayer(heat=weak, opacity=1.0, hide_below=0.0).stamps == ()


def test_covering_is_source_over() -> None:
    below = np.array([[[200, 100, 0]]], np.uint8)
    half = np.array([[[64, 0, 128, 128]]], np.uint8)  # premultiplied

    # 127 of 255 of what is below, rounded, and what is above: 99.6 + 64, 49.8 + 0, 0 + 128.
    assert over(below, half).tolist() == [[[164, 50, 128]]]
    assert over(below, np.zeros((1, 1, 4), np.uint8)).tolist() == below.tolist()
    assert over(below, np.array([[[9, 8, 7, 255]]], np.uint8)).tolist() == [[[9, 8, 7]]]
    # 0 + 128, and an opacity of 255 - 127 * 127 / 255: 191.7.
    assert over_rgba(half, half).tolist() == [[[96, 0, 192, 192]]]


def test_a_colour_and_an_opacity_are_premultiplied() -> None:
    assert premultiplied("#80C4FF", 0.5).tolist() == [64, 98, 128, 128]
    assert premultiplied("#010203", 1.0).tolist() == [1, 2, 3, 255]


def test_a_mask_that_starts_within_the_image_is_filled_there_at_every_scale() -> None:
    codes = np.array([[1, 2, 0], [0, 2, 1]], np.uint8)
    layer = Layer(codes=codes, row0=3, col0=2, colors=("#FF0000", "#00FF00"), fill=1.0)

    for scale in (1, 3):
        transform = ViewTransform(
            view_width=8 * scale, view_height=8 * scale, scale_x=scale, scale_y=scale, center_x_px=4, center_y_px=4
        )
        whole = np.zeros((8, 8), int)
        whole[3:5, 2:5] = codes
        shown = fill_rgba(layer, 8, 8, transform)
        at = np.repeat(np.repeat(whole, scale, 0), scale, 1)
        assert np.array_equal(shown[..., 0] == 255, at == 1) and np.array_equal(shown[..., 1] == 255, at == 2)
        assert np.array_equal(shown[..., 3] == 255, at > 0)


def test_a_layer_may_lie_partly_or_wholly_beside_the_view() -> None:
    layer = Layer(codes=np.ones((4, 4), np.uint8), row0=6, col0=-1, colors=("#FFFFFF",), fill=1.0)
    transform = ViewTransform(view_width=4, view_height=4, scale_x=1, scale_y=1, center_x_px=2, center_y_px=6)

    shown = fill_rgba(layer, 8, 8, transform)[..., 3] > 0  # the view shows rows 4 to 7 and columns 0 to 3

    assert np.argwhere(shown).tolist() == [[2, 0], [2, 1], [2, 2], [3, 0], [3, 1], [3, 2]]
    beside = ViewTransform(view_width=4, view_height=4, scale_x=1, scale_y=1, center_x_px=90, center_y_px=6)
    assert not fill_rgba(layer, 8, 8, beside).any()


def test_a_shutter_stands_over_the_pixels_at_its_own_level() -> None:
    covered = np.eye(3, dtype=bool)
    frame_view, transform = native_view(
        np.full((3, 3), 50, np.uint8), replace(FACTS, rows=3, cols=3, shutter=Shutter(level=200)), covered=covered
    )

    assert np.array_equal(compose(frame_view, TABLE, (), None, transform).rgb[..., 1], np.where(covered, 200, 50))
    assert transform.to_view(0, 0) == (0, 0) and transform.to_view(3, 3) == (3, 3)
