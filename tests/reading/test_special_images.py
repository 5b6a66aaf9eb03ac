"""Mosaics, ultrasound volumes and supplemental palettes: shown as they are stored, and said."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest

from viewer.reading.frames import read_frame
from viewer.reading.scan import all_series, scan

MakeDicom = Callable[..., Path]
PLACED = {"ImagePositionPatient": [0, 0, 5], "ImageOrientationPatient": [1, 0, 0, 0, 1, 0], "PixelSpacing": [2, 2]}


@pytest.mark.parametrize("counted", [True, False])
@pytest.mark.parametrize("kind", [["MOSAIC"], ["M", "ND", "NORM", "MOSAIC"], ["FMRI", "NONE", "MOSAIC"]])
def test_a_mosaic_is_called_one_and_has_no_place(
    make_dicom: MakeDicom, tmp_path: Path, kind: list[str], counted: bool
) -> None:
    for number in range(3):
        path = make_dicom(
            f"{number}.dcm", np.full((64, 64), number, np.uint16), Modality="MR", InstanceNumber=number + 1,
            ImageType=["ORIGINAL", "PRIMARY", *kind], **PLACED,
        )  # fmt: skip
        if counted:
            ds = pydicom.dcmread(path)
            ds.private_block(0x0019, "SIEMENS MR HEADER", create=True).add_new(0x0A, "US", 13)
            ds.save_as(path)

    (series,) = all_series(scan([tmp_path]))
    facts = read_frame(series.frames[2]).facts

    assert [int(read_frame(ref).stored[0, 0]) for ref in series.frames] == [0, 1, 2]
    assert not series.is_volume
    assert facts.plane is None
    assert facts.spacing is not None
    said = "sheet of 13 slices of 16 rows × 16 cols" if counted else "sheet of several slices"
    assert said in facts.banner
    assert [said in warning.text for warning in series.warnings if warning.code == "mosaic"] == [True]


def test_an_image_of_one_slice_keeps_its_place(make_dicom: MakeDicom) -> None:
    path = make_dicom("a.dcm", np.zeros((4, 4), np.uint16), ImageType=["ORIGINAL", "PRIMARY", "M", "ND"], **PLACED)

    facts = read_frame(next(iter(all_series(scan([path]))[0].frames))).facts

    assert facts.plane is not None
    assert facts.banner == ""


def test_a_supplemental_palette_is_said(make_dicom: MakeDicom, tmp_path: Path) -> None:
    tables = {}
    for color in ("Red", "Green", "Blue"):
        tables[f"{color}PaletteColorLookupTableDescriptor"] = [2, 4000, 16]
        tables[f"{color}PaletteColorLookupTableData"] = b"\0\0\xff\xff"
    make_dicom("a.dcm", np.zeros((4, 4), np.uint16), PixelPresentation="COLOR", **tables)

    (series,) = all_series(scan([tmp_path]))

    assert "supplemental palette" in read_frame(series.frames[0]).facts.banner
    assert [warning.code for warning in series.warnings] == ["supplemental-palette"]


def test_an_ultrasound_volume_is_said_and_keeps_the_order_of_its_frames(make_dicom: MakeDicom, tmp_path: Path) -> None:
    frames = np.arange(48, dtype=np.uint8).reshape(3, 4, 4)
    make_dicom(
        "a.dcm", frames[0], encoded=frames.tobytes(), NumberOfFrames=3, Modality="US",
        SOPClassUID="1.2.840.10008.5.1.4.1.1.6.2",
    )  # fmt: skip

    (series,) = all_series(scan([tmp_path]))

    assert np.array_equal(np.stack([read_frame(ref).stored for ref in series.frames]), frames)
    assert not series.is_volume
    assert "ultrasound volume" in read_frame(series.frames[1]).facts.banner
    assert "ultrasound-volume" in {warning.code for warning in series.warnings}
