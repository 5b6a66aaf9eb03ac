"""Places, lengths and values of the real series, and of an oblique one made here, against SimpleITK and plain numpy on
what pydicom reads."""

from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

from tests.reading.conftest import MakeDicom
from viewer.core.geometry import ImagePlane, PlaneThrough
from viewer.core.shapes.kinds.ellipse import Ellipse
from viewer.core.shapes.kinds.rectangle import Rectangle
from viewer.core.shapes.measurements import length, roi_statistics
from viewer.core.volume import reformat
from viewer.reading.frame import Frame
from viewer.reading.frames import read_frame
from viewer.reading.scan import all_series, scan
from viewer.reading.series import Series
from viewer.reading.volumes import read_volume

BUILT = "an oblique CT"  # seven slices, made here: the stand-in of a clone without the real images
SERIES = [
    BUILT,
    "series/ct_gantry_tilt_ge", "series/ct_liver3", "series/ct_oriented", "series/mr_3plane_localizer",
    "series/mr_4d_ge_fmri", "series/mr_missing_slices", "series/mr_multi_echo", "series/mr_nonsquare",
    "series/mr_rgb_j2k", "series/pet_raw_suv", "series/petctmr_sts002/CT", "series/petctmr_sts002/MR_T1",
    "series/petctmr_sts002/PET", "made/series_empty_uids", "made/series_mixed_size", "made/series_same_instance_uid",
    "made/series_same_position",
]  # fmt: skip


@pytest.fixture
def images(folder: str, request: pytest.FixtureRequest, make_dicom: MakeDicom, tmp_path: Path) -> Path:
    """The folder of images of that name."""
    if folder != BUILT:
        return Path(request.getfixturevalue("corpus")) / folder
    row, col, normal = np.array([0.8, 0.6, 0]), np.array([-0.48, 0.64, 0.6]), np.array([0.36, -0.48, 0.8])
    random = np.random.default_rng(15)
    for number in range(7):
        place = np.array([-31.5, 20.25, 7]) + 2.5 * number * normal
        make_dicom(
            f"oblique/{number}.dcm", random.integers(-900, 2000, (20, 24), np.int16), InstanceNumber=7 - number,
            ImagePositionPatient=[round(float(one), 6) for one in place], PixelSpacing=[0.7, 0.9],
            ImageOrientationPatient=[*row, *col], RescaleSlope=2, RescaleIntercept=-1024,
        )  # fmt: skip
    return tmp_path / "oblique"


@lru_cache
def placed_series(folder: Path) -> list[Series]:
    """The series of a folder whose images have places; a segmentation beside them is left out."""
    found = all_series(scan([path for path in folder.iterdir() if path.is_file()]))
    return [s for s in found if s.modality != "SEG" and all(ref.along_normal_mm is not None for ref in s.frames)]


def patient_point(ds: pydicom.Dataset, row: float, col: float) -> np.ndarray:
    """PS3.3 C.7.6.2.1.1, equation C.7.6.2.1-1: row and col are indices of pixel centres."""
    position = np.array(ds.ImagePositionPatient, float)
    cosines = np.array(ds.ImageOrientationPatient, float)
    between_rows, between_cols = map(float, ds.PixelSpacing)
    return np.asarray(position + cosines[:3] * between_cols * col + cosines[3:] * between_rows * row)


def ends(series: Series) -> list[tuple[Frame, pydicom.Dataset]]:
    refs = dict.fromkeys((series.frames[0], series.frames[-1]))
    return [(read_frame(ref), pydicom.dcmread(ref.path)) for ref in refs]


@pytest.mark.parametrize("folder", SERIES)
def test_the_corners_of_the_first_and_last_image_are_where_numpy_puts_them(images: Path) -> None:
    every = placed_series(images)

    assert every
    for series in every:
        for frame, ds in ends(series):
            plane, spacing = frame.facts.plane, frame.facts.spacing
            assert plane is not None and spacing is not None
            for row, col in product((0, ds.Rows - 1), (0, ds.Columns - 1)):
                mine = plane.image_to_patient(col + 0.5, row + 0.5, spacing)
                assert mine == pytest.approx(patient_point(ds, row, col), abs=1e-3)
                # Cosines of six digits make 512 pixels wrong by some thousandths.
                assert plane.patient_to_image(mine, spacing) == pytest.approx((col + 0.5, row + 0.5), abs=5e-3)


@pytest.mark.parametrize("folder", SERIES)
def test_images_are_in_the_order_of_their_places_along_the_normal(images: Path) -> None:
    for series in placed_series(images):
        along = []
        for ref in series.frames:
            ds = pydicom.dcmread(ref.path, stop_before_pixels=True)
            cosines = np.array(ds.ImageOrientationPatient, float)
            along.append(float(np.dot(np.cross(cosines[:3], cosines[3:]), np.array(ds.ImagePositionPatient, float))))

        assert [ref.along_normal_mm for ref in series.frames] == pytest.approx(along, abs=1e-3)
        assert along == sorted(along)


