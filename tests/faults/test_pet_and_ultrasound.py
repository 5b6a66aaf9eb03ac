"""Faults 3 and 13 to 16: lengths in ultrasound, several scale factors, SUV; and values that have no unit at all."""

import math
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from tests.dicom_items import item
from viewer.core.readout import read_out
from viewer.core.shapes.annotations import Measurement
from viewer.reading.frame import Frame
from viewer.reading.frames import modality_values, read_frame
from viewer.reading.series import FrameRef

CT, MR, PET = (f"1.2.840.10008.5.1.4.1.1.{end}" for end in ("2", "4", "128"))
Shown = Callable[..., Frame]


@pytest.fixture
def shown(tmp_path: Path) -> Shown:
    """shown(pixels, frame=0, name="image.dcm", **attributes): a file with these, as the program reads it."""

    def write(
        pixels: np.ndarray,
        *,
        frame: int = 0,
        name: str = "image.dcm",
        private: Dataset | None = None,
        **attributes: Any,
    ) -> Frame:
        ds = Dataset()
        ds.SOPClassUID, ds.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.7", generate_uid()
        ds.PatientID, ds.Modality, ds.SamplesPerPixel, ds.PhotometricInterpretation = "007", "OT", 1, "MONOCHROME2"
        ds.Rows, ds.Columns = pixels.shape[-2:]
        ds.BitsAllocated = ds.BitsStored = 8 * pixels.dtype.itemsize
        ds.HighBit, ds.PixelRepresentation = ds.BitsStored - 1, int(pixels.dtype.kind == "i")
        if pixels.dtype.kind == "f":
            ds.FloatPixelData = pixels.astype("<f4").tobytes()
            del ds.BitsStored, ds.HighBit, ds.PixelRepresentation
        else:
            ds.PixelData = pixels.astype(pixels.dtype.newbyteorder("<")).tobytes()
            ds["PixelData"].VR = "OW"
        if pixels.ndim == 3:
            ds.NumberOfFrames = len(pixels)
        for keyword, value in attributes.items():
            setattr(ds, keyword, value)
        for element in private or ():
            ds.add(element)
        ds.file_meta = FileMetaDataset()
        ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ds.save_as(tmp_path / name, enforce_file_format=True)
        return read_frame(FrameRef(path=tmp_path / name, frame_index=frame))

    return write


def measured(frame: Frame, kind: str, *points: tuple[float, float]) -> tuple[str, ...]:
    """The lines that stand beside a measurement."""
    drawn = Measurement(measurement_id="m", image_id="i", kind=kind, points_px=points)
    return drawn.shape.quantities(frame.stored, frame.facts)


def under_cursor(frame: Frame, x_px: float = 0.5, y_px: float = 0.5) -> str:
    """The value that the readout gives."""
    found = read_out(frame.stored, frame.facts, x_px, y_px)
    assert found is not None
    return found.value_text


FLAT = np.zeros((100, 100), np.uint16)


def ultrasound(delta_cm: float, x0: int = 0, x1: int = 49) -> Dataset:
    return item(
        RegionSpatialFormat=1, RegionDataType=1, RegionFlags=2, PhysicalUnitsXDirection=3, PhysicalUnitsYDirection=3,
        RegionLocationMinX0=x0, RegionLocationMinY0=0, RegionLocationMaxX1=x1, RegionLocationMaxY1=99,
        PhysicalDeltaX=delta_cm, PhysicalDeltaY=delta_cm,
    )  # fmt: skip


def test_an_ultrasound_length_goes_by_the_region_it_lies_in(shown: Shown) -> None:
    """Row 3: 60 mm were shown for 20, because one region's scale was used for another; outside there is none."""
    regions = Sequence([ultrasound(0.1, 0, 49), ultrasound(0.3, 50, 89)])
    frame = shown(FLAT, Modality="US", SequenceOfUltrasoundRegions=regions)

    assert measured(frame, "length", (10, 10), (30, 10)) == ("20.0 mm",)
    assert measured(frame, "length", (55, 10), (75, 10)) == ("60.0 mm",)
    assert measured(frame, "length", (95, 10), (95, 30)) == ("20.0 px",)
    assert measured(frame, "length", (40, 10), (60, 10)) == ("20.0 px",)


