"""The own tag walker agrees with pydicom on sound headers and never does worse than a sentence on broken ones."""

import random
import struct
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from viewer.core.errors import AppError
from viewer.reading.dicom.opening import open_dicom
from viewer.reading.dicom.walker import LONG_VRS, SHORT_VRS, Syntax, Walker, WalkFailed
from viewer.reading.frames import file_frames, read_frame
from viewer.reading.scan import scan

MakeDicom = Callable[..., Path]

IMPLICIT, EXPLICIT, BIG = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"


def nested() -> Sequence:
    inner = Dataset()
    inner.CodeValue, inner.CodeMeaning = "T-D1100", "Kopf"
    outer = Dataset()
    outer.ReferencedSOPInstanceUID = "1.2.3"
    outer.PurposeOfReferenceCodeSequence = Sequence([inner, inner])
    return Sequence([outer, outer, outer])


@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT])
@pytest.mark.parametrize("is_undefined", [False, True])
def test_values_are_those_pydicom_reads(make_dicom: MakeDicom, syntax: str, is_undefined: bool) -> None:
    sequence = nested()
    sequence.is_undefined_length = is_undefined
    path = make_dicom(
        "a.dcm",
        np.zeros((4, 5), np.int16),
        syntax=syntax,
        ReferencedImageSequence=sequence,
        PixelSpacing=[0.5, 0.25],
        WindowCenter=[40, -600],
        EchoTime="12.5",
        PixelPaddingValue=-2000,
    )

    header = open_dicom(path).header

    ds = pydicom.dcmread(path)
    assert header.integer(0x00280010) == ds.Rows == 4
    assert header.numbers(0x00280030) == (0.5, 0.25)
    assert header.numbers(0x00281050) == (40, -600)
    assert header.number(0x00180081) == 12.5
    assert header.words(0x00280120, signed=True) == (-2000,)
    items = header.items(0x00081140)
    assert [item.text(0x00081155) for item in items] == ["1.2.3"] * 3
    assert items[2].items(0x0040A170)[1].text(0x00080104) == "Kopf"
    assert header.pixels is not None
    assert open_dicom(path).read(header.pixels.offset, header.pixels.length) == ds.PixelData


def test_a_header_longer_than_the_first_read_is_read_whole(make_dicom: MakeDicom) -> None:
    path = make_dicom("a.dcm", np.zeros((4, 5), np.int16), ImageComments="x" * 9000, EncapsulatedDocument=b"y" * 90_000)

    assert open_dicom(path, first_read_bytes=512).header.integer(0x00280011) == 5


def test_an_explicit_file_that_says_it_is_implicit_is_read(make_dicom: MakeDicom) -> None:
    path = make_dicom("a.dcm", np.zeros((4, 5), np.int16))
    data = path.read_bytes().replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2\0\0\0", 1)
    path.write_bytes(data)

    assert open_dicom(path).header.integer(0x00280011) == 5


def test_a_value_of_unknown_vr_and_undefined_length_is_stepped_over() -> None:
    # (0009,1001) UN of undefined length with one implicit item, then Rows.
    item = struct.pack("<HHL", 0xFFFE, 0xE000, 12) + struct.pack("<HHL", 8, 5, 4) + b"ABCD"
    unknown = struct.pack("<HH2sHL", 9, 0x1001, b"UN", 0, 0xFFFFFFFF) + item + struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)
    buffer = unknown + struct.pack("<HH2sHH", 0x28, 0x10, b"US", 2, 7)

    walk = Walker(buffer, len(buffer), Syntax(explicit=True)).data_set(0)

    assert set(walk.places) == {0x00091001, 0x00280010}


