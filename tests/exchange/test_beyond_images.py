"""What is said of a series, a study and a patient, and measured on a plane, goes out and comes back."""

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.exchange.test_export_options import a_slice
from viewer.core.labels import Verdict
from viewer.core.registry import load
from viewer.core.shapes.anchors import PlaneAnchor
from viewer.core.shapes.annotations import CaseStatus, Measurement
from viewer.core.values import Quantity, Target, TargetKind, Value, Words
from viewer.exchange import EXPORTERS, IMPORTERS
from viewer.exchange.exporter import dataset_of
from viewer.exchange.importer import Outcome
from viewer.exchange.importing import ImportReport, carry_out
from viewer.exchange.plan import make_plan
from viewer.project import edit_builders as edits
from viewer.project.answers import answers_of, say
from viewer.project.lists.beyond import targets_of
from viewer.project.lists.on_planes import on_planes_of
from viewer.project.project import Project
from viewer.project.register import FrameToAdd, add_frames, add_to_project
from viewer.project.taking_out import taking_out
from viewer.project.verify import verify
from viewer.reading.scan import scan
from viewer.reading.series import FrameRef

SAID: dict[TargetKind, dict[str, Value]] = {
    TargetKind.SERIES: {"contrast": Verdict.YES, "phase": Words(text="arterial, late")},
    TargetKind.STUDY: {"dose": Quantity(number=3.25, unit="mSv")},
    TargetKind.PATIENT: {"weight": Quantity(number=71, unit="kg")},
}
ANSWERS = 4


@pytest.fixture
def slices(tmp_path: Path) -> Path:
    for number in range(3):
        a_slice(tmp_path / "ct" / f"{number}.dcm", number)
    return tmp_path / "ct"


def with_slices(folder: Path, slices: Path, author: str = "Ada") -> Project:
    project = Project.create(folder, author=author)
    add_to_project(project, scan([slices]), cut_stacks=True)
    return project


@pytest.fixture
def said(tmp_path: Path, slices: Path) -> Project:
    project = with_slices(tmp_path / "said", slices)
    for kind, target in targets_of(project.images.all()[1]).items():
        for name, value in SAID[kind].items():
            project.history.do(say(project, target, name, value))
    project.history.do(edits.add_measurement(line(project)))
    return project


def line(project: Project, name: str = "m") -> Measurement:
    """On the plane of the first slice: x to the left, y to the back and the head (3 : 4 : 5)."""
    plane = PlaneAnchor(
        frame_of_reference_uid="1.2.9", series_id=project.images.all()[0].series_id, origin_mm=(-10.5, 20.0, 0.0),
        row_cosines=(1.0, 0.0, 0.0), col_cosines=(0.0, 0.6, 0.8),
    )  # fmt: skip
    return Measurement(
        measurement_id=name, image_id="", kind="length", points_px=((0.5, 0.0), (12.5, 5.0)), plane=plane, author="Ada"
    )  # fmt: skip


def written(project: Project, form: str, path: Path, **given: list[str]) -> list[str]:
    exporter = load(EXPORTERS, form)
    dataset = dataset_of(project, exporter, given)
    losses: list[str] = exporter.losses(dataset)
    exporter.write(path, dataset)
    return losses


def brought(project: Project, form: str, path: Path, **given: list[str]) -> ImportReport:
    options = {name.replace("_", "-"): values for name, values in given.items()}
    with make_plan(project, load(IMPORTERS, form), path, options) as plan:
        return carry_out(project, plan)


def found(project: Project) -> dict[TargetKind, dict[str, Value]]:
    targets = targets_of(project.images.all()[0])
    there = answers_of(project, list(targets.values()))
    return {kind: there[target] for kind, target in targets.items()}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def rewritten(path: Path, there: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(there[0]))
        table.writeheader()
        table.writerows(there)


def places(project: Project) -> list[tuple[str, str, tuple[tuple[float, ...], ...]]]:
    return [(one.kind, one.author, one.points_mm) for one in on_planes_of(project)]


@pytest.mark.parametrize(("form", "file"), [("csv", "out.csv"), ("coco", "out.json")])
def test_answers_about_series_study_and_patient_come_back(
    said: Project, tmp_path: Path, slices: Path, form: str, file: str
) -> None:
    losses = written(said, form, tmp_path / file)
    assert not any("answer" in one for one in losses)
    again = with_slices(tmp_path / "again", slices, "Ben")
    assert brought(again, form, tmp_path / file).answers == ANSWERS
    assert found(again) == SAID
    assert brought(again, form, tmp_path / file).answers == 0
    assert verify(again.folder).problems == []
    again.history.undo()
    assert found(again) == {kind: {} for kind in SAID}