def test_each_ultrasound_frame_has_its_own_region(shown: Shown) -> None:
    """Row 3, again: the first frame's scale was used for all."""
    groups = Sequence([item(SequenceOfUltrasoundRegions=Sequence([ultrasound(delta)])) for delta in (0.1, 0.3)])
    pixels = np.zeros((2, 100, 100), np.uint16)
    frames = [shown(pixels, frame=n, Modality="US", PerFrameFunctionalGroupsSequence=groups) for n in (0, 1)]

    texts = [measured(frame, "length", (10, 10), (30, 10)) for frame in frames]

    assert texts == [("20.0 mm",), ("60.0 mm",)]


@pytest.mark.parametrize(
    ("attributes", "unit"),
    [
        ({"Modality": "CT", "SOPClassUID": CT}, "HU"),
        ({"Modality": "MR", "SOPClassUID": MR}, ""),
        ({"Modality": "MR", "SOPClassUID": MR, "RescaleType": "HU"}, ""),
        ({"Modality": "MR", "SOPClassUID": MR, "RescaleType": "US"}, ""),
        ({"Modality": "CT", "SOPClassUID": CT, "RescaleType": "MGML"}, "MGML"),
        ({"Modality": "CT", "SOPClassUID": "1.2.840.10008.5.1.4.1.1.7"}, ""),  # a picture of a CT
        ({"Modality": "CT", "SOPClassUID": CT, "MultienergyCTAcquisition": "YES"}, ""),
        ({"Modality": "CT", "SOPClassUID": CT, "ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]}, ""),
        ({"Modality": "DX", "SOPClassUID": "1.2.840.10008.5.1.4.1.1.1.1"}, ""),
    ],
)
def test_hounsfield_units_are_for_ct_only(shown: Shown, attributes: dict[str, Any], unit: str) -> None:
    """Row 5, again: HU stood on MR and others; the Rescale Type or the modality gives the unit, or nothing."""
    frame = shown(FLAT, RescaleSlope="1", RescaleIntercept="-1000", **attributes)

    assert frame.facts.unit == unit
    assert under_cursor(frame) == (f"−1000 {unit}" if unit else "value −1000")


@pytest.mark.parametrize("slope", ["0  ", "abc"])
@pytest.mark.parametrize("modality", ["CT", "PT"])
def test_values_that_no_slope_was_applied_to_have_no_unit(shown: Shown, modality: str, slope: str) -> None:
    """Row 5, again: stored values are neither HU nor Bq/ml where the file's slope is none."""
    more = {"Modality": "CT", "SOPClassUID": CT, "RescaleIntercept": "-1000"} if modality == "CT" else pet()
    path = shown(FLAT + 9, **{**more, "RescaleSlope": "777"}).ref.path
    path.write_bytes(path.read_bytes().replace(b"777 ", f"{slope} ".encode()))

    frame = read_frame(FrameRef(path=path))

    assert under_cursor(frame) == "value 9"
    assert "was not applied" in frame.facts.banner


BROKEN = (math.nan, math.inf, -math.inf)


def test_broken_numbers_do_not_reach_the_statistics(shown: Shown) -> None:
    """Row 8, again: of a region with some broken numbers the others are measured, and all is finite."""
    values = np.full((3, 3), 4, np.float32)
    values[0] = BROKEN
    values[1, 1] = 3.0e38

    none = measured(shown(values), "rectangle", (0, 0), (3, 1))
    scaled = measured(shown(values, RescaleSlope="1e18", RescaleIntercept="0"), "rectangle", (0, 0), (3, 3))
    # A slope that would carry numbers past the largest double is not applied, and that is said.
    beyond = shown(values, RescaleSlope="1e280", RescaleIntercept="0")
    unscaled = measured(beyond, "rectangle", (0, 1), (3, 2))

    assert none[0] == "no pixels"
    assert scaled[0] == "Mean 5e+55"
    assert scaled[2] == "Min 4e+18 · Max 3e+56"
    assert "was not applied" in beyond.facts.banner
    assert unscaled[2] == "Min 4 · Max 3e+38"


def test_which_of_several_scale_factors_was_applied_is_said(shown: Shown) -> None:
    """Row 13: Philips gives a second slope in private; the one of the standard is applied, and that is said."""
    ds = Dataset()
    ds.private_block(0x2005, "Philips MR Imaging DD 001", create=True).add_new(0x0E, "FL", 0.125)

    frame = shown(FLAT + 4, Modality="MR", SOPClassUID=MR, RescaleSlope="2.5", RescaleIntercept="0", private=ds)

    assert modality_values(frame)[0, 0] == 10
    assert frame.facts.scale_note == (
        "Rescale Slope (0028,1053) is applied; Philips' Scale Slope (2005,100E) 0.125 is not."
    )


def pet(**more: Any) -> dict[str, Any]:
    """A PET file of one slice: 80 kg, 400 MBq of F-18 injected at noon, scanned one half life later."""
    dose = item(RadiopharmaceuticalStartTime="120000", RadionuclideTotalDose="400000000", RadionuclideHalfLife="6600")
    return {
        "Modality": "PT", "SOPClassUID": PET, "Units": "BQML", "CorrectedImage": ["DECY", "ATTN", "SCAT"],
        "DecayCorrection": "START", "PatientWeight": "80", "RescaleSlope": "1", "RescaleIntercept": "0",
        "SeriesDate": "20260102", "SeriesTime": "135000", "AcquisitionDate": "20260102", "AcquisitionTime": "135500",
        "RadiopharmaceuticalInformationSequence": Sequence([dose]), **more,
    }  # fmt: skip


def test_decay_is_not_corrected_twice_when_it_was_to_the_injection(shown: Shown) -> None:
    """Row 14: with ADMIN the values are those at the injection already, and the dose must not be decayed again."""
    # 10,000 Bq/ml x 80,000 g / 400 MBq = 2.00; to the scan's start one half life of the dose is gone: 4.00.
    admin, start, none = (shown(FLAT + 10_000, **pet(DecayCorrection=way)) for way in ("ADMIN", "START", "NONE"))

    assert under_cursor(admin) == "10000 Bq/ml · SUVbw 2.00 g/ml"
    assert under_cursor(start) == "10000 Bq/ml · SUVbw 4.00 g/ml"
    assert under_cursor(none) == "10000 Bq/ml"
    assert measured(none, "ellipse", (1, 1), (9, 9))[1] == "No SUVbw: Decay Correction (0054,1102) is NONE"


def test_suv_is_computed_anew_when_its_inputs_change(shown: Shown) -> None:
    """Row 15: a corrected weight left the old value standing."""
    texts = [under_cursor(shown(FLAT + 10_000, **pet(PatientWeight=weight))) for weight in ("80", "40", "80")]

    assert texts == [f"10000 Bq/ml · SUVbw {value} g/ml" for value in ("4.00", "2.00", "4.00")]


@pytest.mark.parametrize("units", ["BQML", "CNTS with the factor to SUV", "CNTS with the factor to activity", "GML"])
def test_the_suv_of_a_phantom_is_right(shown: Shown, units: str) -> None:
    """Row 16: phantoms came out wrong, and Philips' factors were refused. A digital reference object: 1 in the body, 4
    and 0.5 in the inserts, 0 outside, in each way a manufacturer stores it."""
    truth = np.zeros((40, 40))
    truth[5:35, 5:35], truth[10:16, 10:16], truth[20:26, 20:26] = 1.0, 4.0, 0.5
    # Bq/ml of an SUV of 1: the dose left after one half life, 200 MBq, over 80,000 g.
    activity = 200e6 / 80_000
    slope, private = {
        "BQML": (activity / 1000, {}),
        "CNTS with the factor to SUV": (0.5, {0x00: 0.002}),
        "CNTS with the factor to activity": (0.5, {0x09: activity / 500}),
        "GML": (0.001, {}),
    }[units]
    ds = Dataset()
    block = ds.private_block(0x7053, "Philips PET Private Group", create=True)
    for element, factor in private.items():
        block.add_new(element, "DS", f"{factor:.12g}")
    frame = shown(np.rint(truth * 1000).astype(np.uint16), private=ds,
                  **pet(Units=units.split()[0], RescaleSlope=f"{slope:.12g}"))  # fmt: skip

    assert frame.facts.suv is not None and frame.facts.suv.factor is not None
    suv = modality_values(frame) * frame.facts.suv.factor

    assert np.allclose(suv, truth, rtol=1e-6)
    assert any("Mean 4.00 g/ml" in line for line in measured(frame, "rectangle", (10, 10), (16, 16)))
    assert "0.50 g/ml" in under_cursor(frame, 22.5, 22.5)