def test_sequences_nested_without_end_are_given_up() -> None:
    one = struct.pack("<HHL", 8, 0x1140, 0xFFFFFFFF) + struct.pack("<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF)

    with pytest.raises(WalkFailed):
        Walker(one * 2000, len(one) * 2000, Syntax(explicit=False)).data_set(0)


@pytest.mark.parametrize("seed", range(60))
def test_a_damaged_file_is_read_or_named_never_a_crash(make_dicom: MakeDicom, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    sequence = nested()
    sequence.is_undefined_length = bool(seed % 2)
    syntax = (IMPLICIT, EXPLICIT)[seed // 2 % 2]
    path = make_dicom("a.dcm", np.ones((6, 6), np.int16), syntax=syntax, ReferencedImageSequence=sequence)
    data = bytearray(path.read_bytes())
    for _ in range(chance.choice((1, 3, 10))):
        data[chance.randrange(132, len(data))] = chance.randrange(256)
    if seed % 3 == 0:
        del data[chance.randrange(132, len(data)) :]
    path.write_bytes(data)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = scan([tmp_path])
        try:
            for ref in file_frames(path)[:4]:
                read_frame(ref)
        except AppError as error:
            assert "a.dcm" in str(error)
    assert bool(result.patients) != bool(result.problems)


@pytest.mark.full
def test_a_thousand_damaged_real_files_are_read_or_named(corpus: Path, tmp_path: Path) -> None:
    chance = random.Random(1)
    files = [path for path in corpus.rglob("*") if path.is_file() and path.stat().st_size < 100_000]
    for number in range(1000):
        data = bytearray(chance.choice(files).read_bytes())
        for _ in range(chance.randrange(1, 20)):
            if data:
                data[chance.randrange(min(len(data), 4000))] = chance.randrange(256)
        path = tmp_path / f"{number}.dcm"
        path.write_bytes(data)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                for ref in file_frames(path)[:2]:
                    read_frame(ref)
            except AppError as error:
                assert path.name in str(error)
        path.unlink()


@pytest.mark.parametrize(
    ("charset", "coded", "shown"),
    [
        ("ISO_IR 100", "Müller^Jürg".encode("latin-1"), "Müller^Jürg"),
        ("ISO_IR 192", "圖^山田".encode(), "圖^山田"),
        ("ISO_IR 144", "Люкceмбypг".encode("iso8859-5"), "Люкceмбypг"),
        ("ISO_IR 126", "Διονυσιος".encode("iso8859-7"), "Διονυσιος"),
        ("", b"Doe^Jane", "Doe^Jane"),
        ("\\ISO 2022 IR 87", b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B", "Yamada^Tarou"),
    ],
)
def test_names_are_read_in_their_character_set(make_dicom: MakeDicom, charset: str, coded: bytes, shown: str) -> None:
    path = make_dicom("a.dcm", np.zeros((4, 4), np.int16), PatientName="X" * (len(coded) + len(coded) % 2))
    data = path.read_bytes().replace(b"X" * (len(coded) + len(coded) % 2), coded.ljust(len(coded) + len(coded) % 2))
    charset_element = struct.pack("<HH2sH", 8, 5, b"CS", len(charset) + len(charset) % 2)
    charset_element += charset.encode().ljust(len(charset) + len(charset) % 2)
    start = data.index(struct.pack("<HH2s", 8, 0x16, b"UI"))
    path.write_bytes(data[:start] + charset_element + data[start:])

    (patient,) = scan([path]).patients

    assert patient.patient_name == shown


# Elements whose value is text, numbers or bytes as they stand: what both readers must give alike.
PLAIN_VRS = LONG_VRS | SHORT_VRS
PIXELS_FROM = 0x7FE00008  # Float Pixel Data, the first of their group


def compare_with_pydicom(path: Path) -> int:
    """How many top-level values the own walker and pydicom give alike; an assertion where they differ."""
    file = open_dicom(path)
    if file.is_recoded or file.header.cut or file.doubt:
        return 0  # pydicom's own reading, a file that ends inside its header, or one whose doubt stands on the image
    ds = pydicom.dcmread(path, force=True, stop_before_pixels=True)
    alike = 0
    for tag, place in file.header.places.items():
        # From the pixels on it is no header any more, and of a last value as long as pixels only the start was read.
        if tag >= PIXELS_FROM or place[2] > len(file.header.buffer):
            continue
        raw = ds.get_item(tag)
        value = getattr(raw, "value", None)
        if raw is None or (raw.VR or "UN").encode() not in PLAIN_VRS or raw.VR == "SQ" or not isinstance(value, bytes):
            continue
        assert file.header.raw(tag) == value, f"{path.name}: {tag:08X}"
        alike += 1
    # Group 0000 belongs to messages, never to a file (PS3.7 E.1): nobody asks for what damage made of it.
    theirs = {int(tag) for tag in ds.keys() if 0xFFFF < int(tag) < PIXELS_FROM}  # noqa: SIM118  # iterating would convert every value
    ours = {tag for tag in file.header.places if 0xFFFF < tag < PIXELS_FROM}
    assert ours == theirs, f"{path.name}: {sorted(ours - theirs)} here, {sorted(theirs - ours)} there"
    return alike


def test_every_value_of_every_real_header_is_that_of_pydicom(corpus: Path) -> None:
    alike = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for path in sorted(corpus.rglob("*.dcm")):
            try:
                alike += compare_with_pydicom(path)
            except AppError:
                continue

    assert alike > 15_000


@pytest.mark.parametrize("count", [150, pytest.param(5000, marks=pytest.mark.full)])
def test_every_value_of_a_mutated_real_header_is_that_of_pydicom(corpus: Path, tmp_path: Path, count: int) -> None:
    chance = random.Random(7)
    files = sorted(path for path in corpus.rglob("*.dcm") if 400 < path.stat().st_size < 300_000)
    alike = 0
    for number in range(count):
        data = bytearray(chance.choice(files).read_bytes())
        for _ in range(chance.choice((1, 2, 5))):
            data[chance.randrange(132, min(len(data), 3000))] = chance.randrange(256)
        path = tmp_path / f"{number}.dcm"
        path.write_bytes(data)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                alike += compare_with_pydicom(path)
            except (AppError, EOFError, NotImplementedError, ValueError, AttributeError, KeyError, IndexError, OSError):
                continue  # refused by either
            finally:
                path.unlink()

    assert alike > 20 * count
