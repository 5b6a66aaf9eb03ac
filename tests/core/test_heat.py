"""What stands beside a heatmap, and what a stored value stands for besides."""

import numpy as np
import pytest

from viewer.core.heat import NO_EVIDENCE, OUTSIDE_ITS_DOMAIN, HeatMap
from viewer.core.pixels import RealWorldMapping


def heat(*values: float, outside: str = "") -> HeatMap:
    return HeatMap(
        image_id="i", model_hash="h", label="Nodule", method="CAM", layer="4", grid=np.asarray([values], np.float32),
        x0_px=0, y0_px=0, x1_px=1, y1_px=1, outside_domain=outside,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ((-1, 2.5, 0), "2.50"),
        ((-3, -2.5), "−2.50"),
        ((-1, 0), "0.00"),
        ((0.0625,), "0.06"),
        ((0.0078125,), "0.00781"),
        ((-0.0078125,), "−0.00781"),
    ],
)
def test_the_unscaled_maximum_is_said_also_where_two_digits_would_be_none(values: tuple[float, ...], said: str) -> None:
    assert heat(*values).worth_words == f"Map not checked · unscaled maximum {said} logit"


def test_without_evidence_or_outside_its_domain_is_stamped() -> None:
    assert heat(0.5, -1).stamps == ()
    assert heat(0.0, -1).stamps == heat(-1).stamps == (NO_EVIDENCE,)
    assert heat(0.5, outside="a hand, not a chest").stamps == (OUTSIDE_ITS_DOMAIN,)
    assert heat(0.0, outside="a hand, not a chest").stamps == (NO_EVIDENCE, OUTSIDE_ITS_DOMAIN)


def test_a_stored_value_stands_for_a_real_one_within_the_mapping_s_range_ends_included() -> None:
    mapping = RealWorldMapping(slope=0.5, intercept=-3, first=10, last=20)

    assert [mapping.value(stored) for stored in (9.9, 10, 14, 20, 20.1)] == [None, 2.0, 4.0, 7.0, None]
    assert RealWorldMapping(slope=2, intercept=1).value(-1e9) == 1 - 2e9
