"""PET files: what their SUV rests on, against a calculation from pydicom's attributes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ImplicitVRLittleEndian

from viewer.core.readout import read_out
from viewer.core.suv import Suv
from viewer.reading.facts.pet import moment
from viewer.reading.frames import modality_values, read_frame
from viewer.reading.series import FrameRef

MakeDicom = Callable[..., Path]


def of(path: Path) -> Suv:
    found = read_frame(FrameRef(path=path)).facts.suv
    assert found is not None
    return found


def pet(**more: Any) -> dict[str, Any]:
    """60 kg, 300 MBq, half life 6,000 s, injected at 10:00, scanned at 11:40: half of it is left, SUV = 0.0004 x."""
    dose = Dataset()
    dose.RadiopharmaceuticalStartTime = "100000.00"
    dose.RadionuclideTotalDose, dose.RadionuclideHalfLife = "300000000", "6000"
    return {
        "Modality": "PT", "SOPClassUID": "1.2.840.10008.5.1.4.1.1.128", "Units": "BQML",
        "CorrectedImage": ["NORM", "ATTN", "DECY"], "DecayCorrection": "START", "PatientWeight": "60",
        "SeriesDate": "20260102", "SeriesTime": "114000", "AcquisitionDate": "20260102", "AcquisitionTime": "114000.5",
        "RadiopharmaceuticalInformationSequence": Sequence([dose]), "RescaleSlope": "2", "RescaleIntercept": "0",
        **more,
    }  # fmt: skip


def test_the_suv_of_a_scan_is_that_of_its_attributes(corpus: Path) -> None:
    for path in sorted((corpus / "series" / "pet_raw_suv").glob("*.dcm")):
        ds = dcmread(path)
        dose = ds.RadiopharmaceuticalInformationSequence[0]
        clock = [float(t[:2]) * 3600 + float(t[2:4]) * 60 + float(t[4:])
                 for t in (ds.SeriesTime, dose.RadiopharmaceuticalStartTime)]  # fmt: skip
        left_bq = float(dose.RadionuclideTotalDose) * 0.5 ** ((clock[0] - clock[1]) / float(dose.RadionuclideHalfLife))
        activity = ds.pixel_array * float(ds.RescaleSlope) + float(ds.RescaleIntercept)
        expected = activity * float(ds.PatientWeight) * 1000 / left_bq

        frame = read_frame(FrameRef(path=path))
        assert frame.facts.suv is not None and frame.facts.suv.factor is not None
        assert np.allclose(modality_values(frame) * frame.facts.suv.factor, expected, rtol=1e-6)
        assert frame.facts.unit == "BQML"


def test_a_scan_in_g_per_ml_is_not_scaled_again(corpus: Path) -> None:
    path = min((corpus / "series" / "petctmr_sts002" / "PET").glob("*.dcm"))

    found = of(path)

    assert (found.factor, found.label, found.unit, found.already) == (1.0, "SUVbw", "g/ml", True)


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", ImplicitVRLittleEndian])
def test_a_pet_file_made_here_gives_its_suv(make_dicom: MakeDicom, syntax: str) -> None:
    path = make_dicom("a.dcm", np.full((4, 4), 100, np.uint16), syntax=syntax, **pet())

    assert of(path).factor == pytest.approx(60_000 / 150e6, rel=1e-12)


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", ImplicitVRLittleEndian])
@pytest.mark.parametrize("block", [0x10, 0x42])
def test_private_factors_are_found_wherever_their_block_is(
    make_dicom: MakeDicom, tmp_path: Path, syntax: str, block: int
) -> None:
    path = make_dicom("a.dcm", np.full((4, 4), 100, np.uint16), syntax=syntax, **pet(Units="CNTS"))
    ds = dcmread(path)
    ds.add_new((0x7053, block), "LO", "Philips PET Private Group")
    ds.add_new((0x7053, block << 8), "DS", "0.00025")
    ds.save_as(tmp_path / "b.dcm")

    assert of(tmp_path / "b.dcm").factor == 0.00025
    ds.add_new((0x7053, block), "LO", "Somebody else")
    ds.save_as(tmp_path / "c.dcm")
    assert of(tmp_path / "c.dcm").factor is None


def test_a_series_made_again_goes_by_ge_s_scan_time(make_dicom: MakeDicom, tmp_path: Path) -> None:
    path = make_dicom("a.dcm", np.full((4, 4), 100, np.uint16), **pet(SeriesDate="20260109"))
    assert of(path).factor is None
    ds = dcmread(path)
    ds.private_block(0x0009, "GEMS_PETD_01", create=True).add_new(0x0D, "DT", "20260102114000.00")
    ds.save_as(tmp_path / "b.dcm")

    assert of(tmp_path / "b.dcm").factor == pytest.approx(60_000 / 150e6, rel=1e-12)


def test_another_modality_has_neither_a_suv_nor_a_reason(make_dicom: MakeDicom) -> None:
    path = make_dicom("a.dcm", np.zeros((4, 4), np.uint16), **pet(Modality="NM"))

    assert read_frame(FrameRef(path=path)).facts.suv is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20260102114000.25", datetime(2026, 1, 2, 11, 40) + timedelta(milliseconds=250)),
        ("202601021140", datetime(2026, 1, 2, 11, 40)),
        ("2026010211", datetime(2026, 1, 2, 11)),
        ("2026.01.0211:40:05", datetime(2026, 1, 2, 11, 40, 5)),
        ("20260102114000+0100", datetime(2026, 1, 2, 11, 40)),
        ("20260102", None),
        ("20261302114000", None),
        ("", None),
        ("soon", None),
    ],
)
def test_moments_are_read_or_not_there(text: str, expected: datetime | None) -> None:
    assert moment(text) == expected


def enhanced(make_dicom: MakeDicom, code: str = "", **transformation: str) -> Path:
    """Two frames full of 100 with slope 2; code: the unit of a Real World Value Mapping of slope 0.01."""
    shared, scale, real, units = Dataset(), Dataset(), Dataset(), Dataset()
    scale.RescaleSlope, scale.RescaleIntercept = "2", "0"
    scale.RescaleType = transformation.get("rescale_type", "US")
    shared.PixelValueTransformationSequence = Sequence([scale])
    units.CodeValue, units.CodingSchemeDesignator, units.CodeMeaning = code, "UCUM", code
    real.RealWorldValueSlope, real.RealWorldValueIntercept, real.LUTLabel = 0.01, 0.0, "PET"
    real.RealWorldValueFirstValueMapped, real.RealWorldValueLastValueMapped = 0, 65535
    real.MeasurementUnitsCodeSequence = Sequence([units])
    if code:
        shared.RealWorldValueMappingSequence = Sequence([real])
    return make_dicom(
        "a.dcm", np.full((2, 4, 4), 100, np.uint16), SOPClassUID="1.2.840.10008.5.1.4.1.1.130", Modality="PT",
        NumberOfFrames=2, SharedFunctionalGroupsSequence=Sequence([shared]),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("code", "rescale_type", "shown", "is_missing"),
    [
        ("", "US", "value 200", True),
        ("", "BQML", "200 Bq/ml", True),
        ("Bq/ml", "US", "value 200 · PET 1 Bq/ml", True),
        # The two ways in which CID 85 and its users write it.
        ("g/ml{SUVbw}", "US", "value 200 · PET 1 g/ml{SUVbw}", False),
        ("{SUVlbm}g/ml", "US", "value 200 · PET 1 {SUVlbm}g/ml", False),
    ],
)
def test_enhanced_pet_says_its_units_where_the_file_has_them(
    make_dicom: MakeDicom, code: str, rescale_type: str, shown: str, is_missing: bool
) -> None:
    """It has no Units (0054,1001): the modality value is without a unit, and a Real World Value carries its own."""
    frame = read_frame(FrameRef(path=enhanced(make_dicom, code, rescale_type=rescale_type), frame_index=1))

    under = read_out(frame.stored, frame.facts, 1.5, 1.5)

    assert under is not None
    assert under.value_text == shown
    assert ("No SUVbw: enhanced PET has no Units" in under.missing) == is_missing
    assert bool(under.missing) == is_missing
