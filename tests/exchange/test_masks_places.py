"""Whose mask it is: by its place below `masks`; what could be of two pictures is on neither."""

import unicodedata
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.exchange.mask_pictures import areas_by_picture
from viewer.core.errors import BadFile
from viewer.core.shapes.annotations import CaseStatus
from viewer.exchange.importing import ImportReport
from viewer.project.project import Project

ROWS, COLS = 37, 23


@pytest.fixture
def lay(tmp_path: Path, write_picture: Callable[..., Path]) -> Callable[..., Path]:
    """Pictures below images/ (each of its own noise) and masks below masks/ with as many pixels as is said."""

    def make(pictures: str, masks: dict[str, int]) -> Path:
        for seed, name in enumerate(pictures.split()):
            write_picture(tmp_path / "set" / "images" / name, seed)
        for name, area in masks.items():
            pixels = np.zeros((ROWS, COLS), np.uint8)
            pixels.flat[100 : 100 + area] = 255
            path = tmp_path / "set" / "masks" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(path)
        return tmp_path / "set"

    return make


def test_two_patients_with_one_file_name_keep_their_own_masks(
    project: Project, lay: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    report = bring_in(
        project, "masks", lay("p1/001.png p2/001.png", {"p1/001.png": 200, "p2/001.png": 100}), complete=True
    )

    assert areas_by_picture(project) == {"p1/001.png": {"mask": 200}, "p2/001.png": {"mask": 100}}
    assert report.problems == ()


def test_a_mask_is_never_on_the_picture_of_another_folder(
    project: Project, lay: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    report = bring_in(project, "masks", lay("p1/001.png", {"p2/001.png": 100}))

    assert areas_by_picture(project) == {"p1/001.png": {}}
    assert "p2/001.png has no picture" in report.problems[0][1] and "p1/001.png" in report.problems[0][1]


def test_a_name_that_two_pictures_have_is_left_out_where_the_masks_have_no_folders(
    project: Project, lay: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    report = bring_in(project, "masks", lay("p1/001.png p2/001.png", {"001.png": 100}))

    assert areas_by_picture(project) == {"p1/001.png": {}, "p2/001.png": {}}
    assert "001.png has no picture of its name at the same place" in report.problems[0][1]


def test_of_two_pictures_that_differ_by_their_ending_none_vanishes_and_none_gets_the_mask(
    project: Project, lay: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    report = bring_in(project, "masks", lay("a.png a.jpg b.png", {"a.png": 100, "b.png": 50}), complete=True)

    assert areas_by_picture(project) == {"a.png": {}, "a.jpg": {}, "b.png": {"mask": 50}}
    assert "may be the mask of a.jpg or a.png" in report.problems[0][1]
    cases = {image.case_id: image.path.name for image in project.images.all()}
    status = {cases[case.case_id]: case.status for case in project.cases.all()}
    assert status == {"a.png": CaseStatus.TO_DO, "a.jpg": CaseStatus.TO_DO, "b.png": CaseStatus.COMPLETE}


@pytest.mark.parametrize(
    ("pictures", "masks", "expected"),
    [
        ("1.png", {"left/1.png": 9, "right/1.png": 7}, {"1.png": {"left": 9, "right": 7}}),
        ("p/1.png", {"lung/p/1.png": 9}, {"p/1.png": {"lung": 9}}),
        ("p/1.png", {"p/lung/1.png": 9, "p/heart/1.png": 7}, {"p/1.png": {"lung": 9, "heart": 7}}),
    ],
)
def test_a_folder_more_is_the_label_and_said(
    project: Project,
    lay: Callable[..., Path],
    bring_in: Callable[..., ImportReport],
    pictures: str,
    masks: dict[str, int],
    expected: dict[str, dict[str, int]],
) -> None:
    report = bring_in(project, "masks", lay(pictures, masks))

    assert areas_by_picture(project) == expected
    assert any("taken for labels" in text for text in report.notes)


@pytest.mark.parametrize("name", ["a_mask.png", "a-seg.tif", "a_segmentation.png", "a.mask.png", "A.PNG", "a.TIF"])
def test_usual_endings_and_capitals_are_the_same_picture(
    project: Project, lay: Callable[..., Path], bring_in: Callable[..., ImportReport], name: str
) -> None:
    report = bring_in(project, "masks", lay("a.png b.png", {name: 9}))

    assert areas_by_picture(project) == {"a.png": {"mask": 9}, "b.png": {}}
    assert any("other capitals" in text for text in report.notes) == (name == "A.PNG")


def test_capitals_tell_apart_where_both_are_there(
    project: Project, lay: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    bring_in(project, "masks", lay("a.png A.png", {"a.png": 9, "A.png": 7}))

    assert areas_by_picture(project) == {"a.png": {"mask": 9}, "A.png": {"mask": 7}}


def test_composed_and_decomposed_letters_are_one_name(
    project: Project, lay: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    composed, pieces = (unicodedata.normalize(form, "Müller/größe") for form in ("NFC", "NFD"))
    assert composed != pieces

    bring_in(project, "masks", lay(f"{composed}.png", {f"{pieces}.png": 9}))

    assert list(areas_by_picture(project).values()) == [{"mask": 9}]


def test_two_masks_of_one_picture_that_differ_are_both_left_out(
    project: Project, lay: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    report = bring_in(project, "masks", lay("a.png b.png", {"a.png": 9, "a.tif": 7, "b.png": 5}), complete=True)

    assert areas_by_picture(project) == {"a.png": {}, "b.png": {"mask": 5}}
    assert "differ, and both are the mask" in report.problems[0][1]
    assert project.cases.progress()[CaseStatus.COMPLETE] == 1


def test_what_systems_leave_in_folders_is_no_mask_and_no_picture(
    project: Project, lay: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    folder = lay("a.png", {"a.png": 9, "__MACOSX/._a.png": 3, ".ipynb_checkpoints/a.png": 3})
    for name in ("images/.DS_Store", "images/Thumbs.db", "masks/.DS_Store", "masks/desktop.ini"):
        (folder / name).write_bytes(b"x")
    (folder / "images" / "notes.txt").write_text("x")
    (folder / "masks" / "classes.txt").write_text("x")

    report = bring_in(project, "masks", folder)

    assert areas_by_picture(project) == {"a.png": {"mask": 9}}
    assert report.problems == ()
    for name in ("notes.txt", "classes.txt"):
        assert any(name in text for text in report.notes)


def test_masks_behind_a_link_are_found_and_a_dead_link_is_said(
    project: Project, lay: Callable[..., Path], bring_in: Callable[..., ImportReport], tmp_path: Path
) -> None:
    folder = lay("a.png", {"a.png": 9})
    (folder / "masks").rename(tmp_path / "store")
    (folder / "masks").symlink_to(tmp_path / "store", target_is_directory=True)
    (tmp_path / "store" / "b.png").symlink_to(tmp_path / "nowhere.png")

    report = bring_in(project, "masks", folder)

    assert areas_by_picture(project) == {"a.png": {"mask": 9}}
    assert "leads nowhere" in report.problems[0][1]


def pages(path: Path, *areas: int, noise: bool = False) -> None:
    import tifffile

    stack = np.zeros((len(areas), ROWS, COLS), np.uint8)
    for page, area in enumerate(areas):
        stack[page].flat[50 : 50 + area] = 255
    if noise:
        stack = np.random.default_rng(5).integers(0, 255, stack.shape, np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    tifffile.imwrite(path, stack, photometric="minisblack")


def test_the_pages_of_a_mask_belong_to_the_frames_of_its_picture(
    project: Project, tmp_path: Path, bring_in: Callable[..., ImportReport]
) -> None:
    pages(tmp_path / "set" / "images" / "a.tif", 0, 0, 0, noise=True)
    pages(tmp_path / "set" / "masks" / "a.tif", 9, 0, 7)

    report = bring_in(project, "masks", tmp_path / "set")

    areas = {
        image.frame_index: [one.shape.area_px for one in project.work.annotations(image.image_id)]  # type: ignore[union-attr]
        for image in project.images.all()
    }
    assert areas == {0: [9], 1: [], 2: [7]}
    assert report.problems == ()


def test_a_mask_stack_of_one_directory_has_all_its_pages(
    project: Project, tmp_path: Path, bring_in: Callable[..., ImportReport]
) -> None:
    import tifffile

    pages(tmp_path / "set" / "images" / "a.tif", 0, 0, 0, noise=True)
    stack = np.zeros((3, ROWS, COLS), np.uint8)
    stack[2].flat[50:57] = 255
    (tmp_path / "set" / "masks").mkdir()
    # As ImageJ writes above 4 GB: one directory, the other images behind the first.
    tifffile.imwrite(tmp_path / "set" / "masks" / "a.tif", stack, photometric="minisblack", truncate=True)

    report = bring_in(project, "masks", tmp_path / "set")

    drawn = [len(project.work.annotations(image.image_id)) for image in project.images.all()]
    assert (drawn, report.problems) == ([0, 0, 1], ())


@pytest.mark.parametrize(("frames", "masks"), [(1, 3), (3, 2), (3, 1)])
def test_pages_that_are_not_as_many_as_the_frames_are_left_out(
    project: Project, tmp_path: Path, bring_in: Callable[..., ImportReport], frames: int, masks: int
) -> None:
    pages(tmp_path / "set" / "images" / "a.tif", *[0] * frames, noise=True)
    pages(tmp_path / "set" / "masks" / "a.tif", *[9] * masks)

    report = bring_in(project, "masks", tmp_path / "set")

    assert all(not project.work.annotations(image.image_id) for image in project.images.all())
    assert any("a.tif" in text and "frame" in text for _, text in report.problems)


def test_a_folder_without_images_and_masks_is_refused(
    project: Project, tmp_path: Path, bring_in: Callable[..., ImportReport]
) -> None:
    (tmp_path / "set").mkdir()

    with pytest.raises(BadFile, match="neither an index"):
        bring_in(project, "masks", tmp_path / "set")


def test_an_image_turned_by_exif_takes_a_mask_of_the_shown_frame(
    project: Project, tmp_path: Path, bring_in: Callable[..., ImportReport]
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    photo = tmp_path / "set" / "images" / "a.jpg"
    photo.parent.mkdir(parents=True)
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (40, 60), np.uint8)).save(photo, exif=exif)
    mask = np.zeros((60, 40), np.uint8)  # as it is shown
    mask[10:30, 10:20] = 255
    (tmp_path / "set" / "masks").mkdir()
    Image.fromarray(mask).save(tmp_path / "set" / "masks" / "a.png")

    report = bring_in(project, "masks", tmp_path / "set")

    assert areas_by_picture(project) == {"a.jpg": {"mask": 200}}
    assert any("EXIF turn" in text for text in report.notes)
