"""A project that was moved with its pictures finds them from its folder on; what it finds is the same content."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.project.older_schema import back_to_schema
from viewer.core.errors import BadFile
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus
from viewer.project import edit_builders as edits
from viewer.project.at_hand.reading import read_whole
from viewer.project.project import DATABASE_NAME, Project
from viewer.project.records import Task
from viewer.project.register import FrameToAdd, add_frames
from viewer.project.snapshots.snapshot import Snapshot, make_snapshot
from viewer.project.verify import verify
from viewer.reading.series import FrameRef


def draw(path: Path, seed: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(seed).integers(0, 255, (20, 30), np.uint8)).save(path)
    return path


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """study/films/0.png ... and study/work/project, which knows them."""
    root = tmp_path / "study"
    films = [draw(root / "films" / f"{number}.png", number) for number in range(6)]
    with Project.create(root / "work" / "project", author="Ada") as project:
        add_frames(project, [FrameToAdd(ref=FrameRef(path=film), source="films") for film in films])
    return root


def paths_of(root: Path, *, writable: bool) -> list[Path]:
    with Project.open(root / "work" / "project", writable=writable) as project:
        return [record.path for record in project.images.all()]


def rows(root: Path, table: str) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(root / "work" / "project" / DATABASE_NAME)) as connection:
        return sorted(connection.execute(f"SELECT path, relative_path FROM {table}"))


@pytest.mark.parametrize("writable", [False, True])
def test_a_project_moved_with_its_pictures_finds_them(study: Path, tmp_path: Path, writable: bool) -> None:
    moved = study.rename(tmp_path / "other place")

    found = paths_of(moved, writable=writable)

    assert found == [moved / "films" / f"{number}.png" for number in range(6)]
    assert not [note for note in verify(moved / "work" / "project", pixels=True).notes if "reached" in note]


@pytest.mark.parametrize("writable", [False, True])
def test_what_the_window_has_at_hand_lies_where_it_lies_now(study: Path, tmp_path: Path, writable: bool) -> None:
    moved = study.rename(tmp_path / "moved")
    with Project.open(moved / "work" / "project", writable=writable) as project:
        ids = [record.image_id for record in project.images.all()]
        fresh = read_whole(project, ids)

    assert {image.record.path.parent for image in fresh.images.values() if image.record} == {moved / "films"}


@pytest.mark.parametrize("table", ["images", "image_files"])
def test_where_an_image_lies_from_the_project_on_is_kept_and_follows(study: Path, tmp_path: Path, table: str) -> None:
    expected = [(str(study / "films" / f"{number}.png"), f"../../films/{number}.png") for number in range(6)]
    assert rows(study, table) == expected
    moved = study.rename(tmp_path / "moved")

    paths_of(moved, writable=True)

    assert rows(moved, table) == [(str(moved / relative[6:]), relative) for _, relative in expected]


@pytest.mark.parametrize("writable", [False, True])
def test_an_image_of_a_moved_project_is_known_by_its_file_and_not_read_again(
    study: Path, tmp_path: Path, writable: bool
) -> None:
    film = study.rename(tmp_path / "moved") / "films" / "3.png"
    stat = film.stat()
    with Project.open(tmp_path / "moved" / "work" / "project", writable=writable) as project:
        (record,) = project.images.find(path=film)
        assert record.path == film
        assert project.images.unchanged(film, 0, stat.st_size, stat.st_mtime_ns) == record.image_id
        assert project.images.files()[film, 0] == record.image_id


def test_a_copy_works_with_its_own_pictures(study: Path, tmp_path: Path) -> None:
    shutil.copytree(study, tmp_path / "copy")  # the first one is still there

    assert paths_of(tmp_path / "copy", writable=True)[0] == tmp_path / "copy" / "films" / "0.png"
    assert paths_of(study, writable=True)[0] == study / "films" / "0.png"


def test_a_project_that_moved_alone_keeps_its_pictures_and_may_move_on_with_them(study: Path, tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    project = (study / "work" / "project").rename(tmp_path / "a" / "b" / "project")

    with Project.open(project, writable=True) as opened:
        assert opened.images.all()[0].path == study / "films" / "0.png"

    (tmp_path / "x").mkdir()
    for name in ("a", "study"):
        (tmp_path / name).rename(tmp_path / "x" / name)
    with Project.open(tmp_path / "x" / "a" / "b" / "project", writable=False) as opened:
        assert opened.images.all()[0].path == tmp_path / "x" / "study" / "films" / "0.png"


def test_a_file_of_another_size_is_not_taken_for_the_image(study: Path, tmp_path: Path) -> None:
    """Where the project is now lies another film of that name; the image is where it was."""
    copy = tmp_path / "copy"
    shutil.copytree(study / "work", copy / "work")
    draw(copy / "films" / "1.png", 1)
    Image.new("L", (300, 200), 7).save(copy / "films" / "0.png")

    found = paths_of(copy, writable=True)

    assert found[:2] == [study / "films" / "0.png", copy / "films" / "1.png"]


def test_other_pixels_of_the_same_size_are_refused_before_they_are_used(study: Path, tmp_path: Path) -> None:
    from ml.data.cache import read_item

    moved = study.rename(tmp_path / "moved")
    size = (moved / "films" / "0.png").stat().st_size
    for seed in range(100, 4000):
        if draw(moved / "films" / "0.png", seed).stat().st_size == size:
            break
    with Project.open(moved / "work" / "project", writable=True) as project:
        record = project.images.all()[0]
    report = verify(moved / "work" / "project", pixels=True)
    assert any("no longer holds the pixels" in problem for problem in report.problems)
    assert record.path.name == "0.png"
    with pytest.raises(BadFile, match="other pixels"):
        read_item(record)  # type: ignore[arg-type]


@pytest.mark.parametrize("made", [5, 1])
def test_an_older_project_gets_its_paths_on_opening(study: Path, tmp_path: Path, made: int) -> None:
    back_to_schema(study / "work" / "project", made)
    with closing(sqlite3.connect(study / "work" / "project" / DATABASE_NAME)) as connection, connection:
        connection.execute("DELETE FROM meta WHERE key = 'folder'")

    paths_of(study, writable=True)
    assert rows(study, "images")[0][1] == rows(study, "image_files")[0][1] == "../../films/0.png"
    moved = study.rename(tmp_path / "moved")
    assert paths_of(moved, writable=False)[0] == moved / "films" / "0.png"


def test_a_snapshot_of_a_moved_project_leads_to_its_pictures(study: Path, tmp_path: Path) -> None:
    task = Task(name="t", kind="classification", labels=("a", "b"))
    with Project.open(study / "work" / "project", writable=True) as project:
        for number, record in enumerate(project.images.all()):
            yes, no = ("a", "b") if number % 2 else ("b", "a")
            for label, said in ((yes, Verdict.YES), (no, Verdict.NO)):
                project.history.do(edits.say_image_label(record.image_id, label, before=None, after=said))
            project.history.do(edits.set_status(project.cases.get(record.case_id), CaseStatus.COMPLETE))
        made = make_snapshot(project, task)
    moved = study.rename(tmp_path / "moved")

    for writable in (False, True):
        again = Snapshot.load(moved / "work" / "project", made.id)
        assert {item.path.parent for item in again.items} == {moved / "films"}
        assert again.id == made.id
        paths_of(moved, writable=writable)


@pytest.mark.parametrize("relative", ["/etc/passwd", "C:/x.png", "a\0b", "../../../../../../../../etc/passwd"])
def test_a_path_that_leads_from_nowhere_is_not_followed(study: Path, tmp_path: Path, relative: str) -> None:
    with closing(sqlite3.connect(study / "work" / "project" / DATABASE_NAME)) as connection, connection:
        connection.execute("UPDATE images SET relative_path = ?", (relative,))
    moved = study.rename(tmp_path / "moved")

    assert paths_of(moved, writable=False)[0] == study / "films" / "0.png"


def test_a_relative_path_that_is_whole_is_not_followed_though_the_film_lies_there(study: Path, tmp_path: Path) -> None:
    copy = shutil.copy(study / "films" / "0.png", tmp_path / "copy.png")
    with closing(sqlite3.connect(study / "work" / "project" / DATABASE_NAME)) as connection, connection:
        connection.execute("UPDATE images SET relative_path = ?", (str(copy),))
    moved = study.rename(tmp_path / "moved")

    assert paths_of(moved, writable=False)[0] == study / "films" / "0.png"


def test_a_project_that_lies_where_it_lay_asks_no_disk(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from viewer.project import image_paths

    asked: list[Path] = []

    def heard(path: Path, size_bytes: int) -> bool:
        asked.append(path)
        return True

    monkeypatch.setattr(image_paths, "has_size", heard)

    paths_of(study, writable=True)
    paths_of(study, writable=False)

    assert asked == []
