"""Where an image lies must be what its file says; a column makes objects; parts of a split are kept for snapshots."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.exchange.test_export_options import a_slice, write
from tests.project.test_readings import complete, say
from viewer.core.errors import BadProject, BadRequest, NotWritable
from viewer.core.labels import Verdict
from viewer.exchange.importer import Outcome
from viewer.exchange.importing import ImportReport
from viewer.project.history import History
from viewer.project.project import Project
from viewer.project.records import Task
from viewer.project.register import add_to_project
from viewer.project.snapshots.imported_split import IMPORTED_SPLIT, imported_images
from viewer.project.snapshots.snapshot import make_snapshot
from viewer.project.snapshots.split import SplitFile
from viewer.reading.scan import scan

Bring = Callable[..., ImportReport]
OUT = {"csv": "out.csv", "coco": "out.json", "masks": "out"}
SICK = Task(name="sick?", kind="classification", labels=("sick",), exclusive=False)


def said(report: ImportReport, *outcomes: Outcome) -> list[str]:
    return [remark.sentence for remark in report.remarks if not outcomes or remark.outcome in outcomes]


@pytest.fixture
def slices(project: Project, tmp_path: Path) -> Path:
    """The folder with the exports of three CT slices with their geometry."""
    for number in range(3):
        a_slice(tmp_path / "ct" / f"{9 - number}.dcm", number)
    add_to_project(project, scan([tmp_path / "ct"]))
    for name, out in OUT.items():
        write(project, name, tmp_path / "out" / out, geometry="yes")
    return tmp_path / "out"


def changed(path: Path, key: str, value: Any, *, of: int) -> None:
    """Say something else of one image's geometry in an exported file. of: its place in the file."""
    if path.suffix == ".json":
        document = json.loads(path.read_text())
        document["images"][of]["negatoscope"][key] = value
        path.write_text(json.dumps(document))
        return
    path = path / "index.csv" if path.is_dir() else path
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    rows[of][key] = value if isinstance(value, str) else json.dumps(value)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.parametrize("name", OUT)
@pytest.mark.parametrize(
    ("key", "value"),
    [("position_mm", [-10.5, 16, 3.5]), ("row_cosines", [0, 1, 0]), ("col_spacing_mm", 0.51),
     ("position_mm", [-10.5, float("nan"), 3]), ("frame_of_reference_uid", "1.2.10"), ("series_uid", "1.2.22")],
)  # fmt: skip
def test_an_image_that_lies_elsewhere_than_the_import_says_is_refused_by_name(
    slices: Path, other: Project, bring_in: Bring, name: str, key: str, value: Any
) -> None:
    changed(slices / OUT[name], key, value, of=1)

    report = bring_in(other, name, slices / OUT[name])

    (sentence,) = said(report, Outcome.CONTRADICTORY)
    assert "8.dcm" in sentence and f"the import says {key} " in sentence and "left out" in sentence
    assert [image.path.name for image in other.images.all()] == ["9.dcm", "7.dcm"]


@pytest.mark.parametrize("name", OUT)
def test_what_the_file_says_itself_is_no_contradiction(
    slices: Path, other: Project, bring_in: Bring, name: str
) -> None:
    report = bring_in(other, name, slices / OUT[name])

    assert said(report) == []
    images = other.images.all()
    assert [image.path.name for image in images] == ["9.dcm", "8.dcm", "7.dcm"]
    assert len({image.case_id for image in images}) == 1  # slices of one series are one case, as where it was added


def test_slices_enter_in_the_order_of_their_series_and_no_two_at_one_place(
    slices: Path, other: Project, bring_in: Bring
) -> None:
    document = json.loads((slices / "out.json").read_text())
    document["images"].reverse()
    (slices / "turned.json").write_text(json.dumps(document))
    bring_in(other, "coco", slices / "turned.json")
    assert [image.path.name for image in other.images.all()] == ["9.dcm", "8.dcm", "7.dcm"]

    changed(slices / "out.json", "series_index", 2, of=1)
    report = bring_in(other, "coco", slices / "out.json")
    (one, two) = said(report, Outcome.CONTRADICTORY)
    assert one == two and "8.dcm" in one and "7.dcm" in one and "are image 2 of one series" in one


