"""A JPEG that lost data is never shown without a doubt; what stands outside of its scans is none."""

import base64
import json
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from pydicom.encaps import encapsulate

from tests.reading.made_jpegs import cut_with_end, lossless_jpeg, segment, without_block, zeroed
from viewer.cli.main import main
from viewer.core.errors import AppError
from viewer.reading.codestreams.jpeg_damage import jpeg_damage
from viewer.reading.frames import read_frame
from viewer.reading.pixels.cut_files import DAMAGED
from viewer.reading.series import FrameRef

MakeDicom = Callable[..., Path]
BASELINE, EXTENDED, LOSSLESS = (f"1.2.840.10008.1.2.4.{n}" for n in (50, 51, 57))

Y, X = np.mgrid[0:96, 0:80]
TWELVE = (2000 + 1500 * np.sin(X / 6) * np.cos(Y / 5) + (X * 37 + Y * 61) % 97).astype(np.uint16)
EIGHT = (TWELVE >> 4).astype(np.uint8)
RGB = np.stack([EIGHT, EIGHT[::-1], EIGHT[:, ::-1]], axis=2)


def dct(pixels: np.ndarray, **more: object) -> bytes:
    return bytes(imagecodecs.jpeg8_encode(pixels, level=92, **more))


# What cjpeg (libjpeg-turbo) writes with -progressive and -arithmetic, of a 48 x 40 picture of waves.
PROGRESSIVE = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAUDBAQEAwUEBAQFBQUGBwwIBwcHBw8LCwkMEQ8SEhEPERETFhwXExQaFRERGCEYGh0dHx8fExci"
    "JCIeJBweHx7/wgALCAAoADABAREA/8QAFgABAQEAAAAAAAAAAAAAAAAABgUE/9oACAEBAAAAAUlQYZtuQcxYjjENMxijjCXdQgatssdEiert"
    "P//EABoQAAMBAQEBAAAAAAAAAAAAAAECBAMTABL/2gAIAQEAAQUCj2Ga61qfXjopkbrDmc1npVfV7FHztZvRjqRGvxblzG9ZR7MS7ZyMPQnk"
    "y1qMrdBo28zOI8RpnrGB608w1h+otTp7CUOsu/MaWKfWjopjbrHkclwqVT//xAAdEAACAgMAAwAAAAAAAAAAAAAAAQIRITFBYXGR/9oACAEB"
    "AAY/AmhZ4PwzQr4yr2hq9kcjRF0T+iyJoeNMjZV6PaLronQ8bQmiSsgSJJiySrjE6M8ZTe0f/8QAIBAAAwACAQQDAAAAAAAAAAAAAAERITHB"
    "EEFRkXGB8P/aAAgBAQABPyHQaPX2aCzBEp0HFfcskqTYOGyIE+iDMG3BcK1cD0IQosfjJS3gq9kxt+x7LnBQqC1xmSd3CwjMN1WTBU7HoviR"
    "wVvTfIxZ/FKkld8imhJ75FuPKgtTLR7Ms8rwKmm7pIn/2gAIAQEAAAAQkcWnu//EACMQAQACAQMEAwEBAAAAAAAAAAEAESExscFBUXHhYYGR"
    "8dH/2gAIAQEAAT8Qc4ZBooLbQdFNDOcPuWtaJOua5lpaG2LHU2ImrQbYrU3ZQHOntiuJT1Y06YriXC0VF9z1G1rgVdrbeYVxYvy1WzFUEXYh"
    "dIo6uz7gMJKfn9juI6C6D/EXRRB+RzuRbUm665rmU/AUv62JTfBkNBH1CNINtaCPqKVDlP03j5oVPJ6lvmjk9a5Swlu1TxRvNec19r4QDgdb"
    "0vhEkS2nj+y8YZF+GzEEAG3qbfUqvYEP5uyuQDvuYrif/9k="
)
ARITHMETIC = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAUDBAQEAwUEBAQFBQUGBwwIBwcHBw8LCwkMEQ8SEhEPERETFhwXExQaFRERGCEYGh0dHx8fExci"
    "JCIeJBweHx7/yQALCAAoADABAREA/8wABgAQEAX/2gAIAQEAAD8A0qcedmnehhv16z2vTIQgTONZu520bUZ10rzUAa5s1slVUr0PlZhgCfM3"
    "piWSiw5Ul1RoB9xqnkbSq4pWE6geoVHNNXPxQywhHsVZWNeLm0p2cc4IygX5FnypaE+3F84T4C5Q1EiZBsjWUzjqqEXYUoRlGoR3vzULV955"
    "HP8A363LM+xcWXmwKvrvs/ieldgZ9izC6HyCWh559wLaPhtdCwX3ljYs5lHR2c0oJBgwJBXy9kPmpeSnUWkXoE4SZvwso6hf8mv+DY4Zynp/"
    "6bNYruzAalxIXlZQnGu6GtwzfdhwRp07PlF9VfocP0AwIHbbimPa65q4GKtTb8iNXcmsKquDI7IMG+sS/wCPOg36WdslXWRESD6i3cEmTWxc"
    "jU9lEw/rSosXNvFIMP0AQ2axN5drvkqxr3lRMOtMgPVtK5BHxWxmlWuur02r8K5iqOXr7zD6mWLE3a8ffVG8XhiLFlN20WX8jA7uL9PWmVZI"
    "MSnLa66DmGeq0gyXSQv5Y/i2w7BUBRQzGPdgMsBWA7I8BtAcnKKdD16//jvj3M9Jo/8AWmCRZ43hSfoEFrejDka9dEvK4vYUwP/Z"
)

