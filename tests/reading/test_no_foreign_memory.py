"""No byte of foreign memory ever becomes a pixel: damaged files read twice over differently filled memory agree.

The kinds are those of the public advisories against DICOM servers and libraries of 2026: tails and segments of RLE that
are too short or too long, fragments beyond the file, frames shorter than promised, and cut streams of every codec.
"""

import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile
from pydicom.encaps import encapsulate

from tests.reading.made_jpegs import cut_with_end, lossless_jpeg, without_block, zeroed
from tests.reading.poisoned import read_twice

MakeDicom = Callable[..., Path]
BASE = "1.2.840.10008.1.2."
Y, X = np.mgrid[0:40, 0:50]
GREY = (2000 + 1500 * np.sin(X / 6) * np.cos(Y / 5) + (X * 37 + Y * 61) % 97).astype(np.uint16)
RGB = np.stack([GREY >> 4, GREY[::-1] >> 4, GREY[:, ::-1] >> 4], axis=2).astype(np.uint8)
TWELVE = {"BitsStored": 12, "HighBit": 11}


def packed_bits(data: bytes) -> bytes:
    packed = bytes(imagecodecs.packbits_encode(data))
    return packed + b"\0" * (len(packed) % 2)


def rle(segments: list[bytes]) -> bytes:
    starts = np.cumsum([64, *(len(s) for s in segments[:-1])]).tolist()
    return struct.pack("<16L", len(segments), *starts, *[0] * (15 - len(starts))) + b"".join(segments)


HIGH, LOW = (GREY >> 8).astype(np.uint8).tobytes(), (GREY & 255).astype(np.uint8).tobytes()
RLE_FRAMES = {
    "short tail": rle([packed_bits(HIGH), packed_bits(LOW[:-700])]),
    "short head": rle([packed_bits(HIGH[:-700]), packed_bits(LOW)]),
    "long segment": rle([packed_bits(HIGH + bytes(range(256)) * 9), packed_bits(LOW)]),
    "broken literal": rle([packed_bits(HIGH), packed_bits(LOW)[:-900] + b"\x7f\x01"]),
    "broken run": rle([packed_bits(HIGH), packed_bits(LOW)[:-900] + b"\x81"]),
    "empty": rle([packed_bits(HIGH), b""]),
    "offsets outside": struct.pack("<16L", 2, 64, 1 << 30, *[0] * 13) + packed_bits(HIGH),
    "offsets that fall": struct.pack("<16L", 2, 900, 64, *[0] * 13) + packed_bits(HIGH) + packed_bits(LOW),
}
DEFLATED = zlib.compress(GREY.tobytes(), wbits=-15)
STREAMS = {
    "4.50": (RGB, bytes(imagecodecs.jpeg8_encode(RGB, level=90))),
    "4.51": (GREY, bytes(imagecodecs.jpeg8_encode(GREY, level=90, bitspersample=12))),
    "4.57": (RGB, lossless_jpeg(RGB, 8, scans=((0,), (1,), (2,)))),
    "4.70": (GREY, lossless_jpeg(GREY, 12, restart_rows=8)),
    "4.80": (GREY, bytes(imagecodecs.jpegls_encode(GREY))),
    "4.90": (GREY, bytes(imagecodecs.jpeg2k_encode(GREY, codecformat="j2k", level=0, reversible=True))),
    "4.201": (GREY, bytes(imagecodecs.htj2k_encode(GREY))),
    "4.110": (GREY, bytes(imagecodecs.jpegxl_encode(GREY, lossless=True))),
    "8.1": (GREY, DEFLATED),
    "1.98": (GREY, GREY.tobytes()),
}


def broken(data: bytes) -> Iterator[bytes]:
    for part in (0.3, 0.6, 0.95):
        yield data[: int(len(data) * part)]
        if b"\xff\xda" in data:
            yield zeroed(data, part)
            yield without_block(data, part)
            yield cut_with_end(data, part)
        else:
            at = int(len(data) * part)
            yield data[:at] + bytes(60) + data[at + 60 :]


def dicom_files(make_dicom: MakeDicom) -> Iterator[Path]:
    for name, frame in RLE_FRAMES.items():
        yield make_dicom(f"rle {name}.dcm", GREY, syntax=BASE + "5", encoded=encapsulate([frame]), **TWELVE)
    for syntax, (pixels, data) in STREAMS.items():
        size = TWELVE if pixels is GREY else {}
        for number, stream in enumerate(broken(data)):
            name = f"{syntax} {number}.dcm"
            yield make_dicom(name, pixels, syntax=BASE + syntax, encoded=encapsulate([stream]), **size)
    native = make_dicom("native.dcm", GREY, **TWELVE)
    frames = make_dicom("frames.dcm", np.stack([GREY] * 3), NumberOfFrames=5, **TWELVE)
    planes = make_dicom("planes.dcm", RGB, PlanarConfiguration=1)
    shared = make_dicom("shared.dcm", RGB, PhotometricInterpretation="YBR_FULL_422")
    for path in (native, frames, planes, shared):
        whole = path.read_bytes()
        for lost in (1, 51, 2000):
            cut = path.with_name(f"{path.stem} {lost}.dcm")
            cut.write_bytes(whole[:-lost])
            yield cut
    beyond = make_dicom("beyond.dcm", GREY, syntax=BASE + "4.70", encoded=encapsulate([STREAMS["4.70"][1]]), **TWELVE)
    data = beyond.read_bytes()
    item = data.rfind(b"\xfe\xff\x00\xe0")
    beyond.write_bytes(data[: item + 4] + struct.pack("<L", 1 << 24) + data[item + 8 :])
    yield beyond


def tiff_files(folder: Path) -> Iterator[Path]:
    for compression in (None, "lzw", "deflate", "packbits", "jpeg", "zstd"):
        for layout in ({"rowsperstrip": 8}, {"tile": (16, 16)}):
            picture = RGB if compression == "jpeg" else GREY
            path = folder / "whole.tif"
            kind = "rgb" if compression == "jpeg" else "minisblack"
            tifffile.imwrite(path, picture, compression=compression, photometric=kind, **layout)
            whole = path.read_bytes()
            with tifffile.TiffFile(path) as tiff:
                places = list(zip(tiff.pages[0].dataoffsets, tiff.pages[0].databytecounts))
            for number, (offset, count) in enumerate(places[:4]):
                middle = offset + count // 2
                mutant = folder / f"{compression} {next(iter(layout))} {number}.tif"
                mutant.write_bytes(whole[:middle] + bytes(min(40, count // 2)) + whole[middle + min(40, count // 2) :])
                yield mutant


def test_damaged_files_give_the_same_pixels_whatever_memory_held(make_dicom: MakeDicom, tmp_path: Path) -> None:
    paths = [*dicom_files(make_dicom), *tiff_files(tmp_path)]

    first, second = read_twice(paths)

    assert first == second
    shown = [path for path, found in first.items() if not found.startswith("refused")]
    assert len(paths) > 100
    assert len(shown) > 40  # it says something of pixels, not of refusals only


def test_the_memory_of_the_two_runs_does_differ() -> None:
    """Where the C library fills memory; the comparison above would hold nothing else."""
    import platform
    import subprocess
    import sys

    if platform.libc_ver()[0] != "glibc":
        pytest.skip("only this C library fills memory before it is used")
    code = "import numpy as np; print(np.empty(1 << 16, np.uint8)[5000])"
    seen = {
        subprocess.run(
            [sys.executable, "-c", code], env={"MALLOC_PERTURB_": byte}, capture_output=True, check=True
        ).stdout
        for byte in ("85", "170")
    }
    assert len(seen) == 2
