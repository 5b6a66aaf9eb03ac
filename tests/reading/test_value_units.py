"""Units of values, which scale factor was applied, and what else a stored value stands for."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from viewer.core.pixels import PixelFacts
from viewer.reading.frames import modality_values, read_frame
from viewer.reading.series import FrameRef

MakeDicom = Callable[..., Path]
PET = {"Modality": "PT", "SOPClassUID": "1.2.840.10008.5.1.4.1.1.128"}
MR = {"Modality": "MR", "SOPClassUID": "1.2.840.10008.5.1.4.1.1.4"}


def facts(path: Path, frame: int = 0) -> PixelFacts:
    return read_frame(FrameRef(path=path, frame_index=frame)).facts


def mapping(slope: float, code: str = "mm2/s", **more: Any) -> Dataset:
    units, made = Dataset(), Dataset()
    units.CodeValue, units.CodingSchemeDesignator, units.CodeMeaning = code, "UCUM", code
    made.RealWorldValueSlope, made.RealWorldValueIntercept, made.LUTLabel = slope, 0.5, "ADC"
    made.MeasurementUnitsCodeSequence = Sequence([units])
    for keyword, value in more.items():
        setattr(made, keyword, value)
    return made


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_a_second_slope_of_philips_is_told_and_not_applied(make_dicom: MakeDicom, tmp_path: Path, syntax: str) -> None:
    path = make_dicom("a.dcm", np.zeros((4, 4), np.uint16), syntax=syntax, **MR, RescaleSlope="2.5")
    ds = dcmread(path)
    ds.private_block(0x2005, "Philips MR Imaging DD 001", create=True).add_new(0x0E, "FL", 0.125)
    ds.save_as(tmp_path / "b.dcm")

    found = facts(tmp_path / "b.dcm")

    assert found.rescale_slope == 2.5
    assert found.scale_note == "Rescale Slope (0028,1053) is applied; Philips' Scale Slope (2005,100E) 0.125 is not."
    assert facts(path).scale_note == ""


def test_a_real_world_mapping_is_kept_with_its_unit_and_range(make_dicom: MakeDicom) -> None:
    item = mapping(0.25, RealWorldValueFirstValueMapped=10, RealWorldValueLastValueMapped=20)
    for name in ("RealWorldValueFirstValueMapped", "RealWorldValueLastValueMapped"):
        item[name].VR = "US"
    path = make_dicom("a.dcm", np.zeros((4, 4), np.uint16), **MR, RealWorldValueMappingSequence=Sequence([item]))

    (found,) = facts(path).real_world

    assert (found.unit, found.label, found.first, found.last) == ("mm2/s", "ADC", 10, 20)
    assert [found.value(stored) for stored in (9, 10, 20, 21)] == [None, 3.0, 5.5, None]


def test_a_range_of_signed_values_is_read_as_such(make_dicom: MakeDicom) -> None:
    item = mapping(1.0, RealWorldValueFirstValueMapped=-5, RealWorldValueLastValueMapped=7)
    for name in ("RealWorldValueFirstValueMapped", "RealWorldValueLastValueMapped"):
        item[name].VR = "SS"
    path = make_dicom("a.dcm", np.zeros((4, 4), np.int16), **MR, RealWorldValueMappingSequence=Sequence([item]))

    assert (facts(path).real_world[0].first, facts(path).real_world[0].last) == (-5, 7)


def test_a_frame_s_own_mapping_comes_before_the_shared_one(make_dicom: MakeDicom) -> None:
    own, shared = Dataset(), Dataset()
    own.RealWorldValueMappingSequence = Sequence([mapping(2.0)])
    shared.RealWorldValueMappingSequence = Sequence([mapping(1.0)])
    path = make_dicom(
        "a.dcm", np.zeros((4, 4), np.uint8), encoded=bytes(32), NumberOfFrames=2,
        SharedFunctionalGroupsSequence=Sequence([shared]), PerFrameFunctionalGroupsSequence=Sequence([Dataset(), own]),
    )  # fmt: skip

    assert [facts(path, n).real_world[0].slope for n in (0, 1)] == [1.0, 2.0]


def test_the_mapping_of_a_real_parametric_map_is_read(corpus: Path) -> None:
    (found,) = facts(corpus / "objects" / "CT0012.fragmented_no_bot_jpeg_baseline.51.dcm").real_world

    assert (found.slope, found.intercept, found.unit, found.label) == (1.0, -1024.0, "ml/100ml/s", "RCBF")


def test_a_modality_lut_names_its_own_attribute_as_the_source(make_dicom: MakeDicom) -> None:
    table = Dataset()
    table.LUTDescriptor, table.ModalityLUTType, table.LUTData = [2, 0, 16], "OD", bytes(4)
    table["LUTDescriptor"].VR, table["LUTData"].VR = "US", "OW"
    path = make_dicom("a.dcm", np.zeros((4, 4), np.uint16), Modality="DX", ModalityLUTSequence=Sequence([table]))

    assert (facts(path).unit, facts(path).unit_source) == ("OD", "Modality LUT Type (0028,3004)")


RAMP = np.arange(64, dtype=np.uint16).reshape(8, 8)
CT = {"Modality": "CT", "SOPClassUID": "1.2.840.10008.5.1.4.1.1.2"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Rescale Slope", "NaN"),
        ("Rescale Slope", "inf"),
        ("Rescale Slope", "-1e299"),
        ("Rescale Slope", "1e999"),
        ("Rescale Slope", "1e-299"),
        ("Rescale Slope", "0"),
        ("Rescale Intercept", "nan"),
        ("Rescale Intercept", "-Infinity"),
        ("Rescale Intercept", "1e299"),
        ("Rescale Intercept", "none"),
    ],
)
@pytest.mark.parametrize("kind", [CT, {**PET, "Units": "BQML"}], ids=["ct", "pet"])
def test_a_rescale_that_cannot_be_is_not_applied_and_said(
    make_dicom: MakeDicom, kind: dict[str, Any], name: str, text: str
) -> None:
    written = {"RescaleSlope": "2.0", "RescaleIntercept": "-1000"}
    path = make_dicom("a.dcm", RAMP, **kind, **written, RescaleType="HU")
    # pydicom writes no such number, so it takes the place of one.
    element, before = (b"\x53\x10", b"2.0 ") if name == "Rescale Slope" else (b"\x52\x10", b"-1000 ")
    value = text.encode() + b" " * (len(text) % 2)
    old = b"\x28\x00" + element + b"DS" + len(before).to_bytes(2, "little") + before
    new = b"\x28\x00" + element + b"DS" + len(value).to_bytes(2, "little") + value
    data = path.read_bytes()
    assert data.count(old) == 1
    path.write_bytes(data.replace(old, new))

    frame = read_frame(FrameRef(path=path))

    assert f"{name} is {text} in the file" in frame.facts.banner
    assert np.array_equal(modality_values(frame), RAMP)
    assert (frame.facts.unit, frame.facts.unit_source) == ("", "")
    assert frame.facts.suv is None or frame.facts.suv.factor is None


def test_a_real_world_value_of_absurd_size_is_left_out(make_dicom: MakeDicom) -> None:
    sequence = Sequence([mapping(1e299), mapping(2.0)])
    found = facts(make_dicom("a.dcm", RAMP, **MR, RealWorldValueMappingSequence=sequence))

    assert [one.slope for one in found.real_world] == [2.0]


DOSE = {"Modality": "RTDOSE", "SOPClassUID": "1.2.840.10008.5.1.4.1.1.481.2", "DoseUnits": "GY"}


def test_an_rt_dose_is_its_grid_times_the_scaling(make_dicom: MakeDicom) -> None:
    """PS3.3 C.8.8.3: Dose Grid Scaling times the pixel data are doses in Dose Units."""
    frame = read_frame(FrameRef(path=make_dicom("a.dcm", RAMP, **DOSE, DoseGridScaling="0.25")))

    assert np.array_equal(modality_values(frame), RAMP * 0.25)
    assert frame.facts.unit == "GY"


@pytest.mark.parametrize("scaling", [None, "0"])
def test_an_rt_dose_without_its_scaling_has_no_unit_and_says_so(make_dicom: MakeDicom, scaling: str | None) -> None:
    more = {} if scaling is None else {"DoseGridScaling": scaling}
    frame = read_frame(FrameRef(path=make_dicom("a.dcm", RAMP, **DOSE, **more)))

    assert "Dose Grid Scaling is" in frame.facts.banner
    assert np.array_equal(modality_values(frame), RAMP)
    assert frame.facts.unit == ""


def test_real_rt_doses_are_scaled_as_pydicom_reads_them(corpus: Path) -> None:
    for name in ("pixel/rtdose.dcm", "objects/rtdose_1frame.dcm", "syntax/rle/rtdose_rle.dcm"):
        dataset = dcmread(corpus / name)
        expected = np.atleast_3d(dataset.pixel_array.reshape(-1, dataset.Rows, dataset.Columns))[0]

        frame = read_frame(FrameRef(path=corpus / name))

        assert np.allclose(modality_values(frame), expected * float(dataset.DoseGridScaling), rtol=1e-12)
        assert frame.facts.unit == dataset.DoseUnits
