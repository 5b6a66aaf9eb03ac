"""What is drawn of a model's proposals says what a reader must know of them."""

from dataclasses import replace

import numpy as np
import pytest

from viewer.core.heat import HeatMap
from viewer.core.labels import LABEL_COLORS, Label
from viewer.core.overlays import OverlayMode, OverlaySettings, label_color, label_maps, overlay_layers
from viewer.core.shapes.annotations import Annotation, Proposal
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns

PROPOSAL = Proposal(
    proposal_id="p",
    prediction_id="q",
    image_id="i",
    label="nodule",
    score=0.93,
    shape=Box(x0_px=1, y0_px=1, x1_px=5, y1_px=5),
)


@pytest.mark.parametrize(("outside", "badge"), [(False, "AI 0.93"), (True, "AI 0.93 · outside its domain")])
def test_every_box_of_a_model_run_anyway_says_so(outside: bool, badge: str) -> None:
    proposal = replace(PROPOSAL, outside_domain=outside)

    (layer,) = overlay_layers((), (proposal,), (), OverlaySettings())

    assert [tag.badge for tag in layer.tags] == [badge]


@pytest.mark.parametrize(
    ("highest", "outside", "stamps"),
    [
        (2.0, "", ()),
        (0.0, "", ("No positive evidence",)),
        (2.0, "it is no phantom", ("Outside its domain",)),
        (-1.0, "it is no phantom", ("No positive evidence", "Outside its domain")),
    ],
)
def test_a_heatmap_carries_its_stamps(highest: float, outside: str, stamps: tuple[str, ...]) -> None:
    grid = np.full((2, 2), highest, np.float32)
    heat = HeatMap(
        image_id="i", model_hash="m", label="nodule", method="gradcam", layer="l", grid=grid,
        x0_px=0, y0_px=0, x1_px=4, y1_px=4, outside_domain=outside,
    )  # fmt: skip

    assert heat.stamps == stamps


def test_space_steps_through_what_is_drawn_round_and_round() -> None:
    modes = [OverlayMode.ALL]
    for _ in range(3):
        modes.append(modes[-1].next())

    assert modes == [OverlayMode.ALL, OverlayMode.OUTLINES, OverlayMode.NONE, OverlayMode.ALL]


def square(row: int, col: int, rows: int = 3, cols: int = 2) -> MaskRuns:
    mask = np.zeros((40, 50), bool)
    mask[row : row + rows, col : col + cols] = True
    return MaskRuns.from_array(mask)


EMPTY = MaskRuns.from_array(np.zeros((40, 50), bool))


def test_masks_share_a_map_where_they_lie_apart_and_an_empty_one_hides_no_other() -> None:
    masks = [(square(20, 31), "#FF0000"), (EMPTY, "#0000FF"), (square(10, 5), "#00FF00"), (square(21, 32), "#FFFFFF")]

    first, second = label_maps(masks, 0.5)

    assert (first.row0, first.col0, first.colors, first.fill) == (10, 5, ("#FF0000", "#00FF00"), 0.5)
    assert first.codes is not None and first.codes.shape == (24 - 10, 34 - 5)
    expected = np.zeros((40, 50), int)
    expected[20:23, 31:33], expected[10:13, 5:7] = 1, 2
    assert np.array_equal(first.codes, expected[10:24, 5:34])
    assert second.colors == ("#FFFFFF",) and second.codes is not None
    assert np.argwhere(second.codes).min(axis=0).tolist() == [21 - 10, 32 - 5]
    assert label_maps([(EMPTY, "#0000FF")], 0.5) == []


def test_a_map_has_255_colours_and_the_next_mask_gets_another() -> None:
    apart = [(square(n // 50, n % 50, 1, 1), "#FF0000") for n in range(257)]

    assert [len(layer.colors) for layer in label_maps(apart, 0.2)] == [255, 2]
    assert max(int(layer.codes.max()) for layer in label_maps(apart, 0.2) if layer.codes is not None) == 255


@pytest.mark.parametrize(
    ("settings", "maps"),
    [
        (OverlaySettings(), 1),
        (OverlaySettings(fill=0.0), 0),
        (OverlaySettings(fill=0.01), 1),
        (OverlaySettings(mode=OverlayMode.OUTLINES), 0),
        (OverlaySettings(mode=OverlayMode.OUTLINES, fill=0.0), 0),
    ],
)
def test_areas_are_filled_in_the_first_mode_alone_and_lines_drawn_in_both(settings: OverlaySettings, maps: int) -> None:
    drawn = Annotation(annotation_id="a", image_id="i", label="Lung", shape=square(3, 3), author="me")

    layers = overlay_layers([drawn], (), (), settings)

    assert sum(layer.codes is not None for layer in layers) == maps
    assert [len(layer.outlines) for layer in layers if layer.codes is None] == [1]
    assert overlay_layers([drawn], (), (), replace(settings, mode=OverlayMode.NONE)) == ()


def test_proposals_are_drawn_and_the_selected_one_alone_is_thick() -> None:
    others = tuple(replace(PROPOSAL, proposal_id=name) for name in "apz")
    settings = OverlaySettings(selected_id="p")

    (layer,) = overlay_layers((), others, (), settings)

    widths = {outline.owner_id: outline.width_px for outline in layer.outlines}
    assert set(widths) == set("apz") and widths["p"] > widths["a"] == widths["z"]
    assert overlay_layers((), others, (), replace(settings, show_proposals=False))[-1].outlines == ()


def test_a_region_has_the_colour_of_its_region_label_and_not_of_the_image_s_of_that_name() -> None:
    labels = [
        Label(name="nodule", scope="image", position=0, tint=1),
        Label(name="mass", scope="region", position=0, tint=2),
        Label(name="nodule", scope="region", position=1, tint=3),
    ]

    assert label_color("nodule", labels) == LABEL_COLORS[3] and label_color("mass", labels) == LABEL_COLORS[2]
    assert label_color("nodule", labels[:2]) == label_color("nodule", []), "an image's label colours no region"
