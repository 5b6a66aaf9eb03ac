"""Faults 42 and 43: masks whose frames end inside a byte, and masks of fractions."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.sequence import Sequence
from pydicom.uid import ImplicitVRLittleEndian

from tests.dicom_items import item
from viewer.core.compose import compose, native_view
from viewer.core.windowing import default_voi, display_table
from viewer.reading.frame import Frame
from viewer.reading.frames import file_frames, read_frame
from viewer.reading.series import FrameRef
from viewer.ui.canvas.texts import ViewState, corner_texts

WriteDicom = Callable[..., Path]
SEGMENTATION, LABEL_MAP = "1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7"


def masks(rows: int, cols: int, frames: int = 3) -> np.ndarray:
    """(frame, row, col) of 0 and 1 without any symmetry; the last frame has its corners, the second is empty."""
    made = np.random.default_rng(rows * 100 + cols).integers(0, 2, (frames, rows, cols)).astype(np.uint8)
    made[-1, 0, 0] = made[-1, -1, -1] = 1
    made[1] = 0
    return made


def facts_of_segments(frames: int, names: tuple[str, ...], **more: Any) -> dict[str, Any]:
    """What makes a segmentation of an image: its segments, and which of them each frame is of, in turn."""
    groups = [
        item(SegmentIdentificationSequence=Sequence([item(ReferencedSegmentNumber=1 + frame % len(names))]))
        for frame in range(frames)
    ]
    segments = [item(SegmentNumber=n, SegmentLabel=name) for n, name in enumerate(names, start=1)]
    return {
        "SOPClassUID": SEGMENTATION,
        "Modality": "SEG",
        "NumberOfFrames": frames,
        "SegmentSequence": Sequence(segments),
        "PerFrameFunctionalGroupsSequence": Sequence(groups),
        **more,
    }


def packed(bits: np.ndarray) -> bytes:
    """Bits of all frames one after the other, low bit first, nothing between rows or frames (PS3.5 8.1.1, 8.2)."""
    stream = [int(bit) for bit in bits.ravel()]
    stream += [0] * (-len(stream) % 16)
    return bytes(
        sum(bit << place for place, bit in enumerate(stream[start : start + 8])) for start in range(0, len(stream), 8)
    )


def read_all(path: Path) -> list[Frame]:
    return [read_frame(ref) for ref in file_frames(path)]


def shown(frame: Frame) -> np.ndarray:
    """(row, col) uint8 as it stands on the screen when it is opened."""
    view, transform = native_view(frame.stored, frame.facts)
    table = display_table(frame.facts, default_voi(frame.stored, frame.facts), invert=False)
    return compose(view, table, (), None, transform).rgb[:, :, 0]


def said(frame: Frame) -> str:
    """What stands in the corners of the view."""
    texts = corner_texts(frame.facts, frame.identity, ViewState(window=default_voi(frame.stored, frame.facts), zoom=1))
    return " ".join((*texts.top_left, *texts.top_right, *texts.faults, *texts.bottom_left, *texts.bottom_right))


@pytest.mark.parametrize("cols", range(1, 18))
def test_seg_bits_of_any_number_of_columns(write_dicom: WriteDicom, cols: int) -> None:
    """Row 42: bits run on over rows and frames, so with 1 to 17 columns frames begin inside a byte."""
    for rows in (1, 3, 5):
        bits = masks(rows, cols)
        path = write_dicom(
            bits[0], name=f"{rows}.dcm", PixelData=packed(bits), BitsAllocated=1, BitsStored=1, HighBit=0,
            **facts_of_segments(3, ("Liver",), SegmentationType="BINARY"),
        )  # fmt: skip

        frames = read_all(path)

        assert [frame.stored.tolist() for frame in frames] == bits.tolist()
        assert [shown(frame).tolist() for frame in frames] == (bits * 255).tolist()


def test_seg_bits_of_real_masks_equal_pydicoms(corpus: Path) -> None:
    """Row 42: a mask of 510 columns and three frames, none of which but the first begins on a byte."""
    import pydicom

    path = corpus / "pixel" / "liver_nonbyte_aligned.dcm"
    expected = pydicom.dcmread(path).pixel_array

    assert all(np.array_equal(frame.stored, mask) for frame, mask in zip(read_all(path), expected, strict=True))


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", ImplicitVRLittleEndian])
@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("PROBABILITY", "Mask of “Tumour”, not an image: value / 200 is its probability."),
        (
            "OCCUPANCY",
            "Mask of “Tumour”, not an image: value / 200 is its part of the pixel.",
        ),
    ],
)
def test_a_fractional_seg_is_drawn_and_said(write_dicom: WriteDicom, kind: str, words: str, syntax: str) -> None:
    """Row 43: elsewhere no overlay and no word; here the fractions are drawn, 0 black and the maximum white."""
    fractions = np.array([[0, 1, 50], [100, 199, 200]], np.uint8)
    path = write_dicom(
        fractions, syntax=syntax,
        **facts_of_segments(
            1, ("Tumour",), SegmentationType="FRACTIONAL", SegmentationFractionalType=kind, MaximumFractionalValue=200
        ),
    )  # fmt: skip

    (frame,) = read_all(path)

    assert frame.stored.tolist() == fractions.tolist()
    assert shown(frame).tolist() == np.floor(fractions / 200 * 255 + 0.5).tolist()
    assert frame.facts.banner == words
    assert words in said(frame)


def test_a_binary_seg_says_which_segment_each_frame_is_of(write_dicom: WriteDicom) -> None:
    """Row 43: nothing that opens as a picture goes without the word that it is a mask, and of what."""
    bits = masks(3, 5, frames=2)
    path = write_dicom(
        bits[0], PixelData=packed(bits), BitsAllocated=1, BitsStored=1, HighBit=0,
        **facts_of_segments(2, ("Liver", "Spleen"), SegmentationType="BINARY"),
    )  # fmt: skip

    assert [frame.facts.banner for frame in read_all(path)] == [
        "Mask of “Liver”, not an image: 1 is inside, 0 is outside.",
        "Mask of “Spleen”, not an image: 1 is inside, 0 is outside.",
    ]


def test_a_label_map_says_what_its_numbers_are(write_dicom: WriteDicom) -> None:
    """Row 43: the third kind of segmentation, whose values are the numbers of segments."""
    values = np.array([[0, 1], [2, 0]], np.uint8)
    facts = facts_of_segments(1, ("Liver", "Spleen"), SegmentationType="LABELMAP", SOPClassUID=LABEL_MAP)

    (frame,) = read_all(write_dicom(values, **facts))

    assert frame.facts.banner == "Label map, not an image: 1 is “Liver”, 2 is “Spleen”."
    assert shown(frame).tolist() == [[0, 128], [255, 0]]


def test_an_image_is_not_called_a_segmentation(write_dicom: WriteDicom) -> None:
    """Row 43: the words belong to segmentations only."""
    assert read_frame(FrameRef(path=write_dicom(np.zeros((2, 2), np.uint8)))).facts.banner == ""
