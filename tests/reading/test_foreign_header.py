"""Headers that only pydicom knows are read by it within bounds, and their pixels stay right."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest

from viewer.core.errors import AppError
from viewer.reading.dicom import foreign_header, opening, tag_rows
from viewer.reading.dicom.opening import open_dicom
from viewer.reading.frames import file_frames, header_tags, read_frame
from viewer.reading.scan import scan
from viewer.reading.sources.limits import MAX_FOREIGN_BYTES, MAX_ROWS

MakeDicom = Callable[..., Path]
IMPLICIT, EXPLICIT, BIG, DEFLATED = (f"1.2.840.10008.1.2{end}" for end in ("", ".1", ".2", ".1.99"))


@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT, BIG, DEFLATED])
def test_no_usual_syntax_needs_pydicom(make_dicom: MakeDicom, monkeypatch: pytest.MonkeyPatch, syntax: str) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("pydicom was asked")

    monkeypatch.setattr(foreign_header, "read_foreign", never)
    path = make_dicom("a.dcm", np.ones((4, 5), np.uint16), syntax=syntax)

    assert open_dicom(path).header.integer(0x00280011) == 5


def with_bad_vr(path: Path, order: str) -> Path:
    """The file with a VR that is none for its Patient ID."""
    data = path.read_bytes()
    head = struct.pack(order + "HH", 0x0010, 0x0020)
    assert head + b"LO" in data
    path.write_bytes(data.replace(head + b"LO", head + b"ZZ", 1))
    return path


@pytest.mark.parametrize(("syntax", "order"), [(EXPLICIT, "<"), (BIG, ">")])
def test_pixels_behind_a_header_with_an_unknown_vr_are_those_of_the_file(
    make_dicom: MakeDicom, syntax: str, order: str
) -> None:
    pixels = np.arange(20, dtype=np.uint16).reshape(4, 5) * 771
    path = make_dicom("a.dcm", pixels.astype(pixels.dtype.newbyteorder(order)), syntax=syntax)
    with_bad_vr(path, order)

    frame = read_frame(file_frames(path)[0])

    assert np.array_equal(frame.stored, pixels)
    assert np.array_equal(np.asarray(pydicom.dcmread(path).pixel_array), pixels)
    assert "1 of its attributes could not be read" in frame.facts.banner


def test_pixels_behind_such_a_header_are_not_kept_in_memory_twice(make_dicom: MakeDicom) -> None:
    path = with_bad_vr(make_dicom("a.dcm", np.ones((900, 900), np.uint16)), "<")

    file = open_dicom(path)

    assert file.body is None
    assert len(file.header.buffer) < 2000


def test_a_long_header_of_an_unknown_kind_is_refused_by_name(make_dicom: MakeDicom) -> None:
    path = make_dicom("a.dcm", np.ones((4, 5), np.uint16), TextValue="x" * (MAX_FOREIGN_BYTES + 10))
    with_bad_vr(path, "<")

    (problem,) = scan([path]).problems
    assert path.name in problem.reason


def bomb(path: Path) -> Path:
    """A deflated file that inflates to 8 MiB, an element that says it is longer still."""
    data = path.read_bytes()
    end = 144 + struct.unpack_from("<L", data, 140)[0]
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    head = struct.pack("<HH2sHL", 0x0009, 0x1001, b"OB", 0, 0xFFFFFFF0)
    zeros = bytes(1 << 20)
    packed = packer.compress(head) + b"".join(packer.compress(zeros) for _ in range(8)) + packer.flush()
    path.write_bytes(data[:end] + packed)
    return path


def test_a_deflated_bomb_is_refused_and_not_inflated_by_the_tag_panel_either(
    make_dicom: MakeDicom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "MAX_INFLATED_BYTES", 1 << 20)
    path = bomb(make_dicom("a.dcm", np.ones((4, 5), np.uint16), syntax=DEFLATED))

    (problem,) = scan([path]).problems
    assert "inflates to over" in problem.reason
    with pytest.raises(AppError, match=r"a\.dcm inflates"):
        header_tags(path)


def test_the_tags_of_a_deflated_file_are_listed(make_dicom: MakeDicom) -> None:
    path = make_dicom("a.dcm", np.ones((4, 5), np.uint16), syntax=DEFLATED)

    rows = {row.keyword: row.value for row in header_tags(path)}

    assert rows["PatientID"] == "007"
    assert rows["TransferSyntaxUID"] == DEFLATED


def test_a_sequence_of_endless_items_is_listed_within_bounds_by_a_child(
    make_dicom: MakeDicom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tag_rows, "list_rows", None)
    path = make_dicom("a.dcm", np.ones((4, 5), np.uint16))
    data = path.read_bytes()
    items = struct.pack("<HHL", 0xFFFE, 0xE000, 0) * 33_000
    at = data.index(struct.pack("<HH2s", 0x0010, 0x0010, b"PN"))
    sequence = struct.pack("<HH2sHL", 0x0008, 0x1140, b"SQ", 0, len(items)) + items
    path.write_bytes(data[:at] + sequence + data[at:])

    rows = header_tags(path)

    assert MAX_ROWS <= len(rows) <= MAX_ROWS + 10
    assert "33000 item(s)" in {row.value for row in rows}
    assert read_frame(file_frames(path)[0]).identity.patient_id == "007"
