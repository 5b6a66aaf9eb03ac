"""Labelled shapes on planes through volumes: kept, undone, of an object, told to windows, gone with their series; and
what takes shapes of images neither takes nor forgets them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select, update

from tests.project.acts_of_two import plane_at
from tests.project.conftest import made_up_image
from tests.project.test_planes import case_of, line
from viewer.core.errors import BadRequest, NotFound
from viewer.core.shapes.anchors import PlaneAnchor
from viewer.core.shapes.annotations import Annotation, CaseStatus
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.kinds.point import SinglePoint
from viewer.core.shapes.kinds.polygon import Polygon
from viewer.core.shapes.kinds.polyline import Polyline
from viewer.core.shapes.objects import ObjectNote
from viewer.core.shapes.shape import Shape
from viewer.project import edit_builders as edits
from viewer.project.at_hand.objects import objects_of
from viewer.project.at_hand.reading import read_changes, read_whole
from viewer.project.at_hand.values import AtHand
from viewer.project.case_filter import cases_found
from viewer.project.counts import label_counts, label_uses
from viewer.project.lists.info import project_info
from viewer.project.lists.on_planes import on_planes_of, shapes_on_planes
from viewer.project.objects.edits import join, relabel_object, remove_object, say_of_object
from viewer.project.objects.listing import all_objects
from viewer.project.objects.reading import shapes_of
from viewer.project.project import Project
from viewer.project.records import Task
from viewer.project.register import copy_work
from viewer.project.removing_labels import removing_label
from viewer.project.revisions import RevisionKind, Touched, raise_revision
from viewer.project.snapshots.preview import SnapshotPreview
from viewer.project.snapshots.snapshot import make_snapshot
from viewer.project.store.schema import anchors, annotations
from viewer.project.taking_out import taking_out
from viewer.project.verify import verify

PLANE = plane_at(12.5)
BOX = Box(x0_px=30, y0_px=40, x1_px=60, y1_px=80)
Named = dict[str, str]


def drawn(shape: Shape = BOX, plane: PlaneAnchor = PLANE, name: str = "a", label: str = "nodule") -> Annotation:
    return Annotation(annotation_id=name, image_id="", label=label, shape=shape, author="Ada", plane=plane)


def on_image(image_id: str, name: str = "i", label: str = "nodule") -> Annotation:
    return Annotation(
        annotation_id=name, image_id=image_id, label=label, shape=Box(x0_px=1, y0_px=1, x1_px=5, y1_px=9), author="Ada"
    )


def draw(project: Project, one: Annotation) -> None:
    edit = edits.add_annotation(
        one.image_id, one.label, one.shape, author=one.author, annotation_id=one.annotation_id,
        object_id=one.object_id, plane=one.plane,
    )  # fmt: skip
    project.history.do(edit)


@pytest.fixture
def of(project: Project) -> Named:
    """Image ids of a study with the series S (two slices) and T, and of another with U; each film is a case."""
    facts = {"s0": ("S", "1.1"), "s1": ("S", "1.1"), "t": ("T", "1.1"), "u": ("U", "1.2")}
    found = {}
    for number, (name, (series, study)) in enumerate(facts.items()):
        tags = {"FrameOfReferenceUID": "1.2.3"}
        new = made_up_image(60 + number, f"P{number}", series_id=series, study_uid=study, tags=tags)
        (found[name],) = project.images.register([new])
    return found


def complete(project: Project, *image_ids: str) -> None:
    for image_id in image_ids:
        project.history.do(edits.set_status(project.cases.get(case_of(project, image_id)), CaseStatus.COMPLETE))


def test_what_lies_on_neither_or_both_and_what_is_painted_is_none() -> None:
    for wrong in ({"image_id": "i"}, {"plane": None}):
        with pytest.raises(BadRequest, match="A box lies on an image or on a plane"):
            replace(drawn(), **wrong)
    mask = MaskRuns.from_array(np.ones((2, 2), bool))
    with pytest.raises(BadRequest, match="A mask is of an image's pixels, and lies on no plane"):
        replace(drawn(), shape=mask)
    # 30, 40 and 60, 80 mm from the plane's origin (-100, -80, 12.5).
    assert drawn().points_mm == ((-70.0, -40.0, 12.5), (-40.0, 0.0, 12.5))


def test_every_kind_is_kept_changed_undone_and_redone(project: Project, of: Named, folder: Path) -> None:
    kinds: list[Shape] = [
        BOX, SinglePoint.of_points([(3.0, 4.5)]), Polyline.of_points([(0.0, 0.0), (5.0, 2.0)]),
        Polygon.of_points([(0.0, 0.0), (5.0, 2.0), (1.0, 7.0)]),
    ]  # fmt: skip
    for number, shape in enumerate(kinds):
        draw(project, drawn(shape, name=f"{number}"))
    there = shapes_on_planes(project)
    assert [one.shape for one in there] == kinds and {one.plane for one in there} == {PLANE}
    moved = replace(there[0], shape=BOX.moved(1.5, 2), revision=2)
    project.history.do(edits.change_annotation(there[0], author="Ada", shape=moved.shape, verb="move"))
    assert shapes_on_planes(project)[0] == moved and project.history.undo_text == "move nodule box"
    project.history.do(edits.remove_annotation(moved))
    assert len(shapes_on_planes(project)) == 3
    for step, seen in ((project.history.undo, moved), (project.history.undo, there[0]), (project.history.redo, moved)):
        step()
        assert shapes_on_planes(project)[0] == seen, "at its old place in the order"
    assert verify(folder).problems == []
    author = project.author
    project.close()
    with Project.open(folder, writable=True, author=author) as again:
        assert shapes_on_planes(again)[0] == moved
        assert all(again.work.annotations(one) == () for one in of.values())


def test_a_plane_elsewhere_is_refused_and_who_came_between_is_named(project: Project, of: Named, folder: Path) -> None:
    with pytest.raises(NotFound, match="The series of this plane is not part of this project"):
        draw(project, drawn(plane=replace(PLANE, series_id="X")))
    with pytest.raises(BadRequest, match=r"0060\.png lies in the frame of reference 1\.2\.3"):
        draw(project, drawn(plane=replace(PLANE, frame_of_reference_uid="1.2.99")))
    draw(project, drawn())
    late = edits.change_annotation(drawn(), author="Ada", label="mass")
    project.close()
    with Project.open(folder, writable=True, author="Ben") as ben:
        ben.history.do(edits.remove_annotation(drawn()))
    with (
        Project.open(folder, writable=True, author="Ada") as again,
        pytest.raises(BadRequest, match=r"The box nodule on a plane through 0060\.png has been removed since by Ben"),
    ):
        again.history.do(late)


def test_it_is_told_to_the_cases_of_its_study_and_shown_where_its_plane_lies(project: Project, of: Named) -> None:
    cases = {name: case_of(project, image_id) for name, image_id in of.items()}
    seen = AtHand().taking(read_whole(project, case_ids=list(cases.values())))
    revision = project.revision()
    draw(project, drawn())
    (told,) = project.changes_since(revision)
    assert set(told.touched.case_ids) == {cases[one] for one in ("s0", "s1", "t")}
    assert told.touched.image_ids == ()
    fresh = read_changes(project, seen)
    assert fresh is not None
    seen = seen.taking(fresh)
    shown = {name: seen.cases.at_hand(cases[name]).shown_on(PLANE.place) for name in ("s0", "t", "u")}  # type: ignore[union-attr]  # open
    assert [[one.shape for one in several] for several in shown.values()] == [[BOX], [BOX], []]
    # One corner of a box on a plane that is turned lies off it, though the two that it is kept by lie on it.
    row = (0.6, 0.8, 0.0)
    turned = replace(PLANE, row_cosines=row, col_cosines=(-0.8, 0.6, 0.0))
    assert turned.is_shown_on(PLANE.place, drawn(plane=turned).outline_px)
    assert [one.label for one in shapes_on_planes(project)] == ["nodule"]
    assert {case: seen.cases.drawn.get(case) for case in cases.values()} == {
        cases["s0"]: ("nodule",), cases["s1"]: ("nodule",), cases["t"]: None, cases["u"]: None
    }  # fmt: skip


def test_it_begins_its_case_and_that_of_another_keeps_it_begun(project: Project, of: Named, folder: Path) -> None:
    case, author = project.cases.get(case_of(project, of["s0"])), project.author
    edit = edits.add_annotation("", "nodule", BOX, author="Ada", plane=PLANE)
    project.history.do(edits.with_case_started(edit, case))
    assert project.cases.get(case.case_id).status is CaseStatus.IN_PROGRESS
    project.history.undo()
    assert project.cases.get(case.case_id).status is CaseStatus.TO_DO
    project.history.redo()
    project.close()
    with Project.open(folder, writable=True, author="Ben") as ben:
        draw(ben, drawn(name="second"))
    with Project.open(folder, writable=True, author=author) as again:
        again.history.undo()
        assert [one.annotation_id for one in shapes_on_planes(again)] == ["second"]
        assert again.cases.get(case.case_id).status is CaseStatus.IN_PROGRESS


def test_nothing_begins_a_case_that_was_taken_out_meanwhile(project: Project, of: Named) -> None:
    case = project.cases.get(case_of(project, of["s0"]))
    late = edits.with_case_started(edits.add_annotation("", "nodule", BOX, author="Ada", plane=PLANE), case)
    project.history.do(taking_out(project, [case]).edit)
    with pytest.raises(NotFound, match=r"0060\.png is not part of this project"):
        project.history.do(late)
    assert shapes_on_planes(project) == []


def test_a_label_is_counted_found_renamed_and_removed_with_it(project: Project, of: Named, folder: Path) -> None:
    draw(project, drawn())
    draw(project, drawn(plane=plane_at(20.0), name="b"))
    (label,) = project.labels
    assert label_counts(project, "region") == {"nodule": 2} and label_uses(project, "nodule", "region") == 2
    info = project_info(project)
    assert (info["shapes_on_planes"], info["labels"][0]["count"]) == (2, 2)
    assert cases_found(project.database, "NODU") == {case_of(project, of[one]) for one in ("s0", "s1")}
    with pytest.raises(BadRequest, match="The label nodule is used 2 times"):
        project.history.do(edits.remove_label(label))
    revision = project.revision()
    project.history.do(edits.rename_label(label, "mass"))
    (told,) = project.changes_since(revision)
    assert {case_of(project, of[one]) for one in ("s0", "s1", "t")} <= set(told.touched.case_ids)
    assert [one.label for one in shapes_on_planes(project)] == ["mass", "mass"]
    removal = removing_label(project, project.labels[0])
    assert removal.sentence == "2 objects on 2 planes go with mass."
    project.history.do(removal.edit)
    assert shapes_on_planes(project) == []
    project.history.undo()
    assert [one.label for one in shapes_on_planes(project)] == ["mass", "mass"]
    assert verify(folder).problems == []


def test_an_object_has_parts_on_planes(project: Project, of: Named, folder: Path) -> None:
    draw(project, on_image(of["s0"]))
    draw(project, drawn())
    draw(project, drawn(SinglePoint.of_points([(1.0, 1.0)]), name="p", plane=plane_at(20.0)))
    shapes = [*project.work.annotations(of["s0"]), *shapes_on_planes(project)]
    project.history.do(join(shapes, author="Ada"))
    assert project.history.undo_text == "join nodule on 1 slice and 2 planes"
    (row,) = all_objects(project)
    assert (row.key, row.images, row.planes, row.film) == ("i", 1, 2, "0060.png")
    assert [one.annotation_id for one in shapes_of(project, "i")] == ["i", "a", "p"]
    seen = AtHand().taking(read_whole(project, case_ids=[row.case_id]))
    assert objects_of(seen, row.case_id)["i"].slices == "1 slice and 2 planes"
    # A second box of the object on the same plane, and one through a series of another case.
    with pytest.raises(BadRequest, match=r"several boxes on a plane through 0060\.png"):
        draw(project, replace(drawn(name="c"), object_id="i"))
    with pytest.raises(BadRequest, match="images of several cases"):
        draw(project, replace(drawn(plane=plane_at(5.0, "U"), name="c"), object_id="i"))
    # Whoever relabels one of its shapes relabels them all.
    project.history.do(edits.change_annotation(shapes_of(project, "i")[0], author="Ada", label="mass"))
    assert [one.label for one in shapes_of(project, "i")] == ["mass"] * 3
    project.history.do(relabel_object(shapes_of(project, "i"), "nodule", author="Ada"))
    project.history.do(remove_object(shapes_of(project, "i")))
    assert all_objects(project) == []
    project.history.undo()
    assert len(shapes_of(project, "i")) == 3 and verify(folder).problems == []


def test_what_is_said_of_an_object_on_planes_alone_is_kept_and_goes_with_it(
    project: Project, of: Named, folder: Path
) -> None:
    draw(project, drawn())
    note = ObjectNote(comment="see prior")
    revision = project.revision()
    project.history.do(say_of_object(shapes_on_planes(project), ObjectNote(), note))
    (told,) = project.changes_since(revision)
    assert set(told.touched.case_ids) == {case_of(project, of[one]) for one in ("s0", "s1", "t")}
    (row,) = all_objects(project)
    assert (row.note, row.images, row.planes, row.film) == (note, 0, 1, "0060.png")
    assert verify(folder).problems == []
    project.history.do(edits.remove_annotation(drawn()))
    project.history.undo()
    assert all_objects(project)[0].note == note


def test_it_goes_with_the_last_image_of_its_series_and_comes_back(project: Project, of: Named, folder: Path) -> None:
    draw(project, on_image(of["s0"]))
    draw(project, drawn())
    project.history.do(join([*project.work.annotations(of["s0"]), *shapes_on_planes(project)], author="Ada"))
    project.history.do(say_of_object(shapes_of(project, "i"), ObjectNote(), ObjectNote(comment="see prior")))
    before = shapes_of(project, "i")
    first, second = (project.cases.get(case_of(project, of[one])) for one in ("s0", "s1"))
    plan = taking_out(project, [first])
    assert plan.sentence == "1 case with 1 image: 1 box goes with it."
    project.history.do(plan.edit)
    # The object lives on, on its plane, with what is said of it.
    (row,) = all_objects(project)
    assert (row.images, row.planes, row.note.comment) == (0, 1, "see prior")
    assert verify(folder).problems == []
    late = edits.add_annotation("", "nodule", BOX, author="Ada", plane=plane_at(30.0))
    thought = taking_out(project, [second])
    assert thought.work["box"] == 1
    project.history.do(late)
    with pytest.raises(BadRequest, match="has been worked on since"):
        project.history.do(thought.edit)
    project.history.undo()
    project.history.do(taking_out(project, [second]).edit)
    assert shapes_on_planes(project) == [] and all_objects(project) == []
    assert verify(folder).problems == []
    project.history.undo()
    project.history.undo()
    assert shapes_of(project, "i") == before and all_objects(project)[0].note.comment == "see prior"
    assert verify(folder).problems == []


def test_what_was_drawn_while_no_project_was_open_comes_over_once(project: Project, of: Named, folder: Path) -> None:
    draw(project, drawn())
    project.history.do(say_of_object(shapes_on_planes(project), ObjectNote(), ObjectNote(comment="see prior")))
    project.history.do(edits.add_measurement(line()))
    facts = {"series_id": "S", "study_uid": "1.1", "tags": {"FrameOfReferenceUID": "1.2.3"}}
    with Project.create(folder.parent / "other", author="Ada") as other:
        ids = other.images.register([made_up_image(60, "P0", **facts)])
        for copied in (3, 0):
            assert copy_work(project, other, ids) == copied
            assert shapes_on_planes(other) == [drawn()] and len(on_planes_of(other)) == 1
            assert all_objects(other)[0].note.comment == "see prior"
        # More of the same object, of which all is said there already.
        draw(project, replace(drawn(plane=plane_at(20.0), name="b"), object_id="a"))
        assert copy_work(project, other, ids) == 1 and len(shapes_of(other, "a")) == 2
        assert verify(other.folder).problems == []


@pytest.mark.parametrize(
    ("table", "values", "words"),
    [
        (anchors, {"plane": "[[0,0,0],[1,0,0]]"}, "The annotation a (nodule) on the plane"),
        (annotations, {"anchor_id": plane_at(20.0).anchor_id}, "annotations: a"),
    ],
)
def test_verify_names_one_whose_plane_was_changed(project, of, folder, table, values, words) -> None:  # type: ignore[no-untyped-def]
    for one in (drawn(), drawn(plane=plane_at(20.0), name="b")):
        draw(project, one)
    with project.database.writing() as connection:
        connection.execute(update(table).values(**values))
        raise_revision(connection, RevisionKind.DO, Touched())
    assert any(one.startswith(words) for one in verify(folder).problems), verify(folder).problems


def test_each_reading_has_its_own(project: Project, of: Named) -> None:
    bob = project.in_reading("Bob")
    draw(bob, drawn(name="b"))
    assert shapes_on_planes(project) == [] and len(shapes_on_planes(bob)) == 1
    first = project.in_reading("Ada, first")
    complete(first, of["s0"])
    first.reveal(case_of(first, of["s0"]))
    with pytest.raises(BadRequest, match="AI was shown of"):
        draw(first, drawn())
    bob.close()
    first.close()


DETECTION = Task(name="boxes", kind="detection", labels=("nodule",))


def test_a_slice_without_a_shape_is_no_background_where_a_plane_through_its_series_has_one(
    project: Project, of: Named
) -> None:
    """Taken, it would say in the snapshot that nothing is there. What bears its own is taken, and the rest named."""
    draw(project, on_image(of["s0"]))
    draw(project, on_image(of["u"], name="u"))
    for name, z in (("a", 12.5), ("b", 20.0)):
        draw(project, drawn(plane=plane_at(z), name=name))
    draw(project, drawn(plane=plane_at(5.0, "U"), name="c", label="artefact"))  # no label of the task
    complete(project, *of.values())
    reason = "nodule is drawn on a plane through its series and not on it"
    preview = SnapshotPreview(project, DETECTION)
    assert (preview.left_out[reason], preview.left_out_of[reason]) == (1, ["0061.png"])
    found = make_snapshot(project, DETECTION, split=(1.0, 0.0, 0.0))
    assert {item.image_id for item in found.items} == {of["s0"], of["t"], of["u"]}
    assert found.card["left_out"][reason] == 1 and found.card["left_out_of"][reason] == ["0061.png"]
    assert "2 shapes on planes, which no data set of images takes: 0060.png (2)" in found.card["notes"]
    with project.database.reading() as connection:
        assert len(connection.execute(select(annotations)).all()) == 5


def test_a_series_that_is_drawn_on_on_planes_alone_makes_no_snapshot(project: Project, of: Named) -> None:
    draw(project, drawn())
    complete(project, of["s0"], of["s1"])
    with pytest.raises(
        BadRequest, match=r"Of 0060\.png and 1 more, nodule is drawn on a plane .* draw it on the slices"
    ):
        make_snapshot(project, DETECTION, split=(1.0, 0.0, 0.0))
