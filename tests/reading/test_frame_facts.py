"""What stored values mean: units with their source, windows, tables, padding, spacing with its level, place."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.sequence import Sequence

from tests.dicom_items import item
from viewer.core.geometry import SpacingLevel
from viewer.core.pixels import PixelFacts, VoiFunction
from viewer.reading.frames import header_tags, modality_values, read_frame
from viewer.reading.series import FrameRef

MakeDicom = Callable[..., Path]


@pytest.fixture
def facts_of(make_dicom: MakeDicom) -> Callable[..., PixelFacts]:
    def read(pixels: np.ndarray | None = None, frame: int = 0, **attributes: Any) -> PixelFacts:
        path = make_dicom("a.dcm", np.zeros((4, 4), np.int16) if pixels is None else pixels, **attributes)
        return read_frame(FrameRef(path=path, frame_index=frame)).facts

    return read


FactsOf = Callable[..., PixelFacts]


@pytest.mark.parametrize(
    ("attributes", "unit"),
    [
        ({"RescaleSlope": "1", "RescaleIntercept": "-1024"}, "HU"),
        ({"RescaleSlope": "1", "RescaleIntercept": "-1024", "RescaleType": "HU"}, "HU"),
        ({"RescaleSlope": "1", "RescaleIntercept": "0", "RescaleType": "US"}, ""),
        ({"RescaleSlope": "1", "RescaleIntercept": "-1024", "ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]}, ""),
        ({}, ""),
        ({"Modality": "MR", "SOPClassUID": "1.2.840.10008.5.1.4.1.1.4", "RescaleSlope": "2"}, ""),
        ({"Modality": "PT", "SOPClassUID": "1.2.840.10008.5.1.4.1.1.128", "Units": "PROPCNTS"}, "PROPCNTS"),
        ({"Modality": "PT", "SOPClassUID": "1.2.840.10008.5.1.4.1.1.128", "Units": "BQML"}, "BQML"),
    ],
)
def test_a_unit_comes_from_the_file_or_is_not_there(facts_of: FactsOf, attributes: dict[str, Any], unit: str) -> None:
    facts = facts_of(**attributes)

    assert facts.unit == unit
    assert bool(facts.unit_source) == bool(unit)


def test_modality_values_are_hounsfield_units(make_dicom: MakeDicom) -> None:
    path = make_dicom("a.dcm", np.array([[0, 1024]], np.int16), RescaleSlope="1", RescaleIntercept="-1024")

    assert modality_values(read_frame(FrameRef(path=path))).tolist() == [[-1024, 0]]


def test_a_slope_of_zero_is_not_applied_and_said(facts_of: FactsOf) -> None:
    facts = facts_of(RescaleSlope="0", RescaleIntercept="5")

    assert (facts.rescale_slope, facts.rescale_intercept) == (1.0, 0.0)
    assert "Rescale Slope is 0" in facts.banner


def test_windows_keep_their_order_names_and_function(facts_of: FactsOf) -> None:
    facts = facts_of(
        WindowCenter=["40", "-600"],
        WindowWidth=["400", "1500"],
        WindowCenterWidthExplanation=["SOFT", "LUNG"],
        VOILUTFunction="SIGMOID",
    )

    assert [(w.center, w.width, w.name) for w in facts.windows] == [(40, 400, "SOFT"), (-600, 1500, "LUNG")]
    assert facts.windows[0].function is VoiFunction.SIGMOID


def test_a_window_of_no_width_is_left_out(facts_of: FactsOf) -> None:
    assert facts_of(WindowCenter="40", WindowWidth="0").windows == ()


def test_a_modality_lut_keeps_first_value_bits_and_unit(facts_of: FactsOf) -> None:
    table = item(
        LUTDescriptor=[4, -2, 16], ModalityLUTType="OD", LUTData=np.array([0, 10, 20, 40_000], "<u2").tobytes()
    )
    table["LUTDescriptor"].VR = "SS"
    table["LUTData"].VR = "OW"

    facts = facts_of(Modality="DX", SOPClassUID="1.2.840.10008.5.1.4.1.1.1.1", ModalityLUTSequence=Sequence([table]))

    assert facts.modality_lut is not None
    assert (facts.modality_lut.first_mapped, facts.modality_lut.bits) == (-2, 16)
    assert facts.modality_lut.values.tolist() == [0, 10, 20, 40_000]
    assert facts.unit == "OD"


def test_voi_luts_are_read_with_their_names(facts_of: FactsOf) -> None:
    table = item(LUTDescriptor=[3, 5, 8], LUTExplanation="NORMAL", LUTData=b"\x00\x80\xff\x00")
    table["LUTDescriptor"].VR = "US"
    table["LUTData"].VR = "OW"

    (lut,) = facts_of(np.zeros((4, 4), np.uint16), VOILUTSequence=Sequence([table])).voi_luts

    assert (lut.name, lut.first_mapped, lut.values.tolist()) == ("NORMAL", 5, [0, 128, 255])


@pytest.mark.parametrize(
    ("pixels", "value", "limit", "expected"),
    [
        (np.int16, -2000, None, (-2000, -2000)),
        (np.uint16, 65535, 65000, (65000, 65535)),
        (np.int16, -1024, -2000, (-2000, -1024)),
    ],
)
def test_padding_is_a_range_of_stored_values(
    facts_of: FactsOf, pixels: type, value: int, limit: int | None, expected: tuple[int, int]
) -> None:
    more = {} if limit is None else {"PixelPaddingRangeLimit": limit}

    assert facts_of(np.zeros((4, 4), pixels), PixelPaddingValue=value, **more).padding == expected


def test_presentation_lut_shape_inverse_is_kept(facts_of: FactsOf) -> None:
    assert facts_of(PresentationLUTShape="INVERSE").inverse
    assert not facts_of(PresentationLUTShape="IDENTITY").inverse


def palette(values: np.ndarray, *, segmented: bool = False) -> dict[str, Any]:
    kind = "Segmented" if segmented else ""
    found: dict[str, Any] = {"PhotometricInterpretation": "PALETTE COLOR"}
    for name in ("Red", "Green", "Blue"):
        found[f"{name}PaletteColorLookupTableDescriptor"] = [4, 0, 16]
        found[f"{kind}{name}PaletteColorLookupTableData"] = values.astype("<u2").tobytes()
    return found


def test_a_palette_image_keeps_its_indices(make_dicom: MakeDicom) -> None:
    pixels = np.array([[0, 1], [2, 3]], np.uint8)

    frame = read_frame(FrameRef(path=make_dicom("a.dcm", pixels, **palette(np.array([0, 0x5500, 0xAA00, 0xFF00])))))

    assert np.array_equal(frame.stored, pixels)
    assert frame.facts.palette is not None
    assert frame.facts.palette.rgb.tolist() == [[0] * 3, [85] * 3, [170] * 3, [255] * 3]


def test_a_segmented_palette_is_expanded(facts_of: FactsOf) -> None:
    # One discrete value, then a linear segment of three to full scale (PS3.3 C.7.9.2).
    segments = np.array([0, 1, 0, 1, 3, 0xFF00])

    found = facts_of(np.zeros((2, 2), np.uint8), **palette(segments, segmented=True)).palette

    assert found is not None
    assert found.rgb[:, 0].tolist() == [0, 85, 170, 255]


@pytest.mark.parametrize(
    ("attributes", "source", "level", "row_mm"),
    [
        ({"PixelSpacing": [0.5, 0.25]}, "PixelSpacing", SpacingLevel.PATIENT, 0.5),
        ({"ImagerPixelSpacing": [0.5, 0.25], "Modality": "CR"}, "ImagerPixelSpacing", SpacingLevel.DETECTOR, 0.5),
        (
            {"PixelSpacing": [0.5, 0.25], "ImagerPixelSpacing": [0.5, 0.25], "Modality": "DX"},
            "PixelSpacing",
            SpacingLevel.DETECTOR,
            0.5,
        ),
        (
            {"PixelSpacing": [0.4, 0.2], "ImagerPixelSpacing": [0.5, 0.25], "Modality": "DX"},
            "PixelSpacing",
            SpacingLevel.CALIBRATED,
            0.4,
        ),
        (
            {"ImagerPixelSpacing": [0.5, 0.25], "EstimatedRadiographicMagnificationFactor": "1.25", "Modality": "DX"},
            "ImagerPixelSpacing / EstimatedRadiographicMagnificationFactor",
            SpacingLevel.ESTIMATED,
            0.4,
        ),
        (
            {"NominalScannedPixelSpacing": [0.1, 0.1], "Modality": "OT"},
            "NominalScannedPixelSpacing",
            SpacingLevel.DETECTOR,
            0.1,
        ),
    ],
)
def test_spacing_says_what_its_millimetre_means(
    facts_of: FactsOf, attributes: dict[str, Any], source: str, level: SpacingLevel, row_mm: float
) -> None:
    spacing = facts_of(**attributes).spacing

    assert spacing is not None
    assert (spacing.source, spacing.level, spacing.row_mm) == (source, level, pytest.approx(row_mm))


@pytest.mark.parametrize("attributes", [{}, {"PixelSpacing": [0, 0]}, {"PixelSpacing": [-1, 1]}])
def test_no_spacing_is_invented(facts_of: FactsOf, attributes: dict[str, Any]) -> None:
    assert facts_of(**attributes).spacing is None


def test_a_plane_needs_position_and_a_possible_orientation(facts_of: FactsOf) -> None:
    good = facts_of(ImagePositionPatient=[1, 2, 3], ImageOrientationPatient=[1, 0, 0, 0, 1, 0])
    flat = facts_of(ImagePositionPatient=[1, 2, 3], ImageOrientationPatient=[1, 0, 0, 1, 0, 0])
    none = facts_of(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])

    assert good.plane is not None
    assert (good.plane.position_mm, good.plane.normal, good.plane.along_normal_mm) == ((1, 2, 3), (0, 0, 1), 3)
    assert flat.plane is None
    assert none.plane is None


def test_each_frame_of_an_enhanced_image_has_its_own_rescale_window_and_place(make_dicom: MakeDicom) -> None:
    groups = [
        item(
            PixelValueTransformationSequence=Sequence(
                [item(RescaleIntercept="0", RescaleSlope=str(n + 1), RescaleType="HU")]
            ),
            FrameVOILUTSequence=Sequence([item(WindowCenter=str(10 * n), WindowWidth="100")]),
            PlanePositionSequence=Sequence([item(ImagePositionPatient=[0, 0, 5.0 * n])]),
        )
        for n in range(3)
    ]
    shared = item(
        PixelMeasuresSequence=Sequence([item(PixelSpacing=[0.5, 0.25], SliceThickness="5")]),
        PlaneOrientationSequence=Sequence([item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])]),
    )
    path = make_dicom(
        "a.dcm",
        np.zeros((4, 4), np.uint8),
        encoded=bytes(48),
        NumberOfFrames=3,
        SharedFunctionalGroupsSequence=Sequence([shared]),
        PerFrameFunctionalGroupsSequence=Sequence(groups),
    )

    frames = [read_frame(FrameRef(path=path, frame_index=n)) for n in range(3)]

    assert [f.facts.rescale_slope for f in frames] == [1, 2, 3]
    assert [f.facts.windows[0].center for f in frames] == [0, 10, 20]
    assert [f.facts.plane.along_normal_mm for f in frames if f.facts.plane] == [0, 5, 10]
    assert frames[2].facts.spacing is not None
    assert frames[2].facts.spacing.col_mm == 0.25
    assert frames[2].facts.unit == "HU"
    assert frames[0].identity.slice_thickness_mm == 5


def test_lossy_pixels_are_known_by_flag_or_syntax(facts_of: FactsOf) -> None:
    assert facts_of(LossyImageCompression="01").lossy
    assert not facts_of(LossyImageCompression="00").lossy


def test_identity_shows_what_the_file_gives(make_dicom: MakeDicom) -> None:
    path = make_dicom("a.dcm", np.zeros((4, 4), np.int16), KVP="120", InstanceNumber=212, PatientBirthDate="19500101")

    identity = read_frame(FrameRef(path=path)).identity

    assert (identity.patient_name, identity.patient_id, identity.birth_date) == ("Doe^Jane", "007", "19500101")
    assert (identity.instance_number, identity.technique, identity.sex) == ("212", "120 kV", "")


def test_the_tag_panel_gets_every_element_and_the_depth_of_sequences(make_dicom: MakeDicom) -> None:
    path = make_dicom(
        "a.dcm", np.zeros((4, 4), np.int16), ReferencedImageSequence=Sequence([item(ReferencedSOPInstanceUID="1.2.9")])
    )

    rows = header_tags(path)

    assert ("(0010,0010)", "PatientName", "PN", "Doe^Jane", 0) in [
        (row.tag, row.keyword, row.vr, row.value, row.level) for row in rows
    ]
    assert ("1.2.9", 2) in [(row.value, row.level) for row in rows]
    assert not any(row.keyword == "PixelData" for row in rows)