def test_they_stand_with_the_first_image_once(said: Project, tmp_path: Path) -> None:
    written(said, "csv", tmp_path / "out.csv")
    images = [row for row in rows(tmp_path / "out.csv") if row["kind"] == "image"]
    assert [bool(row["series_answers"]) for row in images] == [True, False, False]
    assert json.loads(images[0]["study_answers"]) == {"dose": {"number": 3.25, "unit": "mSv"}}
    assert json.loads(images[0]["patient_answers"]) == {"weight": {"number": 71.0, "unit": "kg"}}


def test_a_measurement_on_a_plane_comes_back_where_it_was(said: Project, tmp_path: Path, slices: Path) -> None:
    assert written(said, "csv", tmp_path / "out.csv") == []
    (row,) = (row for row in rows(tmp_path / "out.csv") if row["kind"] == "length")
    # (-10.5, 20, 0) + 0.5 right, and + 12.5 right + 5 (0, 0.6, 0.8); 12, 3 and 4 mm apart: 13 mm.
    assert json.loads(row["points_mm"]) == [[-10.0, 20.0, 0.0], [2.0, 23.0, 4.0]]
    assert (row["plane_frame_of_reference_uid"], row["measured"]) == ("1.2.9", "13.0 mm")
    assert json.loads(row["plane"]) == [[-10.5, 20.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.6, 0.8]]
    assert row["path"] == "ct/0.dcm"

    again = with_slices(tmp_path / "again", slices, "Ben")
    brought(again, "csv", tmp_path / "out.csv")
    ((kind, author, points),) = places(again)
    assert (kind, author) == ("length", "Ada")
    assert points == (pytest.approx((-10.0, 20.0, 0.0)), pytest.approx((2.0, 23.0, 4.0)))
    assert on_planes_of(again)[0].plane == line(said).plane
    brought(again, "csv", tmp_path / "out.csv")
    assert len(places(again)) == 1, "it was there already"
    assert verify(again.folder).problems == []
    again.history.undo()
    assert places(again) == []


@pytest.mark.parametrize("form", ["coco", "masks"])
def test_what_a_format_has_no_place_for_is_said_by_name(said: Project, form: str) -> None:
    exporter = load(EXPORTERS, form)
    losses = exporter.losses(dataset_of(said, exporter))
    assert "1 measurement on a plane is left out (the csv format holds them): 0.dcm." in losses
    assert any(f"{ANSWERS} answers are left out" in one for one in losses) is (form == "masks")


def test_without_the_first_image_the_next_one_says_it(said: Project, tmp_path: Path) -> None:
    first = said.images.all()[0]
    said.history.do(taking_out(said, [said.cases.get(first.case_id)]).edit)
    written(said, "csv", tmp_path / "out.csv")
    images = [row for row in rows(tmp_path / "out.csv") if row["kind"] == "image"]
    assert [bool(row["series_answers"]) for row in images] == [True, False]
    assert [row["path"] for row in rows(tmp_path / "out.csv") if row["kind"] == "length"] == ["ct/1.dcm"]


@pytest.mark.parametrize(("form", "lines"), [("csv", 1), ("coco", 0)])
def test_each_reader_is_written_and_brought_with_what_they_say(
    said: Project, tmp_path: Path, slices: Path, form: str, lines: int
) -> None:
    """Bob has begun no case: what he says of the series is his reading all the same."""
    bob = said.in_reading("Bob")
    series = targets_of(said.images.all()[0])[TargetKind.SERIES]
    bob.history.do(say(bob, series, "contrast", Verdict.NO))
    bob.history.do(edits.add_measurement(replace(line(said, "n"), points_px=((0.0, 0.0), (1.0, 1.0)))))
    bob.close()
    written(said, form, tmp_path / "out", readings=["each"])
    again = with_slices(tmp_path / "again", slices, "Eve")
    brought(again, form, tmp_path / "out")
    assert found(again) == SAID and len(places(again)) == lines
    theirs = again.in_reading("Bob")
    assert found(theirs)[TargetKind.SERIES] == {"contrast": Verdict.NO} and len(places(theirs)) == lines
    theirs.close()


def test_readers_who_differ_leave_it_unknown(said: Project, tmp_path: Path) -> None:
    """Also where one of them has not read the film with which it is written."""
    series = targets_of(said.images.all()[0])[TargetKind.SERIES]
    for name, verdict in (("Bob", Verdict.NO), ("Cleo", Verdict.YES)):
        theirs = said.in_reading(name)
        theirs.history.do(say(theirs, series, "contrast", verdict))
        theirs.history.do(say(theirs, series, "phase", Words(text="late")))
        for case in theirs.cases.all()[name == "Cleo" :]:
            theirs.history.do(edits.set_status(case, CaseStatus.COMPLETE))
        theirs.close()
    losses = written(said, "csv", tmp_path / "out.csv", readings=["agreed"])
    first = next(row for row in rows(tmp_path / "out.csv") if row["kind"] == "image")
    assert json.loads(first["series_answers"]) == {"phase": {"text": "late"}}
    assert "contrast" in first["left_out"] and any("contrast" in one for one in losses)


