"""Missing images are found by SOP Instance UID and pixels, never by name; what is found moves no work."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.project.clashes import BOX
from tests.ui.conftest import write_slice
from viewer.core.errors import BadRequest, NotFound
from viewer.project import edit_builders as edits
from viewer.project.project import Project
from viewer.project.records import ImageRecord
from viewer.project.register import add_to_project
from viewer.project.relinking import Cancelled, RelinkPlan, count_missing, look_for, missing_images, relink
from viewer.project.verify import verify
from viewer.reading.scan import scan


def picture(path: Path, seed: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(seed).integers(0, 255, (20, 30), np.uint8)).save(path)
    return path


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """a/films of four pictures and three DICOM slices, and a project elsewhere that knows them, with work."""
    films = tmp_path / "a" / "films"
    for number in range(4):
        picture(films / f"{number}.png", number)
    for number in range(3):
        slice_file = films / "ct" / f"{number}.dcm"
        write_slice(slice_file, patient="CT", study=1, series=1, place=number, frame="1.2.9")
    with Project.create(tmp_path / "project", author="Ada") as project:
        add_to_project(project, scan([films]))
        for record in project.images.all():
            project.history.do(edits.add_annotation(record.image_id, "nodule", BOX, author="Ada"))
    return tmp_path


def looked(root: Path, *folders: Path, apply: bool = True) -> RelinkPlan:
    with Project.open(root / "project", writable=True) as project:
        plan = look_for(project, folders)
        if apply:
            relink(project, plan)
    return plan


def names(records: list[ImageRecord]) -> list[str]:
    return sorted(record.path.name for record in records)


def test_images_whose_pictures_moved_are_found_under_other_names_with_their_work(study: Path) -> None:
    with Project.open(study / "project", writable=False) as project:
        before = {record.image_id: project.work.annotations(record.image_id) for record in project.images.all()}
        cases = project.cases.all()
    (study / "a" / "films" / "ct" / "1.dcm").rename(study / "a" / "films" / "ct" / "another.bin")
    (study / "a" / "films" / "2.png").rename(study / "a" / "films" / "renamed.png")
    (study / "a").rename(study / "elsewhere")
    with Project.open(study / "project", writable=False) as project:
        assert len(missing_images(project)) == 7
        assert count_missing(project) == (7, 7)

    plan = looked(study, study / "elsewhere")

    assert (len(plan.found), plan.several, plan.not_found, plan.problems) == (7, (), (), ())
    assert plan.sentence == "7 of 7 missing images found."
    with Project.open(study / "project", writable=False) as project:
        assert missing_images(project) == []
        assert {one.image_id: project.work.annotations(one.image_id) for one in project.images.all()} == before
        assert project.cases.all() == cases
        assert {one.path.name for one in project.images.all()} >= {"another.bin", "renamed.png"}
        found = project.images.find(path=study / "elsewhere" / "films" / "renamed.png")
        assert [one.path.name for one in found] == ["renamed.png"]
    report = verify(study / "project", pixels=True)
    assert report.ok and not report.notes, (report.problems, report.notes)
    assert looked(study, study / "elsewhere").sentence == "All 7 images are where they were; nothing is missing."


def test_a_search_changes_nothing_until_it_is_taken(study: Path) -> None:
    (study / "a").rename(study / "b")

    assert len(looked(study, study / "b", apply=False).found) == 7

    with Project.open(study / "project", writable=False) as project:
        assert len(missing_images(project)) == 7


def test_where_the_pictures_were_stays_known_and_a_search_leads_back(study: Path) -> None:
    (study / "a").rename(study / "b")
    looked(study, study / "b")
    (study / "b").rename(study / "a")
    looked(study, study / "a")

    with Project.open(study / "project", writable=True) as project:
        assert {record.path.parent for record in project.images.all()} == {
            study / "a" / "films", study / "a" / "films" / "ct",
        }  # fmt: skip
        assert {path.parent.parent.name for path, _ in project.images.files() if path.suffix == ".png"} == {"a", "b"}
    assert verify(study / "project", pixels=True).ok


def test_the_same_uid_with_other_pixels_is_never_taken(study: Path) -> None:
    import pydicom

    (study / "a" / "films").rename(study / "moved")
    film = study / "moved" / "ct" / "1.dcm"
    changed = pydicom.dcmread(film)
    changed.PixelData = bytes(len(changed.PixelData))
    changed.save_as(film)

    plan = looked(study, study / "moved")

    assert names(list(plan.not_found)) == ["1.dcm"]
    (problem,) = plan.problems
    assert problem.path == film and "other pixels" in problem.reason
    with Project.open(study / "project", writable=False) as project:
        assert names(missing_images(project)) == ["1.dcm"]
        assert count_missing(project) == (1, 7)


def test_another_picture_under_the_name_is_not_taken(study: Path) -> None:
    (study / "a").rename(study / "b")
    picture(study / "b" / "films" / "0.png", 77)

    plan = looked(study, study / "b")

    assert names(list(plan.not_found)) == ["0.png"] and len(plan.found) == 6


def test_of_files_alike_the_one_at_the_likest_place_is_taken_and_without_one_none(study: Path) -> None:
    shutil.copytree(study / "a" / "films", study / "copies" / "x" / "films")
    shutil.copytree(study / "a" / "films", study / "copies" / "y" / "other")
    for name in ("x/films/3.png", "y/other/3.png"):  # both now equally unlike films/3.png
        (study / "copies" / name).rename((study / "copies" / name).with_name("three.png"))
    shutil.rmtree(study / "a")

    plan = looked(study, study / "copies")

    assert {one.file.path.parts[-2] for one in plan.found if one.record.path.suffix == ".png"} == {"films"}
    (several,) = plan.several
    assert several.record.path.name == "3.png"
    assert sorted(path.parent.name for path in several.paths) == ["films", "other"]
    assert plan.sentence == "6 of 7 missing images found; 1 in several files alike, so not taken."


def test_a_picture_stored_anew_with_the_same_pixels_is_found(study: Path) -> None:
    (study / "a").rename(study / "b")
    film = study / "b" / "films" / "0.png"
    with Image.open(film) as opened:
        opened.save(film.with_name("x.tif"))
    film.unlink()

    assert len(looked(study, study / "b").found) == 7


def test_a_folder_that_is_not_there_or_may_not_be_read_is_refused_in_words(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    with pytest.raises(NotFound, match="nowhere is not there"):
        looked(study, study / "nowhere")

    def refused(_path: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refused)
    with pytest.raises(BadRequest, match="cannot be looked into: Permission denied"):
        looked(study, study / "a")


@pytest.mark.parametrize("files_read", [0, 3])
def test_a_cancelled_search_gives_nothing(study: Path, files_read: int) -> None:
    (study / "a").rename(study / "b")
    read: list[int] = []
    with Project.open(study / "project", writable=True) as project:
        with pytest.raises(Cancelled):
            look_for(
                project,
                [study / "b"],
                progress=lambda done, total: read.append(done),
                cancelled=lambda: len(read) >= files_read,
            )
        assert read == list(range(1, files_read + 1))
        assert len(missing_images(project)) == 7


def test_a_file_that_cannot_be_read_is_named(study: Path) -> None:
    (study / "a").rename(study / "b")
    (study / "b" / "films" / "0.png").write_bytes((study / "b" / "films" / "0.png").read_bytes()[:120])

    plan = looked(study, study / "b")

    assert names(list(plan.not_found)) == ["0.png"]
    assert [problem.path.name for problem in plan.problems] == ["0.png"]
