"""Grouping, sorting and warnings, on files made here."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.plain_rights import plain_rights
from viewer.core.errors import Ambiguous, NotFound
from viewer.reading.header_index import HeaderIndex
from viewer.reading.scan import ScanResult, all_series, find_series, scan
from viewer.reading.series import Series

MakeDicom = Callable[..., Path]
MakeSlices = Callable[..., list[Path]]


def codes(series: Series) -> set[str]:
    return {warning.code for warning in series.warnings}


def only(result: ScanResult) -> Series:
    (series,) = all_series(result)
    return series


def test_slices_are_sorted_along_the_normal_whatever_their_names(make_slices: MakeSlices, tmp_path: Path) -> None:
    make_slices([7.5, 0.0, 5.0, 2.5])

    series = only(scan([tmp_path]))

    assert [ref.along_normal_mm for ref in series.frames] == [0.0, 2.5, 5.0, 7.5]
    assert [ref.instance_number for ref in series.frames] == ["2", "4", "3", "1"]
    assert series.is_volume
    assert series.slice_spacing_mm == 2.5
    assert series.spacing is not None
    assert (series.spacing.row_mm, series.spacing.col_mm, series.spacing.source) == (0.5, 0.75, "PixelSpacing")
    assert series.warnings == ()


def test_a_missing_slice_is_named_and_the_stack_is_no_volume(make_slices: MakeSlices, tmp_path: Path) -> None:
    make_slices([0, 3, 9, 12])

    series = only(scan([tmp_path]))

    assert codes(series) == {"missing-slices"}
    assert not series.is_volume


def test_uneven_gaps_are_named(make_slices: MakeSlices, tmp_path: Path) -> None:
    make_slices([0, 3, 7.1, 10])

    series = only(scan([tmp_path]))

    assert codes(series) == {"uneven-gaps"}
    assert not series.is_volume


def test_gaps_equal_within_one_percent_are_a_volume(make_slices: MakeSlices, tmp_path: Path) -> None:
    make_slices([0, 3.0, 6.01, 9.0])

    assert only(scan([tmp_path])).is_volume


def test_one_doubled_slice_in_a_regular_stack_is_no_volume(make_slices: MakeSlices, tmp_path: Path) -> None:
    make_slices([0, 3, 3, 6])

    series = only(scan([tmp_path]))

    assert "duplicate-position" in codes(series)
    assert not series.is_volume


def test_slices_at_one_place_are_named_not_hidden(make_slices: MakeSlices, tmp_path: Path) -> None:
    make_slices([5, 5, 5])

    series = only(scan([tmp_path]))

    assert series.files == 3
    assert "duplicate-position" in codes(series)
    assert not series.is_volume


def test_a_tilted_gantry_gives_a_sheared_volume_with_warnings(make_dicom: MakeDicom, tmp_path: Path) -> None:
    angle = np.radians(18.5)
    for number in range(4):
        make_dicom(
            f"{number}.dcm",
            np.zeros((4, 4), np.int16),
            ImagePositionPatient=[0.0, 0.0, number * 4.22],
            ImageOrientationPatient=[1, 0, 0, 0, round(np.cos(angle), 6), round(-np.sin(angle), 6)],
            GantryDetectorTilt="18.5",
        )

    series = only(scan([tmp_path]))

    assert series.is_volume
    assert codes(series) == {"gantry-tilt", "sheared"}
    assert series.slice_spacing_mm == pytest.approx(4.22 * np.cos(angle), abs=1e-3)


def test_orientations_and_sizes_are_series_of_their_own(make_dicom: MakeDicom, tmp_path: Path) -> None:
    place = {"ImagePositionPatient": [0.0, 0.0, 0.0]}
    make_dicom("a.dcm", np.zeros((4, 4), np.int16), ImageOrientationPatient=[1, 0, 0, 0, 1, 0], **place)
    make_dicom("b.dcm", np.zeros((4, 4), np.int16), ImageOrientationPatient=[0, 1, 0, 0, 0, -1], **place)
    make_dicom("c.dcm", np.zeros((4, 5), np.int16), ImageOrientationPatient=[1, 0, 0, 0, 1, 0], **place)

    found = all_series(scan([tmp_path]))

    assert len(found) == 3
    assert len({series.series_id for series in found}) == 3
    assert all({"mixed-size", "mixed-orientation"} <= codes(series) for series in found)


def test_echoes_are_series_of_their_own(make_slices: MakeSlices, tmp_path: Path) -> None:
    make_slices([0, 3, 6], folder="a", EchoNumbers="1", EchoTime="20")
    make_slices([0, 3, 6], folder="b", EchoNumbers="2", EchoTime="40")

    found = all_series(scan([tmp_path]))

    assert [series.files for series in found] == [3, 3]
    assert all(series.is_volume and codes(series) == {"several-echoes"} for series in found)


def test_an_echo_that_lacks_a_place_of_the_others_is_no_volume(make_slices: MakeSlices, tmp_path: Path) -> None:
    make_slices([0, 3, 6], folder="a", EchoNumbers="1")
    make_slices([0, 3], folder="b", EchoNumbers="2")

    whole, short = sorted(all_series(scan([tmp_path])), key=lambda series: -series.files)

    assert whole.is_volume
    assert not short.is_volume
    assert "missing-slices" in codes(short)


@pytest.mark.parametrize("attribute", ["TemporalPositionIdentifier", "AcquisitionNumber", "InstanceNumber"])
def test_time_points_are_told_apart(make_slices: MakeSlices, tmp_path: Path, attribute: str) -> None:
    for phase in range(2):
        if attribute == "InstanceNumber":
            for number, path in enumerate(make_slices([0, 3, 6], folder=str(phase))):
                renumber(path, phase * 3 + number + 1)
        else:
            make_slices([0, 3, 6], folder=str(phase), **{attribute: str(phase + 1)})

    found = all_series(scan([tmp_path]))

    assert [series.files for series in found] == [3, 3]
    assert all(series.is_volume and codes(series) == {"several-time-points"} for series in found)
    assert {len({ref.path.parent for ref in series.frames}) for series in found} == {1}


def test_a_time_point_s_own_number_counts_more_than_the_order_of_instances(
    make_slices: MakeSlices, tmp_path: Path
) -> None:
    for phase, numbers in enumerate([(1, 5, 3), (4, 2, 6)]):
        paths = make_slices([0, 3, 6], folder=str(phase), AcquisitionNumber=str(phase + 1))
        for path, number in zip(paths, numbers):
            renumber(path, number)

    found = all_series(scan([tmp_path]))

    assert [{ref.path.parent.name for ref in series.frames} for series in found] in ([{"0"}, {"1"}], [{"1"}, {"0"}])


def renumber(path: Path, number: int) -> None:
    import pydicom

    ds = pydicom.dcmread(path)
    ds.InstanceNumber = number
    ds.save_as(path)


def test_images_without_a_position_are_listed_apart(
    make_slices: MakeSlices, make_dicom: MakeDicom, tmp_path: Path
) -> None:
    make_slices([0, 3, 6])
    make_dicom("lost.dcm", np.zeros((8, 6), np.int16), ImageOrientationPatient=[1, 0, 0, 0, 1, 0])

    volume, lost = sorted(all_series(scan([tmp_path])), key=lambda series: -series.files)

    assert volume.is_volume
    assert (volume.files, lost.files) == (3, 1)
    assert "no-position" in codes(volume) & codes(lost)


def test_files_with_empty_uids_are_grouped_by_folder(make_slices: MakeSlices, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        make_slices([0, 3, 6], folder=folder, StudyInstanceUID="", SeriesInstanceUID="", SOPInstanceUID="")

    found = all_series(scan([tmp_path]))

    assert [series.files for series in found] == [3, 3]
    assert found[0].series_id != found[1].series_id
    assert {"empty-study-uid", "empty-series-uid", "empty-instance-uid"} <= codes(found[0])


def test_a_doubled_instance_uid_is_named(make_slices: MakeSlices, tmp_path: Path) -> None:
    make_slices([0, 3, 6], SOPInstanceUID="1.2.3.4")

    series = only(scan([tmp_path]))

    assert series.files == 3
    assert "duplicate-instance-uid" in codes(series)


def test_a_series_uid_in_several_studies_is_named(make_slices: MakeSlices, tmp_path: Path) -> None:
    make_slices([0, 3], folder="a", StudyInstanceUID="1.2.1")
    make_slices([0, 3], folder="b", StudyInstanceUID="1.2.2")

    found = all_series(scan([tmp_path]))

    assert len(found) == 2
    assert all("several-studies" in codes(series) for series in found)
    with pytest.raises(Ambiguous):
        find_series(scan([tmp_path]), found[0].series_uid)
    assert find_series(scan([tmp_path]), found[0].series_id) == found[0]
    with pytest.raises(NotFound):
        find_series(scan([tmp_path]), "0000")


def test_patient_ids_are_text_and_keep_their_zeros(make_dicom: MakeDicom, tmp_path: Path) -> None:
    make_dicom("a.dcm", np.zeros((4, 4), np.int16), PatientID="007")
    make_dicom("b.dcm", np.zeros((4, 4), np.int16), PatientID="7", SeriesInstanceUID="1.2.9")

    patients = scan([tmp_path]).patients

    assert sorted(patient.patient_id for patient in patients) == ["007", "7"]
    assert {patient.source for patient in patients} == {tmp_path.name}


def test_a_multi_frame_file_keeps_the_order_of_its_frames(make_dicom: MakeDicom, tmp_path: Path) -> None:
    make_dicom("a.dcm", np.zeros((4, 4), np.uint8), encoded=bytes(5 * 16), NumberOfFrames=5)

    series = only(scan([tmp_path]))

    assert (series.files, [ref.frame_index for ref in series.frames]) == (1, [0, 1, 2, 3, 4])
    assert not series.is_volume


def test_what_is_no_image_is_named_with_its_kind(make_dicom: MakeDicom, tmp_path: Path) -> None:
    make_dicom("rt.dcm", None, SOPClassUID="1.2.840.10008.5.1.4.1.1.481.3", Modality="RTSTRUCT")
    make_dicom("sr", None, SOPClassUID="1.2.840.10008.5.1.4.1.1.88.33", Modality="SR")
    make_dicom("none.dcm", np.zeros((4, 4), np.int16), remove=("PixelData",))
    (tmp_path / "zero.dcm").write_bytes(b"")
    (tmp_path / "text.dcm").write_text("this is no image " * 20)
    (tmp_path / "prefix.dcm").write_bytes(b"\0" * 128 + b"DICM")
    (tmp_path / "README.md").write_text("quiet")
    (tmp_path / "DICOMDIR").write_bytes((make_directory(make_dicom)).read_bytes())

    result = scan([tmp_path])

    reasons = {problem.path.name: problem.reason for problem in result.problems}
    assert result.patients == ()
    assert set(reasons) == {"rt.dcm", "sr", "none.dcm", "zero.dcm", "text.dcm", "prefix.dcm"}
    assert "RT structure set" in reasons["rt.dcm"]
    assert "structured report" in reasons["sr"]
    assert "no pixels" in reasons["none.dcm"]
    assert "empty" in reasons["zero.dcm"]
    assert all(name in reason for name, reason in reasons.items())


def make_directory(make_dicom: MakeDicom) -> Path:
    path = make_dicom("x/dir", None, SOPClassUID="1.2.840.10008.1.3.10", remove=("Modality",))
    target = path.with_name("DICOMDIR")
    path.rename(target)
    return target


def test_files_without_extension_or_preamble_are_found(make_dicom: MakeDicom, tmp_path: Path) -> None:
    path = make_dicom("IM0001", np.zeros((4, 4), np.int16))
    bare = tmp_path / "deep" / "er" / "bare"
    bare.parent.mkdir(parents=True)
    bare.write_bytes(path.read_bytes()[132:])

    assert sum(series.files for series in all_series(scan([tmp_path]))) == 2


def test_pictures_are_series_of_their_own(tmp_path: Path) -> None:
    for number in range(3):
        Image.fromarray(np.full((4, 6), number, np.uint8)).save(tmp_path / f"{number}.png")

    result = scan([tmp_path])

    assert [(s.rows, s.cols, s.description) for s in all_series(result)] == [(4, 6, f"{n}.png") for n in range(3)]
    assert result.problems == ()


def test_links_that_lead_back_are_entered_once(make_slices: MakeSlices, tmp_path: Path) -> None:
    make_slices([0, 3, 6], folder="a")
    (tmp_path / "a" / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "dangling.dcm").symlink_to(tmp_path / "nowhere")

    result = scan([tmp_path])

    assert only(result).files == 3
    assert [problem.path.name for problem in result.problems] == ["dangling.dcm"]


def test_a_folder_of_any_depth_is_searched(make_dicom: MakeDicom, tmp_path: Path) -> None:
    path = make_dicom("a.dcm", np.zeros((4, 4), np.int16))
    deep = tmp_path / Path(*["d"] * 200)
    deep.mkdir(parents=True)
    path.rename(deep / "a.dcm")

    assert only(scan([tmp_path])).files == 1


def test_a_folder_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0)

    with plain_rights():
        problems = scan([tmp_path]).problems

    assert [problem.path.name for problem in problems] == ["closed"]


def test_a_path_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    assert "does not exist" in scan([tmp_path / "gone"]).problems[0].reason


def test_a_scan_can_be_stopped(make_slices: MakeSlices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_slices([0, 3, 6])
    opened, plain_open = set(), Path.open

    def counted(path: Path, *args: Any, **kwargs: Any) -> Any:
        opened.add(path)
        return plain_open(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", counted)
    result = scan([tmp_path], cancelled=lambda: len(opened) >= 2)

    assert result.cancelled
    assert only(result).files == 2


def test_progress_ends_at_the_number_of_files(make_slices: MakeSlices, tmp_path: Path) -> None:
    make_slices([0, 3, 6])
    said: list[tuple[int, int]] = []

    scan([tmp_path], progress=lambda done, total: said.append((done, total)))

    assert said[-1] == (3, 3)


def test_the_index_gives_the_same_result_and_notices_a_changed_file(
    make_slices: MakeSlices, make_dicom: MakeDicom, tmp_path: Path
) -> None:
    paths = make_slices([0, 3, 6])
    index = HeaderIndex(tmp_path.parent / f"{tmp_path.name}-index" / "headers.sqlite")

    first = scan([tmp_path], index=index)
    assert scan([tmp_path], index=index) == first == scan([tmp_path])

    make_dicom(paths[2].relative_to(tmp_path).as_posix(), np.zeros((9, 9), np.int16))
    assert scan([tmp_path], index=index) == scan([tmp_path]) != first


def test_a_damaged_index_does_not_stop_a_scan(make_slices: MakeSlices, tmp_path: Path) -> None:
    make_slices([0, 3, 6])
    path = tmp_path.parent / f"{tmp_path.name}-bad.sqlite"
    path.write_bytes(b"this is no database" * 100)

    index = HeaderIndex(path)

    assert only(scan([tmp_path], index=index)).files == 3
    assert only(scan([tmp_path], index=index)).files == 3
