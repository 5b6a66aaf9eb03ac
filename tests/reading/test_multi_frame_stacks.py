"""The frames of one file are grouped and sorted like files: by stack, orientation, echo, b-value and time."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from tests.dicom_items import item
from viewer.reading.frames import read_frame
from viewer.reading.scan import all_series, scan
from viewer.reading.series import Series

MakeDicom = Callable[..., Path]

ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.4.1"
AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)


def one(**attributes: Any) -> Sequence:
    """A sequence with one item."""
    return Sequence([item(**attributes)])


def group(
    position: tuple[float, ...], orientation: tuple[float, ...] = AXIAL, *, spacing: float = 1.0, **parts: Any
) -> Dataset:
    """Per-frame functional groups. parts: stack, time, b, echo."""
    content = {"StackID": parts.get("stack", "1")}
    if "time" in parts:
        content["TemporalPositionIndex"] = parts["time"]
    found = Dataset()
    found.FrameContentSequence = one(**content)
    found.PlanePositionSequence = one(ImagePositionPatient=list(position))
    found.PlaneOrientationSequence = one(ImageOrientationPatient=list(orientation))
    found.PixelMeasuresSequence = one(PixelSpacing=[spacing, spacing])
    if "b" in parts:
        found.MRDiffusionSequence = one(DiffusionBValue=float(parts["b"]))
    if "echo" in parts:
        found.MREchoSequence = one(EffectiveEchoTime=float(parts["echo"]))
    return found


def enhanced(make_dicom: MakeDicom, groups: list[Dataset], **attributes: Any) -> Path:
    """A file whose frame n is full of n."""
    pixels = np.stack([np.full((4, 4), n, np.int16) for n in range(len(groups))])
    return make_dicom(
        "enhanced.dcm",
        pixels,
        SOPClassUID=ENHANCED_MR,
        Modality="MR",
        NumberOfFrames=len(groups),
        PerFrameFunctionalGroupsSequence=Sequence(groups),
        **attributes,
    )


def indices(series: Series) -> list[int]:
    return [ref.frame_index for ref in series.frames]


def codes(series: Series) -> set[str]:
    return {warning.code for warning in series.warnings}


def test_frames_stored_from_the_far_end_are_sorted_along_the_normal_and_are_a_volume(
    make_dicom: MakeDicom, tmp_path: Path
) -> None:
    enhanced(make_dicom, [group((0, 0, z)) for z in (9, 3, 6, 0)])

    (series,) = all_series(scan([tmp_path]))

    assert indices(series) == [3, 1, 2, 0]
    assert [ref.along_normal_mm for ref in series.frames] == [0, 3, 6, 9]
    assert (series.files, series.slice_spacing_mm, series.is_volume, series.warnings) == (1, 3.0, True, ())


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ({"stack": "2"}, "several-stacks"),
        ({"echo": 80}, "several-echoes"),
        ({"b": 1000}, "several-b-values"),
        ({"time": 2}, "several-time-points"),
    ],
)
def test_interleaved_parts_of_one_file_are_told_apart(
    make_dicom: MakeDicom, tmp_path: Path, part: dict[str, Any], code: str
) -> None:
    first = {"stack": "1", "echo": 20, "b": 0, "time": 1}
    groups = [group((0, 0, z), **{**first, **other}) for z in (0, 3, 6) for other in ({}, part)]
    enhanced(make_dicom, groups)

    found = all_series(scan([tmp_path]))

    assert sorted(indices(series) for series in found) == [[0, 2, 4], [1, 3, 5]]
    assert all(series.is_volume and codes(series) == {code} for series in found)
    assert len({series.series_id for series in found}) == 2


def test_orientations_and_spacings_in_one_file_are_stacks_of_their_own(make_dicom: MakeDicom, tmp_path: Path) -> None:
    groups = [group((0, 0, z)) for z in (0, 3)] + [group((x, 0, 0), SAGITTAL) for x in (5, 0)]
    groups += [group((0, 0, z), spacing=2.0) for z in (0, 3)]
    enhanced(make_dicom, groups)

    found = all_series(scan([tmp_path]))

    # The sagittal normal is row x column = (0, 1, 0) x (0, 0, -1) = (-1, 0, 0): x = 5 comes first.
    assert sorted(indices(series) for series in found) == [[0, 1], [2, 3], [4, 5]]
    assert all({"mixed-orientation", "mixed-spacing"} <= codes(series) for series in found)
    assert sorted(series.spacing.row_mm for series in found if series.spacing) == [1.0, 1.0, 2.0]


def test_a_missing_frame_is_named(make_dicom: MakeDicom, tmp_path: Path) -> None:
    enhanced(make_dicom, [group((0, 0, z)) for z in (0, 3, 9)])

    (series,) = all_series(scan([tmp_path]))

    assert codes(series) == {"missing-slices"}
    assert not series.is_volume


def test_what_the_dimensions_tell_apart_is_told_apart(make_dicom: MakeDicom, tmp_path: Path) -> None:
    pointers = []
    for tag in (0x00209057, 0x00189087 - 0x11):  # In-Stack Position Number, and one that says nothing of the place
        pointers.append(Dataset())
        pointers[-1].DimensionIndexPointer = tag
    groups = [group((0, 0, z)) for z in (0, 3, 6) for _ in range(2)]
    for number, found in enumerate(groups):
        found.FrameContentSequence[0].DimensionIndexValues = [number // 2 + 1, number % 2 + 1]
    enhanced(make_dicom, groups, DimensionIndexSequence=Sequence(pointers))

    found = all_series(scan([tmp_path]))

    assert sorted(indices(series) for series in found) == [[0, 2, 4], [1, 3, 5]]


def test_the_index_gives_back_the_places_of_frames(make_dicom: MakeDicom, tmp_path: Path) -> None:
    from viewer.reading.header_index import HeaderIndex

    enhanced(make_dicom, [group((0, 0, z), time=t) for z in (6, 3, 0) for t in (1, 2)])
    index = HeaderIndex(tmp_path / "index" / "headers.sqlite")

    fresh = scan([tmp_path / "enhanced.dcm"], index=index)
    again = scan([tmp_path / "enhanced.dcm"], index=index)

    assert all_series(again) == all_series(fresh)
    assert len(all_series(again)) == 2


# Frames whose places follow from the first one's.


def test_the_frames_of_a_dose_grid_lie_where_their_offsets_say(make_dicom: MakeDicom, tmp_path: Path) -> None:
    """PS3.3 C.8.8.3.2: offsets from the first frame along the normal; here it points to -z."""
    path = make_dicom(
        "dose.dcm",
        np.zeros((3, 4, 4), np.uint16),
        SOPClassUID="1.2.840.10008.5.1.4.1.1.481.2",
        Modality="RTDOSE",
        NumberOfFrames=3,
        GridFrameOffsetVector=[0.0, 2.5, 5.0],
        ImagePositionPatient=[1.0, 2.0, 30.0],
        ImageOrientationPatient=[-1, 0, 0, 0, 1, 0],
    )
    assert path.exists()

    (series,) = all_series(scan([tmp_path]))

    planes = [read_frame(ref).facts.plane for ref in series.frames]
    assert [plane.position_mm for plane in planes if plane] == [(1, 2, 30), (1, 2, 27.5), (1, 2, 25)]
    assert (series.slice_spacing_mm, series.is_volume) == (2.5, True)


def test_absolute_offsets_of_a_dose_grid_are_places_and_others_are_not_guessed(
    make_dicom: MakeDicom, tmp_path: Path
) -> None:
    def positions(offsets: list[float]) -> list[Any]:
        path = make_dicom(
            f"{offsets[0]}.dcm",
            np.zeros((2, 4, 4), np.uint16),
            Modality="RTDOSE",
            NumberOfFrames=2,
            GridFrameOffsetVector=offsets,
            ImagePositionPatient=[1.0, 2.0, 30.0],
            ImageOrientationPatient=list(AXIAL),
        )
        (series,) = all_series(scan([path]))
        return [plane and plane.position_mm for plane in (read_frame(ref).facts.plane for ref in series.frames)]

    assert positions([30.0, 33.0]) == [(1, 2, 30), (1, 2, 33)]
    assert positions([7.0, 10.0]) == [None, None]


@pytest.mark.parametrize("step", [4.0, -4.0])
def test_the_sign_of_the_spacing_says_on_which_side_nuclear_slices_are_stacked(
    make_dicom: MakeDicom, tmp_path: Path, step: float
) -> None:
    """PS3.3 C.8.4.15: positive spacing stacks behind the first slice (along row x column), negative before it."""
    make_dicom(
        "nm.dcm",
        np.zeros((3, 4, 4), np.uint16),
        SOPClassUID="1.2.840.10008.5.1.4.1.1.20",
        Modality="NM",
        ImageType=["DERIVED", "PRIMARY", "RECON TOMO", "EMISSION"],
        NumberOfFrames=3,
        FrameIncrementPointer=0x00540080,
        SliceVector=[1, 2, 3],
        SpacingBetweenSlices=step,
        DetectorInformationSequence=one(ImagePositionPatient=[0.0, 0.0, 100.0], ImageOrientationPatient=list(AXIAL)),
    )

    (series,) = all_series(scan([tmp_path]))

    planes = {ref.frame_index: read_frame(ref).facts.plane for ref in series.frames}
    assert [planes[n].position_mm[2] for n in range(3)] == [100, 100 + step, 100 + 2 * step]  # type: ignore[union-attr]
    assert indices(series) == ([0, 1, 2] if step > 0 else [2, 1, 0])


# Real files


def test_a_real_multi_frame_with_four_maps_of_each_place_is_four_stacks(corpus: Path) -> None:
    path = corpus / "objects" / "IM-0001-9600-0001.dcm"
    groups = pydicom.dcmread(path, stop_before_pixels=True).PerFrameFunctionalGroupsSequence
    z = [float(found.PlanePositionSequence[0].ImagePositionPatient[2]) for found in groups]
    part = [found.FrameContentSequence[0].TemporalPositionIndex for found in groups]
    expected = [sorted((n for n in range(32) if part[n] == wanted), key=lambda n: z[n]) for wanted in sorted(set(part))]

    found = all_series(scan([path]))

    assert sorted(indices(series) for series in found) == sorted(expected)


def test_real_multi_frames_are_sorted_along_their_normal(corpus: Path) -> None:
    for name in ("objects/dcmqi24/mf.dcm", "objects/CT0012.fragmented_no_bot_jpeg_baseline.51.dcm"):
        ds = pydicom.dcmread(corpus / name, stop_before_pixels=True)
        shared = ds.SharedFunctionalGroupsSequence[0].PlaneOrientationSequence[0].ImageOrientationPatient
        normal = np.cross(np.array(shared[:3], float), np.array(shared[3:], float))
        positions = [
            np.array(found.PlanePositionSequence[0].ImagePositionPatient, float)
            for found in ds.PerFrameFunctionalGroupsSequence
        ]

        (series,) = all_series(scan([corpus / name]))

        assert indices(series) == list(np.argsort([float(np.dot(p, normal)) for p in positions]))
        assert series.is_volume
