"""Nothing refused becomes "nothing there": every import, every way in which a box, mask or label does not come in.

Two films each, imported with --complete: of `a` something is refused, of `b` nothing. `a` stays open and is named, and
no label that was not said of it becomes "no"; `b` becomes complete, where what was refused cannot have been its own.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus
from viewer.exchange.importing import ImportReport
from viewer.project.project import Project

ROWS, COLS = 37, 23
INFINITE = float("inf")
BOX = {"bbox": [2, 2, 5, 5], "area": 25, "iscrowd": 0}

# format, file, what is in it, and the films that stay open


def coco(*annotations: Any, **further: Any) -> str:
    """Two films of one category; b has its box."""
    images = [{"id": number, "file_name": f"images/{name}.png"} for number, name in enumerate("ab", 1)]
    document = {
        "images": images,
        "categories": [{"id": 1, "name": "nodule"}],
        "annotations": [{"id": 9, "image_id": 2, "category_id": 1, **BOX}, *annotations],
        **further,
    }
    return json.dumps(document)


def of_a(**facts: Any) -> dict[str, Any]:
    return {"id": 1, "image_id": 1, "category_id": 1, **facts}


COCO = {
    "infinite": (coco(of_a(bbox=[2, 2, INFINITE, 5])), "a"),
    "not a number": (coco(of_a(bbox=[2, 2, "wide", 5])), "a"),
    "three numbers": (coco(of_a(bbox=[2, 2, 5])), "a"),
    "no width": (coco(of_a(bbox=[2, 2, 0, 5])), "a"),
    "no shape": (coco(of_a()), "a"),
    "key points alone": (coco(of_a(keypoints=[1, 1, 2], num_keypoints=1)), "a"),
    "off the image": (coco(of_a(bbox=[900, 2, 5, 5])), "a"),
    "fractions": (coco(of_a(bbox=[0.1, 0.1, 0.5, 0.5])), "a"),
    "two corners": (coco(of_a(bbox=[15, 20, 20, 30])), "ab"),  # that of b may be two corners as well
    "outline of two points": (coco(of_a(segmentation=[[1, 1, 2, 2]])), "a"),
    "runs of another size": (coco(of_a(segmentation={"size": [4, 4], "counts": [0, 16]})), "a"),
    "crowd": (coco(of_a(segmentation={"size": [ROWS, COLS], "counts": [0, ROWS * COLS]}, iscrowd=1)), "a"),
    "unknown category": (coco(of_a(**{**BOX, "category_id": 7})), "a"),
    "a key twice": (coco(of_a(**BOX)).replace('"id": 1, "image_id": 1', '"id": 1, "id": 3, "image_id": 1'), "a"),
    "one id for both": (coco(of_a(**BOX)).replace('"id": 2, "file_name"', '"id": 1, "file_name"'), "ab"),
    "two names of a category": (
        coco(of_a(**BOX), categories=[{"id": 1, "name": "x"}, {"id": 1, "name": "y"}]), "ab",
    ),
    "no record": (coco(None), "ab"),
    "of no image": (coco({"id": 1, "category_id": 1, **BOX}), "ab"),
    "no list": (coco(annotations={"id": 1}), "ab"),
    "no annotations": (json.dumps({"images": [{"id": 1, "file_name": "images/a.png"}]}), "a"),
    "an image twice, once without a frame": (
        coco(
            images=[
                {"id": 1, "file_name": "images/a.png"},
                {"id": 3, "file_name": "images/a.png", "frame_index": "x"},
                {"id": 2, "file_name": "images/b.png"},
            ]
        ),
        "a",
    ),
}  # fmt: skip
BOXES = "path,x0,y0,x1,y1,label\nimages/a.png,1,1,9,9,nodule\nimages/b.png,1,1,9,9,nodule\n"
CSV = {
    "no number": (BOXES + "images/a.png,1,one,9,9,nodule\n", "a"),
    "infinite": (BOXES + "images/a.png,1,1,inf,9,nodule\n", "a"),
    "half a box": (BOXES + "images/a.png,1,1,,,nodule\n", "a"),
    "no width": (BOXES + "images/a.png,5,1,5,9,nodule\n", "a"),
    "off the image": (BOXES + "images/a.png,500,1,509,9,nodule\n", "a"),
    "a label without its box": (BOXES + "images/a.png,,,,,nodule\n", "a"),
    "a comma": (BOXES + 'images/a.png,"1,234","1,234",9,9,nodule\n', "a"),
    "more cells": (BOXES + "images/a.png,2,2,8,8,nodule, left\n", "a"),
    "more cells before the name": (
        "n,path,x0,y0,x1,y1\n1,images/a.png,1,1,9,9\n1,images/b.png,1,1,9,9\n1,5,images/a.png,2,2,8,8\n", "a",
    ),
    "a zero byte": (BOXES + "images/a.png,2,2,8,8,no\0dule\n", "a"),
    "a quotation mark": (BOXES + 'images/a.png,2,2,8,8,"nodule\nimages/a.png,3,3,8,8,nodule\n', "a"),
    "a row below, of no image": (
        "path,x0,y0,x1,y1\nimages/b.png,1,1,9,9\nimages/a.png,1,1,9,9\n,2,2,8,8\n", "a",
    ),
    "no frame": (
        "path,frame,x0,y0,x1,y1\nimages/a.png,0,1,1,9,9\nimages/a.png,x,2,2,8,8\nimages/b.png,0,1,1,9,9\n", "a",
    ),
    "a mask that is not there": ("path,mask_path\nimages/a.png,nothing.png\nimages/b.png,\n", "a"),
    "a mask that is none": ("path,mask_path\nimages/a.png,text.png\nimages/b.png,\n", "a"),
    "a mask of another size": ("path,mask_path\nimages/a.png,small.png\nimages/b.png,\n", "a"),
    "a mask of three classes": ("path,mask_path\nimages/a.png,classes.png\nimages/b.png,\n", "a"),
    "an unclear answer": ("path,ill\nimages/a.png,maybe\nimages/b.png,1\nimages/b.png,1\n", "a"),
    "a number among names": ("path,label\nimages/a.png,3\nimages/b.png,ill\n", "a"),
    "two answers": ("path,ill\nimages/a.png,1\nimages/a.png,0\nimages/b.png,1\n", "a"),
    "two patients": ("path,patient,label\nimages/a.png,P,ill\nimages/a.png,Q,ill\nimages/b.png,R,well\n", "a"),
}  # fmt: skip


@pytest.fixture
def place(tmp_path: Path, write_picture: Callable[..., Path]) -> Path:
    """Two films, and masks that cannot be taken."""
    for seed, name in enumerate("ab"):
        write_picture(tmp_path / "set" / "images" / f"{name}.png", seed)
    (tmp_path / "set" / "text.png").write_text("no picture")
    Image.fromarray(np.full((4, 4), 255, np.uint8)).save(tmp_path / "set" / "small.png")
    Image.fromarray(classes()).save(tmp_path / "set" / "classes.png")
    return tmp_path / "set"


def mask(area: int = 100) -> np.ndarray[Any, Any]:
    pixels = np.zeros((ROWS, COLS), np.uint8)
    pixels.flat[50 : 50 + area] = 255
    return pixels


def classes() -> np.ndarray[Any, Any]:
    pixels = np.zeros((ROWS, COLS), np.uint8)
    pixels[2:9, 2:9], pixels[12:20, 2:9], pixels[22:30, 2:9] = 1, 2, 3
    return pixels


def is_complete(project: Project) -> dict[str, bool]:
    return {
        image.path.stem: project.cases.get(image.case_id).status is CaseStatus.COMPLETE
        for image in project.images.all()
    }


def check(project: Project, report: ImportReport, opened: str) -> None:
    complete = is_complete(project)
    assert {name for name, done in complete.items() if done} == set("ab") & set(complete) - set(opened)
    assert report.problems or report.notes
    sentences = [remark.sentence for remark in report.remarks]
    assert len(sentences) == len(set(sentences))
    said = "\n".join([*(sentence for _, sentence in report.problems), *report.notes])
    for name in opened if len(opened) == 1 else "":
        assert name not in complete or any(f"{name}.{end}" in said for end in ("png", "tif")), said
    for image in project.images.all():
        if image.path.stem in opened:
            assert Verdict.NO not in project.work.image_labels(image.image_id).values()


@pytest.mark.parametrize("name", COCO)
def test_coco(project: Project, place: Path, bring_in: Callable[..., ImportReport], name: str) -> None:
    text, opened = COCO[name]
    (place / "c.json").write_text(text)

    check(project, bring_in(project, "coco", place / "c.json", complete=True), opened)


@pytest.mark.parametrize("name", CSV)
def test_csv(project: Project, place: Path, bring_in: Callable[..., ImportReport], name: str) -> None:
    text, opened = CSV[name]
    (place / "t.csv").write_text(text)

    report = bring_in(
        project, "csv", place / "t.csv", {"map": ["label=ill"]} if text.startswith("path,ill") else {}, complete=True
    )
    if name == "two patients":
        assert "a" not in is_complete(project)
    check(project, report, opened)


def test_a_file_of_frames_of_which_one_row_names_no_frame_stays_open_whole(
    project: Project, place: Path, bring_in: Callable[..., ImportReport]
) -> None:
    pages = [Image.fromarray(np.random.default_rng(seed).integers(0, 255, (9, 9), np.uint8)) for seed in range(3)]
    pages[0].save(place / "stack.tif", save_all=True, append_images=pages[1:])
    rows = "path,frame,x0,y0,x1,y1\nstack.tif,0,1,1,5,5\nstack.tif,1,1,1,5,5\nstack.tif,one,2,2,5,5\n"
    (place / "t.csv").write_text(rows)

    bring_in(project, "csv", place / "t.csv", {}, complete=True)

    assert [case.status for case in project.cases.all()] == [CaseStatus.TO_DO, CaseStatus.TO_DO]


def _text(folder: Path) -> None:
    (folder / "a.png").write_text("no picture")


def _cut(folder: Path) -> None:
    Image.fromarray(mask()).save(folder / "a.png")
    content = (folder / "a.png").read_bytes()
    (folder / "a.png").write_bytes(content[: len(content) // 2])


def _pages(folder: Path) -> None:
    pages = [Image.fromarray(mask(area)) for area in (50, 60)]
    pages[0].save(folder / "a.tif", save_all=True, append_images=pages[1:])


def _nan(folder: Path) -> None:
    values = (mask() / 255).astype(np.float32)
    values[-1] = np.nan
    Image.fromarray(values).save(folder / "a.tif")


def _of_both(folder: Path) -> None:
    """a.png and a.tif are two pictures, of which nobody can tell whose mask a.bmp is."""
    Image.fromarray(np.random.default_rng(7).integers(0, 255, (ROWS, COLS), np.uint8)).save(
        folder.parent / "images" / "a.tif"
    )
    Image.fromarray(mask()).save(folder / "a.bmp")


def _two(folder: Path) -> None:
    Image.fromarray(mask(50)).save(folder / "a.png")
    Image.fromarray(mask(60)).save(folder / "a_mask.png")
    Image.fromarray(mask(70)).save(folder / "a.tif")


MASKS: dict[str, tuple[Callable[[Path], Any], str]] = {
    "no picture": (_text, "a"),
    "cut": (_cut, "a"),
    "of another size": (lambda folder: Image.fromarray(mask()[:9]).save(folder / "a.png"), "a"),
    "of three classes": (lambda folder: Image.fromarray(classes()).save(folder / "a.png"), "a"),
    "pages": (_pages, "a"),
    "two that differ": (_two, "a"),
    "of two pictures": (_of_both, "a"),
    "with NaN, where nobody looked": (_nan, "a"),
    "an array": (lambda folder: np.save(folder / "a.npy", mask()), "a"),
    "a volume": (lambda folder: (folder / "a.nii.gz").write_bytes(b"\x1f\x8b"), "a"),
    "outlines": (lambda folder: (folder / "a_mask.json").write_text("{}"), "a"),
    "a link that leads nowhere": (lambda folder: (folder / "a.png").symlink_to(folder / "gone.png"), "a"),
    "of nobody": (lambda folder: Image.fromarray(mask()).save(folder / "film 1.png"), "a"),
    "a folder of a label that leads nowhere": (lambda folder: (folder / "heart").symlink_to(folder / "gone"), "ab"),
}


@pytest.mark.parametrize("name", MASKS)
def test_masks(project: Project, place: Path, bring_in: Callable[..., ImportReport], name: str) -> None:
    write, opened = MASKS[name]
    (place / "masks").mkdir()
    Image.fromarray(mask()).save(place / "masks" / "b.png")
    write(place / "masks")

    check(project, bring_in(project, "masks", place, complete=True), opened)


@pytest.mark.parametrize(
    "row",
    ["images/a.png,x,,,masks/b.png,lung", "images/a.png,0,,,gone.png,lung", "images/a.png,0,,,text.png,lung"],
)
def test_the_index_of_masks(project: Project, place: Path, bring_in: Callable[..., ImportReport], row: str) -> None:
    head = "path,frame_index,image_id,patient_id,mask_path,mask_label"
    (place / "index.csv").write_text(f"{head}\nimages/a.png,0,,,,\nimages/b.png,0,,,,\n{row}\n")

    check(project, bring_in(project, "masks", place, complete=True), "a")


def test_class_folders(
    project: Project, tmp_path: Path, write_picture: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    """One picture in two classes; one that is none; pictures deeper than the classes."""
    for seed, name in enumerate(("ill/a", "ill/b", "well/c", "well/deep/d")):
        write_picture(tmp_path / "set" / f"{name}.png", seed)
    write_picture(tmp_path / "set" / "well" / "a.png", 0)
    (tmp_path / "set" / "well" / "e.png").write_text("no picture")

    report = bring_in(project, "image-folder", tmp_path / "set", complete=True)

    assert is_complete(project) == {"a": False, "b": True, "c": True}
    said = "\n".join(sentence for _, sentence in report.problems)
    assert all(part in said for part in ("ill and well of one picture", "e.png", "well/deep/d.png"))
    verdicts = {image.path.stem: project.work.image_labels(image.image_id) for image in project.images.all()}
    assert verdicts["a"] == {} and verdicts["b"] == {"ill": Verdict.YES, "well": Verdict.NO}
