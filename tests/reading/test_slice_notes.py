"""What stands on an image about its series and its neighbours."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pydicom
import pytest

from viewer.reading.grouping.slice_notes import image_notes
from viewer.reading.scan import all_series, scan

MakeSlices = Callable[..., list[Path]]


def notes(folder: Path) -> list[tuple[str, ...]]:
    (series,) = all_series(scan([folder]))
    return [image_notes(series, index) for index in range(len(series.frames))]


def test_a_sound_series_says_nothing(make_slices: MakeSlices, tmp_path: Path) -> None:
    make_slices([0, 3, 6])

    assert notes(tmp_path) == [(), (), ()]


def test_a_missing_slice_is_named_and_the_gap_beside_its_neighbours(make_slices: MakeSlices, tmp_path: Path) -> None:
    make_slices([0, 3, 9, 12])

    assert notes(tmp_path) == [
        ("1 slice missing",),
        ("1 slice missing", "gap of 6.0 mm after this slice"),
        ("1 slice missing", "gap of 6.0 mm before this slice"),
        ("1 slice missing",),
    ]


def test_gaps_on_both_sides_are_named_in_one_line(make_slices: MakeSlices, tmp_path: Path) -> None:
    make_slices([0, 3, 9, 15])
    assert notes(tmp_path)[2][1] == "gap of 6.0 mm before and after this slice"

    make_slices([0, 3, 9, 18])
    assert notes(tmp_path)[2][1] == "gap of 6.0 mm before this slice · gap of 9.0 mm after this slice"


def test_uneven_gaps_name_those_that_differ_from_the_usual_one(make_slices: MakeSlices, tmp_path: Path) -> None:
    make_slices([0, 3, 6, 10.3, 13.3])

    found = notes(tmp_path)

    assert found[0] == ("gaps 3.0 to 4.3 mm",)
    assert found[2] == ("gaps 3.0 to 4.3 mm", "gap of 4.3 mm after this slice")


def test_another_image_at_the_same_place_is_named(make_slices: MakeSlices, tmp_path: Path) -> None:
    make_slices([0, 3, 3, 6])

    assert notes(tmp_path)[1:3] == [
        ("1 doubled place", "same place as next"),
        ("1 doubled place", "same place as previous"),
    ]


@pytest.mark.parametrize(("tilt", "said"), [("18.5", "gantry tilt 18.5°"), ("0", "sheared 18.5°")])
def test_a_tilt_is_named_once_and_a_shear_without_tilt_by_itself(
    make_slices: MakeSlices, tmp_path: Path, tilt: str, said: str
) -> None:
    # cos and sin of 18.5 degrees: the columns lean to the feet while the table moves along z.
    make_slices([0, 4, 8], ImageOrientationPatient=[1, 0, 0, 0, 0.948324, -0.317305], GantryDetectorTilt=tilt)

    assert notes(tmp_path) == [(said,)] * 3


def test_what_has_no_position_says_so_and_what_has_one_does_not(make_slices: MakeSlices, tmp_path: Path) -> None:
    for path in make_slices([0, 3, 6])[:1]:
        ds = pydicom.dcmread(path)
        del ds.ImagePositionPatient
        ds.save_as(path)

    placed, lost = sorted(all_series(scan([tmp_path])), key=lambda series: -series.files)

    assert "1 without position apart" in image_notes(placed, 0)[0]
    assert "position unknown" in image_notes(lost, 0)[0]


def test_the_dropped_slices_of_a_real_series_are_named_where_they_are_missing(corpus: Path) -> None:
    folder = corpus / "series" / "mr_missing_slices"
    z = sorted(float(pydicom.dcmread(p, stop_before_pixels=True).ImagePositionPatient[2]) for p in folder.iterdir())
    gaps = [after - before for before, after in pairwise(z)]
    wide = [n for n, gap in enumerate(gaps) if gap > 1.5 * min(gaps)]

    found = notes(folder)

    assert len(wide) == 2
    assert [n for n, lines in enumerate(found) if any("after" in line for line in lines)] == wide
    assert all(lines[0] == "2 slices missing" for lines in found)
