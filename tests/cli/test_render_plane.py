"""`negatoscope render --plane`: planes through a volume, as pictures."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from viewer.cli.main import main

Said = pytest.CaptureFixture[str]
SLICES, ROWS, COLS = 4, 8, 6


@pytest.fixture
def block() -> np.ndarray:
    """(slice, row, col) values with no symmetry, 0 to 191."""
    return np.random.default_rng(7).permutation(SLICES * ROWS * COLS).reshape(SLICES, ROWS, COLS).astype(np.int16)


def write(folder: Path, block: np.ndarray, places: list[float], space: str = "") -> Path:
    """Axial slices, 1 mm rows and columns, at these z. space: their frame of reference."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, (pixels, z) in enumerate(zip(block, places)):
        ds = Dataset()
        ds.SOPClassUID, ds.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", f"1.2.3.{number + 1}"
        ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.Modality = "1.2.3", "1.2.4", "CT"
        ds.Rows, ds.Columns = pixels.shape
        ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
        ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 16, 15, 1
        ds.PixelSpacing, ds.ImageOrientationPatient = [1, 1], [1, 0, 0, 0, 1, 0]
        ds.ImagePositionPatient = [-2.0, -3.0, z]
        if space:
            ds.FrameOfReferenceUID = space
        ds.PixelData = pixels.tobytes()
        ds.file_meta = FileMetaDataset()
        ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        ds.save_as(folder / f"{number}.dcm", enforce_file_format=True)
    return folder


def render(capsys: Said, *words: object) -> tuple[int, dict[str, object], str]:
    code = main(["render", *map(str, words), "--json"])
    said = capsys.readouterr()
    return code, json.loads(said.out) if said.out else {}, said.err


def picture(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)


def test_planes_are_cut_the_right_way_round_with_their_letters(block: np.ndarray, tmp_path: Path, capsys: Said) -> None:
    folder, out = write(tmp_path / "ct", block, [10.0, 11.0, 12.0, 13.0]), tmp_path / "x.png"
    full = ("--center", 128, "--width", 256)  # grey level = value
    # x = -2 + col, y = -3 + row, z = 10 + slice; up on the screen is to the head, so slices run backwards there.
    cases = [
        ("axial", 12.0, block[2], ("R", "L", "A", "P")),
        ("coronal", 1.0, block[::-1, 4, :], ("R", "L", "S", "I")),
        ("sagittal", 0.0, block[::-1, :, 2], ("A", "P", "S", "I")),
    ]
    for plane, at, expected, letters in cases:
        code, document, _ = render(capsys, folder, "--plane", plane, "--at", at, *full, "--out", out)

        assert code == 0
        assert np.array_equal(picture(out), expected), plane
        assert (document["at_mm"], document["pixel_mm"]) == (at, 1.0)
        assert tuple(document["letters"].values()) == letters  # type: ignore[attr-defined]


def test_the_aspect_is_true(block: np.ndarray, tmp_path: Path, capsys: Said) -> None:
    folder, out = write(tmp_path / "ct", block, [0.0, 5.0, 10.0, 15.0]), tmp_path / "x.png"

    _, document, _ = render(capsys, folder, "--plane", "coronal", "--out", out)

    # 4 slices of 5 mm are 20 mm high, 6 columns of 1 mm are 6 mm wide.
    assert picture(out).shape == (20, 6)
    assert (document["rows"], document["cols"]) == (20, 6)


