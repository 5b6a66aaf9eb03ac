"""Shapes on planes through volumes go out and come back, of several readers by a rule; what does not come leaves open
what its plane cuts."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pydicom
import pytest

from tests.exchange.test_beyond_images import brought, line, places, rewritten, rows, with_slices, written
from tests.exchange.test_beyond_images import said as said  # fixtures
from tests.exchange.test_beyond_images import slices as slices
from tests.exchange.test_export_options import a_slice
from viewer.core.attributes import Attribute, AttributeKind
from viewer.core.registry import load
from viewer.core.shapes.annotations import Annotation, CaseStatus
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.polyline import Polyline
from viewer.core.values import Choice, Target, TargetKind
from viewer.exchange import IMPORTERS
from viewer.exchange.importer import Outcome
from viewer.exchange.importing import carry_out
from viewer.exchange.plan import make_plan
from viewer.exchange.settling.open_series import STAYS_OPEN
from viewer.project import edit_builders as edits
from viewer.project.answers import answers_of, say
from viewer.project.attributes.edits import declare
from viewer.project.lists.on_planes import shapes_on_planes
from viewer.project.objects.listing import all_objects
from viewer.project.project import Project
from viewer.project.register import add_to_project
from viewer.project.verify import verify
from viewer.reading.scan import scan


def a_box(project: Project, name: str = "b", object_id: str = "") -> Annotation:
    shape = Box(x0_px=1.5, y0_px=2.0, x1_px=13.5, y1_px=7.0)
    return Annotation(
        annotation_id=name, image_id="", label="nodule", shape=shape, plane=line(project).plane, author="Ada",
        object_id=object_id,
    )  # fmt: skip


def drawn(project: Project, *shapes: Annotation) -> None:
    for one in shapes:
        project.history.do(
            edits.add_annotation(
                one.image_id, one.label, one.shape, author=one.author, annotation_id=one.annotation_id,
                object_id=one.object_id, plane=one.plane,
            )
        )  # fmt: skip


def test_a_shape_on_a_plane_comes_back_where_it_was_with_its_object(
    said: Project, tmp_path: Path, slices: Path
) -> None:
    film = said.images.all()[1].image_id
    square = Annotation(
        annotation_id="i", image_id=film, label="nodule", shape=Box(x0_px=0, y0_px=0, x1_px=2, y1_px=2), author="Ada"
    )
    path = Polyline.of_points([(0.0, 0.0), (3.0, 4.0), (6.0, 0.0)])
    # A box that is one object with that of a slice, and a path that is an object of its own.
    drawn(said, square, a_box(said, object_id="i"), replace(a_box(said, "p"), shape=path))
    edge = Attribute(
        scope="region", label="nodule", name="edge", position=0, kind=AttributeKind.CHOICE, choices=("sharp", "blurred")
    )
    said.history.do(declare(edge))
    for key in ("i", "p"):
        said.history.do(say(said, Target(kind=TargetKind.OBJECT, target_id=key), "edge", Choice(word="sharp")))
    assert written(said, "csv", tmp_path / "out.csv") == []
    (row,) = (row for row in rows(tmp_path / "out.csv") if row["kind"] == "box" and row["points_mm"])
    # (-10.5, 20, 0) + 1.5 right and 2 (0, 0.6, 0.8); + 13.5 right and 7 (0, 0.6, 0.8).
    assert [[round(x, 9) for x in one] for one in json.loads(row["points_mm"])] == [[-9.0, 21.2, 1.6], [3.0, 24.2, 5.6]]
    assert (row["label"], row["path"], row["x0_px"]) == ("nodule", "ct/0.dcm", "")

    again = with_slices(tmp_path / "again", slices, "Ben")
    with make_plan(again, load(IMPORTERS, "csv"), tmp_path / "out.csv", {}) as plan:
        counts = plan.counts()
        assert counts.annotations == 3 and ("nodule", "shapes on planes", 2) in plan.taken()
        assert carry_out(again, plan).annotations == counts.annotations
    box, came = shapes_on_planes(again)
    assert (box.label, box.author, box.plane, came.shape.kind) == ("nodule", "Ada", line(said).plane, "polyline")
    assert box.shape.points() == (pytest.approx((1.5, 2.0)), pytest.approx((13.5, 7.0)))
    own, other = all_objects(again)
    assert sorted([(own.images, own.planes), (other.images, other.planes)]) == [(0, 1), (1, 1)]
    targets = [Target(kind=TargetKind.OBJECT, target_id=one.key) for one in (own, other)]
    assert list(answers_of(again, targets).values()) == [{"edge": Choice(word="sharp")}] * 2
    assert brought(again, "csv", tmp_path / "out.csv").annotations == 0, "it was there already"
    assert len(shapes_on_planes(again)) == 2 and verify(again.folder).problems == []
    again.history.undo()
    assert shapes_on_planes(again) == [] and places(again) == []


def test_a_format_without_planes_names_what_it_leaves_out_and_its_slices_stay_open(
    said: Project, tmp_path: Path, slices: Path
) -> None:
    """An import of it would else say of a complete case that nothing is there."""
    first = said.images.all()[0].image_id
    square = Annotation(
        annotation_id="i", image_id=first, label="nodule", shape=Box(x0_px=0, y0_px=0, x1_px=2, y1_px=2), author="Ada"
    )
    drawn(said, square, a_box(said))
    for case in said.cases.all():
        said.history.do(edits.set_status(case, CaseStatus.COMPLETE))
    for form, file in (("coco", "out.json"), ("masks", "out")):
        losses = written(said, form, tmp_path / file)
        words = (
            "1 shape on a plane is left out (the csv format holds them): 0.dcm; a slice there without a shape does not "
            "say that"
        )
        assert any(one.startswith(words) for one in losses), losses
    document = json.loads((tmp_path / "out.json").read_text())
    left = [image.get("left_out", "") for image in document["images"]]
    assert left == ["", *["what is drawn on planes through its series (nodule)"] * 2]
    with (tmp_path / "out" / "index.csv").open(encoding="utf-8", newline="") as file:
        kept = [row["left_out"] for row in csv.DictReader(file)]
    assert kept == ["1 box", *["what is drawn on planes through its series (nodule)"] * 2]
    again = with_slices(tmp_path / "again", slices, "Ben")
    with make_plan(again, load(IMPORTERS, "coco"), tmp_path / "out.json", {}, complete=True) as plan:
        carry_out(again, plan)
    assert [case.status.counts for case in again.cases.all()] == [True, False, False]


def test_what_several_readers_drew_on_planes_is_taken_by_a_rule_and_written_of_each(
    said: Project, tmp_path: Path, slices: Path
) -> None:
    """Bob and Cleo agree in the nodule; each drew the cyst on a plane of their own, which nothing compares."""
    for number, name in enumerate(("Bob", "Cleo")):
        theirs = said.in_reading(name)
        plane = a_box(said).plane
        assert plane is not None
        aside = replace(plane, origin_mm=plane.to_patient((float(number), 0.0)), row_cosines=(0.6, 0.0, 0.8),
                        col_cosines=(0.0, 1.0, 0.0))  # fmt: skip
        drawn(theirs, replace(a_box(said, name), author=name))
        drawn(theirs, replace(a_box(said, f"{name}'s"), label="cyst", author=name, plane=aside))
        for case in theirs.cases.all():
            theirs.history.do(edits.set_status(case, CaseStatus.COMPLETE))
        theirs.close()
    losses = written(said, "csv", tmp_path / "rule.csv", readings=["agreed"])
    assert any("3 images are without what readers differ in (cyst)" in one for one in losses), losses
    there = rows(tmp_path / "rule.csv")
    assert [(row["label"], row["author"]) for row in there if row["kind"] == "box"] == [("nodule", "Bob")]
    # Not on the first one alone: a complete slice without a shape would say that no cyst is there.
    assert [row["left_out"] for row in there if row["kind"] == "image"] == ["what its readers differ in (cyst)"] * 3
    again = with_slices(tmp_path / "by rule", slices, "Eve")
    with make_plan(again, load(IMPORTERS, "csv"), tmp_path / "rule.csv", {}, complete=True) as plan:
        carry_out(again, plan)
    assert not any(case.status.counts for case in again.cases.all())
    for form, file in (("coco", "rule.json"), ("masks", "rule")):
        written(said, form, tmp_path / file, readings=["agreed"])
    left = [image["left_out"] for image in json.loads((tmp_path / "rule.json").read_text())["images"]]
    assert all("what is drawn on planes through its series (nodule)" in one and "cyst" in one for one in left), left
    written(said, "csv", tmp_path / "each.csv", readings=["each"])
    again = with_slices(tmp_path / "again", slices, "Eve")
    brought(again, "csv", tmp_path / "each.csv")
    for name in ("Bob", "Cleo"):
        theirs = again.in_reading(name)
        assert [one.author for one in shapes_on_planes(theirs)] == [name] * 2
        theirs.close()
    assert shapes_on_planes(again) == []


@pytest.mark.parametrize(
    ("change", "lost"),
    [
        ({"plane_frame_of_reference_uid": "1.2.8"}, ""),  # of another space
        ({"points_mm": "[[NaN, 21.2, 1.6], [3, 24.2, 5.6]]"}, ""),
        ({"points_mm": "[[1e999, 21.2, 1.6], [3, 24.2, 5.6]]"}, ""),
        ({"plane": "none"}, ""),  # a row that is not read at all
        ({"points_mm": "[[3, 21.2, 1.6], [3, 24.2, 9.6]]"}, ""),  # off its plane
        ({"kind": "mask"}, ""),
        ({}, "0.dcm"),  # the image with which it is written is not found
    ],
)
def test_a_shape_on_a_plane_that_does_not_come_leaves_every_slice_of_its_series_open(
    said: Project, tmp_path: Path, slices: Path, change: dict[str, str], lost: str
) -> None:
    """The plane cuts them all: completed, they would say that nothing is there. What is of another patient goes on."""
    drawn(said, a_box(said))
    for case in said.cases.all():
        said.history.do(edits.set_status(case, CaseStatus.COMPLETE))
    written(said, "csv", tmp_path / "out.csv")
    there = rows(tmp_path / "out.csv")
    for row in there:
        if row["kind"] == "box":
            row.update(change)
    other = {**dict.fromkeys(there[0], ""), "path": "film.dcm", "kind": "image", "frame_index": "0", "patient_id": "Q"}
    rewritten(tmp_path / "out.csv", [*there, other])
    a_film = tmp_path / "film.dcm"
    a_slice(a_film, 9)
    film = pydicom.dcmread(a_film)
    film.PatientID, film.SeriesInstanceUID, film.StudyInstanceUID = "Q", "1.2.77", "1.2.78"
    film.save_as(a_film)
    if lost:
        (slices / lost).unlink()
    again = Project.create(tmp_path / "again", author="Ben")
    add_to_project(again, scan([slices, a_film]), cut_stacks=True)
    with make_plan(again, load(IMPORTERS, "csv"), tmp_path / "out.csv", {}, complete=True) as plan:
        carry_out(again, plan)
        said_open = [one.sentence for one in plan.remarks(Outcome.NOTE) if one.rule == STAYS_OPEN]
    assert shapes_on_planes(again) == []
    states = {again.images.get(case.first_image_id).path.name: case.status.counts for case in again.cases.all()}
    names = [one for one in ("0.dcm", "1.dcm", "2.dcm") if one != lost]
    assert states == {**dict.fromkeys(names, False), "film.dcm": True}
    words = "1.dcm and 1 more image of its patient stay" if lost else "0.dcm and 2 more images of its series stay"
    assert said_open == [f"{words} open: what is drawn on a plane through them was left out."]


def test_an_object_on_planes_that_contradicts_itself_leaves_every_slice_of_its_series_open(
    said: Project, tmp_path: Path, slices: Path
) -> None:
    drawn(said, a_box(said), replace(a_box(said, "c", "b"), shape=Polyline.of_points([(0.0, 0.0), (3.0, 4.0)])))
    for case in said.cases.all():
        said.history.do(edits.set_status(case, CaseStatus.COMPLETE))
    written(said, "csv", tmp_path / "out.csv")
    there = rows(tmp_path / "out.csv")
    for label, row in zip(("nodule", "cyst"), (row for row in there if row["points_mm"] and row["label"])):
        row["label"] = label
    rewritten(tmp_path / "out.csv", there)
    again = with_slices(tmp_path / "again", slices, "Ben")
    with make_plan(again, load(IMPORTERS, "csv"), tmp_path / "out.csv", {}, complete=True) as plan:
        carry_out(again, plan)
    assert sorted(one.label for one in shapes_on_planes(again)) == ["cyst", "nodule"]
    assert [case.status.counts for case in again.cases.all()] == [False, False, False]
