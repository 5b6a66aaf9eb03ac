"""What imports do with real tables, and with bad ones. Each real set has a generated stand-in."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from viewer.core.errors import BadFile, BadRequest
from viewer.core.labels import Verdict
from viewer.core.registry import load
from viewer.core.shapes.annotations import CaseStatus
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.polygon import Polygon
from viewer.exchange import IMPORTERS
from viewer.exchange.importing import ImportReport, carry_out
from viewer.exchange.plan import make_plan
from viewer.project.project import Project


def bring_in(project: Project, name: str, path: Path, mapping: str = "", *, complete: bool = True) -> ImportReport:
    given = {"map": [mapping]} if mapping else {}
    with make_plan(project, load(IMPORTERS, name), path, given, complete=complete) as plan:
        return carry_out(project, plan)


@pytest.fixture
def table(tmp_path: Path, write_picture: Callable[..., Path]) -> Callable[..., Path]:
    """Writes a table into a folder of pictures a.png ... d.png."""

    def write(text: str) -> Path:
        for seed, name in enumerate("abcd"):
            write_picture(tmp_path / "set" / "images" / f"{name}.png", seed)
        path = tmp_path / "set" / "labels.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def said(project: Project, name: str) -> dict[str, str]:
    (image,) = [image for image in project.images.all() if image.path.name == name]
    return {label: verdict.value for label, verdict in project.work.image_labels(image.image_id).items()}


def test_two_label_columns_give_two_sets_of_labels(project: Project, table: Callable[..., Path]) -> None:
    path = table(
        "path,patient_id,label,sublabel,orig_width\n"
        "images/a.png,IM-01,NORMAL,normal,100\nimages/b.png,person1,PNEUMONIA,virus,200\n"
    )

    report = bring_in(project, "csv", path)

    assert (report.new_images, report.image_labels, report.completed_cases) == (2, 8, 2)
    assert said(project, "a.png") == {"NORMAL": "yes", "PNEUMONIA": "no", "normal": "yes", "virus": "no"}
    image = project.images.all()[1]
    assert (image.patient_id, image.source, image.tags) == ("person1", "set", {"orig_width": "200"})


def test_without_complete_only_what_is_named_is_said(project: Project, table: Callable[..., Path]) -> None:
    path = table("path,label\nimages/a.png,x\nimages/b.png,y|z\n")

    report = bring_in(project, "csv", path, complete=False)

    assert report.completed_cases == 0
    assert said(project, "b.png") == {"y": "yes", "z": "yes"}
    assert {case.status for case in project.cases.all()} == {CaseStatus.TO_DO}


def test_a_column_of_0_and_1_is_one_label_and_an_empty_cell_unknown(
    project: Project, table: Callable[..., Path]
) -> None:
    path = table(
        "path,patient_id,finding,age,sex,view\nimages/a.png,0007,1,57,M,PA\nimages/b.png,0008,0,60,F,AP\nimages/c.png,0009,,,,\n"
    )

    bring_in(project, "csv", path)

    assert (said(project, "a.png"), said(project, "b.png")) == ({"finding": "yes"}, {"finding": "no"})
    assert said(project, "c.png") == {}
    first = project.images.all()[0]
    assert first.patient_id == "0007"
    assert first.tags == {"PatientAge": "57", "PatientSex": "M", "ViewPosition": "PA"}


def test_map_chooses_columns_and_a_missing_one_is_named(project: Project, table: Callable[..., Path]) -> None:
    path = table("file,who,group,verdict\nimages/a.png,1,g1,x\nimages/b.png,2,g1,y\n")

    bring_in(project, "csv", path, "image=file,patient=group,label=verdict")

    assert {image.patient_id for image in project.images.all()} == {"g1"}
    with pytest.raises(BadRequest, match="no column grp; it has file, who, group, verdict"):
        bring_in(project, "csv", path, "image=file,patient=grp")
    with pytest.raises(BadRequest, match="does not understand 'colour=x'"):
        bring_in(project, "csv", path, "colour=x")


def test_masks_come_with_their_label_and_one_of_another_size_is_refused_by_name(
    project: Project, table: Callable[..., Path], write_picture: Callable[..., Path]
) -> None:
    from PIL import Image

    path = table("path,label,mask_path\nimages/a.png,x,m/a.png\nimages/b.png,x,m/b.png\nimages/c.png,x,\n")
    mask = np.zeros((37, 23), np.bool_)
    mask[3:9, 20:23] = True
    (path.parent / "m").mkdir()
    Image.fromarray(mask).save(path.parent / "m" / "a.png")
    Image.fromarray(mask.T).save(path.parent / "m" / "b.png")

    report = bring_in(project, "csv", path, "mask=mask_path,mask_label=lungs")

    assert report.annotations == 1
    (annotation,) = project.work.annotations(project.images.all()[0].image_id)
    assert annotation.label == "lungs"
    assert np.array_equal(annotation.shape.to_array(), mask)  # type: ignore[union-attr]
    assert len(report.problems) == 1 and "23 x 37 pixels, the image 37 x 23" in report.problems[0][1]


def test_boxes_may_be_corners_or_corner_and_extent(project: Project, table: Callable[..., Path]) -> None:
    path = table("path,label,x,y,width,height\nimages/a.png,nodule,1.5,2,3,4\nimages/a.png,mass,0,0,2,2\n")
    bring_in(project, "csv", path)

    first, second = project.work.annotations(project.images.all()[0].image_id)
    assert (first.label, first.shape) == ("nodule", Box(x0_px=1.5, y0_px=2, x1_px=4.5, y1_px=6))
    assert second.label == "mass"
    path.write_text("path;label;xmin;ymin;xmax;ymax\nimages/b.png;nodule;1;2;3;4\nimages/c.png;;;;;\n")
    report = bring_in(project, "csv", path)
    assert (report.annotations, report.images) == (1, 2)


def test_importing_twice_adds_nothing_and_undo_takes_the_import_back(
    project: Project, table: Callable[..., Path]
) -> None:
    path = table("path,label,x,y,width,height\nimages/a.png,nodule,1.5,2,3,4\n")
    bring_in(project, "csv", path)
    again = bring_in(project, "csv", path)

    assert (again.new_images, again.annotations, again.image_labels, again.completed_cases) == (0, 0, 0, 0)
    assert project.history.undo_text == "import labels.csv"
    (image,) = project.images.all()
    project.history.undo()
    assert project.work.annotations(image.image_id) == ()
    assert project.images.all() == [] and project.cases.all() == [], "nobody has worked on what it brought"
    project.history.redo()
    assert project.images.all() == [image]
    assert len(project.work.annotations(image.image_id)) == 1


def test_a_persons_word_is_not_overwritten(project: Project, table: Callable[..., Path]) -> None:
    from viewer.project import edit_builders as edits

    path = table("path,finding\nimages/a.png,1\n")
    bring_in(project, "csv", path)
    image_id = project.images.all()[0].image_id
    project.history.do(edits.say_image_label(image_id, "finding", before=Verdict.YES, after=Verdict.NO))

    report = bring_in(project, "csv", path)

    assert said(project, "a.png") == {"finding": "no"}
    assert any("kept" in note for note in report.notes)


def test_bad_rows_are_problems_and_the_rest_comes_in(project: Project, table: Callable[..., Path]) -> None:
    path = table(
        "path,label,x0,y0,x1,y1\nimages/a.png,n,1,2,3,4\nimages/nothing.png,n,1,2,3,4\nimages/b.png,n,5,2,3,4\n"
        "images/c.png,n,one,2,3,4\nimages/d.png,n,100,100,120,120\n,n,1,2,3,4\n"
    )

    report = bring_in(project, "csv", path)

    assert (report.images, report.annotations) == (4, 1)
    reasons = " / ".join(reason for _, reason in report.problems)
    for piece in ("nothing.png is not there", "line 4", "line 5", "outside the image", "no image is named"):
        assert piece in reasons


def test_the_same_picture_twice_counts_once_and_is_said(
    project: Project, table: Callable[..., Path], write_picture: Callable[..., Path]
) -> None:
    path = table("path,patient_id,label\nimages/a.png,1,x\nimages/copy.png,1,x\n")
    write_picture(path.parent / "images" / "copy.png", 0)

    report = bring_in(project, "csv", path)

    assert (report.images, report.pictures_twice) == (1, 1)


def test_one_picture_of_two_patients_is_a_problem(
    project: Project, table: Callable[..., Path], write_picture: Callable[..., Path]
) -> None:
    path = table("path,patient_id,label\nimages/a.png,97,x\nimages/copy.png,178,x\n")
    write_picture(path.parent / "images" / "copy.png", 0)

    report = bring_in(project, "csv", path)

    assert "patient 97" in report.problems[0][1] and "178" in report.problems[0][1]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00bad", b"just,some,columns\n1,2,3\n"])
def test_a_table_that_is_none_is_refused_with_a_sentence(project: Project, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)

    with pytest.raises((BadFile, BadRequest), match=r"t\.csv"):
        bring_in(project, "csv", path)


def test_a_folder_per_class(project: Project, tmp_path: Path, write_picture: Callable[..., Path]) -> None:
    for seed, name in enumerate(("cat/1.png", "cat/2.png", "dog/1.png", "loose.png")):
        write_picture(tmp_path / "set" / name, seed)
    (tmp_path / "set" / "cat" / "notes.txt").write_text("x")

    report = bring_in(project, "image-folder", tmp_path / "set")

    assert (report.images, report.image_labels) == (3, 6)
    (dog,) = [image for image in project.images.all() if image.path.parent.name == "dog"]
    assert project.work.image_labels(dog.image_id) == {"cat": Verdict.NO, "dog": Verdict.YES}
    assert "2 files" in report.notes[0]


def test_images_and_masks_side_by_side(project: Project, tmp_path: Path, write_picture: Callable[..., Path]) -> None:
    from PIL import Image

    for seed, name in enumerate(("images/1.png", "images/2.png")):
        write_picture(tmp_path / "set" / name, seed)
    mask = np.random.default_rng(5).random((37, 23)) > 0.5
    for place in ("masks/1.png", "masks/left/2.png", "masks/9.png"):
        (tmp_path / "set" / place).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(mask.astype(np.uint8) * 255).save(tmp_path / "set" / place)

    report = bring_in(project, "masks", tmp_path / "set")

    labels = [project.work.annotations(image.image_id)[0].label for image in project.images.all()]
    assert labels == ["mask", "left"]
    assert "9.png has no picture" in report.problems[0][1]


def coco(folder: Path, annotations: list[dict[str, object]], **image: object) -> Path:
    facts = {"id": 1, "file_name": "a.png", "width": 23, "height": 37, **image}
    path = folder / "coco.json"
    path.write_text(
        json.dumps({"images": [facts], "annotations": annotations, "categories": [{"id": 7, "name": "lung"}]})
    )
    return path


def test_coco_polygons_of_one_instance_are_one_mask_with_all_pieces(
    project: Project, tmp_path: Path, write_picture: Callable[..., Path]
) -> None:
    write_picture(tmp_path / "a.png")
    pieces = [[0, 0, 4, 0, 4, 4, 0, 4], [10, 10, 12, 10, 12, 13, 10, 13]]
    entries = [
        {"id": 1, "image_id": 1, "category_id": 7, "segmentation": pieces},
        {"id": 2, "image_id": 1, "category_id": 7, "segmentation": pieces[:1]},
        {"id": 3, "image_id": 1, "category_id": 7, "bbox": [1, 2, 3, 4]},
    ]

    bring_in(project, "coco", coco(tmp_path, entries, patient_id="03"))

    image = project.images.all()[0]
    mask, polygon, box = (one.shape for one in project.work.annotations(image.image_id))
    assert mask.area_px == 16 + 6  # type: ignore[union-attr]
    assert isinstance(polygon, Polygon) and box == Box(x0_px=1, y0_px=2, x1_px=4, y1_px=6)
    assert image.patient_id == "03"


def test_coco_entries_that_cannot_be_are_problems(
    project: Project, tmp_path: Path, write_picture: Callable[..., Path]
) -> None:
    write_picture(tmp_path / "a.png")
    rle = {"size": [23, 37], "counts": [23 * 37]}
    entries: list[dict[str, object]] = [
        {"id": 1, "image_id": 1, "category_id": 8, "bbox": [1, 1, 2, 2]},
        {"id": 2, "image_id": 1, "category_id": 7, "bbox": [1, 1, 0, 2]},
        {"id": 3, "image_id": 1, "category_id": 7, "segmentation": rle},
        {"id": 4, "image_id": 5, "category_id": 7, "bbox": [1, 1, 2, 2]},
        {"id": 5, "image_id": 1, "category_id": 7, "segmentation": {"size": [37, 23], "counts": [5]}},
        {"id": 6, "image_id": 1, "category_id": 7},
    ]

    report = bring_in(project, "coco", coco(tmp_path, entries))

    assert report.annotations == 0
    assert len(report.problems) == 6


def test_shapes_drawn_for_another_size_are_left_out(
    project: Project, tmp_path: Path, write_picture: Callable[..., Path]
) -> None:
    write_picture(tmp_path / "a.png")
    entries: list[dict[str, object]] = [{"id": 1, "image_id": 1, "category_id": 7, "bbox": [1, 1, 2, 2]}]

    report = bring_in(project, "coco", coco(tmp_path, entries, width=37, height=23))

    assert report.annotations == 0
    assert "drawn for 23 x 37 pixels" in report.problems[0][1]


def test_dicom_files_may_be_named_by_a_table(project: Project, sample: Path) -> None:
    films = sorted(path for path in sample.rglob("film.dcm"))
    rows = [f"{film.relative_to(sample)},{number % 2}" for number, film in enumerate(films)]
    (sample / "labels.csv").write_text("\n".join(["path,finding", *rows]))

    report = bring_in(project, "csv", sample / "labels.csv")

    assert (report.images, report.problems) == (len(films), ())
    image = project.images.find(path=films[1])[0]
    assert image.sop_instance_uid and image.modality and image.patient_id
    assert project.work.image_labels(image.image_id) == {"finding": Verdict.YES}


def test_films_of_children_import_with_both_tasks(project: Project, data_folder: Path) -> None:
    report = bring_in(project, "csv", data_folder / "cxr" / "kermany" / "labels.csv")

    assert (report.images, report.pictures_twice, report.problems) == (764, 1, ())
    assert len({image.patient_id for image in project.images.all()}) == 538
    assert {label.name for label in project.labels} == {"NORMAL", "PNEUMONIA", "normal", "bacteria", "virus"}


def test_lungs_import_with_masks_and_boxes(project: Project, data_folder: Path) -> None:
    lungs = data_folder / "cxr" / "lungs"

    first = bring_in(project, "csv", lungs / "labels.csv", "patient=group_id,mask=mask_path,mask_label=lungs")
    second = bring_in(project, "coco", lungs / "boxes_coco.json", complete=False)

    assert (first.images, first.annotations, first.problems) == (104, 104, ())
    assert (second.new_images, second.annotations) == (0, 86)
    # patients 97 and 178 are one woman; the table's group_id joins them, the boxes file does not know
    assert all("178" in reason for _, reason in second.problems)


def test_cells_import_with_every_box(project: Project, data_folder: Path) -> None:
    report = bring_in(project, "coco", data_folder / "cells" / "boxes_coco.json")

    assert (report.images, report.annotations, report.problems) == (125, 1687, ())


def test_adult_films_import_with_findings_and_ages(project: Project, data_folder: Path) -> None:
    report = bring_in(project, "csv", data_folder / "cxr" / "nih" / "labels.csv")

    assert (report.images, report.problems) == (790, ())
    first = project.images.all()[0]
    assert (first.patient_id, first.tags["PatientAge"], first.tags["ViewPosition"]) == ("00000001", "57", "PA")
    labels = project.work.image_labels(first.image_id)
    assert (labels["Cardiomegaly"], labels["Hernia"], labels["finding"]) == (Verdict.YES, Verdict.NO, Verdict.YES)
