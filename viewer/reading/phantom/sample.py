"""The sample study, and many small films to train on."""

import json
import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.text.table_text import comma_text
from viewer.reading.phantom.anatomy import Anatomy, draw_anatomy
from viewer.reading.phantom.dicom import write_ct, write_film
from viewer.reading.phantom.truth import LUNG, NODULE, FilmTruth, SampleStudy, SliceNodule, StudyTruth
from viewer.reading.phantom.volume import (
    Grid,
    add_couch,
    film_lung_mask,
    lung_mask,
    project_film,
    scanner_noise,
    volume_hu,
)

# A changed phantom gets a new number, so that an old sample in the cache folder is not taken for it.
VERSION = 1
FILM_FIELD_MM = (352.0, 400.0)  # (rows, cols)
FILM_DEPTH_MM, FILM_DEPTH_STEPS = 250.0, 50
PHOTONS = 20_000.0


def write_sample(folder: Path, *, patients: int = 6, seed: int = 1) -> SampleStudy:
    """CT (48 slices of 256 x 256, 4 mm) and one film of each patient, with the truth beside. Replaces nothing.

    Patients without nodules are among them; the fifth patient's film is MONOCHROME1.
    """
    films, studies = [], []
    for index in range(patients):
        anatomy = draw_anatomy(index, seed=seed, nodules=(2, 0, 1, 3, 1, 0)[index % 6])
        place = folder / anatomy.patient_id
        studies.append(_write_ct_study(place / "ct", anatomy, seed=seed, index=index))
        photometric = "MONOCHROME1" if index % 6 == 4 else "MONOCHROME2"
        films.append(_write_film(place / "film.dcm", anatomy, size_px=400, seed=seed, photometric=photometric))
    return _write_truth(folder, films, studies)


def write_radiographs(folder: Path, count: int, *, size_px: int = 160, seed: int = 2) -> SampleStudy:
    """`count` films of as many patients, size_px on the long side, about 0.2 s each; half of them without a nodule."""

    def one(index: int) -> FilmTruth:
        anatomy = draw_anatomy(index, seed=seed, nodules=(0, 1, 0, 2)[index % 4])
        name = folder / "films" / f"{anatomy.patient_id}.dcm"
        return _write_film(name, anatomy, size_px=size_px, seed=seed, photometric="MONOCHROME2")

    (folder / "films").mkdir(parents=True, exist_ok=True)
    # A film depends on its own number only, and numpy frees the GIL: threads change nothing but the time.
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        films = list(pool.map(one, range(count)))
    return _write_truth(folder, films, [])


def sample_folder() -> Path:
    """The sample study's folder in the user's cache, made at the first call (about 10 s); whole whenever there."""
    from viewer.reading.sources.private_files import cache_folder, temporary_folder

    place = cache_folder() / f"sample-{VERSION}"
    if place.is_dir():
        return place
    beside = temporary_folder(place.parent, prefix="sample-")
    try:
        write_sample(beside)
        beside.replace(place)
    except OSError:
        if not place.is_dir():  # another process may have been first
            raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return place


def _write_ct_study(folder: Path, anatomy: Anatomy, *, seed: int, index: int) -> StudyTruth:
    steps_mm = (4.0, 1.5, 1.5)
    grid = Grid.centred(counts=(60, 256, 256), steps_mm=steps_mm)
    hu = volume_hu(anatomy, grid)
    add_couch(hu, grid, anatomy)
    hu += scanner_noise(hu.shape, 14.0, np.random.default_rng((seed, index, 11)))
    first = (float(grid.x_mm[0]), float(grid.y_mm[0]), float(grid.z_mm[0]))
    write_ct(folder, hu, anatomy, first_voxel_mm=first, steps_mm=steps_mm, seed=seed)
    nodules = []
    for nodule in anatomy.nodules:
        x, y, z = nodule.center_mm
        r = nodule.radius_mm
        # + 0.5: a voxel's centre lies half a pixel from its outer corner
        x_px, y_px = (x - first[0]) / steps_mm[2] + 0.5, (y - first[1]) / steps_mm[1] + 0.5
        rx, ry = r / steps_mm[2], r / steps_mm[1]
        box = Box(x0_px=x_px - rx, y0_px=y_px - ry, x1_px=x_px + rx, y1_px=y_px + ry)
        nodules.append(SliceNodule(slice_index=round((z - first[2]) / steps_mm[0]), box=box, radius_mm=r))
    return StudyTruth(folder=folder, patient_id=anatomy.patient_id, nodules=tuple(nodules))


