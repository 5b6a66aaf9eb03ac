"""What lies over each other on neighbouring slices is one thing; two that meet stay two. Written out by hand."""

import numpy as np

from viewer.core.shapes.joining import Piece, joined
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns


def box(key: str, left: float, width: float = 10, label: str = "nodule") -> Piece:
    return Piece(key=key, label=label, shape=Box(x0_px=left, y0_px=10, x1_px=left + width, y1_px=20))


def mask(key: str, left: int, width: int) -> Piece:
    pixels = np.zeros((40, 60), np.bool_)
    pixels[10:20, left : left + width] = True
    return Piece(key=key, label="nodule", shape=MaskRuns.from_array(pixels))


def test_what_lies_over_each_other_slice_after_slice_is_one() -> None:
    slices = [[box("a", 0)], [box("b", 2), box("x", 40)], [box("c", 4)]]
    assert joined(slices, 40, 60) == [["a", "b", "c"]], "what is alone is no chain"


def test_a_quarter_of_the_smaller_one_is_enough_and_less_is_not() -> None:
    # Boxes 10 px wide, 2.5 px of it shared: a quarter. The smaller of 10 and 4 px, 1 px shared: a quarter too.
    assert joined([[box("a", 0)], [box("b", 7.5)]], 40, 60) == [["a", "b"]]
    assert joined([[box("a", 0)], [box("b", 7.6)]], 40, 60) == []
    assert joined([[box("a", 0)], [box("b", 9, width=4)]], 40, 60) == [["a", "b"]]


def test_another_label_is_another_thing() -> None:
    assert joined([[box("a", 0)], [box("b", 0, label="cyst")]], 40, 60) == []


def test_a_slice_without_it_ends_it() -> None:
    slices = [[box("a", 0)], [box("b", 0)], [], [box("c", 0)], [box("d", 0)]]
    assert joined(slices, 40, 60) == [["a", "b"], ["c", "d"]]


def test_two_that_meet_stay_two_and_the_nearer_one_goes_on() -> None:
    # On the second slice one box lies over both: 8 of 10 px of the first, 4 of the other.
    slices = [[box("far", 14), box("near", 2)], [box("both", 0, width=18)], [box("on", 0)]]
    assert joined(slices, 40, 60) == [["near", "both", "on"]]
    # One that parts in two: the part that shares more goes on.
    parting = [[box("one", 0, width=20)], [box("less", 17), box("more", 0)]]
    assert joined(parting, 40, 60) == [["one", "more"]]


def test_masks_are_compared_by_their_pixels() -> None:
    assert joined([[mask("a", 0, 8)], [mask("b", 6, 8)]], 40, 60) == [["a", "b"]]  # 2 of 8 columns: a quarter
    assert joined([[mask("a", 0, 8)], [mask("b", 7, 8)]], 40, 60) == []


def test_no_slices_hold_nothing() -> None:
    assert joined([], 40, 60) == [] and joined([[], []], 40, 60) == []
