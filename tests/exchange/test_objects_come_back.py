"""Objects over several images: written by each format, and one again when they come back."""

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from viewer.core.edits import AnnotationChange
from viewer.core.registry import load
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.shape import Shape
from viewer.exchange import EXPORTERS, IMPORTERS
from viewer.exchange.exporter import dataset_of
from viewer.exchange.importing import ImportReport, carry_out
from viewer.exchange.plan import make_plan
from viewer.project import edit_builders as edits
from viewer.project.counts import label_counts
from viewer.project.project import Project
from viewer.project.register import FrameToAdd, add_frames
from viewer.project.verify import verify
from viewer.reading.series import FrameRef

ROWS, COLS, SLICES = 30, 20, 4


def mask(row: int) -> MaskRuns:
    pixels = np.zeros((ROWS, COLS), np.bool_)
    pixels[row : row + 3, 5:9] = True
    return MaskRuns.from_array(pixels)


def with_slices(folder: Path, author: str, *, as_one: bool = True) -> Project:
    """A project of four pictures. as_one: they are slices of one series, and so one case."""
    pictures = folder.parent / "pictures"
    pictures.mkdir(exist_ok=True)
    project = Project.create(folder, author=author)
    stack = {"series_id": "s1", "study_uid": "1.2", "of_stack": True} if as_one else {}
    for number in range(SLICES):
        path = pictures / f"{number}.png"
        if not path.exists():
            Image.fromarray(np.random.default_rng(number).integers(0, 255, (ROWS, COLS), np.uint8)).save(path)
        _, problems = add_frames(project, [FrameToAdd(ref=FrameRef(path=path), source="s", patient_id="", **stack)])
        assert not problems
    return project


def draw(project: Project, number: int, shape: Shape, object_id: str = "", label: str = "nodule") -> str:
    """Returns the object that it is of now."""
    image_id = project.images.all()[number].image_id
    project.history.do(edits.add_annotation(image_id, label, shape, author="Ada", object_id=object_id))
    return project.work.annotations(image_id)[-1].object_key


@pytest.fixture
def written(tmp_path: Path) -> Iterator[Project]:
    """A nodule on slices 0 to 2, one on slices 1 and 2, one alone on slice 3, as masks; a cyst on 0 and 1."""
    with with_slices(tmp_path / "written", "Ada") as project:
        first = draw(project, 0, mask(2))
        draw(project, 1, mask(3), first)
        draw(project, 2, mask(4), first)
        second = draw(project, 1, mask(20))
        draw(project, 2, mask(21), second)
        draw(project, 3, mask(2))
        cyst = draw(project, 0, mask(10), label="cyst")
        draw(project, 1, mask(11), cyst, label="cyst")
        yield project


