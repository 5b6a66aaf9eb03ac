"""`negatoscope export`: the exact arrays, or a refusal."""

import json
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile

from viewer.cli.main import main


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two series of three signed slices each, in a folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for series in "ab":
        for number in range(3):
            write(tmp_path / "study" / series / f"{number}.dcm", slice_pixels(number), series, number)
    return tmp_path / "study"


def slice_pixels(number: int) -> np.ndarray:
    return (np.arange(12, dtype=np.int16).reshape(3, 4) + 100 * number - 5).astype(np.int16)


def write(path: Path, pixels: np.ndarray, series: str, number: int) -> Path:
    from pydicom.dataset import Dataset, FileMetaDataset

    path.parent.mkdir(parents=True, exist_ok=True)
    ds = Dataset()
    ds.SOPClassUID, ds.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", f"1.2.{ord(series)}.{number}"
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.PatientID, ds.Modality = "1.2.1", f"1.3.{ord(series)}", "7", "CT"
    # Named against the order of their places, so that sorting shows.
    ds.ImagePositionPatient, ds.ImageOrientationPatient = [0, 0, -number], [1, 0, 0, 0, 1, 0]
    ds.Rows, ds.Columns, ds.SamplesPerPixel, ds.PhotometricInterpretation = *pixels.shape, 1, "MONOCHROME2"
    ds.BitsAllocated = ds.BitsStored = 8 * pixels.dtype.itemsize
    ds.HighBit, ds.PixelRepresentation = ds.BitsStored - 1, int(pixels.dtype.kind == "i")
    ds.RescaleSlope, ds.RescaleIntercept = "2", "-1000"
    ds.PixelData = pixels.tobytes()
    ds["PixelData"].VR = "OW"
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    ds.save_as(path, enforce_file_format=True)
    return path


def test_one_file_gives_its_stored_values(stack: Path, tmp_path: Path) -> None:
    assert main(["export", str(stack / "a" / "1.dcm"), "--out", str(tmp_path / "x.npy"), "--frame", "all"]) == 0

    array = np.load(tmp_path / "x.npy")
    assert (array.dtype, array.shape) == (np.int16, (3, 4))
    assert np.array_equal(array, slice_pixels(1))


def test_modality_values_are_rescaled(stack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["export", str(stack / "a" / "1.dcm"), "--out", str(tmp_path / "x.npy"), "--values", "modality", "--json"])

    assert np.array_equal(np.load(tmp_path / "x.npy"), slice_pixels(1) * 2.0 - 1000)
    assert json.loads(capsys.readouterr().out)["written"][0]["unit"] == "HU"


@pytest.mark.parametrize(("values", "says"), [("stored", "without a unit"), ("modality", "values in HU")])
def test_the_line_says_which_values_were_written(
    stack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], values: str, says: str
) -> None:
    main(["export", str(stack / "a" / "1.dcm"), "--out", str(tmp_path / "x.npy"), "--values", values])

    assert says in capsys.readouterr().out


def test_a_series_comes_in_its_sorted_order_and_a_frame_counts_from_0(stack: Path, tmp_path: Path) -> None:
    main(["export", str(stack / "a"), "--out", str(tmp_path / "x.npy")])
    main(["export", str(stack / "a"), "--out", str(tmp_path / "y.npy"), "--frame", "0"])

    array = np.load(tmp_path / "x.npy")
    assert array.shape == (3, 3, 4)
    assert np.array_equal(array, np.stack([slice_pixels(n) for n in (2, 1, 0)]))
    assert np.array_equal(np.load(tmp_path / "y.npy"), array[0])


def test_a_series_is_chosen_by_its_uid(stack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(stack), "--out", str(tmp_path / "x.npy"), "--series", f"1.3.{ord('b')}"]) == 0
    assert np.load(tmp_path / "x.npy").shape == (3, 3, 4)

    assert main(["export", str(stack), "--out", str(tmp_path / "y.npy")]) == 2
    assert "2 arrays" in capsys.readouterr().err


