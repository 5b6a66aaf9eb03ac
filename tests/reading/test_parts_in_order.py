"""The parts of one split series: in the order of what sets them apart, which is said, whatever their UIDs are."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.sequence import Sequence
from pydicom.uid import generate_uid

from tests.dicom_items import item
from viewer.reading.frames import read_frame
from viewer.reading.scan import all_series, scan
from viewer.reading.series import Series

MakeDicom = Callable[..., Path]
AXIAL, CORONAL = [1, 0, 0, 0, 1, 0], [1, 0, 0, 0, 0, -1]


def listed(folder: Path) -> list[tuple[int, str]]:
    """(first pixel of the first image, what sets it apart) of every series, as it is listed."""
    return [(int(read_frame(series.frames[0]).stored.flat[0]), series.part) for series in all_series(scan([folder]))]


@pytest.fixture
def make_part(make_dicom: MakeDicom) -> Iterator[Callable[..., None]]:
    """make_part(value, slices=2, **attributes) writes slices whose pixels are `value`, names and UIDs in no order."""
    count = 0

    def write(value: int, *, slices: int = 2, **attributes: Any) -> None:
        nonlocal count
        for place in range(slices):
            count += 1
            uid = generate_uid(entropy_srcs=["part", str(7 * value + place)])
            more = {"ImagePositionPatient": [0, 0, 3.0 * place], "ImageOrientationPatient": AXIAL, **attributes}
            make_dicom(
                f"{uid[-12:]}.dcm", np.full((4, 4), value, np.int16), Modality="MR", SOPInstanceUID=uid,
                **{"InstanceNumber": count, **more},
            )  # fmt: skip

    yield write


VALUES: dict[str, tuple[list[dict[str, Any]], list[str], str]] = {
    "echo": ([{"EchoNumbers": n} for n in (1, 2, 10, 11)], [f"echo {n}" for n in (1, 2, 10, 11)], "echo"),
    "b": ([{"DiffusionBValue": b} for b in (0.0, 50.0, 800.0)], [f"b {n} s/mm²" for n in (0, 50, 800)], "b-value"),
    "time": (
        [{"TemporalPositionIdentifier": n} for n in (1, 2, 10)],
        [f"time point {n}" for n in (1, 2, 10)],
        "time",
    ),
    "echo time": (
        [{"EchoTime": t} for t in ("4.6", "9.2", "13.8")],
        [f"echo time {t} ms" for t in (4.6, 9.2, 13.8)],
        "echo",
    ),
    "trigger time": (
        [{"TriggerTime": t} for t in ("0", "95", "190.5", "1000")],
        [f"trigger time {t} ms" for t in (0, 95, 190.5, 1000)],
        "trigger time",
    ),
    "acquisition": (
        [{"AcquisitionNumber": n} for n in (2, 9, 10, 100)],
        [f"acquisition {n}" for n in (2, 9, 10, 100)],
        "acquisition",
    ),
    "image type": (
        [{"ImageType": ["ORIGINAL", "PRIMARY", kind]} for kind in ("W", "F", "OP")],
        ["W", "F", "OP"],
        "image type",
    ),
    "direction": (
        [{"DiffusionBValue": 800.0, "DiffusionGradientOrientation": d} for d in ([0.6, 0.8, 0.0], [0.0, 1.0, 0.0])],
        ["direction 1 of 2 (0.6, 0.8, 0)", "direction 2 of 2 (0, 1, 0)"],
        "direction",
    ),
    "inversion time": (
        [{"InversionTime": t} for t in ("50", "400", "1100")],
        [f"inversion time {t} ms" for t in (50, 400, 1100)],
        "inversion time",
    ),
    "flip angle": ([{"FlipAngle": a} for a in ("2", "15")], ["flip angle 2°", "flip angle 15°"], "flip angle"),
    "cardiac phase": (
        [{"NominalPercentageOfCardiacPhase": p} for p in (5.0, 40.0, 75.0)],
        [f"cardiac phase {p} %" for p in (5, 40, 75)],
        "cardiac phase",
    ),
    "acquired": (
        [{"AcquisitionTime": t} for t in ("095959.9", "100000.25", "100000.3")],
        [f"acquired at {t}" for t in ("09:59:59.9", "10:00:00.25", "10:00:00.3")],
        "time",
    ),
    "size": (
        [{"Rows": n, "Columns": 32 // n} for n in (2, 4)],
        ["2 rows × 16 cols", "4 rows × 8 cols"],
        "size",
    ),
    "spacing": (
        [{"PixelSpacing": [mm, mm]} for mm in (0.5, 2.0, 10.0)],
        ["0.5 × 0.5 mm", "2 × 2 mm", "10 × 10 mm"],
        "pixel spacing",
    ),
    "orientation": ([{"ImageOrientationPatient": o} for o in (CORONAL, AXIAL)], ["coronal", "axial"], "orientation"),
}  # fmt: skip


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("name", VALUES)
def test_parts_are_listed_by_the_value_that_sets_them_apart(
    make_part: Callable[..., None], tmp_path: Path, name: str, backwards: bool
) -> None:
    # Numbers come by size, however the images were written; words in the order of the images.
    settings, texts, by = VALUES[name]
    words = by in ("image type", "direction", "orientation")
    order = list(range(len(settings)))
    for number in reversed(order) if backwards and not words else order:
        make_part(10 * number, **settings[number])

    assert listed(tmp_path) == [(10 * number, text) for number, text in enumerate(texts)]
    assert {series.split_by for series in all_series(scan([tmp_path]))} == {by}


def test_a_series_that_is_not_split_names_no_part(make_part: Callable[..., None], tmp_path: Path) -> None:
    make_part(1, slices=4)

    (series,) = all_series(scan([tmp_path]))

    assert (series.part, series.split_by) == ("", "")


def test_two_values_that_set_apart_are_both_named(make_part: Callable[..., None], tmp_path: Path) -> None:
    for echo in (2, 1):
        for trigger in (400, 50):
            make_part(echo * 10 + trigger // 50, EchoNumbers=echo, TriggerTime=trigger)

    assert [part for _, part in listed(tmp_path)] == [
        "echo 1, trigger time 50 ms", "echo 1, trigger time 400 ms", "echo 2, trigger time 50 ms",
        "echo 2, trigger time 400 ms",
    ]  # fmt: skip


@pytest.mark.parametrize("numbered", ["InstanceNumber", "AcquisitionTime"])
def test_loops_of_one_series_are_listed_in_their_order(make_dicom: MakeDicom, tmp_path: Path, numbered: str) -> None:
    for n in (3, 1, 10, 2):
        frames = np.full((2, 4, 4), n, np.uint8)
        made = {
            "InstanceNumber": 1,
            "AcquisitionTime": f"1010{n:02}.5",
            numbered: n if numbered[0] == "I" else f"1010{n:02}.5",
        }
        uid = generate_uid(entropy_srcs=["loop", str(n * 31)])
        make_dicom(
            f"{uid[-9:]}.dcm", frames[0], encoded=frames.tobytes(), NumberOfFrames=2, Modality="US", SOPInstanceUID=uid,
            **made,
        )  # fmt: skip

    assert listed(tmp_path) == [(n, f"loop {place} of 4") for place, n in enumerate((1, 2, 3, 10), 1)]


def test_single_images_beside_loops_are_called_so(make_dicom: MakeDicom, tmp_path: Path) -> None:
    make_dicom("z.dcm", np.full((4, 4), 5, np.uint8), InstanceNumber=1)
    for n in (3, 2):
        make_dicom(f"{n}.dcm", np.zeros((4, 4), np.uint8), encoded=bytes([n] * 32), NumberOfFrames=2, InstanceNumber=n)

    assert listed(tmp_path) == [(5, "single images"), (2, "loop 1 of 2"), (3, "loop 2 of 2")]


def test_stacks_of_one_file_are_listed_by_their_number(make_dicom: MakeDicom, tmp_path: Path) -> None:
    # Frames of stacks 10, 2 and 1 by turns; every stack has the same three places.
    def frame(stack: int, place: int) -> Any:
        return item(
            PlanePositionSequence=Sequence([item(ImagePositionPatient=[0, 0, 5.0 * place])]),
            FrameContentSequence=Sequence([item(StackID=str(stack), InStackPositionNumber=place + 1)]),
        )

    order = [(stack, place) for place in range(3) for stack in (10, 2, 1)]
    shared = item(PlaneOrientationSequence=Sequence([item(ImageOrientationPatient=AXIAL)]))
    make_dicom(
        "a.dcm",
        np.zeros((2, 2), np.uint8),
        encoded=b"".join(bytes([stack] * 4) for stack, _ in order),
        NumberOfFrames=len(order),
        PerFrameFunctionalGroupsSequence=Sequence([frame(*one) for one in order]),
        SharedFunctionalGroupsSequence=Sequence([shared]),
    )

    assert listed(tmp_path) == [(1, "stack 1"), (2, "stack 2"), (10, "stack 10")]


@pytest.mark.parametrize(
    ("macro", "keyword", "values", "texts"),
    [
        ("MREchoSequence", "EffectiveEchoTime", (20.0, 100.0), ["echo time 20 ms", "echo time 100 ms"]),
        ("MRImageFrameTypeSequence", "ComplexImageComponent", ("MAGNITUDE", "PHASE"), ["MAGNITUDE", "PHASE"]),
        ("FrameContentSequence", "FrameAcquisitionNumber", (9, 10), ["acquisition 9", "acquisition 10"]),
        ("FrameContentSequence", "TemporalPositionIndex", (9, 10), ["time point 9", "time point 10"]),
        (
            "CardiacSynchronizationSequence",
            "NominalCardiacTriggerDelayTime",
            (0.0, 33.5),
            ["trigger delay 0 ms", "trigger delay 33.5 ms"],
        ),
        # These are asked of whatever differs between frames.
        ("MRTimingAndRelatedParametersSequence", "FlipAngle", (2.0, 15.0), ["flip angle 2°", "flip angle 15°"]),
        ("MRModifierSequence", "InversionTimes", ([50.0], [400.0]), ["inversion time 50 ms", "inversion time 400 ms"]),
        ("CTXRayDetailsSequence", "KVP", ("80", "140"), ["80 kV", "140 kV"]),
        ("MRReceiveCoilSequence", "ReceiveCoilName", ("A", "B"), ["coil A", "coil B"]),
        ("MRAveragesSequence", "NumberOfAverages", ("1", "4"), ["(0018,0083) 1", "(0018,0083) 4"]),
    ],
)
@pytest.mark.parametrize("mixed", ["by turns", "one after the other", "shuffled"])
def test_frames_of_one_file_are_parted_and_named_by_what_sets_them_apart(
    make_dicom: MakeDicom,
    tmp_path: Path,
    macro: str,
    keyword: str,
    values: tuple[Any, Any],
    texts: list[str],
    mixed: str,
) -> None:
    places = [(place, which) for place in range(3) for which in range(2)]
    if mixed == "one after the other":
        places.sort(key=lambda pair: pair[1])
    elif mixed == "shuffled":
        places = [places[n] for n in (0, 3, 2, 5, 4, 1)]
    groups = [
        item(
            PlanePositionSequence=Sequence([item(ImagePositionPatient=[0, 0, 5.0 * place])]),
            **{macro: Sequence([item(**{keyword: values[which]})])},
        )
        for place, which in places
    ]
    shared = item(PlaneOrientationSequence=Sequence([item(ImageOrientationPatient=AXIAL)]))
    make_dicom(
        "a.dcm",
        np.zeros((2, 2), np.uint8),
        encoded=b"".join(bytes([10 * which + place] * 4) for place, which in places),
        NumberOfFrames=6,
        Modality="MR",
        PerFrameFunctionalGroupsSequence=Sequence(groups),
        SharedFunctionalGroupsSequence=Sequence([shared]),
    )

    found = all_series(scan([tmp_path]))

    assert [series.part for series in found] == texts
    assert [[int(read_frame(ref).stored[0, 0]) for ref in series.frames] for series in found] == [
        [0, 1, 2],
        [10, 11, 12],
    ]


def test_numbers_that_are_only_written_differently_set_nothing_apart(
    make_part: Callable[..., None], tmp_path: Path
) -> None:
    for place, echo in enumerate(("1", "01", "+1")):
        make_part(place, slices=1, EchoNumbers=echo, ImagePositionPatient=[0, 0, 3.0 * place])

    (series,) = all_series(scan([tmp_path]))

    assert series.is_volume


def test_series_of_one_number_are_listed_by_their_time_and_not_by_their_uid(
    make_dicom: MakeDicom, tmp_path: Path
) -> None:
    for n in (3, 1, 4, 2):
        make_dicom(
            f"{n * 7 % 5}.dcm", np.full((4, 4), n, np.uint8), AcquisitionTime=f"10000{n}", SeriesDescription="loc",
            SeriesInstanceUID=generate_uid(entropy_srcs=["s", str(n)]),
        )  # fmt: skip

    assert [value for value, _ in listed(tmp_path)] == [1, 2, 3, 4]


def test_the_parts_of_two_series_of_one_name_do_not_mix(make_part: Callable[..., None], tmp_path: Path) -> None:
    for series in (1, 2):
        for echo in (2, 1):
            make_part(10 * series + echo, EchoNumbers=echo, SeriesInstanceUID=f"1.2.{series}", SeriesDescription="x")

    assert [value for value, _ in listed(tmp_path)] == [11, 12, 21, 22]


def ids(found: list[Series]) -> set[str]:
    return {series.series_id for series in found}


def test_parts_keep_their_names_for_a_project(make_part: Callable[..., None], tmp_path: Path) -> None:
    # Ids of series stand in projects: the way they are made must not change (sha256 over study, series and key).
    from hashlib import sha256

    for echo in (1, 2):
        make_part(echo, EchoNumbers=echo)
    (first, *_) = found = all_series(scan([tmp_path]))

    keys = [f"|4x4|1.000,0.000,0.000,0.000,1.000,0.000|echo={echo}&" for echo in (1, 2)]
    assert ids(found) == {
        sha256("\n".join((first.study_uid, first.series_uid, key)).encode()).hexdigest()[:16] for key in keys
    }


def test_frames_that_only_their_times_tell_apart_are_parted_by_them_and_it_is_called_a_guess(
    make_dicom: MakeDicom, tmp_path: Path
) -> None:
    # Every frame has a time of its own, and the file has them in no order: 2 turns over 3 places.
    places = [(place, which) for place in range(3) for which in range(2)]
    places = [places[n] for n in (0, 3, 2, 5, 4, 1)]
    groups = [
        item(
            PlanePositionSequence=Sequence([item(ImagePositionPatient=[0, 0, 5.0 * place])]),
            FrameContentSequence=Sequence([item(FrameAcquisitionDateTime=f"202601011010{10 * which + place:02}.5")]),
        )
        for place, which in places
    ]
    shared = item(PlaneOrientationSequence=Sequence([item(ImageOrientationPatient=AXIAL)]))
    make_dicom(
        "a.dcm",
        np.zeros((2, 2), np.uint8),
        encoded=b"".join(bytes([10 * which + place] * 4) for place, which in places),
        NumberOfFrames=6,
        Modality="MR",
        PerFrameFunctionalGroupsSequence=Sequence(groups),
        SharedFunctionalGroupsSequence=Sequence([shared]),
    )

    found = all_series(scan([tmp_path]))

    assert [[int(read_frame(ref).stored[0, 0]) for ref in series.frames] for series in found] == [
        [0, 1, 2],
        [10, 11, 12],
    ]
    assert [series.part for series in found] == ["set 1 of 2 by order", "set 2 of 2 by order"]
    assert all("which is a guess" in series.warnings[0].text for series in found)


@pytest.mark.parametrize(
    ("settings", "texts", "by"),
    [
        ([{"ContrastBolusAgent": "none"}, {"ContrastBolusAgent": "Gd"}], ["contrast none", "contrast Gd"], "contrast"),
        (
            [{"ImageType": ["ORIGINAL", "PRIMARY", "M"]}, {"ImageType": ["DERIVED", "PRIMARY", "M"]}],
            ["ORIGINAL PRIMARY", "DERIVED PRIMARY"],
            "image type",
        ),
        ([{"SeriesDescription": "before"}, {"SeriesDescription": "after"}], ["before", "after"], "description"),
    ],
)
def test_images_that_a_word_tells_apart_are_never_mixed_by_their_order(
    make_part: Callable[..., None], tmp_path: Path, settings: list[dict[str, Any]], texts: list[str], by: str
) -> None:
    # At the second place the other one comes first: parted by their order, the two would be mixed.
    for place, order in enumerate(((0, 1), (1, 0), (0, 1))):
        for number in order:
            make_part(10 * number + place, slices=1, ImagePositionPatient=[0, 0, 3.0 * place], **settings[number])

    found = all_series(scan([tmp_path]))

    assert [series.part for series in found] == texts
    assert {series.split_by for series in found} == {by}
    values = [[int(read_frame(ref).stored.flat[0]) for ref in series.frames] for series in found]
    assert values == [[0, 1, 2], [10, 11, 12]]
