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
from viewer.reading.frames import read_frame
from viewer.reading.series import FrameRef

MakeDicom = Callable[..., Path]
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
