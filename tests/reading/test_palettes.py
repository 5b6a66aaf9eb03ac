"""Palettes as files really write them; an index beyond a table has its last colour, never memory of something else."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from viewer.core.windowing import computed_window, display_table
from viewer.reading.frame import Frame
from viewer.reading.frames import read_frame
from viewer.reading.series import FrameRef

MakeDicom = Callable[..., Path]
COLORS = ("Red", "Green", "Blue")


def frame_of(path: Path) -> Frame:
    return read_frame(FrameRef(path=path))


def colours(frame: Frame) -> np.ndarray:
    """(row, col, 3) as shown."""
    window = computed_window(frame.stored, frame.facts)
    return display_table(frame.facts, window, invert=False).apply(frame.stored)


def palette(*tables: bytes, bits: int | tuple[int, ...] = 8, count: int = 4, first: int = 0) -> dict[str, Any]:
    """The attributes of a palette of three tables, given as bytes."""
    found: dict[str, Any] = {"PhotometricInterpretation": "PALETTE COLOR"}
    depth = (bits,) * 3 if isinstance(bits, int) else bits
    for color, data, own in zip(COLORS, tables, depth):
        found[f"{color}PaletteColorLookupTableDescriptor"] = [count, first, own]
        found[f"{color}PaletteColorLookupTableData"] = data
    return found


def words(*values: int) -> bytes:
    return np.array(values, "<u2").tobytes()


PIXELS = np.array([[0, 1], [2, 3]], np.uint8)
RED, GREEN, BLUE = (0, 10, 20, 250), (5, 6, 7, 8), (0, 0, 100, 200)
AS_WRITTEN = np.stack([RED, GREEN, BLUE], axis=1).reshape(2, 2, 3)


@pytest.mark.parametrize(
    "attributes",
    [
        palette(bytes(RED), bytes(GREEN), bytes(BLUE)),
        palette(words(*RED), words(*GREEN), words(*BLUE)),
        palette(bytes(RED), words(*GREEN), bytes(BLUE)),  # one table in words
        palette(words(*RED), bytes(GREEN), bytes(BLUE)),
        palette(bytes(RED), bytes(GREEN), bytes(BLUE), bits=16),  # says 16 bits and holds bytes
        palette(words(*RED), words(*GREEN), words(*BLUE), bits=16),  # says 16 bits and means 8
        palette(*(words(*(value * 257 for value in table)) for table in (RED, GREEN, BLUE)), bits=16),
        palette(bytes(RED), *(words(*(v * 257 for v in table)) for table in (GREEN, BLUE)), bits=(8, 16, 16)),
        palette(bytes(RED), *(words(*(v * 257 for v in table)) for table in (GREEN, BLUE)), bits=16),
        palette(*(words(*(value << 4 for value in table)) for table in (RED, GREEN, BLUE)), bits=12),
    ],
    ids=[
        "bytes",
        "words",
        "green in words",
        "red in words",
        "16 of bytes",
        "16 means 8",
        "16",
        "8 16 16",
        "mixed",
        "12",
    ],
)
def test_the_depth_of_a_palette_is_what_its_tables_hold(make_dicom: MakeDicom, attributes: dict[str, Any]) -> None:
    assert colours(frame_of(make_dicom("a.dcm", PIXELS, **attributes))).tolist() == AS_WRITTEN.tolist()


def test_a_dark_table_stays_dark_beside_one_that_uses_its_range(make_dicom: MakeDicom) -> None:
    dark, bright = words(0, 1, 2, 200), words(0, 0x5500, 0xAA00, 0xFF00)

    shown = colours(frame_of(make_dicom("a.dcm", PIXELS, **palette(dark, bright, bright, bits=16))))

    assert shown[..., 0].tolist() == [[0, 0], [0, 0]]
    assert shown[..., 1].tolist() == [[0, 85], [170, 255]]


def test_an_index_beyond_the_palette_has_its_end_colours(make_dicom: MakeDicom) -> None:
    pixels = np.array([[0, 1, 5, 255]], np.uint8)

    frame = frame_of(make_dicom("a.dcm", pixels, **palette(bytes(RED), bytes(GREEN), bytes(BLUE), first=1)))

    assert colours(frame)[0].tolist() == [[0, 5, 0], [0, 5, 0], [250, 8, 200], [250, 8, 200]]


def test_an_index_of_32_bits_beyond_the_palette_has_its_end_colours(make_dicom: MakeDicom) -> None:
    pixels = np.array([[0, 3, 1 << 20]], np.uint32)

    frame = frame_of(make_dicom("a.dcm", pixels, **palette(bytes(RED), bytes(GREEN), bytes(BLUE))))

    assert colours(frame)[0].tolist() == [[0, 5, 0], [250, 8, 200], [250, 8, 200]]


def test_tables_of_different_lengths_keep_their_own_ends_and_are_said(make_dicom: MakeDicom) -> None:
    attributes = palette(bytes(RED), bytes(GREEN), bytes((0, 9)))
    attributes["BluePaletteColorLookupTableDescriptor"] = [2, 0, 8]

    frame = frame_of(make_dicom("a.dcm", PIXELS, **attributes))

    assert colours(frame)[..., 0].ravel().tolist() == list(RED)
    assert colours(frame)[..., 2].ravel().tolist() == [0, 9, 9, 9]
    assert "palettes of the file map different values" in frame.facts.banner


def test_tables_that_begin_at_different_values_are_read_each_from_its_own(make_dicom: MakeDicom) -> None:
    attributes = palette(bytes(RED), bytes(GREEN), bytes(BLUE))
    attributes["RedPaletteColorLookupTableDescriptor"] = [4, 1, 8]

    frame = frame_of(make_dicom("a.dcm", PIXELS, **attributes))

    assert colours(frame)[..., 0].ravel().tolist() == [0, 0, 10, 20]
    assert colours(frame)[..., 1].ravel().tolist() == list(GREEN)
    assert "map different values" in frame.facts.banner


@pytest.mark.parametrize("color", COLORS)
def test_a_table_shorter_than_promised_ends_with_its_last_colour(make_dicom: MakeDicom, color: str) -> None:
    tables = dict(zip(COLORS, (bytes(RED), bytes(GREEN), bytes(BLUE))))
    tables[color] = bytes((40, 50))

    frame = frame_of(make_dicom("a.dcm", PIXELS, **palette(*tables.values())))

    assert colours(frame)[..., COLORS.index(color)].ravel().tolist() == [40, 50, 50, 50]
    assert f"The {color.lower()} palette of the file holds 2 of its 4 entries" in frame.facts.banner


def test_a_table_longer_than_promised_ends_where_it_says_and_that_is_said(make_dicom: MakeDicom) -> None:
    tables = (
        words(*(257 * value for value in (*RED, 7, 8, 9, 10))),
        *(words(*(257 * v for v in t)) for t in (GREEN, BLUE)),
    )

    frame = frame_of(make_dicom("a.dcm", PIXELS, **palette(*tables, bits=16)))

    assert colours(frame)[..., 0].ravel().tolist() == list(RED)
    assert "The red palette of the file holds 8 entries and says 4" in frame.facts.banner


@pytest.mark.parametrize("color", COLORS)
def test_a_missing_table_is_said_and_the_image_shown_without_colours(make_dicom: MakeDicom, color: str) -> None:
    attributes = palette(bytes(RED), bytes(GREEN), bytes(BLUE))
    del attributes[f"{color}PaletteColorLookupTableData"]

    frame = frame_of(make_dicom("a.dcm", PIXELS, **attributes))

    assert frame.facts.palette is None
    assert "without its colours" in frame.facts.banner


# Opcode, length, values (PS3.3 C.7.9.2): what is left of a table of 4 when its segments end too early.
TRUNCATED = {
    "discrete": ((0, 4, 9, 8), [9, 8, 8, 8]),
    "linear without its end": ((0, 2, 9, 9, 1, 3), [9, 9, 9, 9]),
    "unknown": ((0, 2, 9, 7, 5, 5), [9, 7, 7, 7]),
    "indirect past the end": ((0, 2, 9, 7, 2, 9, 200, 0, 0, 0), [9, 7, 7, 7]),
}


@pytest.mark.parametrize("name", TRUNCATED)
def test_segments_that_end_too_early_are_said(make_dicom: MakeDicom, name: str) -> None:
    segments, expected = TRUNCATED[name]
    attributes: dict[str, Any] = {"PhotometricInterpretation": "PALETTE COLOR"}
    for color in COLORS:
        attributes[f"{color}PaletteColorLookupTableDescriptor"] = [4, 0, 8]
        data = bytes(segments) + b"\0" * (len(segments) % 2)
        attributes[f"Segmented{color}PaletteColorLookupTableData"] = data[: len(segments)]

    frame = frame_of(make_dicom("a.dcm", PIXELS, **attributes))

    assert colours(frame)[..., 0].ravel().tolist() == expected
    assert "of its 4 entries" in frame.facts.banner


def test_segments_without_any_entry_are_said(make_dicom: MakeDicom) -> None:
    attributes: dict[str, Any] = {"PhotometricInterpretation": "PALETTE COLOR"}
    for color in COLORS:
        attributes[f"{color}PaletteColorLookupTableDescriptor"] = [4, 0, 8]
        attributes[f"Segmented{color}PaletteColorLookupTableData"] = b"\1\2\3\4"

    frame = frame_of(make_dicom("a.dcm", PIXELS, **attributes))

    assert frame.facts.palette is None
    assert "without its colours" in frame.facts.banner
