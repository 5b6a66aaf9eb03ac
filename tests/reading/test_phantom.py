"""The phantom is valid DICOM, repeatable, and its truth lies where the pixels say."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest

from viewer.reading.phantom.anatomy import draw_anatomy
from viewer.reading.phantom.sample import FILM_FIELD_MM, write_radiographs, write_sample
from viewer.reading.phantom.truth import SampleStudy
from viewer.reading.phantom.volume import Grid, project_film, volume_hu


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> SampleStudy:
    return write_sample(tmp_path_factory.mktemp("sample"), patients=1)


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> SampleStudy:
    return write_radiographs(tmp_path_factory.mktemp("films"), 4, size_px=96)


def test_the_same_seed_draws_the_same_patient() -> None:
    assert draw_anatomy(3, seed=5) == draw_anatomy(3, seed=5)
    assert draw_anatomy(3, seed=5) != draw_anatomy(3, seed=6)


def test_ct_slices_stand_at_equal_steps_along_the_normal_and_read_in_hounsfield_units(sample: SampleStudy) -> None:
    files = sorted(sample.studies[0].folder.iterdir())
    first, second = pydicom.dcmread(files[0]), pydicom.dcmread(files[1])

    assert second.ImagePositionPatient[2] - first.ImagePositionPatient[2] == pytest.approx(4.0)
    hu = first.pixel_array * float(first.RescaleSlope) + float(first.RescaleIntercept)
    assert hu[2:8, 2:8].mean() == pytest.approx(-1000, abs=25)  # air in the corner, clipped noise included


def test_a_nodule_is_soft_tissue_where_the_truth_says_and_lung_beside_it(sample: SampleStudy) -> None:
    files = sorted(sample.studies[0].folder.iterdir())
    nodule = sample.studies[0].nodules[0]
    data = pydicom.dcmread(files[nodule.slice_index])
    hu = data.pixel_array.astype(float) + float(data.RescaleIntercept)
    col = int((nodule.box.x0_px + nodule.box.x1_px) / 2)
    row = int((nodule.box.y0_px + nodule.box.y1_px) / 2)

    assert hu[row - 1 : row + 2, col - 1 : col + 2].mean() == pytest.approx(25, abs=40)


def test_a_nodule_adds_attenuation_inside_its_box_and_nowhere_else(films: SampleStudy) -> None:
    film = films.films[1]
    box = film.nodules[0]
    anatomy = draw_anatomy(1, seed=2, nodules=1)
    rows, cols = film.lungs.rows, film.lungs.cols
    grid = Grid.centred(counts=(rows, 50, cols), steps_mm=(FILM_FIELD_MM[0] / rows, 5, FILM_FIELD_MM[1] / cols))

    added = project_film(volume_hu(anatomy, grid), grid) - project_film(
        volume_hu(replace(anatomy, nodules=()), grid), grid
    )

    row, col = np.unravel_index(int(added.argmax()), added.shape)
    assert box.x0_px < col + 0.5 < box.x1_px
    assert box.y0_px < row + 0.5 < box.y1_px
    outside = added.copy()
    outside[int(box.y0_px) - 1 : int(box.y1_px) + 2, int(box.x0_px) - 1 : int(box.x1_px) + 2] = 0
    assert np.abs(outside).max() < 0.02 * added.max()


def test_film_lungs_are_where_the_film_is_dark(films: SampleStudy) -> None:
    film = films.films[0]
    picture = pydicom.dcmread(film.path).pixel_array.astype(float)
    lungs = film.lungs.to_array()

    assert picture[lungs].mean() < picture[~lungs & (picture > 400)].mean() - 500


def test_monochrome1_film_shows_the_same_tissue_with_turned_values(tmp_path: Path) -> None:
    from viewer.reading.phantom.dicom import write_film

    stored = np.arange(4096, dtype=np.uint16).reshape(64, 64)
    write_film(tmp_path / "a.dcm", stored, draw_anatomy(0, seed=1), pixel_mm=(1, 1), seed=1, photometric="MONOCHROME1")

    assert (pydicom.dcmread(tmp_path / "a.dcm").pixel_array == 4095 - stored).all()


def test_half_the_training_films_have_no_nodule_and_each_patient_one_film(films: SampleStudy) -> None:
    assert [film.label for film in films.films] == ["clear", "nodule", "clear", "nodule"]
    assert len({film.patient_id for film in films.films}) == 4
    assert films.films_csv.read_text().count("nodule") == 2
