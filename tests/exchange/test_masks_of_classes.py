"""Masks of several values: classes, instances, colours; none becomes one region in silence."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.exchange.mask_pictures import (
    CLASSES,
    COLS,
    FLAT,
    INSIDE,
    ROWS,
    Brought,
    areas,
    grey_png,
    palette,
    saved,
    tiff,
    with_alpha,
)
from viewer.exchange.importing import ImportReport
from viewer.project.project import Project

SEVERAL = {
    "numbers": (saved(CLASSES), "png", ("1", "2", "3")),
    "spread numbers": (saved(CLASSES * 80), "png", ("80", "160", "240")),
    "16 bits": (saved(CLASSES.astype(np.uint16) * 300), "png", ("300", "600", "900")),
    "16 bits in a TIFF": (tiff(CLASSES.astype(np.uint16) * 300), "tif", ("300", "600", "900")),
    "32 bits": (tiff(CLASSES.astype(np.int32) * 70_000), "tif", ("70000", "140000", "210000")),
    "floats": (tiff(CLASSES.astype(np.float32)), "tif", ("1", "2", "3")),
    "4 bits": (grey_png(CLASSES, 4), "png", ("1", "2", "3")),
    "a palette": (palette(CLASSES, 0, 0, 0, 128, 0, 0, 0, 128, 0, 128, 128, 0), "png", ("1", "2", "3")),
    "grey with alpha": (saved(with_alpha(CLASSES, FLAT)), "png", ("1", "2", "3")),
}


@pytest.mark.parametrize("kind", SEVERAL)
def test_classes_do_not_become_one_in_silence(bring: Brought, kind: str) -> None:
    write, suffix, values = SEVERAL[kind]

    found, report = bring(write, suffix)

    assert found == {}
    assert f"3 values besides 0 ({', '.join(values)})" in report.problems[0][1]
    assert "--mask classes" in report.settle[0]


@pytest.mark.parametrize("kind", SEVERAL)
def test_classes_come_apart_when_asked_for(bring: Brought, kind: str) -> None:
    write, suffix, values = SEVERAL[kind]

    found, _ = bring(write, suffix, {"mask": ["classes"]})

    assert found == dict(zip((f"mask {value}" for value in values), (200, 100, 100), strict=True))


def test_instances_have_one_label_and_one_region_joins_them(bring: Brought) -> None:
    assert bring(saved(CLASSES), options={"mask": ["instances"]})[0] == {"mask": 200, "mask+": 100, "mask++": 100}


def test_one_region_joins_all_values(bring: Brought) -> None:
    assert bring(saved(CLASSES), options={"mask": ["one"]})[0] == {"mask": 400}


def test_a_value_may_have_a_label_of_its_own_and_others_stay_out(bring: Brought) -> None:
    found, _ = bring(saved(CLASSES), options={"mask-value": ["1=lung", "3=heart"]})

    assert found == {"lung": 200, "heart": 100}


def test_values_without_a_label_are_one_region(bring: Brought) -> None:
    assert bring(saved(CLASSES), options={"mask-value": ["2", "3"]})[0] == {"mask": 200}


COLOURS = np.array([[0, 0, 0], [255, 0, 0], [0, 255, 0], [255, 255, 255]], np.uint8)


def test_coloured_classes_are_told_apart_by_their_colour(
    bring: Brought, project: Project, tmp_path: Path, bring_in: Callable[..., ImportReport]
) -> None:
    found, report = bring(saved(COLOURS[CLASSES]))

    assert found == {}
    assert "#ff0000" in report.problems[0][1]
    bring_in(project, "masks", tmp_path / "set", {"mask-value": ["#ff0000=lung", "#00FF00=heart", "255=bone"]})
    assert areas(project) == {"lung": 200, "heart": 100, "bone": 100}


def test_a_colour_keeps_its_name_whatever_else_is_in_the_picture(bring: Brought) -> None:
    assert bring(saved(COLOURS[INSIDE]), options={"mask": ["classes"]})[0] == {"mask #ff0000": 200}


def test_a_thin_class_between_two_others_is_no_soft_edge(bring: Brought) -> None:
    trimap = INSIDE * 255
    trimap[9, 9:21] = trimap[30, 9:21] = trimap[9:31, 9] = trimap[9:31, 20] = 128

    found, report = bring(saved(trimap))

    assert found == {}
    assert "2 values besides 0 (128, 255)" in report.problems[0][1]


def test_many_instances_are_no_photograph(bring: Brought) -> None:
    cells = np.zeros((ROWS, COLS), np.uint16)
    for number, (row, col) in enumerate(np.ndindex(12, 16), start=1):
        cells[row * 5 : row * 5 + 3, col * 5 : col * 5 + 3] = number

    found, report = bring(tiff(cells), "tif")
    assert found == {}
    assert "192 values besides 0" in report.problems[0][1]


def test_every_instance_comes_in(bring: Brought) -> None:
    cells = np.zeros((ROWS, COLS), np.uint16)
    for number, (row, col) in enumerate(np.ndindex(12, 16), start=1):
        cells[row * 5 : row * 5 + 3, col * 5 : col * 5 + 3] = number

    found, _ = bring(tiff(cells), "tif", {"mask": ["instances"]})
    assert list(found.values()) == [9] * 192


def test_a_photograph_is_no_mask(bring: Brought) -> None:
    noise = np.random.default_rng(0).normal(120, 30, (ROWS, COLS)).clip(0, 255).astype(np.uint8)

    found, report = bring(saved(noise))

    assert found == {}
    assert "a picture" in report.problems[0][1]