@pytest.mark.parametrize(
    ("places", "words", "code", "says"),
    [
        ([0.0, 3.0, 9.0, 12.0], (), 1, "1 slice(s) seem to be missing"),
        ([0.0, 3.0, 3.0, 6.0], (), 1, "same place"),
        ([0.0, 3.0, 6.0, 9.0], ("--at", 40), 2, "between -1.5 and 10.5 mm"),
        ([0.0, 3.0, 6.0, 9.0], ("--frame", 2), 2, "--at"),
    ],
)
def test_what_is_no_volume_or_beside_it_is_refused_in_one_sentence(
    block: np.ndarray,
    tmp_path: Path,
    capsys: Said,
    places: list[float],
    words: tuple[object, ...],
    code: int,
    says: str,
) -> None:
    folder, out = write(tmp_path / "ct", block, places), tmp_path / "x.png"

    got, _, said = render(capsys, folder, "--plane", "axial", *words, "--out", out)

    assert (got, out.exists()) == (code, False)
    assert says in said and said.count("\n") == 1


def test_at_without_a_plane_is_refused(block: np.ndarray, tmp_path: Path, capsys: Said) -> None:
    folder = write(tmp_path / "ct", block, [0.0, 1.0, 2.0, 3.0])

    code, _, said = render(capsys, folder, "--at", 1, "--out", tmp_path / "x.png")

    assert code == 2 and "--plane" in said


def test_what_was_measured_in_a_plane_is_drawn_on_it_and_on_no_other(tmp_path: Path, capsys: Said) -> None:
    folder = write(tmp_path / "ct", np.zeros((4, 60, 60), np.int16), [10.0, 11.0, 12.0, 13.0], "1.2.9")
    other = write(tmp_path / "other", np.zeros((4, 60, 60), np.int16), [10.0, 11.0, 12.0, 13.0], "1.2.8")
    project, out = tmp_path / "project", tmp_path / "x.png"
    assert main(["project", "create", str(project), "--case", "series"]) == 0
    assert main(["project", "add", str(project), str(folder)]) == 0
    points = ("10 20 12", "40 20 12")
    words = ["project", "planes", str(project), "--through", "0.dcm", "--plane", "axial", "--measure", "length"]
    assert main([*words, "--points", *points]) == 0
    capsys.readouterr()
    full = ("--center", 128, "--width", 256, "--out", out, "--project", project, "--overlay", "annotations")

    code, document, _ = render(capsys, folder, "--plane", "axial", "--at", 12, *full)
    assert code == 0 and document["measurements"] == [{"kind": "length", "values": ["30.0 mm"]}]
    drawn = picture(out)
    # x = -2 + col and y = -3 + row at the centres: from column 12 to column 42 of row 23.
    assert drawn[23, 13:42].min() > 128 and drawn[23, :11].max() == 0 and drawn[23, 45:].max() == 0

    for where, at in ((folder, 11), (other, 12)):
        code, document, _ = render(capsys, where, "--plane", "axial", "--at", at, *full)
        assert code == 0 and document["measurements"] == [] and picture(out).max() == 0
    # A labelled box, and a point beside it; on the plane of the box alone.
    for words in (["--draw", "box", "--label", "nodule"], ["--draw", "point", "--label", "mark"]):
        points = ("5 30 12", "25 45 12")[: 2 if "box" in words else 1]
        where = ["project", "planes", str(project), "--through", "0.dcm", "--plane", "axial"]
        assert main([*where, *words, "--points", *points]) == 0
    capsys.readouterr()
    code, document, _ = render(capsys, folder, "--plane", "axial", "--at", 12, *full)
    assert code == 0 and document["shapes"] == ["nodule", "mark"]
    drawn = picture(out)
    # From column 7 and row 33 (x = 5, y = 30) to column 27 and row 48; within it nothing, where no words stand.
    lit = drawn.max(axis=2) > 20
    assert lit[48, 8:26].all() and lit[33, 8:26].all() and lit[34:48, 27].all() and not lit[36:46, 12:16].any()
    assert render(capsys, folder, "--plane", "axial", "--at", 11, *full)[1]["shapes"] == []
    # Along the line, seen from the front, lies another plane that holds it: it is drawn on its own alone.
    assert render(capsys, folder, "--plane", "coronal", "--at", 20, *full)[1]["measurements"] == []
