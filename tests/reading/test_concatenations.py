"""An image that was cut into several files is one series, its frames in order, and a part that is missing is said."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from tests.dicom_items import item
from viewer.reading.frames import read_frame
from viewer.reading.grouping.slice_notes import image_notes
from viewer.reading.header_index import HeaderIndex
from viewer.reading.scan import all_series, scan
from viewer.reading.series import Series

MakeDicom = Callable[..., Path]
ENHANCED_CT = "1.2.840.10008.5.1.4.1.1.2.1"
WHOLE = "1.2.826.0.1.99"
# Frames of each part; the names on the disk are in another order, and the last part is a single frame.
PARTS = (("c.dcm", 3), ("a.dcm", 2), ("d.dcm", 2), ("b.dcm", 1))


def group(place: int) -> Dataset:
    found = Dataset()
    found.FrameContentSequence = Sequence([item(StackID="1", InStackPositionNumber=place + 1)])
    found.PlanePositionSequence = Sequence([item(ImagePositionPatient=[0, 0, 2.5 * place])])
    found.PlaneOrientationSequence = Sequence([item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])])
    found.PixelMeasuresSequence = Sequence([item(PixelSpacing=[1, 1])])
    return found


def write_parts(
    make_dicom: MakeDicom,
    keep: tuple[int, ...] = (1, 2, 3, 4),
    *,
    placed: bool = True,
    total: int | None = 4,
    syntax: str = ExplicitVRLittleEndian,
    uid: str = WHOLE,
) -> None:
    """Frame n of the whole image is full of n. Instance Numbers run backwards: they do not give the order."""
    offset = 0
    for number, (name, count) in enumerate(PARTS, start=1):
        pixels = np.stack([np.full((4, 4), offset + n, np.int16) for n in range(count)])
        more = {} if total is None else {"InConcatenationTotalNumber": total}
        if placed:
            more["PerFrameFunctionalGroupsSequence"] = Sequence([group(offset + n) for n in range(count)])
        if number in keep:
            make_dicom(
                f"parts/{uid}/{name}", pixels, syntax=syntax, SOPClassUID=ENHANCED_CT, Modality="CT",
                SOPInstanceUID=f"{uid}.{number}", NumberOfFrames=count, ConcatenationUID=uid,
                InConcatenationNumber=number, ConcatenationFrameOffsetNumber=offset, InstanceNumber=9 - number,
                SOPInstanceUIDOfConcatenationSource="1.2.3.4", **more,
            )  # fmt: skip
        offset += count


def series_below(folder: Path, index: HeaderIndex | None = None) -> list[Series]:
    result = scan([folder], index=index)
    assert result.problems == ()
    return all_series(result)


def values(series: Series) -> list[int]:
    return [int(read_frame(ref).stored[0, 0]) for ref in series.frames]


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
@pytest.mark.parametrize("placed", [True, False])
def test_parts_are_one_series_with_their_frames_in_order(
    make_dicom: MakeDicom, tmp_path: Path, placed: bool, syntax: str
) -> None:
    write_parts(make_dicom, placed=placed, syntax=syntax)

    (series,) = series_below(tmp_path)

    assert values(series) == [0, 1, 2, 3, 4, 5, 6, 7]
    assert series.files == 4
    assert series.warnings == ()
    assert series.is_volume == placed


@pytest.mark.parametrize(
    ("keep", "total", "said", "short"),
    [
        ((1, 3, 4), 4, "Part 2 of 4 is not here: frames 4 to 5 are missing", "1 part missing"),
        ((3, 4), 4, "Parts 1, 2 of 4 are not here: frames 1 to 5 are missing", "2 parts missing"),
        ((1, 2, 3), 4, "Part 4 of 4 is not here: its last frames are missing", "1 part missing"),
        ((1, 3, 4), None, "Part 2 of 4 is not here: frames 4 to 5 are missing", "1 part missing"),
    ],
)
@pytest.mark.parametrize("placed", [True, False])
def test_a_missing_part_is_said_in_the_scan_and_on_the_image(
    make_dicom: MakeDicom, tmp_path: Path, placed: bool, keep: tuple[int, ...], total: int | None, said: str, short: str
) -> None:
    write_parts(make_dicom, keep, placed=placed, total=total)

    (series,) = series_below(tmp_path)

    (text,) = [warning.text for warning in series.warnings if warning.code == "missing-parts"]
    assert said in text
    assert short in image_notes(series, 0)[0]
    assert values(series) == sorted(values(series))


def test_two_images_that_were_cut_stay_two(make_dicom: MakeDicom, tmp_path: Path) -> None:
    write_parts(make_dicom)
    write_parts(make_dicom, uid="1.2.826.0.1.77")

    found = series_below(tmp_path)

    assert [values(series) for series in found] == [[0, 1, 2, 3, 4, 5, 6, 7]] * 2


def test_a_part_that_is_there_twice_is_listed_apart(make_dicom: MakeDicom, tmp_path: Path) -> None:
    write_parts(make_dicom)
    part = tmp_path / "parts" / WHOLE / "a.dcm"
    part.with_name("a copy.dcm").write_bytes(part.read_bytes())

    found = series_below(tmp_path)

    assert sorted(map(values, found)) == [[0, 1, 2, 3, 4, 5, 6, 7], [3, 4]]
    assert all("duplicate-instance-uid" in {w.code for w in series.warnings} for series in found)


def test_the_index_gives_back_the_parts(make_dicom: MakeDicom, tmp_path: Path) -> None:
    write_parts(make_dicom, (1, 3, 4))
    index = HeaderIndex(tmp_path / "index" / "i.sqlite")

    first, again = (series_below(tmp_path / "parts", index) for _ in range(2))

    assert first == again