def test_what_nobody_asked_for_is_written_too(said: Project, tmp_path: Path, slices: Path) -> None:
    """An answer to no declared question went out of no table, and no word was said of it."""
    target = Target(kind=TargetKind.IMAGE, target_id=said.images.all()[0].image_id)
    said.history.do(say(said, target, "note", Words(text="see above")))
    written(said, "csv", tmp_path / "out.csv")
    again = with_slices(tmp_path / "again", slices)
    brought(again, "csv", tmp_path / "out.csv")
    assert answers_of(again, [target])[target] == {"note": Words(text="see above")}


@pytest.mark.parametrize(
    ("kind", "change", "words"),
    [
        ("length", {"plane_frame_of_reference_uid": "1.2.8"}, "lies in the frame of reference 1.2.9"),
        ("length", {"points_mm": "[[-10, 20, 0], [2, 23, 9]]"}, "mm off the plane"),
        ("length", {"points_mm": "[[-10, 20, 0]]"}, "A length needs two points"),
        ("length", {"plane": "[[0,0,0],[1,0,0],[1,0,0]]"}, "unit vectors at right angles"),
        ("length", {"plane": "none"}, "it was left out"),
        ("ellipse", {}, "measures an image's pixels"),
        ("nodule", {}, "nodule"),
        ("mask", {"label": "nodule"}, "A mask is painted, and has no points"),
        ("length", {"label": "nodule"}, "A length is a measurement, and nothing is annotated by it"),
        ("box", {"label": "nodule", "points_mm": "[[-10, 20, 0]]"}, "two of its corners"),
    ],
)
def test_a_row_that_is_no_measurement_here_is_left_out_by_name(
    said: Project, tmp_path: Path, slices: Path, kind: str, change: dict[str, str], words: str
) -> None:
    written(said, "csv", tmp_path / "out.csv")
    there = rows(tmp_path / "out.csv")
    for row in there:
        if row["kind"] == "length":
            row.update(kind=kind, **change)
    rewritten(tmp_path / "out.csv", there)
    again = with_slices(tmp_path / "again", slices)
    with make_plan(again, load(IMPORTERS, "csv"), tmp_path / "out.csv", {}) as plan:
        left = list(plan.remarks(Outcome.LEFT_OUT))
        carry_out(again, plan)
    assert len(left) == 1 and words in left[0].sentence, left
    assert places(again) == [] and found(again) == SAID


def test_two_answers_of_one_study_contradict_each_other(said: Project, tmp_path: Path, slices: Path) -> None:
    written(said, "csv", tmp_path / "out.csv")
    there = rows(tmp_path / "out.csv")
    last = next(row for row in there if row["path"] == "ct/2.dcm" and row["kind"] == "image")
    last["study_answers"] = json.dumps({"dose": {"number": 9, "unit": "mSv"}})
    rewritten(tmp_path / "out.csv", there)
    again = with_slices(tmp_path / "again", slices)
    with make_plan(again, load(IMPORTERS, "csv"), tmp_path / "out.csv", {}) as plan:
        (remark,) = plan.remarks(Outcome.CONTRADICTORY)
        carry_out(again, plan)
    assert "of dose of its study: 3.25 mSv and 9 mSv; it was left unknown" in remark.sentence
    assert found(again)[TargetKind.STUDY] == {}
    brought(again, "csv", tmp_path / "out.csv", on_conflict=["last"])
    assert found(again)[TargetKind.STUDY] == {"dose": Quantity(number=9, unit="mSv")}


def test_it_comes_with_pictures_that_the_import_registers(said: Project, tmp_path: Path) -> None:
    written(said, "csv", tmp_path / "out.csv")
    again = Project.create(tmp_path / "again", author="Ben")
    assert brought(again, "csv", tmp_path / "out.csv").new_images == 3
    assert found(again) == SAID and len(places(again)) == 1
    assert verify(again.folder).problems == []


def test_of_a_picture_that_is_of_no_study_nothing_of_one_is_said(
    project: Project, tmp_path: Path, write_picture: Callable[..., Path]
) -> None:
    add_frames(project, [FrameToAdd(ref=FrameRef(path=write_picture(tmp_path / "a.png")), source="s")])
    written(project, "csv", tmp_path / "out.csv")
    (row,) = rows(tmp_path / "out.csv")
    rewritten(tmp_path / "out.csv", [{**row, "study_answers": '{"dose": {"number": 1, "unit": "mSv"}}'}])
    with make_plan(project, load(IMPORTERS, "csv"), tmp_path / "out.csv", {}) as plan:
        (left,) = plan.remarks(Outcome.LEFT_OUT)
    assert "a.png: its study is not known, so dose of it was left out; add its folder to the project" in left.sentence