@pytest.mark.parametrize(
    ("labels", "names", "objects", "why"),
    [(["spot", "spot"], ["7", "7"], 1, ""), (["spot", "spot"], ["7", "8"], 2, ""), (["spot", "spot"], ["7", ""], 2, ""),
     (["spot", "scar"], ["7", "7"], 2, "The object 7 of t.csv came in as shapes of their own: it has the labels scar "
      "and spot (9.dcm, 8.dcm), and an object has one.")],
)  # fmt: skip
def test_a_column_makes_objects_over_images_and_what_cannot_be_one_is_refused_by_name(
    slices: Path, other: Project, bring_in: Bring, tmp_path: Path, labels: list[str], names: list[str], objects: int,
    why: str,
) -> None:  # fmt: skip
    rows = ["path,label,lesion,x0_px,y0_px,x1_px,y1_px"]
    rows += [f"ct/{9 - n}.dcm,{labels[n]},{names[n]},0,0,1.5,1" for n in range(2)]
    (tmp_path / "t.csv").write_text("\n".join(rows) + "\n")

    report = bring_in(
        other, "csv", tmp_path / "t.csv", {"map": ["image=path,object=lesion,label=label"]}, complete=True
    )

    shapes = [one for image in other.images.all() for one in other.work.annotations(image.image_id)]
    assert len(shapes) == 2 and len({one.object_key for one in shapes}) == objects
    assert said(report, Outcome.CONTRADICTORY) == ([why] if why else [])
    assert (report.completed_cases, report.open_cases) == ((0, 1) if why else (1, 0))


# -- parts of a split


@pytest.fixture
def films(tmp_path: Path, write_picture: Callable[..., Path]) -> Path:
    for number in range(8):
        write_picture(tmp_path / "set" / f"{number}.png", seed=number)
    return tmp_path / "set"


def table(films: Path, parts: list[str]) -> Path:
    lines = [f"{n}.png,P{n},{n % 2},{part}" for n, part in enumerate(parts)]
    (films / "t.csv").write_text("\n".join(["path,patient_id,sick,split", *lines]) + "\n")
    return films / "t.csv"


MAPPED = {"map": ["image=path,patient=patient_id,label=sick,part=split"]}


def test_what_an_import_calls_test_stays_test_in_every_snapshot(project: Project, films: Path, bring_in: Bring) -> None:
    parts = ["Training", "test", "val", "train", "train", "TEST", "validation", ""]
    report = bring_in(project, "csv", table(films, parts), MAPPED, complete=True)
    (kept,) = [one for one in said(report, Outcome.NOTE) if "was kept" in one]
    assert "(3 in train, 2 in test, 2 in validation)" in kept and IMPORTED_SPLIT in kept

    snapshot = make_snapshot(project, SICK, split=(0.5, 0.25, 0.25))
    test = {item.path.name for item in snapshot.items if item.part == "test"}
    assert test == {"1.png", "5.png"}
    assert any(f"2 images in test, as {IMPORTED_SPLIT} of the project has it" in one for one in snapshot.card["notes"])

    by_file = make_snapshot(project, SICK, split_file=SplitFile(path=project.folder / IMPORTED_SPLIT))
    assert {item.path.name: item.part for item in by_file.items} == {
        "0.png": "train", "1.png": "test", "2.png": "val", "3.png": "train", "4.png": "train", "5.png": "test",
        "6.png": "val",
    }  # fmt: skip


def test_a_split_file_that_trains_on_what_an_import_calls_test_is_refused(
    project: Project, films: Path, bring_in: Bring, tmp_path: Path
) -> None:
    bring_in(project, "csv", table(films, ["train", "test"] * 4), MAPPED, complete=True)
    ids = {image.path.name: image.image_id for image in project.images.all()}
    (tmp_path / "s.csv").write_text(f"image_id,part\n{ids['1.png']},train\n{ids['0.png']},test\n")

    with pytest.raises(BadRequest, match=r"1\.png into train.*of an import, so it stays a test image"):
        make_snapshot(project, SICK, split_file=SplitFile(path=tmp_path / "s.csv"))


