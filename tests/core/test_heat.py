"""What stands beside a heatmap, and what a stored value stands for besides."""

from typing import Any

import numpy as np
import pytest

from viewer.core.heat import LOGIT, NO_EVIDENCE, OUTSIDE_ITS_DOMAIN, HeatMap
from viewer.core.pixels import RealWorldMapping


def heat(*values: float, outside: str = "", **more: Any) -> HeatMap:
    return HeatMap(
        image_id="i", model_hash="h", label="Nodule", method="CAM", layer="4", grid=np.asarray([values], np.float32),
        x0_px=0, y0_px=0, x1_px=1, y1_px=1, outside_domain=outside, **more,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("value", "top", "said"),
    [
        (2.5, 2.0, "2.50"),  # above the scale: said as it is
        (0.05, 2.31, "0.05"),
        (0.0005, 2.31, "less than 0.01"),  # never "0.00": that is another number
        (-0.0005, 2.31, "above −0.01"),
        (-3.25, 2.31, "−3.25"),
        (0.0, 2.31, "0.00"),
        (0.0005, 0.0311, "0.0005"),
        (12.0, 41.5, "12.0"),
        (1234.4, 5000.0, "1234"),
        (2e-9, 4e-9, "2.00e−09"),
    ],
)
def test_a_map_s_numbers_have_as_many_digits_as_its_scale_needs(value: float, top: float, said: str) -> None:
    assert heat(value, unit=LOGIT, scale_top=top).maximum_words == f"{said} score points"


def test_the_top_of_the_scale_is_that_of_model_class_and_method_and_stands_in_the_legend() -> None:
    weak = heat(0.05, -1, unit=LOGIT, scale_top=2.31, scale_from="the largest of 32 validation images")

    assert weak.top == 2.31 and not weak.has_own_scale
    assert weak.legend == ("Map not checked · maximum 0.05, full colour 2.31 score points",)
    assert weak.scale_words == "full colour 2.31 score points, the largest of 32 validation images"

    strong = heat(3.0, unit=LOGIT, scale_top=2.31, scale_from="the largest of 32 validation images")
    assert strong.legend == ("Map not checked · maximum 3.00, full colour 2.31 score points and above",)
    assert strong.scale_words == "full colour 2.31 score points, and above, the largest of 32 validation images"


@pytest.mark.parametrize("unknown", [None, 0.0, -2.0, float("nan"), float("inf")])
def test_a_model_without_a_scale_has_the_image_s_own_and_says_so(unknown: float | None) -> None:
    own = heat(0.5, 0.25, scale_top=unknown)

    assert own.top == 0.5 and own.has_own_scale
    assert own.legend == (
        "Map not checked · maximum 0.500 arbitrary units",
        "full colour is this image's own maximum",
    )
    assert own.scale_words == "full colour is this image's own maximum, be it weak or strong"


@pytest.mark.parametrize("maximum", [0.0, -0.5])
def test_a_map_without_anything_positive_has_no_full_colour_to_speak_of(maximum: float) -> None:
    nothing = heat(maximum, -1, scale_top=None)

    assert nothing.has_own_scale and nothing.top == 0 and nothing.scale_words == ""
    assert len(nothing.legend) == 1 and "full colour" not in nothing.legend[0]


def test_methods_that_give_the_same_map_are_named() -> None:
    assert heat(1).same_words == ""
    assert heat(1, same_as=("HiResCAM",)).same_words.startswith("HiResCAM gives the same map here")
    three = heat(1, same_as=("A", "B", "C")).same_words
    assert three == "A, B and C give the same map here, so that they agree says nothing."


def test_without_evidence_or_outside_its_domain_is_stamped() -> None:
    assert heat(0.5, -1).stamps == ()
    assert heat(0.0, -1).stamps == heat(-1).stamps == (NO_EVIDENCE,)
    assert heat(0.5, outside="a hand, not a chest").stamps == (OUTSIDE_ITS_DOMAIN,)
    assert heat(0.0, outside="a hand, not a chest").stamps == (NO_EVIDENCE, OUTSIDE_ITS_DOMAIN)


def test_a_stored_value_stands_for_a_real_one_within_the_mapping_s_range_ends_included() -> None:
    mapping = RealWorldMapping(slope=0.5, intercept=-3, first=10, last=20)

    assert [mapping.value(stored) for stored in (9.9, 10, 14, 20, 20.1)] == [None, 2.0, 4.0, 7.0, None]
    assert RealWorldMapping(slope=2, intercept=1).value(-1e9) == 1 - 2e9