def objects(project: Project) -> set[tuple[str, frozenset[tuple[str, str]]]]:
    """(label, what is on which image) of every object."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    for image in project.images.all():
        for one in project.work.annotations(image.image_id):
            shape = str(one.shape.runs.tolist()) if isinstance(one.shape, MaskRuns) else repr(one.shape)
            found.setdefault(one.object_key, []).append((one.label, image.image_id, shape))
    return {(several[0][0], frozenset((image, shape) for _, image, shape in several)) for several in found.values()}


def export(project: Project, name: str, path: Path, chosen: Mapping[str, list[str]] | None = None) -> list[str]:
    exporter = load(EXPORTERS, name)
    dataset = dataset_of(project, exporter, chosen or {})
    said: list[str] = exporter.losses(dataset)
    exporter.write(path, dataset)
    return said


def bring(project: Project, name: str, path: Path) -> ImportReport:
    with make_plan(project, load(IMPORTERS, name), path, {}) as plan:
        return carry_out(project, plan)


FORMATS = {
    "coco": ("out.json", {}),
    "csv": ("out.csv", {}),
    "masks": ("out", {"instances": ["yes"]}),
}


def test_an_import_adds_to_each_index_in_its_order(written: Project, tmp_path: Path) -> None:
    """Each id lies beside the one before, so that a box costs as much among many as among few."""
    for number in range(SLICES):
        draw(written, number, Box(x0_px=1, y0_px=2, x1_px=9, y1_px=9))
        draw(written, number, Box(x0_px=3, y0_px=2, x1_px=7, y1_px=5), label="cyst")
    export(written, "csv", tmp_path / "out.csv")

    with with_slices(tmp_path / "read", "Ben") as back:
        bring(back, "csv", tmp_path / "out.csv")
        edit = back.history.next_undo()

    assert edit is not None
    drawn = [change.after for change in edit.of(AnnotationChange) if change.after is not None]
    ids = [one.annotation_id for one in drawn]
    objects = list(dict.fromkeys(one.object_id for one in drawn if one.object_id))
    assert len(ids) == 16 and ids == sorted(set(ids))
    assert len(objects) == 3 and objects == sorted(objects)


@pytest.mark.parametrize("name", FORMATS)
def test_objects_come_back_as_they_were(written: Project, tmp_path: Path, name: str) -> None:
    file, chosen = FORMATS[name]
    said = export(written, name, tmp_path / file, chosen)
    assert not any("merged" in sentence for sentence in said)

    with with_slices(tmp_path / "read", "Ben") as back:
        report = bring(back, name, tmp_path / file)

        assert not report.problems
        assert objects(back) == objects(written)
        assert label_counts(back, "region") == {"nodule": 3, "cyst": 1}
        assert verify(back.folder).problems == []
        assert back.history.undo() is not None and objects(back) == set()
        assert back.history.redo() is not None and objects(back) == objects(written)
        again = bring(back, name, tmp_path / file)
        assert again.annotations == 0 and objects(back) == objects(written)


def test_a_mask_picture_of_several_objects_names_none_and_says_how_to_keep_them_apart(
    written: Project, tmp_path: Path
) -> None:
    said = export(written, "masks", tmp_path / "out")
    assert any("2 instances are merged" in sentence and "--instances" in sentence for sentence in said), said

    with (tmp_path / "out" / "index.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    named = [(Path(row["path"]).name, row["mask_label"], bool(row["object_id"])) for row in rows]
    assert named == [
        ("0.png", "nodule", True), ("0.png", "cyst", True), ("1.png", "nodule", False), ("1.png", "cyst", True),
        ("2.png", "nodule", False), ("3.png", "nodule", False),
    ]  # fmt: skip


def test_coco_and_csv_name_only_what_lies_on_several_images(written: Project, tmp_path: Path) -> None:
    export(written, "coco", tmp_path / "out.json")
    export(written, "csv", tmp_path / "out.csv")

    entries = json.loads((tmp_path / "out.json").read_text())["annotations"]
    in_coco = [entry["attributes"].get("object_id", "") for entry in entries]
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        in_table = [row["object_id"] for row in csv.DictReader(file) if row["kind"] == "mask"]
    assert in_coco == in_table
    assert [in_coco.count(one) for one in in_coco] == [3, 2, 3, 2, 2, 3, 2, 1]
    assert in_coco[-1] == ""


@pytest.mark.parametrize("name", ["coco", "csv"])
def test_what_cannot_be_one_object_comes_in_as_shapes_of_their_own_and_is_said(
    written: Project, tmp_path: Path, name: str
) -> None:
    """Where each picture is a case of its own, nothing lies over several."""
    file, _ = FORMATS[name]
    export(written, name, tmp_path / file)

    with with_slices(tmp_path / "read", "Ben", as_one=False) as back:
        report = bring(back, name, tmp_path / file)

        assert label_counts(back, "region") == {"nodule": 6, "cyst": 2}
        said = [note for note in report.notes if "came in as shapes of their own" in note]
        assert len(said) == 3 and all(f" of {file} came in" in one for one in said)
        assert {one.partition(": ")[2] for one in said} == {
            "its images are of several cases here (0.png, 1.png, 2.png).",
            "its images are of several cases here (1.png, 2.png).",
            "its images are of several cases here (0.png, 1.png).",
        }  # fmt: skip
        assert verify(back.folder).problems == []


def test_an_object_with_two_boxes_on_an_image_or_two_labels_is_taken_apart(tmp_path: Path) -> None:
    with with_slices(tmp_path / "written", "Ada") as project:
        box = Box(x0_px=1, y0_px=2, x1_px=11, y1_px=12)
        first = draw(project, 0, box)
        draw(project, 1, box, first)
        export(project, "coco", tmp_path / "out.json")
    document = json.loads((tmp_path / "out.json").read_text())
    entry = document["annotations"][0]
    document["annotations"].append({**entry, "id": 3, "bbox": [3, 3, 4, 4]})
    (tmp_path / "two.json").write_text(json.dumps(document))
    document["annotations"] = document["annotations"][:2]
    document["annotations"][1]["category_id"] = 2
    document["categories"].append({"id": 2, "name": "cyst"})
    (tmp_path / "labels.json").write_text(json.dumps(document))

    for file, shapes in (("two.json", 3), ("labels.json", 2)):
        with with_slices(tmp_path / file.partition(".")[0], "Ben") as back:
            report = bring(back, "coco", tmp_path / file)
            assert report.annotations == shapes == len(objects(back))
            why = {
                "two.json": "it has 2 shapes of one kind (box) on 0.png, and an object has one.",
                "labels.json": "it has the labels cyst and nodule (0.png, 1.png), and an object has one.",
            }[file]
            said = [one for _, one in report.problems if "came in as shapes of their own" in one]
            assert len(said) == 1 and said[0].endswith(why)


def test_an_object_id_of_another_program_joins_nothing_and_is_said(tmp_path: Path) -> None:
    with with_slices(tmp_path / "written", "Ada") as project:
        first = draw(project, 0, mask(2))
        draw(project, 1, mask(2), first)
        export(project, "coco", tmp_path / "out.json")
    document = json.loads((tmp_path / "out.json").read_text())
    del document["info"]
    (tmp_path / "other.json").write_text(json.dumps(document))

    with with_slices(tmp_path / "read", "Ben") as back:
        report = bring(back, "coco", tmp_path / "other.json")
        assert len(objects(back)) == 2
        assert any("object_id (2)" in note for note in report.notes)


def test_a_table_of_before_there_were_objects_is_still_ours(written: Project, tmp_path: Path) -> None:
    export(written, "csv", tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = [name for name in rows[0] if name != "object_id"]
    with (tmp_path / "old.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)

    with with_slices(tmp_path / "read", "Ben") as back:
        assert bring(back, "csv", tmp_path / "old.csv").annotations == 8
        assert label_counts(back, "region") == {"nodule": 6, "cyst": 2}
