"""Windows and VOI LUTs as files really write them: narrow, broken, of one frame; what is not used is said."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from tests.dicom_items import item
from viewer.core.pixels import LookupTable, Window
from viewer.core.windowing import apply_modality, default_voi, display_table
from viewer.reading.frame import Frame
from viewer.reading.frames import read_frame
from viewer.reading.scan import all_series, scan
from viewer.reading.series import FrameRef

MakeDicom = Callable[..., Path]


def shown(frame: Frame) -> np.ndarray:
    """What is on the screen at first."""
    return display_table(frame.facts, default_voi(frame.stored, frame.facts), invert=False).apply(frame.stored)


def frame_of(path: Path, index: int = 0) -> Frame:
    return read_frame(FrameRef(path=path, frame_index=index))


def table(values: list[int], *, first: int = 0, bits: int = 16, explanation: str = "") -> Dataset:
    """A LUT item of 16-bit words."""
    made = item(LUTDescriptor=[len(values) % 65536, first, bits], LUTData=np.array(values, "<u2").tobytes())
    made["LUTDescriptor"].VR, made["LUTData"].VR = "SS" if first < 0 else "US", "OW"
    if explanation:
        made.LUTExplanation = explanation
    return made


@pytest.mark.parametrize(("function", "width"), [("", 0.5), ("LINEAR", 0.0016), ("LINEAR_EXACT", 0.5)])
def test_a_window_narrower_than_one_is_the_files_own_one(make_dicom: MakeDicom, function: str, width: float) -> None:
    # By the formula of LINEAR_EXACT (PS3.3 C.11.2.1.3.2): ((x - c) / w + 0.5) x 255.
    slope, center = width / 16, width
    more = {"VOILUTFunction": function} if function else {}
    stored = np.arange(32, dtype=np.uint16).reshape(4, 8)
    path = make_dicom(
        "a.dcm", stored, Modality="MR", RescaleSlope=f"{slope:.8g}", RescaleIntercept="0", WindowCenter=f"{center:.8g}",
        WindowWidth=f"{width:.8g}", **more,
    )  # fmt: skip

    frame = frame_of(path)

    expected = np.clip((stored * slope - center) / width + 0.5, 0, 1) * 255
    assert np.abs(shown(frame) - expected).max() <= 1
    assert frame.facts.banner == ""


def test_a_sigmoid_window_narrower_than_one_keeps_its_curve(make_dicom: MakeDicom) -> None:
    stored = np.arange(16, dtype=np.uint16).reshape(4, 4)
    path = make_dicom(
        "a.dcm", stored, Modality="MR", RescaleSlope="0.0625", RescaleIntercept="0", WindowCenter="0.5",
        WindowWidth="0.5", VOILUTFunction="SIGMOID",
    )  # fmt: skip

    expected = 255 / (1 + np.exp(-4 * (stored / 16 - 0.5) / 0.5))
    assert np.abs(shown(frame_of(path)) - expected).max() <= 1


@pytest.mark.parametrize(("center", "width"), [("40", "0"), ("40", "-400"), ("40", "abc"), ("", "400")])
def test_a_window_that_cannot_be_shown_is_said(make_dicom: MakeDicom, center: str, width: str) -> None:
    path = make_dicom("a.dcm", np.zeros((4, 4), np.int16))
    path.write_bytes(with_elements(path, {0x00281050: center, 0x00281051: width}))

    facts = frame_of(path).facts

    assert facts.windows == ()
    assert "The window of the file" in facts.banner
    assert "is not used" in facts.banner


def test_a_bad_window_loses_no_other(make_dicom: MakeDicom) -> None:
    path = make_dicom("a.dcm", np.zeros((4, 4), np.int16))
    path.write_bytes(with_elements(path, {0x00281050: "40\\x\\-600", 0x00281051: "400\\80\\1500,5"}))

    facts = frame_of(path).facts

    assert [(window.center, window.width) for window in facts.windows] == [(40, 400), (-600, 1500.5)]
    assert "A window of the file" in facts.banner


def with_elements(path: Path, values: dict[int, str]) -> bytes:
    """The file with DS elements in front of its pixels, just as they are given."""
    data = path.read_bytes()
    place = data.index(b"\xe0\x7f\x10\x00OW")
    parts = []
    for tag, value in sorted(values.items()):
        text = value.encode() + b" " * (len(value) % 2)
        group, element = (number.to_bytes(2, "little") for number in (tag >> 16, tag & 0xFFFF))
        parts.append(group + element + b"DS" + len(text).to_bytes(2, "little") + text)
    return data[:place] + b"".join(parts) + data[place:]


def test_a_table_that_fills_a_sixteenth_of_its_stated_range_spans_black_to_white(make_dicom: MakeDicom) -> None:
    stored = np.arange(0, 256, dtype=np.uint16).reshape(16, 16)
    lut = table([value * 4095 // 255 for value in range(256)])

    frame = frame_of(make_dicom("a.dcm", stored, VOILUTSequence=Sequence([lut])))

    assert np.abs(shown(frame).astype(int) - stored).max() <= 1
    assert "16 bits an entry and fills 12" in frame.facts.banner


@pytest.mark.parametrize("top", [65535, 40_000, 33_000])
def test_a_table_that_uses_its_stated_bits_is_taken_by_the_letter(make_dicom: MakeDicom, top: int) -> None:
    stored = np.array([[0, 1]], np.uint16)

    frame = frame_of(make_dicom("a.dcm", stored, VOILUTSequence=Sequence([table([0, top])])))

    assert shown(frame)[0].tolist() == [0, round(top / 65535 * 255)]
    assert frame.facts.banner == ""


@pytest.mark.parametrize(
    ("lut", "said"),
    [
        (item(LUTDescriptor=[4, 0, 16]), "has no entries"),
        (item(LUTData=b"\0\1\0\2"), "no usable descriptor"),
    ],
)
def test_a_table_that_is_not_whole_is_said(make_dicom: MakeDicom, lut: Dataset, said: str) -> None:
    for keyword in ("LUTDescriptor", "LUTData"):
        if keyword in lut:
            lut[keyword].VR = "US" if keyword == "LUTDescriptor" else "OW"
    facts = frame_of(make_dicom("a.dcm", np.zeros((4, 4), np.uint16), VOILUTSequence=Sequence([lut]))).facts

    assert facts.voi_luts == ()
    assert said in facts.banner


@pytest.mark.parametrize("bits", [0, 3, 17, 65_535])
def test_a_depth_that_no_entry_can_have_is_said_and_the_entries_count(make_dicom: MakeDicom, bits: int) -> None:
    frame = frame_of(
        make_dicom("a.dcm", np.array([[0, 1]], np.uint16), VOILUTSequence=Sequence([table([0, 65_535], bits=bits)]))
    )

    assert shown(frame)[0].tolist() == [0, 255]
    assert f"says {bits} bits an entry; read as 16" in frame.facts.banner


def test_a_short_table_ends_with_its_last_entry_and_says_so(make_dicom: MakeDicom) -> None:
    lut = table([0, 30_000, 65_535])
    lut.LUTDescriptor = [200, 0, 16]

    frame = frame_of(make_dicom("a.dcm", np.array([[0, 1, 2, 150]], np.uint16), VOILUTSequence=Sequence([lut])))

    assert shown(frame)[0].tolist() == [0, round(30_000 / 65_535 * 255), 255, 255]
    assert "holds 3 of its 200 entries" in frame.facts.banner


@pytest.mark.parametrize(
    ("pixels", "intercept", "first", "begins"),
    [
        (np.int16, "0", -2000, -2000),  # coded as the pixels are
        (np.uint16, "-1024", -1024, -1024),  # the modality step can be negative
        (np.uint16, "0", 40_000, 40_000),
        (np.uint16, "-1024", 40_000, 40_000),  # read with a sign it would lie where no value is
    ],
)
def test_the_first_mapped_value_has_the_sign_of_what_comes_in(
    make_dicom: MakeDicom, pixels: type, intercept: str, first: int, begins: int
) -> None:
    path = make_dicom(
        "a.dcm", np.zeros((4, 4), pixels), RescaleSlope="1", RescaleIntercept=intercept,
        VOILUTSequence=Sequence([table([0, 20_000, 65_535], first=first)]),
    )  # fmt: skip

    assert frame_of(path).facts.voi_luts[0].first_mapped == begins


def test_each_frame_is_shown_through_its_own_table_whatever_window_stands_above(make_dicom: MakeDicom) -> None:
    groups = [
        item(FrameVOILUTSequence=Sequence([item(VOILUTSequence=Sequence([table([0, top], explanation=str(top))]))]))
        for top in (65_535, 40_000)
    ]
    path = make_dicom(
        "a.dcm",
        np.zeros((2, 2), np.uint8),
        encoded=bytes([0, 1, 0, 1, 0, 1, 0, 1]),
        NumberOfFrames=2,
        PerFrameFunctionalGroupsSequence=Sequence(groups),
        SharedFunctionalGroupsSequence=Sequence([item()]),
        WindowCenter="40",
        WindowWidth="400",
    )

    first, second = (frame_of(path, n) for n in range(2))

    assert isinstance(default_voi(second.stored, second.facts), LookupTable)
    assert shown(first).max() == 255
    assert shown(second).max() == round(40_000 / 65_535 * 255)


def test_a_window_of_all_frames_is_used_where_a_frame_has_none(make_dicom: MakeDicom) -> None:
    own = item(FrameVOILUTSequence=Sequence([item(WindowCenterWidthExplanation="nothing else")]))
    shared = item(FrameVOILUTSequence=Sequence([item(WindowCenter="7", WindowWidth="70")]))
    path = make_dicom(
        "a.dcm", np.zeros((2, 2), np.uint8), encoded=bytes(8), NumberOfFrames=2,
        PerFrameFunctionalGroupsSequence=Sequence([own, own]), SharedFunctionalGroupsSequence=Sequence([shared]),
    )  # fmt: skip

    assert [(w.center, w.width) for w in frame_of(path, 1).facts.windows] == [(7, 70)]


def test_an_empty_modality_table_does_not_take_the_slope_away(make_dicom: MakeDicom) -> None:
    path = make_dicom(
        "a.dcm",
        np.zeros((2, 2), np.int16),
        ModalityLUTSequence=Sequence([]),
        RescaleSlope="2",
        RescaleIntercept="-1024",
    )

    facts = frame_of(path).facts

    assert (facts.rescale_slope, facts.rescale_intercept, facts.unit) == (2, -1024, "HU")


def test_a_modality_table_without_entries_is_said_and_leaves_no_unit(make_dicom: MakeDicom) -> None:
    lut = item(LUTDescriptor=[4, 0, 16], ModalityLUTType="HU")
    lut["LUTDescriptor"].VR = "US"

    facts = frame_of(make_dicom("a.dcm", np.zeros((2, 2), np.uint16), ModalityLUTSequence=Sequence([lut]))).facts

    assert (facts.modality_lut, facts.unit) == (None, "")
    assert "Modality LUT of the file has no entries and is not applied" in facts.banner


def test_an_unknown_window_function_is_said(make_dicom: MakeDicom) -> None:
    path = make_dicom(
        "a.dcm", np.zeros((2, 2), np.int16), WindowCenter="40", WindowWidth="400", VOILUTFunction="CURVED"
    )

    facts = frame_of(path).facts

    assert isinstance(facts.windows[0], Window)
    assert "function CURVED is not known" in facts.banner


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_padding_of_floats_takes_no_part_in_the_window(make_dicom: MakeDicom, dtype: type) -> None:
    stored = np.linspace(0, 1, 64).reshape(8, 8).astype(dtype)
    stored[0] = -9999.5
    name, keyword = ("Float", "FloatPixelData") if dtype is np.float32 else ("DoubleFloat", "DoubleFloatPixelData")
    path = make_dicom(
        "a.dcm", stored, remove=("PixelData", "BitsStored", "HighBit", "PixelRepresentation"),
        **{keyword: stored.tobytes(), f"{name}PixelPaddingValue": -9999.5},
    )  # fmt: skip

    frame = frame_of(path)
    window = default_voi(frame.stored, frame.facts)

    assert frame.facts.padding == (-9999.5, -9999.5)
    assert isinstance(window, Window)
    assert window.center - window.width / 2 >= 0
    assert shown(frame)[0].tolist() == [0] * 8


def test_windows_of_a_presentation_state_are_read_like_those_of_a_file() -> None:
    # Both go through one function; a narrow one and a broken one beside it.
    from viewer.reading.dicom.header import Header
    from viewer.reading.dicom.walker import Syntax
    from viewer.reading.facts.file_windows import read_windows

    values = {0x00281050: b"0.5\\x ", 0x00281051: b"0.25\\80"}
    buffer = b"".join(values.values())
    places = {0x00281050: (b"DS", 0, 6), 0x00281051: (b"DS", 6, 13)}
    header = Header(buffer=buffer, places=places, syntax=Syntax(explicit=True))

    windows, note = read_windows(header)

    assert [(w.center, w.width, w.function.value) for w in windows] == [(0.5, 0.25, "LINEAR_EXACT")]
    assert "cannot be shown and is not used" in note


def test_a_table_that_holds_more_than_it_says_ends_where_it_says_and_that_is_said(make_dicom: MakeDicom) -> None:
    lut = table([0, 30_000, 65_535, 1, 2, 3])
    lut.LUTDescriptor = [3, 0, 16]

    frame = frame_of(make_dicom("a.dcm", np.array([[0, 1, 2, 5]], np.uint16), VOILUTSequence=Sequence([lut])))

    assert shown(frame)[0].tolist() == [0, round(30_000 / 65_535 * 255), 255, 255]
    assert "says 3 entries and holds 6; the first 3 are used" in frame.facts.banner


def test_a_modality_table_counts_before_the_slope_beside_it_and_that_is_said(make_dicom: MakeDicom) -> None:
    # PS3.3 C.11.1: a file has the one or the other. First mapped value 0, so that stored n is entry n.
    lut = table([5, 50, 500, 1000])
    lut.ModalityLUTType = "OD"
    path = make_dicom(
        "a.dcm", np.array([[0, 1], [2, 3]], np.uint16), Modality="DX", RescaleSlope="2", RescaleIntercept="-1024",
        RescaleType="HU", ModalityLUTSequence=Sequence([lut, table([9, 9, 9, 9])]),
    )  # fmt: skip

    frame = frame_of(path)
    (series,) = all_series(scan([path]))
    scanned = " ".join(warning.text for warning in series.warnings)

    assert apply_modality(frame.stored, frame.facts).tolist() == [[5, 50], [500, 1000]]
    assert frame.facts.unit == "OD"  # the Rescale Type is of the slope
    for said in (frame.facts.banner, scanned):
        assert said.count("Rescale Slope (2) and Rescale Intercept (-1024) are not applied") == 1
        assert said.count("Modality LUT Sequence of the file has 2 items; the first one counts") == 1


def test_a_slope_that_changes_nothing_beside_a_modality_table_is_not_spoken_of(make_dicom: MakeDicom) -> None:
    path = make_dicom(
        "a.dcm", np.zeros((2, 2), np.uint16), Modality="DX", RescaleSlope="1", RescaleIntercept="0",
        ModalityLUTSequence=Sequence([table([5, 50, 500, 1000])]),
    )  # fmt: skip

    assert frame_of(path).facts.banner == ""