@pytest.mark.parametrize("folder", SERIES)
def test_simpleitk_gives_one_image_the_same_origin_spacing_and_directions(images: Path) -> None:
    sitk = pytest.importorskip("SimpleITK")
    for series in placed_series(images):
        for frame, _ in ends(series):
            plane, spacing = frame.facts.plane, frame.facts.spacing
            assert plane is not None and spacing is not None
            image = sitk.ReadImage(str(frame.ref.path))
            direction = np.array(image.GetDirection()).reshape(3, 3)
            assert plane.position_mm == pytest.approx(image.GetOrigin(), abs=1e-3)
            assert (spacing.col_mm, spacing.row_mm) == pytest.approx(image.GetSpacing()[:2], rel=1e-5)
            assert plane.row_cosines == pytest.approx(direction[:, 0], abs=1e-4)
            assert plane.col_cosines == pytest.approx(direction[:, 1], abs=1e-4)
            assert plane.normal == pytest.approx(direction[:, 2], abs=1e-4)


@pytest.mark.parametrize("folder", SERIES)
def test_lengths_in_an_image_are_distances_in_the_patient(images: Path) -> None:
    for series in placed_series(images):
        for frame, ds in ends(series):
            a, b = (1.0, 2.0), (ds.Rows - 3.0, ds.Columns - 2.0)  # (row, col)
            expected = np.linalg.norm(patient_point(ds, *a) - patient_point(ds, *b))
            found = length([(a[1] + 0.5, a[0] + 0.5), (b[1] + 0.5, b[0] + 0.5)], frame.facts.spacing)
            assert found.value == pytest.approx(expected, rel=2e-5)  # cosines in files have six digits
            assert found.unit == "mm"


VOLUMES = [
    BUILT,
    "series/ct_gantry_tilt_ge", "series/ct_liver3", "series/mr_nonsquare", "series/pet_raw_suv",
    "series/petctmr_sts002/CT", "series/petctmr_sts002/PET", "made/series_empty_uids",
]  # fmt: skip


@pytest.mark.parametrize("folder", VOLUMES)
def test_voxels_lie_where_numpy_puts_them_and_lengths_across_slices_follow(images: Path) -> None:
    (series,) = placed_series(images)
    volume = read_volume(series)
    first, last = (pydicom.dcmread(series.frames[n].path, stop_before_pixels=True) for n in (0, -1))
    slices, rows, cols = volume.grid.shape

    corners = list(product((0, slices - 1), (0, rows - 1), (0, cols - 1)))
    mine = volume.grid.voxel_to_patient(np.array(corners, float))

    expected = np.array([patient_point(first if s == 0 else last, r, c) for s, r, c in corners])
    assert mine == pytest.approx(expected, abs=2e-3)
    across = np.linalg.norm(mine[0] - mine[-1])
    assert across == pytest.approx(np.linalg.norm(expected[0] - expected[-1]), rel=2e-5)
    assert volume.grid.patient_to_voxel(expected) == pytest.approx(np.array(corners, float), abs=5e-3)


@pytest.mark.parametrize("folder", [BUILT, "series/ct_liver3", "series/mr_nonsquare", "series/pet_raw_suv"])
def test_simpleitk_reads_the_same_volume_from_our_order(images: Path) -> None:
    sitk = pytest.importorskip("SimpleITK")
    (series,) = placed_series(images)
    volume = read_volume(series)
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames([str(ref.path) for ref in series.frames])
    image = reader.Execute()

    assert volume.grid.origin_mm == pytest.approx(image.GetOrigin(), abs=1e-3)
    for s, r, c in [(0, 0, 0), (1, 5, 9), (len(series.frames) - 1, series.rows - 1, series.cols - 1)]:
        point = image.TransformIndexToPhysicalPoint((c, r, s))
        assert volume.grid.voxel_to_patient(np.array([s, r, c])) == pytest.approx(point, abs=2e-3)
    theirs = sitk.GetArrayFromImage(image).astype(float)
    padding = pydicom.dcmread(series.frames[0].path).get("PixelPaddingValue")
    if padding is not None:
        ds = pydicom.dcmread(series.frames[0].path)
        theirs[theirs == padding * float(ds.RescaleSlope) + float(ds.RescaleIntercept)] = np.nan
    assert np.allclose(volume.values, theirs, rtol=1e-5, atol=1e-3, equal_nan=True)


