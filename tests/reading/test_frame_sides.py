"""Letters of images that have no place in the patient: films, and planes without a position."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from viewer.core.geometry import ViewTransform, side_letters
from viewer.core.pixels import PixelFacts
from viewer.reading.frames import file_frames, read_frame

MakeDicom = Callable[..., Path]


def facts_of(path: Path) -> PixelFacts:
    return read_frame(file_frames(path)[0]).facts


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"PatientOrientation": ["L", "F"]}, ("L", "I")),
        ({"PatientOrientation": ["A", "FR"]}, ("A", "IR")),
        ({"PatientOrientation": ["P", "H"]}, ("P", "S")),
        ({"PatientOrientation": ["L"]}, ("", "")),
        ({"PatientOrientation": ["X", "F"]}, ("", "")),
        ({"PatientOrientation": ["R", "D"], "AnatomicalOrientationType": "QUADRUPED"}, ("", "")),
        ({"ImageOrientationPatient": [0, 1, 0, 0, 0, -1]}, ("P", "I")),
        ({"ImageOrientationPatient": [1, 0, 0, 1, 0, 0]}, ("", "")),
        ({}, ("", "")),
    ],
)
def test_sides_are_those_the_file_names(
    make_dicom: MakeDicom, given: dict[str, Any], expected: tuple[str, str]
) -> None:
    facts = facts_of(make_dicom("a.dcm", np.zeros((4, 4), np.uint16), **given))

    assert facts.plane is None
    assert facts.sides == expected


@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("turns", range(4))
def test_sides_follow_flips_and_turns(*, flipped: bool, turns: int) -> None:
    view = ViewTransform(
        view_width=9, view_height=9, scale_x=2, scale_y=1, center_x_px=4, center_y_px=4,
        quarter_turns=turns, flipped=flipped,
    )  # fmt: skip
    # The letters at the edges of a film, turned as a matrix.
    matrix = np.array([["..", "SL", ".."], ["P.", "..", "A."], ["..", "IR", ".."]])
    if flipped:
        matrix = np.fliplr(matrix)
    matrix = np.rot90(matrix, -turns)
    expected = tuple(str(name).strip(".") for name in (matrix[1, 0], matrix[1, 2], matrix[0, 1], matrix[2, 1]))

    assert side_letters(("A", "IR"), view) == expected


def test_real_films_have_the_letters_of_their_patient_orientation(corpus: Path) -> None:
    import pydicom

    seen = 0
    for path in sorted((corpus / "pixel").iterdir()):
        ds = pydicom.dcmread(path, stop_before_pixels=True, force=True)
        given = ds.get("PatientOrientation")
        if not given or "ImageOrientationPatient" in ds or len(given) != 2 or not all(given):
            continue
        words = tuple(str(name).replace("H", "S").replace("F", "I")[:2] for name in given)
        if all(letter in "LRAPSI" for name in words for letter in name):
            assert facts_of(path).sides == words, path.name
            seen += 1
    assert seen >= 2