def test_folds_odd_parts_and_an_image_in_two_are_said(project: Project, films: Path, bring_in: Bring) -> None:
    path = table(films, ["fold 0", "Fold 1", "2", "x", "fold 0", "fold 1", "fold 2", "fold 0"])
    path.write_text(path.read_text() + "7.png,P7,1,fold 1\n")
    report = bring_in(project, "csv", path, MAPPED, complete=True)

    notes = " ".join(said(report, Outcome.NOTE))
    assert "x is no part of a split" in notes and "7.png is in the parts fold 0 and fold 1; none of them" in notes
    snapshot = make_snapshot(
        project, SICK, split_file=SplitFile(path=project.folder / IMPORTED_SPLIT, column="fold")
    )  # fmt: skip
    assert {item.path.name: item.fold for item in snapshot.items} == {
        "0.png": 0, "1.png": 1, "2.png": 2, "4.png": 0, "5.png": 1, "6.png": 2,
    }  # fmt: skip


def test_an_image_keeps_the_part_that_it_got_first_and_a_torn_patient_is_said(
    project: Project, films: Path, bring_in: Bring
) -> None:
    bring_in(project, "csv", table(films, ["test"] * 2), MAPPED)
    report = bring_in(project, "csv", table(films, ["train", "test", "train"]), MAPPED)
    assert any("1 image keeps the part of an earlier import." in one for one in said(report, Outcome.NOTE))

    lines = "path,patient_id,sick,split\n3.png,P9,1,train\n4.png,P9,0,test\n"
    (films / "t.csv").write_text(lines)
    report = bring_in(project, "csv", films / "t.csv", MAPPED)
    assert any("1 patient is in two parts" in one and "P9 in test and train" in one for one in said(report))


def test_an_import_that_is_undone_or_fails_takes_its_split_along(
    project: Project, films: Path, bring_in: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = table(films, ["train", "test"] * 4)
    with monkeypatch.context() as patch:
        patch.setattr(History, "do", lambda *_, **__: (_ for _ in ()).throw(NotWritable("The disk is full.")))
        with pytest.raises(NotWritable):
            bring_in(project, "csv", path, MAPPED)
    assert not (project.folder / IMPORTED_SPLIT).exists()
    bring_in(project, "csv", path, MAPPED)
    assert len(imported_images(project.folder)[0]) == 4
    project.history.undo()
    assert not (project.folder / IMPORTED_SPLIT).exists()
    assert imported_images(project.folder) == (frozenset(), frozenset())
    project.history.redo()
    assert len(imported_images(project.folder)[0]) == 4
    # Brought again, all is there already: no step is made, and what it names cannot be undone.
    bring_in(project, "csv", path, MAPPED)
    project.history.undo()
    assert len(imported_images(project.folder)[0]) == 4


def test_a_column_called_split_is_named_as_what_it_may_be(project: Project, films: Path, bring_in: Bring) -> None:
    report = bring_in(project, "csv", table(films, ["train"] * 8))

    assert any("--map part=split keeps the split" in one for one in said(report, Outcome.NOTE))
    assert not (project.folder / IMPORTED_SPLIT).exists()


def test_the_parts_of_a_folder_for_each_class_are_kept(
    project: Project, tmp_path: Path, write_picture: Callable[..., Path], bring_in: Bring
) -> None:
    wanted = {}
    for number, (part, label) in enumerate([("train", "ill"), ("train", "well"), ("val", "ill"), ("test", "well")] * 2):
        write_picture(tmp_path / "set" / part / label / f"{number}.png", seed=number)
        wanted[f"{number}.png"] = part
    bring_in(project, "image-folder", tmp_path / "set", complete=True)

    task = Task(name="t", kind="classification", labels=("ill", "well"))
    snapshot = make_snapshot(project, task, split_file=SplitFile(path=project.folder / IMPORTED_SPLIT))
    assert {item.path.name: item.part for item in snapshot.items} == wanted


def test_a_table_of_parts_that_cannot_be_read_is_named(project: Project, films: Path, bring_in: Bring) -> None:
    bring_in(project, "csv", table(films, [""] * 8), MAPPED)
    image = project.images.all()[0].image_id
    say(project, image, "sick", Verdict.YES)
    complete(project, image)
    (project.folder / IMPORTED_SPLIT).write_bytes(b"image_id\n\xff")

    with pytest.raises(BadProject, match=rf"{IMPORTED_SPLIT} cannot be read"):
        make_snapshot(project, SICK, split=(1, 0, 0))
