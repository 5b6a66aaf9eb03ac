"""What is no picture is refused in a person's words, and its header can still be read."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom.encaps import encapsulate

from viewer.core.errors import UnsupportedFile
from viewer.reading.frames import file_frames, header_tags, read_frame

MakeDicom = Callable[..., Path]
STORAGE = "1.2.840.10008.5.1.4.1.1."
OBJECTS = {
    "9.1.1": "a waveform",  # 12-lead ECG
    "9.4.1": "a waveform",  # basic voice audio
    "88.11": "a structured report",
    "88.59": "a key object selection",
    "104.1": "a PDF document",
    "104.3": "an encapsulated document",  # STL
    "11.1": "a presentation state",
    "481.3": "an RT structure set",
    "481.5": "an RT plan",
    "66": "raw data",
    "66.1": "a spatial registration",
    "67": "a real world value mapping",
}
VIDEO = {"100": "MPEG-2", "102": "MPEG-4", "104": "MPEG-4", "107": "HEVC", "108": "HEVC"}


def tag(path: Path, keyword: str) -> str:
    return next(row.value for row in header_tags(path) if row.keyword == keyword)


@pytest.mark.parametrize("sop_class", OBJECTS)
def test_an_object_without_pixels_is_named_and_its_tags_are_read(make_dicom: MakeDicom, sop_class: str) -> None:
    path = make_dicom("a.dcm", None, SOPClassUID=STORAGE + sop_class, Modality="OT")

    with pytest.raises(UnsupportedFile, match=rf"a\.dcm is {OBJECTS[sop_class]}.*, not an image"):
        file_frames(path)
    assert tag(path, "PatientID") == "007"


@pytest.mark.parametrize("syntax", VIDEO)
def test_video_is_named_and_its_tags_are_read(make_dicom: MakeDicom, syntax: str) -> None:
    pixels = np.zeros((16, 16, 3), np.uint8)
    uid = f"1.2.840.10008.1.2.4.{syntax}"
    path = make_dicom("a.dcm", pixels, syntax=uid, encoded=encapsulate([bytes(4096)]), NumberOfFrames=30)

    with pytest.raises(UnsupportedFile, match=rf"a\.dcm holds {VIDEO[syntax]} video"):
        read_frame(file_frames(path)[0])
    assert tag(path, "PatientID") == "007"


def test_a_tile_of_a_slide_says_that_it_is_one(make_dicom: MakeDicom) -> None:
    tiles = np.random.default_rng(2).integers(0, 256, (3, 4, 4, 3), dtype=np.uint8)
    slide = {"SOPClassUID": STORAGE + "77.1.6", "Modality": "SM"}
    path = make_dicom("a.dcm", tiles, NumberOfFrames=3, **slide)
    label = make_dicom("label.dcm", tiles[0], **slide)

    frame = read_frame(file_frames(path)[1])

    assert np.array_equal(frame.stored, tiles[1])
    assert "Tile 2 of 3 of a whole-slide image" in frame.facts.banner
    assert read_frame(file_frames(label)[0]).facts.banner == ""
