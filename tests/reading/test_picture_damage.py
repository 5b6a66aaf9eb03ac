"""Pictures that lost data: JPEG files, and TIFF pages of JPEG strips and tiles."""

import io
import json
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from tests.reading.made_jpegs import cut_with_end, segment, without_block, zeroed
from tests.reading.test_jpeg_damage import PROGRESSIVE, RGB
from viewer.cli.main import main
from viewer.core.errors import AppError, BadFile
from viewer.reading.frames import read_frame
from viewer.reading.pixels.cut_files import CUT_SHORT, DAMAGED
from viewer.reading.series import FrameRef

GREY = RGB[:, :, 0]


def jpeg_of(picture: np.ndarray, mode: str = "", **more: object) -> bytes:
    out, image = io.BytesIO(), Image.fromarray(picture)
    (image.convert(mode) if mode else image).save(out, "JPEG", quality=92, **more)
    return out.getvalue()


FILES = {
    "grey": jpeg_of(GREY),
    "colour": jpeg_of(RGB),
    "colour, progressive": jpeg_of(RGB, progressive=True),
    "CMYK": jpeg_of(RGB, "CMYK"),
}
DAMAGE = {
    "zero bytes": lambda data, at: zeroed(data, at, len(data) // 5),
    "a lost block": lambda data, at: without_block(data, at, len(data) // 5),
    "cut, with an end marker": cut_with_end,
}


def facts_of(path: Path) -> tuple[str, tuple[str, ...]]:
    facts = read_frame(FrameRef(path=path, frame_index=0)).facts
    return facts.banner, facts.doubts


@pytest.mark.parametrize("name", FILES)
def test_a_whole_jpeg_file_is_shown_plain_whatever_stands_outside_of_its_scans(tmp_path: Path, name: str) -> None:
    data, path = FILES[name], tmp_path / "a.jpg"
    plain = None

    for padded in (data, data[:2] + segment(0xFE, b"\xff\xd9 a comment") + data[2:], data + bytes(500), data + data):
        path.write_bytes(padded)
        frame = read_frame(FrameRef(path=path, frame_index=0))
        plain = frame.stored if plain is None else plain
        assert np.array_equal(frame.stored, plain)
        assert (frame.facts.banner, frame.facts.doubts) == ("", ())


@pytest.mark.parametrize("at", [0.2, 0.5, 0.7])
@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("name", FILES)
def test_a_jpeg_file_that_lost_data_has_a_doubt_or_is_refused(
    tmp_path: Path, name: str, damage: str, at: float
) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(DAMAGE[damage](FILES[name], at))

    try:
        banner, doubts = facts_of(path)
    except AppError as error:
        assert "a.jpg" in str(error)
    else:
        assert "compressed image" in banner
        assert doubts == (DAMAGED,)


def test_scan_verify_and_render_say_it_of_a_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(cut_with_end(FILES["grey"], 0.5))

    main(["scan", str(path), "--verify", "--json"])
    problems = json.loads(capsys.readouterr().out)["problems"]
    main(["render", str(path), "--out", str(tmp_path / "x.png"), "--json"])
    rendered = json.loads(capsys.readouterr().out)

    assert "a.jpg" in problems[0]["reason"]
    assert "damaged" in problems[0]["reason"]
    assert "damaged" in rendered["banner"]


def tiff_of(path: Path, **more: object) -> tuple[list[int], list[int]]:
    """(offsets, lengths) of the strips or tiles of a page of JPEG ones."""
    tifffile.imwrite(path, RGB, photometric="rgb", compression="jpeg", compressionargs={"level": 92}, **more)
    with tifffile.TiffFile(path) as tiff:
        return list(tiff.pages[0].dataoffsets), list(tiff.pages[0].databytecounts)


@pytest.mark.parametrize("layout", [{"rowsperstrip": 32}, {"tile": (64, 64)}], ids=["strips", "tiles"])
def test_a_tiff_says_which_of_its_jpeg_parts_lost_data(tmp_path: Path, layout: dict[str, object]) -> None:
    path = tmp_path / "a.tif"
    offsets, lengths = tiff_of(path, **layout)
    whole = path.read_bytes()
    assert facts_of(path) == ("", ())

    for offset, length in zip(offsets, lengths):
        part = whole[offset : offset + length]
        path.write_bytes(whole[:offset] + zeroed(part, 0.5, length // 4) + whole[offset + length :])
        banner, doubts = facts_of(path)
        assert "damaged inside" in banner
        assert doubts == (DAMAGED,)


def test_strips_that_are_not_in_the_file_are_said(tmp_path: Path) -> None:
    """A strip of no bytes (as in a sparse file), and one that the end of the file cuts."""
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, GREY, rowsperstrip=8)
    with tifffile.TiffFile(path, mode="r+b") as tiff:
        counts = list(tiff.pages[0].databytecounts)
        tiff.pages[0].tags["StripByteCounts"].overwrite([0, *counts[1:]])

    frame = read_frame(FrameRef(path=path, frame_index=0))

    assert "not in the file" in frame.facts.banner
    assert DAMAGED in frame.facts.doubts or CUT_SHORT in frame.facts.doubts
    assert not frame.stored[:8].any()
    assert np.array_equal(frame.stored[8:], GREY[8:])


def test_a_jpeg_file_of_very_many_scans_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    starts = [at for at in range(len(PROGRESSIVE)) if PROGRESSIVE.startswith(b"\xff\xda", at)]
    frame = next(at for at in range(len(PROGRESSIVE)) if PROGRESSIVE.startswith(b"\xff\xc2", at))
    size = (4096).to_bytes(2, "big") * 2
    scan = PROGRESSIVE[starts[-1] : -2]
    path = tmp_path / "a.jpg"
    path.write_bytes(PROGRESSIVE[: frame + 5] + size + PROGRESSIVE[frame + 9 : -2] + scan * 1500 + b"\xff\xd9")

    with pytest.raises(BadFile, match=r"a\.jpg .*times"):
        facts_of(path)


PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunks_of(mode: str) -> list[tuple[bytes, bytes]]:
    """(name, data) of a PNG's chunks."""
    out, found, position = io.BytesIO(), [], len(PNG_SIGNATURE)
    picture = Image.fromarray(RGB.astype(np.uint16)[:, :, 0] * 257) if mode == "I;16" else Image.fromarray(RGB)
    (picture if mode == "I;16" else picture.convert(mode)).save(out, "PNG")
    data = out.getvalue()
    while position < len(data):
        length, kind = struct.unpack_from(">L4s", data, position)
        found.append((kind, data[position + 8 : position + 8 + length]))
        position += 12 + length
    return found


def png_of(chunks: list[tuple[bytes, bytes]]) -> bytes:
    def written(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))

    return PNG_SIGNATURE + b"".join(written(*chunk) for chunk in chunks)


MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")


@pytest.mark.parametrize("mode", MODES)
def test_a_png_with_half_of_its_rows_or_without_a_piece_is_refused_by_name(tmp_path: Path, mode: str) -> None:
    chunks, path = chunks_of(mode), tmp_path / "a.png"
    head = [chunk for chunk in chunks if chunk[0] not in (b"IDAT", b"IEND")]
    packed = b"".join(data for kind, data in chunks if kind == b"IDAT")
    rows = zlib.decompress(packed)
    half = zlib.compress(rows[: len(rows) // 96 * 48])
    whole = png_of([*head, (b"IDAT", packed), (b"IEND", b"")])
    path.write_bytes(whole)
    assert facts_of(path) == ("", ())

    for spoilt in (
        png_of([*head, (b"IDAT", half), (b"IEND", b"")]),
        png_of([*head, (b"IEND", b"")]),
        png_of([*head, (b"IDAT", packed[: len(packed) // 2]), (b"IEND", b"")]),
        whole[:-12],
        whole[:-300],
    ):
        path.write_bytes(spoilt)
        with pytest.raises(BadFile, match=r"a\.png"):
            facts_of(path)


@pytest.mark.parametrize("mode", MODES)
def test_a_byte_of_a_png_that_changed_is_found_by_its_checksum(tmp_path: Path, mode: str) -> None:
    data, path = png_of(chunks_of(mode)), tmp_path / "a.png"
    start = data.find(b"IDAT") + 4

    for place in range(start, len(data) - 12, max(1, (len(data) - start) // 12)):
        path.write_bytes(data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :])
        with pytest.raises(BadFile, match=r"a\.png"):
            facts_of(path)


def test_what_stands_in_other_chunks_or_behind_the_end_of_a_png_is_no_doubt(tmp_path: Path) -> None:
    chunks, path = chunks_of("RGB"), tmp_path / "a.png"
    text = png_of([chunks[0], (b"tEXt", b"Comment\0made by hand"), *chunks[1:]])
    path.write_bytes(text + bytes(400))

    frame = read_frame(FrameRef(path=path, frame_index=0))

    assert np.array_equal(frame.stored, RGB)
    assert frame.facts.banner == ""
