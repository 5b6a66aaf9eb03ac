"""What is drawn of a model's proposals says what a reader must know of them."""

from dataclasses import replace

import numpy as np
import pytest

from viewer.core.annotations import Proposal
from viewer.core.heat import HeatMap
from viewer.core.overlays import OverlaySettings, overlay_layers
from viewer.core.shapes import Box

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
