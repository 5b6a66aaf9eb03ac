"""One series UID, several series: what sets images apart beside size and orientation."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

from viewer.reading.scan import all_series, scan
from viewer.reading.series import Series

MakeSlices = Callable[..., list[Path]]
MakeDicom = Callable[..., Path]


def codes(series: Series) -> set[str]:
    return {warning.code for warning in series.warnings}


def folders(series: Series) -> set[str]:
    return {ref.path.parent.name for ref in series.frames}


def test_two_pixel_spacings_are_two_series(make_slices: MakeSlices, tmp_path: Path) -> None:
    make_slices([0, 3, 6], folder="a", PixelSpacing=[0.5, 0.5])
    make_slices([9, 12, 15], folder="b", PixelSpacing=[0.7, 0.7])

    found = all_series(scan([tmp_path]))

    assert sorted(map(folders, found), key=str) == [{"a"}, {"b"}]
    assert all(series.is_volume and codes(series) == {"mixed-spacing"} for series in found)


def test_spacings_that_differ_by_rounding_are_one_series(make_slices: MakeSlices, tmp_path: Path) -> None:
    make_slices([0, 3], folder="a", PixelSpacing=["0.48828125", "0.48828125"])
    make_slices([6, 9], folder="b", PixelSpacing=["0.488281", "0.488281"])

    (series,) = all_series(scan([tmp_path]))

    assert series.is_volume
    assert series.warnings == ()


def test_an_image_without_spacing_stays_and_the_stack_is_no_volume(make_slices: MakeSlices, tmp_path: Path) -> None:
    paths = make_slices([0, 3, 6])
    ds = pydicom.dcmread(paths[1])
    del ds.PixelSpacing
    ds.save_as(paths[1])

    (series,) = all_series(scan([tmp_path]))

    assert series.files == 3
    assert codes(series) == {"no-spacing"}
    assert not series.is_volume


PRIVATE = {
    "siemens": (0x0019, "SIEMENS MR HEADER", 0x0C, "IS", lambda b: b),
    "philips": (0x2001, "Philips Imaging DD 001", 0x03, "FL", float),
    "ge": (0x0043, "GEMS_PARM_01", 0x39, "IS", lambda b: [1_000_000_000 + b, 8, 0, 0]),
}


@pytest.mark.parametrize("where", ["standard", *PRIVATE])
def test_b_values_are_series_of_their_own(make_slices: MakeSlices, tmp_path: Path, where: str) -> None:
    for b in (50, 1000):
        for path in make_slices([0, 3, 6], folder=str(b), Modality="MR"):
            ds = pydicom.dcmread(path)
            if where == "standard":
                ds.DiffusionBValue = float(b)
            else:
                group, creator, element, vr, value = PRIVATE[where]
                ds.private_block(group, creator, create=True).add_new(element, vr, value(b))
            ds.save_as(path)

    found = all_series(scan([tmp_path]))

    assert [folders(series) for series in found] in ([{"50"}, {"1000"}], [{"1000"}, {"50"}])
    assert all(series.is_volume and codes(series) == {"several-b-values"} for series in found)


def test_phases_told_apart_by_two_attributes_at_once_are_split_by_both(make_slices: MakeSlices, tmp_path: Path) -> None:
    # Their numbers run through the parts in another order at each place, so that counting them would mix the parts.
    orders = {"20-0": (1, 7, 12), "20-100": (2, 6, 11), "40-0": (3, 8, 10), "40-100": (4, 5, 9)}
    for name, numbers in orders.items():
        echo, trigger = name.split("-")
        for path, number in zip(make_slices([0, 3, 6], folder=name, EchoTime=echo, TriggerTime=trigger), numbers):
            ds = pydicom.dcmread(path)
            ds.InstanceNumber = number
            ds.save_as(path)

    found = all_series(scan([tmp_path]))

    assert sorted(map(sorted, map(folders, found))) == [["20-0"], ["20-100"], ["40-0"], ["40-100"]]
    assert all(series.is_volume for series in found)


def test_time_points_of_one_place_are_one_film_in_the_order_of_time(make_dicom: MakeDicom, tmp_path: Path) -> None:
    def image(moment: int, **more: Any) -> None:
        make_dicom(
            f"{9 - moment}.dcm",
            np.zeros((4, 4), np.int16),
            TemporalPositionIdentifier=moment,
            InstanceNumber=moment % 3,
            ImagePositionPatient=[0.0, 0.0, 5.0],
            ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
            **more,
        )

    for moment in (2, 10, 1, 3):
        image(moment)

    (series,) = all_series(scan([tmp_path]))

    assert [ref.path.name for ref in series.frames] == ["8.dcm", "7.dcm", "6.dcm", "-1.dcm"]
    assert codes(series) == {"several-time-points"}
    assert not series.is_volume


def test_a_slice_beside_the_line_of_the_others_is_named_and_no_volume(make_slices: MakeSlices, tmp_path: Path) -> None:
    paths = make_slices([0, 3, 6, 9])
    ds = pydicom.dcmread(paths[2])
    ds.ImagePositionPatient = [-8.0, -20.0, 6.0]
    ds.save_as(paths[2])

    (series,) = all_series(scan([tmp_path]))

    assert codes(series) == {"not-straight"}
    assert "2.0 mm" in series.warnings[0].text
    assert not series.is_volume
