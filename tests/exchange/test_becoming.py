"""What becomes of a file's columns, keys and folders, and how many patients it names, is said before the import."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from viewer.cli.main import main
from viewer.core.registry import load
from viewer.exchange import IMPORTERS
from viewer.exchange.plan import make_plan
from viewer.project.project import Project

WritePicture = Callable[..., Path]


@pytest.fixture
def films(tmp_path: Path, write_picture: WritePicture) -> Path:
    """Four pictures in a folder."""
    for seed in range(4):
        write_picture(tmp_path / "films" / f"{seed}.png", seed)
    return tmp_path / "films"


def said(project: Project, path: Path, name: str, options: dict[str, list[str]] | None = None) -> str:
    with make_plan(project, load(IMPORTERS, name), path, options or {}) as plan:
        return plan.becoming()


def test_every_format_says_what_its_columns_become_and_of_how_many_patients(
    project: Project, films: Path, write_picture: WritePicture
) -> None:
    """A person saw how many labels came, and not which column had been taken for the patient."""
    table = films / "t.csv"
    table.write_text(
        "file,patient_id,class,who,age,note,AGE\n0.png,7,A,Ada,3,x,1\n1.png,7,B,Ada,4,y,2\n2.png,8,A,Ben,5,,3\n"
        "3.png,,B,Ben,6,,4\n"
    )
    given = {"map": ["reader=who"], "answer": ["years [a]=AGE"], "patients": ["none"]}
    assert said(project, table, "csv", given) == (
        "image: file; patient: patient_id; reader: who; label: class; answer to years: AGE"
        " · kept with the images as text: age, note · 4 images of 2 patients, 1 without a patient id"
    )
    table.write_text("path,label,sublabel,xmin,ymin,xmax,ymax\n0.png,n,q,1,2,9,9\n")
    assert said(project, table, "csv") == (
        "image: path; label of the box: label; box: xmin, ymin, xmax, ymax · not used: sublabel"
        " · 1 image without a patient id"
    )
    many = [f"c{place}" for place in range(40)]
    table.write_text(f"path,{','.join(many)}\n0.png{',1' * 40}\n1.png{',1' * 40}\n")
    assert said(project, table, "csv") == (
        f"image: path · kept with the images as text: {', '.join(many[:8])} and 32 more"
        " · 2 images, none with a patient id"
    )

    coco = films / "c.json"
    facts = {"width": 23, "height": 37, "hospital": "H", "extra": [1], "frame_index": 0}
    images = [{"id": n, "file_name": f"{n}.png", "subject": f"p{n // 2}", **facts} for n in range(3)]
    categories = [{"id": 1, "name": "Lung"}, {"id": 2, "name": "Nodule"}]
    drawn = [{"id": 1, "image_id": 0, "category_id": 1, "bbox": [1, 2, 9, 9], "score": 0.5}]
    coco.write_text(json.dumps({"images": images, "categories": categories, "annotations": drawn}))
    assert said(project, coco, "coco", {"map": ["patient=subject"]}) == (
        "image: file_name; patient: subject; frame: frame_index; label of each category: Lung, Nodule"
        " · kept with the images as text: hospital · not used: extra, score · 3 images of 2 patients"
    )

    for seed, place in enumerate(("train/a/d/1.png", "train/b/2.png", "test/a/3.png")):
        write_picture(films / "set" / place, 10 + seed)
    assert said(project, films / "set", "image-folder", {"class-level": ["first"]}) == (
        "label of each folder: a, b; part of a split by its folder: test, train"
        " · not used: the names of the folders on other levels · 3 images, none with a patient id"
    )

    write_picture(films / "both" / "Images" / "a.png", 20)
    mask = np.zeros((37, 23), np.uint8)
    mask[3:9, 3:9] = 255
    (films / "both" / "masks").mkdir()
    Image.fromarray(mask).save(films / "both" / "masks" / "a.png")
    assert said(project, films / "both", "masks") == (
        "images in the folder: Images; masks in the folder: masks · 1 image without a patient id"
    )


def test_what_the_program_wrote_itself_says_the_same_of_its_columns(
    project: Project, other: Project, films: Path, bring_in: Callable[..., object]
) -> None:
    table = films / "t.csv"
    table.write_text("path,patient,label\n0.png,7,A\n1.png,7,B\n2.png,8,A\n3.png,8,B\n")
    bring_in(project, "csv", table)
    assert said(project, table, "csv").endswith(" · 4 images of 2 patients"), "as the project has them"
    for name in ("csv", "coco", "masks"):
        out = {"csv": films / "out.csv", "coco": films / "out.json", "masks": films / "masks"}[name]
        words = ["annotate", "export", str(project.folder), "--format", name, "--out", str(out)]
        assert main(words) == 0
        told = said(other, out, name)
        assert told.startswith(("image: path, image_id; frame: frame_index; patient: patient_id", "image: file_name;"))
        assert told.endswith(" · 4 images of 2 patients") and "not used" not in told, name


def test_the_command_line_says_it_in_the_same_words_and_as_a_document(
    tmp_path: Path, films: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, folder = films / "t.csv", str(tmp_path / "p")
    table.write_text("file,patient_id,class,age\n0.png,7,A,3\n1.png,7,B,4\n2.png,8,A,5\n")
    main(["project", "create", folder])
    capsys.readouterr()
    words = ["annotate", "import", folder, "--format", "csv", str(table)]
    assert main([*words, "--dry-run"]) == 0
    line = "image: file; patient: patient_id; label: class · kept with the images as text: age · 3 images of 2 patients"
    assert capsys.readouterr().out.splitlines()[0] == line
    assert main([*words, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["columns"] == {
        "roles": {"image": ["file"], "patient": ["patient_id"], "label": ["class"]},
        "kept_as_text": ["age"],
        "not_used": [],
    }
    assert document["patients"] == {"patients": 2, "images_without_id": 0}
