"""Pixel spacing by the letter of PS3.3 10.7.1 in every combination of its attributes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from viewer.core.geometry import SpacingLevel
from viewer.core.pixels import PixelFacts
from viewer.reading.frames import read_frame
from viewer.reading.series import FrameRef

MakeDicom = Callable[..., Path]
Read = Callable[..., PixelFacts]

AT_DETECTOR, CALIBRATED = SpacingLevel.DETECTOR, SpacingLevel.CALIBRATED
ESTIMATED, UNSAID, PATIENT = SpacingLevel.ESTIMATED, SpacingLevel.UNSAID, SpacingLevel.PATIENT
ERMF = "ImagerPixelSpacing / EstimatedRadiographicMagnificationFactor"

IMAGER, SAME, OTHER = (0.4, 0.3), (0.4, 0.3), (0.2, 0.15)

# (Pixel Spacing, Imager Pixel Spacing, magnification, calibration type): (row mm, level, source), in a projection.
PROJECTIONS: dict[tuple[Any, Any, Any, Any], tuple[float, SpacingLevel, str] | None] = {
    (None, None, None, None): None,
    (None, None, "1.6", None): None,  # a magnification of nothing
    # With neither type nor detector it cannot be determined whether it was corrected or calibrated (10.7.1.1).
    (OTHER, None, None, None): (0.2, UNSAID, "PixelSpacing"),
    (OTHER, None, "1.6", None): (0.2, UNSAID, "PixelSpacing"),
    # FIDUCIAL was measured on an object of known size, GEOMETRY accounts for an assumed magnification (10.7.1.2).
    (OTHER, None, None, "FIDUCIAL"): (0.2, CALIBRATED, "PixelSpacing"),
    (OTHER, None, None, "GEOMETRY"): (0.2, ESTIMATED, "PixelSpacing"),
    # Measured at the front of the detector's housing, and never adjusted.
    (None, IMAGER, None, None): (0.4, AT_DETECTOR, "ImagerPixelSpacing"),
    (None, IMAGER, "1.6", None): (0.25, ESTIMATED, ERMF),
    (None, IMAGER, "0", None): (0.4, AT_DETECTOR, "ImagerPixelSpacing"),
    # What was not calibrated repeats the detector's (10.7.1.1).
    (SAME, IMAGER, None, None): (0.4, AT_DETECTOR, "PixelSpacing"),
    (SAME, IMAGER, "1.6", None): (0.25, ESTIMATED, ERMF),
    (SAME, IMAGER, None, "FIDUCIAL"): (0.4, CALIBRATED, "PixelSpacing"),
    (SAME, IMAGER, "1.6", "GEOMETRY"): (0.4, ESTIMATED, "PixelSpacing"),
    # What differs was corrected or calibrated (10.7.1.1), so that it is not magnified a second time.
    (OTHER, IMAGER, None, None): (0.2, CALIBRATED, "PixelSpacing"),
    (OTHER, IMAGER, "1.6", None): (0.2, CALIBRATED, "PixelSpacing"),
    (OTHER, IMAGER, "1.6", "GEOMETRY"): (0.2, ESTIMATED, "PixelSpacing"),
    (OTHER, IMAGER, "1.6", "FIDUCIAL"): (0.2, CALIBRATED, "PixelSpacing"),
}


@pytest.fixture
def facts_of(make_dicom: MakeDicom) -> Read:
    def read(**attributes: Any) -> PixelFacts:
        given = {k: list(v) if isinstance(v, tuple) else v for k, v in attributes.items() if v is not None}
        return read_frame(FrameRef(path=make_dicom("a.dcm", np.zeros((4, 4), np.uint16), **given))).facts

    return read


@pytest.mark.parametrize("modality", ["CR", "DX", "MG", "XA", "RF", "PX", "IO"])
def test_a_projection_says_what_its_millimetre_is(facts_of: Read, modality: str) -> None:
    for (pixel, imager, factor, kind), expected in PROJECTIONS.items():
        found = facts_of(
            Modality=modality, PixelSpacing=pixel, ImagerPixelSpacing=imager,
            EstimatedRadiographicMagnificationFactor=factor, PixelSpacingCalibrationType=kind,
        ).spacing  # fmt: skip

        case = (pixel, imager, factor, kind)
        if expected is None:
            assert found is None, case
        else:
            assert found is not None, case
            assert (found.row_mm, found.level, found.source) == (pytest.approx(expected[0]), *expected[1:]), case
            assert found.col_mm == pytest.approx(expected[0] * 0.75), case


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"NominalScannedPixelSpacing": [0.1, 0.1]}, (0.1, AT_DETECTOR, "NominalScannedPixelSpacing")),
        (
            {"NominalScannedPixelSpacing": [0.1, 0.1], "PixelSpacing": [0.1, 0.1]},
            (0.1, AT_DETECTOR, "PixelSpacing"),
        ),
        (
            {"NominalScannedPixelSpacing": [0.1, 0.1], "PixelSpacing": [0.07, 0.07]},
            (0.07, CALIBRATED, "PixelSpacing"),
        ),
        # A magnification is one of X-rays onto a detector, not of a scanned film.
        (
            {"NominalScannedPixelSpacing": [0.1, 0.1], "EstimatedRadiographicMagnificationFactor": "2"},
            (0.1, AT_DETECTOR, "NominalScannedPixelSpacing"),
        ),
        ({"PixelSpacing": [0.5, 0.5], "Modality": "CT"}, (0.5, PATIENT, "PixelSpacing")),
        ({"PixelSpacing": [0.5, 0.5], "Modality": "MR"}, (0.5, PATIENT, "PixelSpacing")),
    ],
)
def test_films_and_slices(
    facts_of: Read, attributes: dict[str, Any], expected: tuple[float, SpacingLevel, str]
) -> None:
    found = facts_of(**{"Modality": "OT", **attributes}).spacing

    assert found is not None
    assert (found.row_mm, found.level, found.source) == expected


@pytest.mark.parametrize("modality", ["MG", "XA", "CT"])
def test_pixel_measures_of_a_frame_are_the_patient_s(facts_of: Read, modality: str) -> None:
    """Tomosynthesis and rotational angiography are volumes, though their modality is that of a projection."""
    measures, group = Dataset(), Dataset()
    measures.PixelSpacing = [0.3, 0.3]
    group.PixelMeasuresSequence = Sequence([measures])

    found = facts_of(Modality=modality, SharedFunctionalGroupsSequence=Sequence([group])).spacing

    assert found is not None
    assert (found.row_mm, found.level) == (0.3, PATIENT)


def test_the_detector_s_spacing_of_an_enhanced_angiogram_lies_in_its_frames(facts_of: Read) -> None:
    data, group = Dataset(), Dataset()
    data.ImagerPixelSpacing = [0.2, 0.2]
    group.add_new(0x00289443, "SQ", Sequence([data]))

    found = facts_of(Modality="XA", SharedFunctionalGroupsSequence=Sequence([group])).spacing

    assert found is not None
    assert (found.row_mm, found.level) == (0.2, AT_DETECTOR)


def test_what_the_file_says_of_its_calibration_is_kept(facts_of: Read) -> None:
    found = facts_of(
        Modality="DX", PixelSpacing=OTHER, ImagerPixelSpacing=IMAGER, PixelSpacingCalibrationType="FIDUCIAL",
        PixelSpacingCalibrationDescription="25 mm ball",
    ).spacing  # fmt: skip

    assert found is not None and found.note == "FIDUCIAL 25 mm ball"


def test_a_pixel_aspect_ratio_is_height_over_width_and_no_spacing(facts_of: Read) -> None:
    facts = facts_of(Modality="US", PixelAspectRatio=[4, 3])

    assert facts.spacing is None
    assert facts.pixel_aspect == pytest.approx(4 / 3)
