"""What a COCO file does not say is left out by name or guessed aloud; the layouts that tools write are found.

The expected values are those of public reports on such files (each test's docstring says of what), worked out by hand.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.exchange.coco_files import COLS, ROWS, box, coco, image, said, shapes
from viewer.core.errors import BadFile
from viewer.core.shapes.annotations import CaseStatus
from viewer.exchange.importer import Outcome
from viewer.exchange.importing import ImportReport
from viewer.project.project import Project


def test_a_crowd_region_does_not_become_one_object(
    project: Project, tmp_path: Path, film: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    film(tmp_path / "a.png")
    crowd = {"size": [ROWS, COLS], "counts": [210, 20, ROWS * COLS - 230]}
    file = coco(
        tmp_path / "c.json",
        [image(1, "a.png")],
        [box(1, 1, [5, 5, 10, 10], iscrowd=0), box(2, 1, [5, 10, 45, 20], 7, iscrowd=1, segmentation=crowd)],
    )

    report = bring_in(project, "coco", file, complete=True)

    assert shapes(project, tmp_path) == {"a.png": [("nodule", (5, 5, 15, 15))]}
    assert "annotation 2" in said(report, Outcome.LEFT_OUT) and "crowd" in said(report, Outcome.LEFT_OUT)
    assert (report.completed_cases, report.open_cases) == (0, 1)
    bring_in(project, "coco", file, {"crowd": ["objects"]})
    assert shapes(project, tmp_path)["a.png"][1] == ("effusion", 20)


def test_two_pictures_of_one_id_get_none_of_its_boxes(
    project: Project, tmp_path: Path, film: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    film(tmp_path / "film1.png", 1)
    film(tmp_path / "film2.png", 2)
    file = coco(
        tmp_path / "c.json",
        [image(1, "film1.png"), image(1, "film2.png")],
        [box(1, 1, [5, 5, 10, 10]), box(2, 1, [30, 20, 10, 10], 7)],
    )

    report = bring_in(project, "coco", file, complete=True)

    assert shapes(project, tmp_path) == {"film1.png": [], "film2.png": []}
    ambiguous = said(report, Outcome.AMBIGUOUS)
    assert "id 1" in ambiguous and "film1.png and film2.png" in ambiguous and "annotation 2" in ambiguous
    assert project.cases.progress()[CaseStatus.COMPLETE] == 0
    assert report.counts.read == 4
    bring_in(project, "coco", file, {"on-conflict": ["last"]})
    assert shapes(project, tmp_path)["film2.png"] == [("nodule", (5, 5, 15, 15)), ("effusion", (30, 20, 40, 30))]


def test_one_category_id_with_two_names_gives_neither(
    project: Project, tmp_path: Path, film: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    film(tmp_path / "a.png")
    two = [{"id": 0, "name": "nodule"}, {"id": 0, "name": "effusion"}, {"id": 7, "name": "mass"}]
    file = coco(tmp_path / "c.json", [image(1, "a.png")], [box(1, 1, [5, 5, 1, 1]), box(2, 1, [8, 8, 1, 1], 7)], two)

    report = bring_in(project, "coco", file)

    assert shapes(project, tmp_path) == {"a.png": [("mass", (8, 8, 9, 9))]}
    assert "nodule or effusion" in said(report, Outcome.AMBIGUOUS)
    bring_in(project, "coco", file, {"on-conflict": ["first"]})
    assert ("nodule", (5, 5, 6, 6)) in shapes(project, tmp_path)["a.png"]


@pytest.mark.parametrize(
    ("json_place", "picture_place", "name"),
    [
        ("set/annotations/instances_default.json", "set/images/a.png", "a.png"),  # CVAT
        ("set/annotations/instances_train2017.json", "set/train2017/a.png", "a.png"),  # COCO
        ("set/annotations/instances_train.json", "set/images/train/a.png", "a.png"),  # Datumaro
        ("set/c.json", "set/images/a.png", "a.png"),
        ("set/c.json", "set/films/zebra.png", "films\\zebra.png"),  # written on Windows
        ("set/c.json", "set/films/zebra.png", "C:\\data\\films\\zebra.png"),
        ("set/c.json", "set/films/zebra.png", "/home/somebody/films/zebra.png"),
        ("set/c.json", "set/Lunge_u\u0308ber.png", "Lunge_\u00fcber.png"),  # composed here, decomposed there
        ("set/c.json", "set/Lunge_\u00fcber.png", "Lunge_u\u0308ber.png"),
        ("set/c.json", "set/part/one/a.png", "one/a.png"),
    ],
)
def test_the_layouts_that_tools_write_are_found(
    project: Project,
    tmp_path: Path,
    film: Callable[..., Path],
    bring_in: Callable[..., ImportReport],
    json_place: str,
    picture_place: str,
    name: str,
) -> None:
    film(tmp_path / picture_place)
    file = coco(tmp_path / json_place, [image(1, name)], [box(1, 1, [5, 5, 10, 10])])

    report = bring_in(project, "coco", file)

    assert shapes(project, tmp_path) == {picture_place: [("nodule", (5, 5, 15, 15))]}, report.problems


def test_a_folder_in_the_name_is_never_passed_over(
    project: Project, tmp_path: Path, film: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    for seed, place in enumerate(("001.png", "p1/001.png", "p2/001.png")):
        film(tmp_path / place, seed)
    names = ["p1/001.png", "p2/001.png", "p3/001.png", "C:\\elsewhere\\p4\\001.png"]
    file = coco(
        tmp_path / "c.json",
        [image(number, name) for number, name in enumerate(names)],
        [box(number, number, [number, 5, 10, 10]) for number in range(4)],
    )

    report = bring_in(project, "coco", file)

    assert shapes(project, tmp_path) == {
        "p1/001.png": [("nodule", (0, 5, 10, 15))],
        "p2/001.png": [("nodule", (1, 5, 11, 15))],
    }
    assert "p3/001.png is not there" in said(report, Outcome.LEFT_OUT)


def test_one_name_for_two_pictures_that_differ_is_ambiguous(
    project: Project, tmp_path: Path, film: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    film(tmp_path / "p1" / "001.png", 1)
    film(tmp_path / "p2" / "001.png", 2)
    file = coco(tmp_path / "c.json", [image(1, "001.png")], [box(1, 1, [5, 5, 10, 10])])

    report = bring_in(project, "coco", file)

    assert project.images.all() == []
    assert "001.png may be several files" in said(report, Outcome.AMBIGUOUS)
    report = bring_in(project, "coco", file, {"images": [str(tmp_path / "p2")]})
    assert shapes(project, tmp_path) == {"p2/001.png": [("nodule", (5, 5, 15, 15))]}


@pytest.mark.parametrize("orientation", [2, 3, 4, 6, 8])
def test_an_exif_turn_is_said_and_can_be_settled(
    project: Project, tmp_path: Path, bring_in: Callable[..., ImportReport], orientation: int
) -> None:
    from PIL import Image

    stored = np.zeros((ROWS, COLS), np.uint8)
    stored[5:15, 10:30] = 255
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(stored).save(tmp_path / "a.png", exif=exif)
    entry = {"id": 1, "file_name": "a.png"}
    file = coco(tmp_path / "c.json", [entry], [box(1, 1, [10, 5, 20, 10])])

    report = bring_in(project, "coco", file)

    assert "EXIF turn" in said(report, Outcome.GUESSED)
    assert shapes(project, tmp_path) == {"a.png": [("nodule", (10, 5, 30, 15))]}
    bring_in(project, "coco", file, {"exif": ["stored"]})
    from viewer.reading.frames import read_frame
    from viewer.reading.series import FrameRef

    shown = np.asarray(read_frame(FrameRef(path=tmp_path / "a.png")).stored)
    x0, y0, x1, y1 = (int(number) for number in shapes(project, tmp_path)["a.png"][-1][1])
    assert shown[y0:y1, x0:x1].min() == 255 and (y1 - y0) * (x1 - x0) == 200


def test_a_size_that_only_the_stored_picture_has_leaves_the_shape_out(
    project: Project, tmp_path: Path, bring_in: Callable[..., ImportReport]
) -> None:
    from PIL import Image

    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.zeros((ROWS, COLS), np.uint8)).save(tmp_path / "a.png", exif=exif)
    file = coco(tmp_path / "c.json", [image(1, "a.png")], [box(1, 1, [10, 5, 20, 10])])

    report = bring_in(project, "coco", file)

    assert shapes(project, tmp_path) == {"a.png": []}
    (remark,) = [one for one in report.remarks if one.outcome is Outcome.AMBIGUOUS]
    assert remark.settle == "--exif stored"


def test_no_image_size_is_needed_where_the_mask_or_the_picture_has_it(
    project: Project, tmp_path: Path, film: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    film(tmp_path / "a.png")
    film(tmp_path / "b.png", 1)
    pieces = [[5, 5, 15, 5, 15, 15, 5, 15], [30, 20, 40, 20, 40, 30, 30, 30]]
    whole = {"size": [ROWS, COLS], "counts": [210, 850, ROWS * COLS - 1060]}
    file = coco(
        tmp_path / "c.json",
        [{"id": 1, "file_name": "a.png"}, {"id": 2, "file_name": "b.png", "width": None, "height": None}],
        [
            box(1, 1, [5, 5, 35, 25], segmentation=pieces),
            box(2, 1, [5, 10, 45, 20], 7, segmentation=whole),
            box(3, 2, [5, 5, 10, 10]),
        ],
    )

    report = bring_in(project, "coco", file)

    assert report.problems == ()
    assert shapes(project, tmp_path) == {
        "a.png": [("nodule", 200), ("effusion", 850)],
        "b.png": [("nodule", (5, 5, 15, 15))],
    }


def test_ids_are_one_whether_they_are_numbers_or_text(
    project: Project, tmp_path: Path, film: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    film(tmp_path / "a.png")
    file = coco(tmp_path / "c.json", [image(1, "a.png")], [box(1, "1", [5, 5, 10, 10]), box(2, 1.0, [1, 1, 2, 2], "7")])

    bring_in(project, "coco", file)

    assert len(shapes(project, tmp_path)["a.png"]) == 2


def test_half_a_letter_in_a_name_is_no_unexpected_end(
    project: Project, tmp_path: Path, film: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    film(tmp_path / "a.png")
    file = tmp_path / "c.json"
    half = "\\ud800"
    file.write_text(
        f'{{"images": [{{"id": 1, "file_name": "a.png"}}, {{"id": 2, "file_name": "{half}.png"}}], '
        f'"categories": [{{"id": 0, "name": "n{half}"}}], '
        '"annotations": [{"id": 1, "image_id": 1, "category_id": 0, "bbox": [5, 5, 10, 10]}]}'
    )

    report = bring_in(project, "coco", file)

    assert len(shapes(project, tmp_path)["a.png"]) == 1
    assert "the picture's name is no text" in said(report, Outcome.LEFT_OUT)


def test_a_key_that_stands_twice_with_two_values_is_not_settled_by_order(
    project: Project, tmp_path: Path, film: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    film(tmp_path / "a.png")
    text = coco(
        tmp_path / "c.json", [image(1, "a.png")], [box(1, 1, [5, 5, 10, 10]), box(2, 1, [1, 1, 2, 2])]
    ).read_text()
    (tmp_path / "c.json").write_text(text.replace('"bbox": [1, 1, 2, 2]', '"bbox": [1, 1, 2, 2], "bbox": [7, 7, 2, 2]'))

    report = bring_in(project, "coco", tmp_path / "c.json")

    assert shapes(project, tmp_path) == {"a.png": [("nodule", (5, 5, 15, 15))]}
    assert "annotation 2" in said(report, Outcome.CONTRADICTORY) and "bbox twice" in said(report, Outcome.CONTRADICTORY)
    (tmp_path / "c.json").write_text(text[:-1] + ', "annotations": []}')
    with pytest.raises(BadFile, match="two lists of annotations"):
        bring_in(project, "coco", tmp_path / "c.json")


def test_two_categories_of_one_name_and_one_name_in_two_spellings_are_said(
    project: Project, tmp_path: Path, film: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    film(tmp_path / "a.png")
    names = ["nodule", "nodule", "\u00d6dem", "O\u0308dem"]
    file = coco(
        tmp_path / "c.json",
        [image(1, "a.png")],
        [box(number, 1, [5, 5, 10, number + 1], number) for number in range(4)],
        [{"id": number, "name": name} for number, name in enumerate(names)],
    )

    report = bring_in(project, "coco", file)

    assert [name for name, _ in shapes(project, tmp_path)["a.png"]] == ["nodule", "nodule", "\u00d6dem", "\u00d6dem"]
    assert "0, 1 are all called nodule" in said(report, Outcome.GUESSED)
    assert "written in two ways" in said(report, Outcome.GUESSED)
