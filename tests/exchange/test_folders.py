"""A folder per class: what is a class, what is not, and what nobody can know."""

import json
import os
import socket
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from viewer.core.errors import BadFile, BadRequest
from viewer.core.labels import Verdict
from viewer.exchange.importing import ImportReport
from viewer.project.project import Project


@pytest.fixture
def lay(tmp_path: Path, write_picture: Callable[..., Path]) -> Callable[..., Path]:
    """Pictures, each of its own noise, below a folder."""

    def make(*names: str) -> Path:
        for seed, name in enumerate(names):
            write_picture(tmp_path / "set" / name, seed)
        return tmp_path / "set"

    return make


def classes(project: Project) -> dict[str, str]:
    """The class of each picture by its name."""
    return {
        image.path.name: "+".join(
            label for label, verdict in project.work.image_labels(image.image_id).items() if verdict is Verdict.YES
        )
        for image in project.images.all()
    }


def test_a_class_folder_that_is_a_link_is_a_class(
    project: Project, tmp_path: Path, lay: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    folder = lay("normal/1.png", "normal/2.png", "effusion/9.png")
    (folder / "effusion").rename(tmp_path / "effusion_2024")
    (folder / "effusion").symlink_to(tmp_path / "effusion_2024", target_is_directory=True)

    report = bring_in(project, "image-folder", folder)

    assert classes(project) == {"1.png": "normal", "2.png": "normal", "9.png": "effusion"}
    assert report.problems == ()


def test_a_picture_that_is_a_link_has_the_class_of_its_folder_here(
    project: Project, tmp_path: Path, lay: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    folder = lay("normal/1.png", "store/9.png")
    (folder / "store").rename(tmp_path / "store")
    (folder / "effusion").mkdir()
    (folder / "effusion" / "linked.png").symlink_to(tmp_path / "store" / "9.png")

    bring_in(project, "image-folder", folder)

    assert classes(project) == {"1.png": "normal", "9.png": "effusion"}


def test_links_in_a_circle_end_and_dead_links_are_said(
    project: Project, tmp_path: Path, lay: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    folder = lay("a/1.png", "b/2.png")
    (folder / "a" / "round").symlink_to(folder, target_is_directory=True)
    (folder / "b" / "gone.png").symlink_to(tmp_path / "nowhere.png")

    report = bring_in(project, "image-folder", folder)

    assert classes(project) == {"1.png": "a", "2.png": "b"}
    said = " / ".join(text for _, text in report.problems)
    assert "a link to a folder that it lies in" in said and "leads nowhere" in said


def test_a_link_that_was_copied_as_text_is_said(
    project: Project, tmp_path: Path, lay: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    folder = lay("normal/1.png")
    (tmp_path / "store").mkdir()
    (folder / "effusion").write_text("../store")

    report = bring_in(project, "image-folder", folder)

    assert classes(project) == {"1.png": "normal"}
    assert "effusion is a link that was copied as text (to ../store)" in report.problems[0][1]


def test_what_systems_leave_is_no_class_and_a_cut_picture_is_named(
    project: Project, lay: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    from PIL import Image

    folder = lay("a/1.png", "b/2.png", "__MACOSX/a/._1.png", ".ipynb_checkpoints/1.png", "a/.hidden/1.png")
    for name in (".DS_Store", "a/Thumbs.db", "a/.DS_Store", "b/desktop.ini", "empty/.keep"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"x")
    Image.effect_noise((80, 80), 50).save(folder / "b" / "cut.jpg")
    whole = (folder / "b" / "cut.jpg").read_bytes()
    (folder / "b" / "cut.jpg").write_bytes(whole[: len(whole) // 2])

    report = bring_in(project, "image-folder", folder)

    assert classes(project) == {"1.png": "a", "2.png": "b"}
    assert {label.name for label in project.labels} == {"a", "b"}
    assert [Path(where).name for where, _ in report.problems] == ["cut.jpg"]
    assert report.images == 2
    assert any("empty holds no picture" in text for text in report.notes)


def test_a_file_that_is_called_a_picture_and_is_none_is_named_and_others_are_counted(
    project: Project, lay: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    folder = lay("a/1.png", "loose.png")
    (folder / "a" / "text.JPG").write_text("no picture")
    (folder / "a" / "empty.png").write_bytes(b"")
    (folder / "a" / "notes.txt").write_text("x")

    report = bring_in(project, "image-folder", folder)

    assert sorted(text.partition(" is no picture")[0].rpartition("/")[2] for _, text in report.problems) == [
        "empty.png", "text.JPG",
    ]  # fmt: skip
    assert "2 files are no pictures in a class folder" in report.notes[0]


@pytest.mark.parametrize("parts", [("train", "val", "test"), ("Training", "Validation"), ("fold_1", "fold_2")])
def test_the_parts_of_a_split_are_no_classes(
    project: Project, lay: Callable[..., Path], bring_in: Callable[..., ImportReport], parts: tuple[str, ...]
) -> None:
    folder = lay(*(f"{part}/{name}/{part}{name}.png" for part in parts for name in ("cat", "dog")))

    report = bring_in(project, "image-folder", folder)

    assert classes(project) == {f"{part}{name}.png": name for part in parts for name in ("cat", "dog")}
    assert any("parts of a split" in text and parts[0] in text for text in report.notes)


def test_a_class_may_be_called_as_a_part(
    project: Project, lay: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    bring_in(project, "image-folder", lay("test/1.png", "control/2.png"))

    assert classes(project) == {"1.png": "test", "2.png": "control"}


def test_pictures_deeper_are_left_until_somebody_says_which_folder_is_the_class(
    project: Project, other: Project, lay: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    folder = lay("normal/p1/1.png", "effusion/p2/2.png")

    with pytest.raises(BadRequest, match=r"--class-level first \(effusion, normal\) or --class-level last \(p1, p2\)"):
        bring_in(project, "image-folder", folder)

    bring_in(project, "image-folder", folder, {"class-level": ["first"]})
    bring_in(other, "image-folder", folder, {"class-level": ["last"]})
    assert classes(project) == {"1.png": "normal", "2.png": "effusion"}
    assert classes(other) == {"1.png": "p1", "2.png": "p2"}


def test_of_pictures_in_two_depths_the_clear_ones_come_in(
    project: Project, lay: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    report = bring_in(project, "image-folder", lay("cat/1.png", "dog/2.png", "dog/more/3.png"))

    assert classes(project) == {"1.png": "cat", "2.png": "dog"}
    assert "1 picture was left out" in report.problems[0][1] and "--class-level" in report.problems[0][1]


def test_one_picture_in_two_class_folders_is_in_neither(
    project: Project,
    lay: Callable[..., Path],
    bring_in: Callable[..., ImportReport],
    write_picture: Callable[..., Path],
) -> None:
    folder = lay("cat/1.png", "dog/2.png")
    write_picture(folder / "dog" / "copy.png", 0)  # the pixels of cat/1.png

    report = bring_in(project, "image-folder", folder, complete=True)

    assert classes(project) == {"1.png": "", "2.png": "dog"}
    assert any("cat and dog" in text for _, text in report.problems)
    assert report.completed_cases == 1


def test_one_folder_as_two_classes_by_a_link_is_a_contradiction(
    project: Project, lay: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    folder = lay("cat/1.png", "dog/2.png")
    (folder / "lynx").symlink_to(folder / "cat", target_is_directory=True)

    report = bring_in(project, "image-folder", folder)

    assert classes(project) == {"1.png": "", "2.png": "dog"}
    assert any("cat and lynx" in text for _, text in report.problems)


def test_composed_and_decomposed_folder_names_are_one_class(
    project: Project, lay: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    composed, pieces = (unicodedata.normalize(form, "Erg\u00fcsse") for form in ("NFC", "NFD"))
    assert composed != pieces

    bring_in(project, "image-folder", lay(f"train/{composed}/1.png", f"val/{pieces}/2.png"))

    assert classes(project) == {"1.png": composed, "2.png": composed}


def test_classes_that_differ_in_capitals_only_are_said(
    project: Project, lay: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    report = bring_in(project, "image-folder", lay("train/Normal/1.png", "val/normal/2.png"))

    assert classes(project) == {"1.png": "Normal", "2.png": "normal"}
    assert any("differ by capital letters" in text for text in report.notes)


@pytest.mark.parametrize("name", ["1.PNG", "1.Jpg", "1.JPEG", "1.TIF", "without-an-ending"])
def test_a_picture_is_known_by_its_content(
    project: Project, tmp_path: Path, bring_in: Callable[..., ImportReport], name: str
) -> None:
    from PIL import Image

    (tmp_path / "set" / "a").mkdir(parents=True)
    kind = {"1.Jpg": "JPEG", "1.JPEG": "JPEG", "1.TIF": "TIFF"}.get(name, "PNG")
    Image.effect_noise((20, 20), 50).save(tmp_path / "set" / "a" / name, kind)

    bring_in(project, "image-folder", tmp_path / "set")

    assert classes(project) == {name: "a"}


@pytest.mark.parametrize("name", ["loose.png", ""])
def test_a_folder_without_a_class_is_refused(
    project: Project, tmp_path: Path, lay: Callable[..., Path], bring_in: Callable[..., ImportReport], name: str
) -> None:
    folder = lay(name) if name else tmp_path / "set"
    folder.mkdir(exist_ok=True)

    with pytest.raises(BadFile, match="no pictures in class folders"):
        bring_in(project, "image-folder", folder)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="such files are of other systems")
@pytest.mark.parametrize("importer", ["image-folder", "masks"])
def test_what_is_neither_file_nor_folder_is_named_and_never_opened(
    project: Project,
    lay: Callable[..., Path],
    bring_in: Callable[..., ImportReport],
    monkeypatch: pytest.MonkeyPatch,
    importer: str,
) -> None:
    masks = importer == "masks"
    folder = lay("images/1.png", "masks/1.png") if masks else lay("normal/1.png", "effusion/2.png")
    place = folder / ("masks" if masks else "effusion")
    os.mkfifo(place / "pipe.png")  # whoever opens it to read waits for a writer for ever
    (place / "linked.png").symlink_to("pipe.png")
    (place / "null.png").symlink_to(os.devnull)
    monkeypatch.chdir(place)  # the path of a socket is short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("wire.png")

        report = bring_in(project, importer, folder)

    told = " / ".join(text for _, text in report.problems)
    for name in ("pipe.png", "linked.png", "null.png", "wire.png"):
        assert f"{place / name} is neither a file nor a folder" in told
    assert "leads nowhere" not in told
    assert len(project.images.all()) == (1 if masks else 2)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="such files are of other systems")
@pytest.mark.parametrize("name", ["pipe.png", "pipe.dcm"])
@pytest.mark.parametrize("importer", ["csv", "coco"])
def test_nor_is_one_opened_that_a_table_names(
    project: Project, lay: Callable[..., Path], bring_in: Callable[..., ImportReport], importer: str, name: str
) -> None:
    folder = lay("1.png")
    os.mkfifo(folder / name)
    if importer == "csv":
        (folder / "set").write_text(f"path,label\n1.png,sick\n{name},sick\n")
    else:
        images = [{"id": n, "file_name": one, "width": 23, "height": 37} for n, one in enumerate(("1.png", name))]
        (folder / "set").write_text(json.dumps({"images": images, "annotations": [], "categories": []}))

    report = bring_in(project, importer, folder / "set")

    assert [image.path.name for image in project.images.all()] == ["1.png"]
    assert f"{folder / name} is neither a file nor a folder" in " / ".join(text for _, text in report.problems)