def test_several_paths_go_into_a_folder_without_overwriting_each_other(stack: Path, tmp_path: Path) -> None:
    paths = [str(stack / "a" / "0.dcm"), str(stack / "b" / "0.dcm"), str(stack / "a" / "1.dcm")]

    assert main(["export", *paths, "--out", str(tmp_path / "out")]) == 0

    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["0-2.npy", "0.npy", "1.npy"]


def test_one_bad_file_among_several_is_named_and_the_rest_written(
    stack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = stack / "a" / "0.dcm", stack / "a" / "1.dcm"
    bad.write_bytes(bad.read_bytes()[:-24])

    assert main(["export", str(good), str(bad), "--out", str(tmp_path / "out"), "--json"]) == 1

    said = json.loads(capsys.readouterr().out)
    assert (len(said["written"]), len(said["problems"])) == (1, 1)
    assert (tmp_path / "out" / "0.npy").exists()


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
def test_16_bits_survive_png_and_tiff(tmp_path: Path, suffix: str) -> None:
    pixels = np.array([[0, 1, 256], [32768, 65534, 65535]], np.uint16)
    source = write(tmp_path / "a.dcm", pixels, "a", 0)

    assert main(["export", str(source), "--out", str(tmp_path / f"x{suffix}")]) == 0

    data = (tmp_path / f"x{suffix}").read_bytes()
    back = imagecodecs.png_decode(data) if suffix == ".png" else tifffile.imread(tmp_path / "x.tiff")
    assert (back.dtype, back.tolist()) == (np.uint16, pixels.tolist())


def test_a_png_that_would_lose_values_is_refused_and_nothing_written(
    stack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", str(stack / "a" / "0.dcm"), "--out", str(tmp_path / "x.png")]) == 2

    assert "would lose values" in capsys.readouterr().err
    assert not list(tmp_path.glob("*.png"))


def test_a_tiff_holds_signed_and_float_values_and_every_frame(stack: Path, tmp_path: Path) -> None:
    main(["export", str(stack / "a"), "--out", str(tmp_path / "x.tiff")])
    main(["export", str(stack / "a"), "--out", str(tmp_path / "y.tiff"), "--values", "modality"])

    assert np.array_equal(tifffile.imread(tmp_path / "x.tiff"), np.stack([slice_pixels(n) for n in (2, 1, 0)]))
    assert tifffile.imread(tmp_path / "y.tiff").dtype.kind == "f"
    with tifffile.TiffFile(tmp_path / "x.tiff") as tiff:
        assert len(tiff.pages) == 3


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--out", "{tmp}/x.jpg"], 2),
        (["--out", "{tmp}/x.npy", "--frame", "9"], 2),
        (["--out", "{tmp}/x.npy", "--frame", "-1"], 2),
        (["--out", "{tmp}/x.npy", "--series", "0000"], 2),
        (["--out", "/proc/nowhere/x.npy"], 1),
    ],
)
def test_a_wish_that_cannot_be_met_is_one_sentence(
    stack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int
) -> None:
    asked = [word.format(tmp=tmp_path) for word in words]

    assert main(["export", str(stack / "a" / "0.dcm"), *asked]) == code

    assert capsys.readouterr().err.strip()
    assert not list(tmp_path.glob("x.*"))


def test_a_frame_that_is_not_there_is_said_of_the_series_not_of_one_file(
    stack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", str(stack / "a"), "--frame", "9", "--out", str(tmp_path / "x.npy")]) == 2

    assert f"The series in {stack / 'a'} has" in capsys.readouterr().err


def test_a_failed_write_leaves_the_old_file(stack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "x.npy"
    target.write_bytes(b"old")

    def full(*_args: object, **_more: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)

    assert main(["export", str(stack / "a" / "0.dcm"), "--out", str(target)]) == 1
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["x.npy"]
