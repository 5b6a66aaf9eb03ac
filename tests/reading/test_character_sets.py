"""Names in every character set, in the scan, the view's corners and the tag panel (PS3.5 6.1, annexes H to K)."""

import struct
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest

from viewer.core.pixels import Window
from viewer.reading.dicom.functional_groups import FrameHeader
from viewer.reading.dicom.opening import open_dicom
from viewer.reading.facts.identity import frame_identity
from viewer.reading.frames import header_tags, read_frame
from viewer.reading.scan import scan
from viewer.reading.series import FrameRef
from viewer.ui.canvas.texts import ViewState, corner_texts

MakeDicom = Callable[..., Path]
PATIENT_NAME = "(0010,0010)"

# Specific Character Set, the coded name, and the name itself. The Asian ones are the examples of PS3.5 H.3, I.2, J.1,
# J.3 and K.2; the others are coded here by Python's own tables.
NAMES = {
    "latin 1": ("ISO_IR 100", "Buc^Jérôme".encode("latin-1"), "Buc^Jérôme"),
    "latin 2": ("ISO_IR 101", "Wałęsa".encode("iso8859-2"), "Wałęsa"),
    "latin 5": ("ISO_IR 148", "Çavuşoğlu".encode("iso8859-9"), "Çavuşoğlu"),
    "greek": ("ISO_IR 126", "Διονυσιος".encode("iso8859-7"), "Διονυσιος"),
    "cyrillic": ("ISO_IR 144", "Люкceмбypг".encode("iso8859-5"), "Люкceмбypг"),
    "arabic": ("ISO_IR 127", "قباني^لنزار".encode("iso8859-6"), "قباني^لنزار"),
    "hebrew": ("ISO_IR 138", "שרון^דבורה".encode("iso8859-8"), "שרון^דבורה"),
    "thai": ("ISO_IR 166", "นามสกุล^ชื่อ".encode("tis-620"), "นามสกุล^ชื่อ"),
    "katakana of one byte": ("ISO_IR 13", b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3", "ﾔﾏﾀﾞ^ﾀﾛｳ"),
    "japanese, H.3.1": (
        "\\ISO 2022 IR 87",
        b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B",
        "Yamada^Tarou=山田^太郎=やまだ^たろう",
    ),
    "japanese, H.3.2": (
        "ISO 2022 IR 13\\ISO 2022 IR 87",
        b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J=\x1b$B$d$^$@\x1b(J^\x1b$B$?$m$&\x1b(J",
        "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう",
    ),
    "japanese, no alphabetic group": ("\\ISO 2022 IR 87", b"=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B", "=山田^太郎"),
    "korean, I.2": (
        "\\ISO 2022 IR 149",
        b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf",
        "Hong^Gildong=洪^吉洞=홍^길동",
    ),
    "chinese, J.1": (
        "ISO_IR 192",
        b"Wang^XiaoDong=\xe7\x8e\x8b^\xe5\xb0\x8f\xe6\x9d\xb1=",
        "Wang^XiaoDong=王^小東=",
    ),
    "chinese, J.3": ("GB18030", b"Wang^XiaoDong=\xcd\xf5^\xd0\xa1\xb6\xab=", "Wang^XiaoDong=王^小东="),
    "chinese, K.2": (
        "\\ISO 2022 IR 58",
        b"Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab=",
        "Zhang^XiaoDong=张^小东=",
    ),
}


@pytest.fixture
def named(make_dicom: MakeDicom) -> Callable[[str | None, bytes], Path]:
    """named(charset, coded): an image whose Patient's Name has these very bytes. charset: None leaves it out."""

    def write(charset: str | None, coded: bytes) -> Path:
        coded += b" " * (len(coded) % 2)
        path = make_dicom("a.dcm", np.zeros((4, 4), np.int16), PatientName="X" * len(coded))
        data = path.read_bytes().replace(b"X" * len(coded), coded)
        if charset is not None:
            value = charset.encode() + b" " * (len(charset) % 2)
            start = data.index(struct.pack("<HH2s", 8, 0x16, b"UI"))
            data = data[:start] + struct.pack("<HH2sH", 8, 5, b"CS", len(value)) + value + data[start:]
        path.write_bytes(data)
        return path

    return write


def in_scan(path: Path) -> str:
    (patient,) = scan([path]).patients
    return patient.patient_name


def in_corner(path: Path) -> str:
    frame = read_frame(FrameRef(path=path))
    state = ViewState(window=Window(center=0, width=1), zoom=1)
    return corner_texts(frame.facts, frame.identity, state).top_left[0]


def in_tags(path: Path) -> str:
    return next(row.value for row in header_tags(path) if row.tag == PATIENT_NAME)


def first_group(name: str) -> str:
    """The alphabetic group of a name, else the first that is there (PS3.5 6.2.1.1)."""
    return next(group for group in name.split("=") if group.strip("^ "))


@pytest.mark.parametrize("kind", NAMES)
def test_a_name_is_the_same_in_scan_corner_and_tag_panel(named: Callable[..., Path], kind: str) -> None:
    charset, coded, name = NAMES[kind]
    path = named(charset, coded)

    assert in_tags(path) == name.rstrip("=")
    assert in_scan(path) == first_group(name)
    assert in_corner(path) == first_group(name).replace("^", " ")
    # pydicom 3.0 leaves the escape sequence of K.2 in the name.
    assert str(pydicom.dcmread(path).PatientName).replace("\x1b$)A", "") == name.rstrip("=")


def test_names_of_real_files_equal_pydicoms(corpus: Path) -> None:
    compared = 0
    for path in sorted((corpus / "text").glob("*.dcm")):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            dataset = pydicom.dcmread(path, force=True, stop_before_pixels=True)
        name = str(dataset.get("PatientName", ""))
        header = open_dicom(path).header
        if name and name != "None":
            compared += 1
            assert frame_identity(FrameHeader(header=header)).patient_name == first_group(name), path.name
            assert in_tags(path) == name, path.name
        for tag in (0x00081030, 0x0008103E, 0x00080080, 0x00080090):
            if tag in dataset and dataset[tag].VM == 1:
                assert header.text(tag) == str(dataset[tag].value), (path.name, hex(tag))
    assert compared >= 7


@pytest.mark.parametrize(
    ("charset", "coded", "in_view"),
    [
        ("ISO_IR 999", b"M\xfcller", "M�ller"),
        ("\\ISO 2022 IR 6\\ISO 2022 IR 999", b"M\xfcller", "M�ller"),
        ("ISO_IR 192", b"M\xfcller", "M�ller"),
        ("ISO_IR 100", b"Yamada \x1b$B;3ED", "Yamada �$B;3ED"),
        ("\\ISO 2022 IR 999", b"M\xfcller", "M�ller"),
    ],
)
def test_a_wrong_character_set_is_seen_to_be_wrong(
    named: Callable[..., Path], charset: str, coded: bytes, in_view: str
) -> None:
    path = named(charset, coded)
    with pytest.warns(UserWarning):  # pydicom is in doubt, so nobody may be led to believe the name
        str(pydicom.dcmread(path).PatientName)

    assert in_scan(path) == in_corner(path) == in_view
    assert in_tags(path).endswith("(character set unknown or wrong)")


@pytest.mark.parametrize(
    ("charset", "coded"),
    [(None, b"M\xfcller"), ("", b"M\xfcller"), ("ISO-IR 100", b"M\xfcller"), ("ISO_IR 6", b"M\xfcller")],
)
def test_a_missing_or_misspelt_character_set_is_read_as_pydicom_does(
    named: Callable[..., Path], charset: str | None, coded: bytes
) -> None:
    path = named(charset, coded)

    assert in_scan(path) == in_corner(path) == in_tags(path) == "Müller"


@pytest.mark.parametrize(
    ("charset", "codec", "name"),
    [
        ("ISO_IR 149", "euc_kr", "김^귀순"),  # as Orthanc writes it
        ("ISO 2022 IR 149", "euc_kr", "김^귀순"),
        ("ISO_IR 58", "gb2312", "张^小东"),
        ("ISO-IR 149", "euc_kr", "김^귀순"),
        ("iso_ir 192", "utf-8", "김^귀순"),
        ("ISO 2022 IR 192", "utf-8", "김^귀순"),
        ("UTF-8", "utf-8", "김^귀순"),
        ("ISO IR 144", "iso8859-5", "Люкceмбypг"),
        ("ISO_IR_101", "iso8859-2", "Wałęsa"),
        ("\\ISO_IR 149", "euc_kr", "김^귀순"),
        ("\\ISO_IR 87", "iso2022_jp", "山田^太郎"),
        ("\\ISO 2022 IR 149", "euc_kr", "김^귀순"),
        ("ISO 2022 IR 6\\ISO 2022 IR 58", "gb2312", "张^小东"),
    ],
)
def test_a_set_named_in_another_way_is_that_set(
    named: Callable[..., Path], charset: str, codec: str, name: str
) -> None:
    path = named(charset, name.encode(codec))

    assert in_scan(path) == name
    assert in_corner(path) == name.replace("^", " ")


@pytest.mark.parametrize("charset", ["\\ISO 2022 IR 149", "\\ISO 2022 IR 87", "ISO 2022 IR 6\\ISO 2022 IR 100"])
def test_letters_that_no_escape_sequence_turns_on_are_not_guessed(named: Callable[..., Path], charset: str) -> None:
    # Umlauts of Latin 1: no pair of bytes of Korean, and no letters of ASCII.
    assert in_scan(named(charset, b"M\xfc^J\xf6rg ")) == "M\N{REPLACEMENT CHARACTER}^J\N{REPLACEMENT CHARACTER}rg"


@pytest.mark.parametrize(
    "charset", [name for name, _, _ in NAMES.values()] + ["ISO_IR 999", "", "\\\\", "ISO 2022 IR 159"]
)
def test_no_bytes_raise_in_any_character_set(named: Callable[..., Path], charset: str) -> None:
    for seed in range(5):
        coded = np.random.default_rng(seed).integers(1, 256, 24).astype(np.uint8).tobytes().replace(b"X", b"x")
        path = named(charset, coded)

        assert isinstance(in_scan(path) + in_tags(path), str)
        read_frame(FrameRef(path=path))
