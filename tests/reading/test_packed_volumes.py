"""Compressed volumes whose values cannot all be inflated are refused by name; memory nobody wrote to is never shown."""

import bz2
import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.reading.made_volumes import nifti
from tests.reading.poisoned import read_twice
from viewer.core.errors import AppError
from viewer.reading.frames import file_frames, read_frame

VALUES = np.random.default_rng(3).integers(0, 1000, (6, 40, 50)).astype("<i2")  # (slice, row, col)
RAW = VALUES.tobytes()


def meta(data: bytes, fields: str = "", name: str = "LOCAL") -> bytes:
    head = (
        "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\nCompressedData = True\n"
        f"{fields}TransformMatrix = 1 0 0 0 1 0 0 0 1\nOffset = 0 0 0\nElementSpacing = 1 1 1\nDimSize = 50 40 6\n"
        f"ElementType = MET_SHORT\nElementDataFile = {name}\n"
    )
    return head.encode() + data


def nrrd(data: bytes, fields: str = "", encoding: str = "gzip") -> bytes:
    head = (
        "NRRD0004\ntype: int16\ndimension: 3\nspace: left-posterior-superior\nsizes: 50 40 6\n"
        "space directions: (1,0,0) (0,1,0) (0,0,1)\nkinds: domain domain domain\nendian: little\n"
        f"encoding: {encoding}\nspace origin: (0,0,0)\n{fields}\n"
    )
    return head.encode() + data


def of_kind(kind: str, folder: Path, packed: bytes) -> Path:
    """A volume of that kind with these bytes where its compressed values are."""
    path = folder / {"mha": "a.mha", "mhd": "a.mhd", "nrrd": "a.nrrd", "nhdr": "a.nhdr", "nii": "a.nii.gz"}[kind]
    size = f"CompressedDataSize = {len(packed)}\n"
    if kind == "mhd":
        (folder / "a.zraw").write_bytes(packed)
        path.write_bytes(meta(b"", size, "a.zraw"))
    elif kind == "nhdr":
        (folder / "a.raw.gz").write_bytes(packed)
        path.write_bytes(nrrd(b"", "data file: a.raw.gz\n"))
    else:
        path.write_bytes(meta(packed, size) if kind == "mha" else nrrd(packed) if kind == "nrrd" else packed)
    return path


def packed(kind: str, raw: bytes = RAW) -> bytes:
    if kind == "nii":
        head = nifti(VALUES, affine_ras=np.eye(4))[: -len(RAW)]
        return gzip.compress(head + raw)
    return gzip.compress(raw) if kind in ("nrrd", "nhdr") else zlib.compress(raw)


KINDS = ("mha", "mhd", "nrrd", "nhdr", "nii")


def damaged(data: bytes, half: bytes) -> dict[str, bytes]:
    middle = len(data) // 2
    return {
        "cut": data[:middle],
        "zeros": data[:middle] + bytes(200) + data[middle + 200 :],
        "rubbish": data[:40] + bytes(data[::-1][40:]),
        "fewer values": half,
        "another checksum": data[:-4] + bytes(byte ^ 5 for byte in data[-4:]),
    }


def values_of(path: Path) -> np.ndarray:
    return np.stack([read_frame(ref).stored for ref in file_frames(path)])


@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_one_is_read_also_with_bytes_behind_it(tmp_path: Path, kind: str) -> None:
    for data in (packed(kind), packed(kind) + bytes(300)):
        assert np.array_equal(values_of(of_kind(kind, tmp_path, data)), VALUES)


@pytest.mark.parametrize("damage", damaged(packed("mha"), b""))
@pytest.mark.parametrize("kind", KINDS)
def test_values_that_cannot_all_be_inflated_are_refused_by_name(tmp_path: Path, kind: str, damage: str) -> None:
    data = damaged(packed(kind), packed(kind, RAW[: len(RAW) // 2]))[damage]
    path = of_kind(kind, tmp_path, data)

    with pytest.raises(AppError, match=path.name):
        values_of(path)


def no_size(folder: Path) -> Path:
    path = folder / "a.mha"
    path.write_bytes(meta(zlib.compress(RAW)))
    return path


def wrong_size(folder: Path) -> Path:
    path = folder / "a.mha"
    data = zlib.compress(RAW)
    path.write_bytes(meta(data, f"CompressedDataSize = {len(data) // 2}\n"))
    return path


def several_files(folder: Path) -> Path:
    for number, one in enumerate(VALUES):
        (folder / f"{number}.zraw").write_bytes(zlib.compress(one.tobytes()))
    names = "\n".join(f"{number}.zraw" for number in range(len(VALUES)))
    path = folder / "a.mhd"
    path.write_bytes(meta(names.encode(), "CompressedDataSize = 3000\n", "LIST"))
    return path


@pytest.mark.parametrize("write", [no_size, wrong_size, several_files])
def test_a_metaimage_that_does_not_say_where_its_compressed_values_end_is_refused(tmp_path: Path, write) -> None:  # type: ignore[no-untyped-def]
    """SimpleITK 2.5 gives memory that nobody wrote to for each of these."""
    with pytest.raises(AppError, match=r"a\.mh[ad]"):
        values_of(write(tmp_path))


def test_lines_and_bytes_before_the_values_of_an_nrrd_file_are_skipped(tmp_path: Path) -> None:
    lines, bytes_, joined = (tmp_path / f"{name}.nrrd" for name in ("lines", "bytes", "joined"))
    lines.write_bytes(nrrd(b"a line\nand another\n" + gzip.compress(RAW), "line skip: 2\n"))
    bytes_.write_bytes(nrrd(gzip.compress(b"x" * 60 + RAW), "byte skip: 60\n"))
    joined.write_bytes(nrrd(gzip.compress(RAW[:9000]) + gzip.compress(RAW[9000:])))

    for path in (lines, bytes_, joined):
        assert np.array_equal(values_of(path), VALUES), path.name


def test_what_is_packed_in_another_way_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "a.nrrd"
    path.write_bytes(nrrd(bz2.compress(RAW), encoding="bzip2"))

    with pytest.raises(AppError, match=r"a\.nrrd"):
        values_of(path)


def every_volume(folder: Path) -> Iterator[Path]:
    for kind in KINDS:
        whole = packed(kind)
        for name, data in damaged(whole, packed(kind, RAW[: len(RAW) // 2])).items():
            inside = folder / f"{kind} {name}"
            inside.mkdir()
            yield of_kind(kind, inside, data)
    for write in (no_size, wrong_size, several_files):
        (folder / write.__name__).mkdir()
        yield write(folder / write.__name__)


def test_no_volume_shows_memory_that_nobody_wrote_to(tmp_path: Path) -> None:
    """Read twice, over memory filled with another byte each time: what comes out is the same, or a sentence."""
    paths = list(every_volume(tmp_path))

    first, second = read_twice(paths)

    assert first == second
    assert len(first) == len(paths)
    assert json.dumps(first).count("refused") >= len(paths) - 1