STREAMS: dict[str, tuple[str, np.ndarray, bytes]] = {
    "grey": (BASELINE, EIGHT, dct(EIGHT)),
    "colour": (BASELINE, RGB, dct(RGB, subsampling="420")),
    "12 bits": (EXTENDED, TWELVE, dct(TWELVE, bitspersample=12)),
    "progressive": (BASELINE, EIGHT[:40, :48], PROGRESSIVE),
    "arithmetic": (BASELINE, EIGHT[:40, :48], ARITHMETIC),
    "lossless 8": (LOSSLESS, EIGHT, lossless_jpeg(EIGHT, 8)),
    "lossless 12": (LOSSLESS, TWELVE, lossless_jpeg(TWELVE, 12, predictor=4)),
    "lossless 16": (LOSSLESS, TWELVE, lossless_jpeg(TWELVE * 16, 16, predictor=7, point=4)),
    "lossless colour": (LOSSLESS, RGB, lossless_jpeg(RGB, 8, scans=((0,), (1,), (2,)))),
    "restarts": (LOSSLESS, TWELVE, lossless_jpeg(TWELVE, 12, restart_rows=8)),
}
# A block so short that a decoder finds its step again, by chance with the right number of units, is lost for good: no
# codec warns of it. A sixth of the stream is longer than that.
DAMAGE: dict[str, Callable[[bytes, float], bytes]] = {
    "zero bytes": zeroed,
    "a lost block": lambda data, at: without_block(data, at, len(data) // 6),
    "cut, with an end marker": cut_with_end,
}
# An arithmetic coder may leave out zeros at its end (ITU-T T.81 D.1.8): nothing tells them from what was lost.
DAMAGED_STREAMS = [
    (name, damage) for name in STREAMS for damage in DAMAGE if name != "arithmetic" or damage == "zero bytes"
]
PLACES = (0.2, 0.5, 0.8)


def dicom(make_dicom: MakeDicom, name: str, data: bytes) -> Path:
    syntax, pixels, _ = STREAMS[name]
    deep = {"BitsStored": 16 if name == "lossless 16" else 12, "HighBit": 15 if name == "lossless 16" else 11}
    colour = {"PhotometricInterpretation": "YBR_FULL_422"} if name == "colour" else {}
    more = {**(deep if pixels.dtype == np.uint16 else {}), **colour}
    return make_dicom("a.dcm", pixels, syntax=syntax, encoded=encapsulate([data]), **more)


def banner_of(path: Path) -> tuple[str, tuple[str, ...]]:
    facts = read_frame(FrameRef(path=path, frame_index=0)).facts
    return facts.banner, facts.doubts


@pytest.mark.parametrize("name", STREAMS)
def test_a_whole_stream_is_shown_plain(make_dicom: MakeDicom, name: str) -> None:
    assert banner_of(dicom(make_dicom, name, STREAMS[name][2])) == ("", ())


@pytest.mark.parametrize("at", PLACES)
@pytest.mark.parametrize(("name", "damage"), DAMAGED_STREAMS)
def test_a_stream_that_lost_data_has_a_doubt_or_is_refused(
    make_dicom: MakeDicom, name: str, damage: str, at: float
) -> None:
    path = dicom(make_dicom, name, DAMAGE[damage](STREAMS[name][2], at))

    try:
        banner, doubts = banner_of(path)
    except AppError as error:
        assert "a.dcm" in str(error)
    else:
        assert "compressed image" in banner
        assert doubts == (DAMAGED,)


@pytest.mark.parametrize("name", ["restarts", "12 bits", "grey"])
def test_an_end_marker_in_the_middle_is_no_end(make_dicom: MakeDicom, name: str) -> None:
    data = STREAMS[name][2]
    middle = len(data) // 2

    assert banner_of(dicom(make_dicom, name, data[:middle] + b"\xff\xd9" + data[middle:]))[1] == (DAMAGED,)


def test_a_progressive_stream_without_its_last_scans_is_said_to_lack_detail() -> None:
    """No scan of it is short, so no codec warns."""
    starts = [at for at in range(len(PROGRESSIVE)) if PROGRESSIVE.startswith(b"\xff\xda", at)]
    first_kept = PROGRESSIVE[: starts[2]]
    assert len(starts) > 3

    assert "ends early" in jpeg_damage(first_kept + b"\xff\xd9")


def harmless(data: bytes) -> dict[str, bytes]:
    frame = next(
        at for at in range(2, len(data)) if data[at] == 0xFF and data[at + 1] in (0xC0, 0xC1, 0xC2, 0xC3, 0xC9)
    )
    scan = data.find(b"\xff\xda")
    return {
        "a comment": data[:2] + segment(0xFE, b"made \xff\xd9 by a machine") + data[2:],
        "application data": data[:frame] + segment(0xE5, bytes(range(256))) + data[frame:],
        "stray bytes before a segment": data[:frame] + bytes(40) + data[frame:],
        "fill bytes": data[:scan] + b"\xff\xff\xff" + data[scan:-2] + b"\xff\xff" + data[-2:],
        "bytes behind the end": data + bytes(500),
        "another image behind the end": data + data[: len(data) // 2],
    }


@pytest.mark.parametrize("kind", harmless(STREAMS["grey"][2]))
@pytest.mark.parametrize("name", STREAMS)
def test_bytes_outside_the_scans_are_no_doubt(make_dicom: MakeDicom, name: str, kind: str) -> None:
    data = STREAMS[name][2]
    plain = read_frame(FrameRef(path=dicom(make_dicom, name, data), frame_index=0)).stored.copy()
    path = dicom(make_dicom, name, harmless(data)[kind])
    frame = read_frame(FrameRef(path=path, frame_index=0))

    assert np.array_equal(frame.stored, plain)
    assert (frame.facts.banner, frame.facts.doubts) == ("", ())


def test_scan_verify_and_render_say_it(
    make_dicom: MakeDicom, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = dicom(make_dicom, "lossless 12", without_block(STREAMS["lossless 12"][2], 0.5))

    main(["scan", str(path), "--verify", "--json"])
    problems = json.loads(capsys.readouterr().out)["problems"]
    main(["render", str(path), "--out", str(tmp_path / "x.png"), "--json"])
    rendered = json.loads(capsys.readouterr().out)

    assert [problem["path"] for problem in problems] == [str(path)]
    assert "damaged" in problems[0]["reason"]
    assert "damaged" in rendered["banner"]


def test_scan_verify_has_nothing_to_say_of_whole_streams(
    make_dicom: MakeDicom, capsys: pytest.CaptureFixture[str]
) -> None:
    path = dicom(make_dicom, "grey", STREAMS["grey"][2] + bytes(300))

    main(["scan", str(path), "--verify", "--json"])

    assert json.loads(capsys.readouterr().out)["problems"] == []


def test_a_stream_of_very_many_scans_is_refused_before_it_is_decoded(make_dicom: MakeDicom) -> None:
    """Each scan goes over the whole picture: 0.3 MB were 20 s of work."""
    starts = [at for at in range(len(PROGRESSIVE)) if PROGRESSIVE.startswith(b"\xff\xda", at)]
    scan = PROGRESSIVE[starts[-1] : -2]
    frame = next(at for at in range(len(PROGRESSIVE)) if PROGRESSIVE.startswith(b"\xff\xc2", at))
    size = (4096).to_bytes(2, "big")
    large = PROGRESSIVE[: frame + 5] + size * 2 + PROGRESSIVE[frame + 9 : -2] + scan * 1500 + b"\xff\xd9"
    path = make_dicom(
        "a.dcm", np.zeros((8, 8), np.uint8), syntax=BASELINE, encoded=encapsulate([large]), Rows=4096, Columns=4096
    )

    with pytest.raises(AppError, match=r"a\.dcm .*times"):
        banner_of(path)


@pytest.mark.parametrize("name", ["grey", "12 bits", "colour"])
def test_a_sequential_scan_whose_coefficients_are_not_named_is_no_doubt(make_dicom: MakeDicom, name: str) -> None:
    """Known from angiography: Ss, Se, Ah and Al are all 0, where ITU-T T.81 table B.3 wants 0, 63, 0."""
    data = STREAMS[name][2]
    scan = data.find(b"\xff\xda")
    end = scan + 2 + int.from_bytes(data[scan + 2 : scan + 4], "big")
    assert data[end - 3 : end] == b"\x00\x3f\x00"

    assert banner_of(dicom(make_dicom, name, data[: end - 3] + bytes(3) + data[end:])) == ("", ())
