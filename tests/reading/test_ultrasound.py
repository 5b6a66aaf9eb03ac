"""Regions of ultrasound pictures as files give them, per image and per frame."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from viewer.core.pixels import PixelFacts
from viewer.core.regions import region_at
from viewer.core.shapes.measurements import spacing_for
from viewer.reading.frames import read_frame
from viewer.reading.series import FrameRef

MakeDicom = Callable[..., Path]
PIXELS = np.zeros((100, 120), np.uint8)


def region(**more: Any) -> Dataset:
    made = Dataset()
    values = {
        "RegionSpatialFormat": 1, "RegionDataType": 1, "RegionFlags": 2, "RegionLocationMinX0": 10,
        "RegionLocationMinY0": 20, "RegionLocationMaxX1": 59, "RegionLocationMaxY1": 79, "PhysicalUnitsXDirection": 3,
        "PhysicalUnitsYDirection": 3, "PhysicalDeltaX": 0.05, "PhysicalDeltaY": 0.04, "ReferencePixelX0": 25,
        "ReferencePixelY0": -5, "ReferencePixelPhysicalValueX": 0.0, "ReferencePixelPhysicalValueY": -0.2, **more,
    }  # fmt: skip
    for keyword, value in values.items():
        setattr(made, keyword, value)
    return made


def facts(path: Path, frame: int = 0) -> PixelFacts:
    return read_frame(FrameRef(path=path, frame_index=frame)).facts


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian])
def test_a_region_has_its_place_its_units_and_its_zero(make_dicom: MakeDicom, syntax: str) -> None:
    path = make_dicom(
        "a.dcm", PIXELS, syntax=syntax, Modality="US", SequenceOfUltrasoundRegions=Sequence([region(RegionFlags=3)])
    )

    (found,) = facts(path).regions

    assert (found.kind, found.unit_x, found.unit_y, found.is_low_priority) == ("2D", "cm", "cm", True)
    # The last column and row belong to it: image points up to 60 and 80.
    assert (found.x0_px, found.y0_px, found.x1_px, found.y1_px) == (10, 20, 60, 80)
    assert found.spacing is not None
    assert (found.spacing.row_mm, found.spacing.col_mm) == pytest.approx((0.4, 0.5))
    # The reference pixel counts from the region's corner: column 35 is 0 cm; row 15 is -0.2 cm, so row 20 is 0.
    assert (found.zero_x_px, found.zero_y_px) == pytest.approx((35.5, 20.5))


@pytest.mark.parametrize(
    ("change", "kind", "units"),
    [
        ({"RegionSpatialFormat": 2, "PhysicalUnitsXDirection": 4}, "M-mode", ("s", "cm")),
        (
            {"RegionSpatialFormat": 3, "PhysicalUnitsXDirection": 4, "PhysicalUnitsYDirection": 7},
            "spectral",
            ("s", "cm/s"),
        ),
        ({"RegionSpatialFormat": 1, "PhysicalUnitsXDirection": 12}, "2D", ("°", "cm")),
        ({"RegionSpatialFormat": 0, "PhysicalUnitsXDirection": 0, "PhysicalUnitsYDirection": 0}, "", ("", "")),
        ({"PhysicalDeltaX": 0.0}, "2D", ("cm", "cm")),
    ],
)
def test_only_centimetres_of_a_2d_region_are_a_spacing(
    make_dicom: MakeDicom, change: dict[str, Any], kind: str, units: tuple[str, str]
) -> None:
    regions = Sequence([region(**change)])

    (found,) = facts(make_dicom("a.dcm", PIXELS, Modality="US", SequenceOfUltrasoundRegions=regions)).regions

    assert (found.kind, (found.unit_x, found.unit_y), found.spacing) == (kind, units, None)


def test_a_region_with_impossible_bounds_is_none(make_dicom: MakeDicom) -> None:
    regions = Sequence([region(RegionLocationMaxX1=5), region()])

    found = facts(make_dicom("a.dcm", PIXELS, Modality="US", SequenceOfUltrasoundRegions=regions)).regions

    assert [one.number for one in found] == [2]


def test_a_frame_s_own_regions_come_before_the_image_s(make_dicom: MakeDicom) -> None:
    own = Dataset()
    own.SequenceOfUltrasoundRegions = Sequence([region(PhysicalDeltaX=0.2, PhysicalDeltaY=0.2)])
    path = make_dicom(
        "a.dcm", PIXELS, encoded=bytes(2 * PIXELS.size), NumberOfFrames=2, Modality="US",
        SequenceOfUltrasoundRegions=Sequence([region()]),
        PerFrameFunctionalGroupsSequence=Sequence([Dataset(), own]),
    )  # fmt: skip

    spacings = [facts(path, frame).regions[0].spacing for frame in (0, 1)]

    assert [one.col_mm for one in spacings if one] == pytest.approx([0.5, 2.0])


def test_the_regions_of_real_files_are_those_of_pydicom(corpus: Path) -> None:
    names = ("pixel/gdcm-US-ALOKA-16.dcm", "objects/no-pixel-spacing.dcm", "pixel/ybrFull-RLE.dcm")
    for path in (corpus / name for name in names):
        found = facts(path)
        items = dcmread(path, stop_before_pixels=True).SequenceOfUltrasoundRegions
        assert len(found.regions) == len(items)
        for mine, theirs in zip(found.regions, items):
            assert (mine.x0_px, mine.y1_px) == (theirs.RegionLocationMinX0, theirs.RegionLocationMaxY1 + 1)
            assert (mine.delta_x, mine.delta_y) == (theirs.PhysicalDeltaX, theirs.PhysicalDeltaY)


def test_two_pictures_side_by_side_are_measured_each_by_its_own(corpus: Path) -> None:
    found = facts(corpus / "pixel" / "gdcm-US-ALOKA-16.dcm")

    left, right = region_at(found.regions, 200, 200), region_at(found.regions, 500, 200)
    assert left is not None and right is not None and (left.number, right.number) == (1, 2)
    spacing = spacing_for(((200, 200), (250, 250)), found)
    assert spacing is not None and spacing.col_mm == pytest.approx(0.3826530650258064)
    assert spacing_for(((200, 200), (500, 200)), found) is None
    assert spacing_for(((40, 60), (200, 200)), found) is None  # from the grey bar into the picture
