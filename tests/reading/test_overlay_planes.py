"""Overlay planes and shutters of files: bits against pydicom and against the words that were written."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest

from viewer.core.pixels import OverlayPlane, PixelFacts, Shutter
from viewer.reading.frames import read_frame
from viewer.reading.series import FrameRef

MakeDicom = Callable[..., Path]


def packed(bits: np.ndarray) -> bytes:
    data = np.packbits(bits.reshape(-1).astype(np.uint8), bitorder="little").tobytes()
    return data + b"\0" * (len(data) % 2)


def add_overlay(path: Path, group: int, bits: np.ndarray | None, **values: object) -> None:
    """Put an overlay into a file; its frames lie along the first axis where `bits` has three."""
    ds = pydicom.dcmread(path)
    rows, cols = (bits.shape[-2:]) if bits is not None else (ds.Rows, ds.Columns)
    block = {
        0x0010: ("US", rows), 0x0011: ("US", cols), 0x0040: ("CS", "G"), 0x0050: ("SS", [1, 1]),
        0x0100: ("US", 1), 0x0102: ("US", 0),
    }  # fmt: skip
    if bits is not None:
        block[0x3000] = ("OW", packed(bits))
    names = {"kind": (0x0040, "CS"), "origin": (0x0050, "SS"), "bit": (0x0102, "US"), "allocated": (0x0100, "US"),
             "frames": (0x0015, "IS"), "frame_origin": (0x0051, "US"), "name": (0x0022, "LO"),
             "layer": (0x1001, "CS")}  # fmt: skip
    for key, value in values.items():
        element, vr = names[key]
        block[element] = (vr, value)
    for element, (vr, value) in block.items():
        ds.add_new((group, element), vr, value)
    ds.save_as(path)


def planes_of(path: Path, frame: int = 0) -> tuple[OverlayPlane, ...]:
    return read_frame(FrameRef(path=path, frame_index=frame)).facts.overlay_planes


def some_bits(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).integers(0, 2, shape).astype(bool)


def test_bits_agree_with_pydicom_at_widths_that_fill_no_byte(make_dicom: MakeDicom) -> None:
    for width in range(1, 18):
        path = make_dicom(f"{width}.dcm", np.zeros((4, 4), np.int16))
        add_overlay(path, 0x6000, some_bits(5, width), origin=[-2, 3], name="marks")

        (plane,) = planes_of(path)

        expected = pydicom.dcmread(path).overlay_array(0x6000)
        assert np.array_equal(plane.bits, expected.astype(bool))
        assert (plane.row0, plane.col0, plane.is_region, plane.name) == (-3, 2, False, "marks")


@pytest.mark.parametrize("name", ["OutOfBoundsOverlay.dcm", "examples_overlay.dcm"])
def test_bits_of_real_files_agree_with_pydicom(corpus: Path, name: str) -> None:
    path = corpus / "pixel" / name
    ds = pydicom.dcmread(path)

    planes = planes_of(path)

    assert [plane.group for plane in planes] == [g for g in range(0x6000, 0x6020, 2) if (g, 0x3000) in ds]
    for plane in planes:
        assert np.array_equal(plane.bits, ds.overlay_array(plane.group).astype(bool))
        assert [plane.row0 + 1, plane.col0 + 1] == list(ds[plane.group, 0x0050].value)


def test_each_frame_has_its_own_part_of_a_multi_frame_overlay(make_dicom: MakeDicom) -> None:
    bits = some_bits(2, 3, 5)  # 15 bits a frame: the second begins within a byte
    path = make_dicom("m.dcm", np.zeros((4, 4, 4), np.int16), NumberOfFrames=4)
    add_overlay(path, 0x6002, bits, frames=2, frame_origin=2, kind="R")

    assert planes_of(path, 0) == () and planes_of(path, 3) == ()
    assert np.array_equal(planes_of(path, 1)[0].bits, bits[0])
    assert np.array_equal(planes_of(path, 2)[0].bits, bits[1])
    assert planes_of(path, 1)[0].is_region


def test_a_plane_without_frames_lies_on_every_frame(make_dicom: MakeDicom) -> None:
    bits = some_bits(4, 4)
    path = make_dicom("m.dcm", np.zeros((3, 4, 4), np.int16), NumberOfFrames=3)
    add_overlay(path, 0x6000, bits)

    assert all(np.array_equal(planes_of(path, frame)[0].bits, bits) for frame in range(3))


@pytest.mark.parametrize(("high_bit", "positions"), [(11, (12, 15)), (15, (0, 3)), (13, (0, 1, 14))])
@pytest.mark.parametrize("signed", [False, True])
def test_planes_in_unused_bits_are_drawn_and_never_in_the_values(
    make_dicom: MakeDicom, high_bit: int, positions: tuple[int, ...], signed: bool
) -> None:
    random = np.random.default_rng(3)
    values = random.integers(-2048 if signed else 0, 2048 if signed else 4096, (6, 7))
    planes = [random.integers(0, 2, (6, 7)) for _ in positions]
    words = (values & 0xFFF) << (high_bit - 11)
    for position, bits in zip(positions, planes):
        words |= bits << position
    path = make_dicom(
        "e.dcm", words.astype(np.uint16), BitsStored=12, HighBit=high_bit, PixelRepresentation=int(signed)
    )
    for number, position in enumerate(positions):
        add_overlay(path, 0x6000 + 2 * number, None, bit=position, allocated=16)

    frame = read_frame(FrameRef(path=path))

    assert np.array_equal(frame.stored, values)
    assert [plane.group for plane in frame.facts.overlay_planes] == [0x6000 + 2 * n for n in range(len(positions))]
    for plane, bits in zip(frame.facts.overlay_planes, planes):
        assert np.array_equal(plane.bits, bits.astype(bool))


def test_planes_in_unused_bits_of_a_compressed_frame(make_dicom: MakeDicom) -> None:
    from pydicom.encaps import encapsulate
    from pydicom.pixels.encoders import RLELosslessEncoder
    from pydicom.uid import RLELossless

    values, bits = np.arange(64).reshape(8, 8), some_bits(8, 8)
    words = (values | bits.astype(int) << 13).astype(np.uint16)
    coded = RLELosslessEncoder.encode(
        words.tobytes(), rows=8, columns=8, samples_per_pixel=1, bits_allocated=16, bits_stored=16,
        pixel_representation=0, number_of_frames=1, photometric_interpretation="MONOCHROME2", transfer_syntax_uid=None,
    )  # fmt: skip
    path = make_dicom("r.dcm", words, syntax=RLELossless, encoded=encapsulate([coded]), BitsStored=12, HighBit=11)
    add_overlay(path, 0x6000, None, bit=13, allocated=16)

    frame = read_frame(FrameRef(path=path))

    assert np.array_equal(frame.stored, values)
    assert np.array_equal(frame.facts.overlay_planes[0].bits, bits)


def test_a_bit_position_within_the_values_is_no_overlay(make_dicom: MakeDicom) -> None:
    path = make_dicom("n.dcm", np.full((4, 4), 1, np.uint16))
    add_overlay(path, 0x6000, None, bit=0, allocated=16)

    assert planes_of(path) == ()


def test_an_overlay_shorter_than_it_says_is_named_and_not_drawn(make_dicom: MakeDicom) -> None:
    path = make_dicom("s.dcm", np.zeros((4, 4), np.int16))
    add_overlay(path, 0x6000, some_bits(4, 4))
    ds = pydicom.dcmread(path)
    ds[0x6000, 0x0010].value = 400
    ds.save_as(path)

    facts = read_frame(FrameRef(path=path)).facts

    assert facts.overlay_planes == () and "Overlay 6000 is shorter" in facts.banner


def shutter_of(make_dicom: MakeDicom, **attributes: object) -> Shutter | None:
    facts: PixelFacts = read_frame(FrameRef(path=make_dicom("a.dcm", np.zeros((9, 9), np.int16), **attributes))).facts
    return facts.shutter


def test_shutters_count_rows_and_columns_from_one(make_dicom: MakeDicom) -> None:
    shutter = shutter_of(
        make_dicom, ShutterShape=["RECTANGULAR", "CIRCULAR"], ShutterLeftVerticalEdge=2, ShutterRightVerticalEdge=5,
        ShutterUpperHorizontalEdge=3, ShutterLowerHorizontalEdge=4, CenterOfCircularShutter=[4, 6],
        RadiusOfCircularShutter=3, ShutterPresentationValue=0xFFFF,
    )  # fmt: skip

    assert shutter is not None
    # Columns 2 to 5 are the image points 1 to 5; row 4, column 6 has its centre at (5.5, 3.5).
    assert shutter.rectangle == (1, 2, 5, 4)
    assert shutter.circle == (5.5, 3.5, 3)
    assert shutter.level == 255


def test_a_polygonal_shutter_is_row_and_column_in_turn(make_dicom: MakeDicom) -> None:
    shutter = shutter_of(
        make_dicom,
        ShutterShape="POLYGONAL",
        VerticesOfThePolygonalShutter=[1, 1, 1, 9, 5, 9],
        ShutterPresentationValue=0,
    )

    assert shutter is not None and shutter.polygon == ((0.5, 0.5), (8.5, 0.5), (8.5, 4.5)) and shutter.level == 0


def test_no_shutter_without_its_numbers(make_dicom: MakeDicom) -> None:
    assert shutter_of(make_dicom) is None
    assert shutter_of(make_dicom, ShutterShape="CIRCULAR") is None
    assert shutter_of(make_dicom, ShutterShape="RECTANGULAR", ShutterLeftVerticalEdge=2) is None