def _write_film(path: Path, anatomy: Anatomy, *, size_px: int, seed: int, photometric: str) -> FilmTruth:
    cols = size_px
    rows = round(size_px * FILM_FIELD_MM[0] / FILM_FIELD_MM[1])
    pixel_mm = (FILM_FIELD_MM[0] / rows, FILM_FIELD_MM[1] / cols)
    depth_mm = FILM_DEPTH_MM / FILM_DEPTH_STEPS
    grid = Grid.centred(counts=(rows, FILM_DEPTH_STEPS, cols), steps_mm=(pixel_mm[0], depth_mm, pixel_mm[1]))
    integrals = project_film(volume_hu(anatomy, grid), grid)
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng((seed, int(anatomy.patient_id.removeprefix("PH-")), 13))
    write_film(path, _expose(integrals, rng), anatomy, pixel_mm=pixel_mm, seed=seed, photometric=photometric)
    boxes = []
    for nodule in anatomy.nodules:
        x_px = (nodule.center_mm[0] - float(grid.x_mm[0])) / pixel_mm[1] + 0.5
        y_px = (float(grid.z_mm[-1]) - nodule.center_mm[2]) / pixel_mm[0] + 0.5
        rx, ry = nodule.radius_mm / pixel_mm[1], nodule.radius_mm / pixel_mm[0]
        boxes.append(Box(x0_px=x_px - rx, y0_px=y_px - ry, x1_px=x_px + rx, y1_px=y_px + ry))
    return FilmTruth(
        path=path,
        patient_id=anatomy.patient_id,
        sex=anatomy.sex,
        age_years=anatomy.age_years,
        nodules=tuple(boxes),
        lungs=MaskRuns.from_array(film_lung_mask(lung_mask(anatomy, grid), grid)),
    )


def _expose(integrals: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.uint16]:
    """Line integrals to 12 bit, with quantum noise: the counts behind thick parts are few."""
    counts = np.maximum(PHOTONS * np.exp(-integrals.astype(np.float64)), 1.0)
    seen = np.maximum(rng.poisson(counts), 1.0)
    return np.asarray(np.clip(np.log(PHOTONS / seen) / 7.0 * 4095, 0, 4095), np.uint16)


def _write_truth(folder: Path, films: Sequence[FilmTruth], studies: Sequence[StudyTruth]) -> SampleStudy:
    from PIL import Image

    masks = folder / "masks"
    masks.mkdir(exist_ok=True)
    films_csv, boxes_json = folder / "films.csv", folder / "boxes_coco.json"
    rows = []
    for film in films:
        mask = masks / f"{film.patient_id}.png"
        Image.fromarray(film.lungs.to_array().astype(np.uint8) * 255).convert("1").save(mask)
        name, mask_name = film.path.relative_to(folder).as_posix(), mask.relative_to(folder).as_posix()
        rows.append((name, film.patient_id, film.label, "PA", film.sex, film.age_years, mask_name))
    columns = ("path", "patient_id", "label", "view", "sex", "age", "mask_path")
    text = comma_text(columns, (dict(zip(columns, row, strict=True)) for row in rows))
    films_csv.write_text(text, encoding="utf-8", newline="")
    boxes_json.write_text(json.dumps(_coco(folder, films), indent=1, allow_nan=False), encoding="utf-8")
    truth = {
        "about": "Made by the phantom generator; boxes are x0, y0, x1, y1 in image points, slices count from 0.",
        "lung label": LUNG,
        "studies": [
            {
                "folder": study.folder.relative_to(folder).as_posix(),
                "patient_id": study.patient_id,
                "nodules": [
                    {
                        "slice": n.slice_index,
                        "box": [n.box.x0_px, n.box.y0_px, n.box.x1_px, n.box.y1_px],
                        "radius_mm": n.radius_mm,
                    }
                    for n in study.nodules
                ],
            }
            for study in studies
        ],
    }
    (folder / "truth.json").write_text(json.dumps(truth, indent=1, allow_nan=False), encoding="utf-8")
    return SampleStudy(
        folder=folder, films=tuple(films), studies=tuple(studies), films_csv=films_csv, boxes_json=boxes_json
    )


def _coco(folder: Path, films: Sequence[FilmTruth]) -> dict[str, object]:
    images = [
        {
            "id": number,
            "file_name": film.path.relative_to(folder).as_posix(),
            "width": film.lungs.cols,
            "height": film.lungs.rows,
            "patient_id": film.patient_id,
        }
        for number, film in enumerate(films, start=1)
    ]
    boxes = [(number, box) for number, film in enumerate(films, start=1) for box in film.nodules]
    annotations = [
        {
            "id": i,
            "image_id": number,
            "category_id": 1,
            "bbox": [box.x0_px, box.y0_px, box.width_px, box.height_px],
            "area": box.width_px * box.height_px,
            "iscrowd": 0,
        }
        for i, (number, box) in enumerate(boxes, start=1)
    ]
    return {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": NODULE}]}