def test_an_oblique_plane_through_a_ct_has_simpleitks_values(corpus: Path) -> None:
    sitk = pytest.importorskip("SimpleITK")
    (series,) = placed_series(corpus / "series" / "petctmr_sts002" / "CT")
    volume = read_volume(series)
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames([str(ref.path) for ref in series.frames])
    image = reader.Execute()
    right = np.array([0.8, 0.6, 0.0])
    down = np.cross(np.array([0.36, -0.48, 0.8]), right)
    middle = volume.grid.voxel_to_patient((np.array(volume.grid.shape) - 1) / 2)
    first = middle - 20 * right - 15 * down

    place = ImagePlane(position_mm=tuple(first), row_cosines=tuple(right), col_cosines=tuple(down))
    cut = reformat(volume, PlaneThrough(place=place, rows=31, cols=41, pixel_mm=1.0))

    nothing = -5000.0
    theirs = np.array([
        [image.EvaluateAtPhysicalPoint((first + c * right + r * down).tolist(), sitk.sitkLinear) for c in range(41)]
        for r in range(31)
    ])  # fmt: skip
    inside = np.isfinite(cut.values)
    assert inside.mean() > 0.5
    assert np.abs(cut.values - np.where(inside, theirs, nothing))[inside].max() < 0.02


# Values in regions

ROI = {
    BUILT: (2, 3, 12, 19),
    "series/ct_gantry_tilt_ge": (100, 120, 140, 180), "series/ct_liver3": (200, 150, 260, 230),
    "series/ct_oriented": (10, 10, 40, 30), "series/mr_missing_slices": (30, 40, 70, 90),
    "series/mr_nonsquare": (5, 10, 20, 50), "series/pet_raw_suv": (40, 50, 80, 90),
    "made/series_empty_uids": (2, 3, 12, 9),
}  # fmt: skip


@pytest.mark.parametrize("folder", ROI)
def test_statistics_of_a_region_are_simpleitks(images: Path, folder: str) -> None:
    sitk = pytest.importorskip("SimpleITK")
    row0, col0, row1, col1 = ROI[folder]
    series = placed_series(images)[0]
    for frame, ds in ends(series):
        bottom, right = min(row1, ds.Rows), min(col1, ds.Columns)
        found = roi_statistics(frame.stored, frame.facts, Rectangle(points_px=((col0, row0), (right, bottom))))

        image = sitk.Cast(sitk.ReadImage(str(frame.ref.path)), sitk.sitkFloat64)[col0:right, row0:bottom, :]
        theirs = sitk.StatisticsImageFilter()
        theirs.Execute(image)
        count = (bottom - row0) * (right - col0)
        assert found.pixels == count
        assert found.mean == pytest.approx(theirs.GetMean(), rel=1e-5, abs=1e-6)
        # SimpleITK divides by n - 1.
        assert found.sd == pytest.approx(theirs.GetSigma() * np.sqrt((count - 1) / count), rel=1e-5, abs=1e-6)
        assert (found.minimum, found.maximum) == pytest.approx((theirs.GetMinimum(), theirs.GetMaximum()), rel=1e-5)


def test_statistics_of_an_ellipse_are_numpys(corpus: Path) -> None:
    (series,) = placed_series(corpus / "series" / "ct_gantry_tilt_ge")
    ((frame, ds), *_) = ends(series)
    values = ds.pixel_array * float(ds.RescaleSlope) + float(ds.RescaleIntercept)
    y, x = np.mgrid[: ds.Rows, : ds.Columns] + 0.5
    inside = ((x - 200) / 60) ** 2 + ((y - 250) / 35) ** 2 <= 1

    found = roi_statistics(frame.stored, frame.facts, Ellipse(points_px=((140, 215), (260, 285))))

    picked = values[inside]
    assert (found.pixels, found.mean, found.sd) == (
        picked.size,
        pytest.approx(picked.mean()),
        pytest.approx(picked.std()),
    )
    assert (found.minimum, found.maximum) == (picked.min(), picked.max())


def test_a_spacing_knows_rows_from_columns_in_a_real_series(corpus: Path) -> None:
    """Pixel Spacing is row spacing, then column spacing (PS3.3 10.7.1.3); this series has 4 and 6.4 mm."""
    (series,) = placed_series(corpus / "series" / "mr_nonsquare")
    facts: Any = read_frame(series.frames[0]).facts

    assert (facts.spacing.row_mm, facts.spacing.col_mm) == pytest.approx((4.0, 6.4), abs=1e-3)
    assert facts.spacing.source == "PixelSpacing"
    assert length([(10, 10), (10, 20)], facts.spacing).value == pytest.approx(40)
    assert length([(10, 10), (20, 10)], facts.spacing).value == pytest.approx(64, abs=1e-2)
