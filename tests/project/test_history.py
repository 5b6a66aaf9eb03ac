"""The journal: do, undo, redo, across restarts; nothing half done."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from viewer.core.edits import Edit, LabelChange
from viewer.core.errors import BadRequest, NotFound
from viewer.core.labels import Label, Verdict
from viewer.core.shapes.annotations import CaseStatus, Measurement
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.kinds.polygon import Polygon
from viewer.project import edit_builders as edits
from viewer.project.project import Project

BOX = Box(x0_px=1.25, y0_px=2, x1_px=11, y1_px=9.5)


def state(project: Project, image_id: str) -> tuple[object, ...]:
    """Everything that is on an image, as a reader of the project sees it."""
    return (
        project.work.annotations(image_id),
        project.work.image_labels(image_id),
        project.work.measurements(image_id),
        [label.name for label in project.labels],
        [case.status for case in project.cases.all()],
    )


def square(project: Project, image_id: str, label: str = "lung") -> MaskRuns:
    mask = np.zeros((60, 40), np.bool_)
    mask[10:20, 5:15] = True
    runs = MaskRuns.from_array(mask)
    project.history.do(edits.add_annotation(image_id, label, runs, author="Ada"))
    return runs


def every_gesture(project: Project, image_id: str) -> list[Edit]:
    """One edit of each kind, each fitting what the ones before left."""
    found: list[Edit] = []

    def do(edit: Edit) -> None:
        project.history.do(edit)
        found.append(edit)

    do(edits.add_annotation(image_id, "nodule", BOX, author="Ada"))
    box = project.work.annotations(image_id)[0]
    do(edits.change_annotation(box, author="Ada", shape=replace(BOX, x1_px=20), verb="resize"))
    do(edits.add_annotation(image_id, "rib", Polygon(points_px=((1, 1), (9, 1), (5, 8.5))), author="Ada"))
    mask = np.zeros((60, 40), np.bool_)
    mask[10:20, 5:15] = True
    do(edits.add_annotation(image_id, "lung", MaskRuns.from_array(mask), author="Ada"))
    lung = project.work.annotations(image_id)[-1]
    before = mask[15:25, 10:20].copy()
    do(edits.paint(lung, row0=15, col0=10, before=before, after=np.ones((10, 10), np.bool_)))
    do(edits.say_image_label(image_id, "normal", before=None, after=Verdict.YES))
    do(edits.say_image_label(image_id, "normal", before=Verdict.YES, after=Verdict.NOT_ASSESSED))
    do(
        edits.add_measurement(
            Measurement(measurement_id="m1", image_id=image_id, kind="length", points_px=((0, 0), (3.5, 4)))
        )
    )
    do(edits.change_measurement(project.work.measurements(image_id)[0], ((1, 1), (2, 2))))
    do(edits.add_label("effusion", "region", project.labels))
    do(edits.rename_label(project.labels[0], "lesion"))
    do(edits.remove_annotation(project.work.annotations(image_id)[1]))
    do(edits.set_status(project.cases.all()[0], CaseStatus.COMPLETE))
    return found


def test_undo_of_every_kind_of_gesture_gives_back_what_was_there_and_redo_what_was_done(
    project: Project, image_id: str
) -> None:
    done = every_gesture(project, image_id)
    states = [state(project, image_id)]
    for _ in done:
        assert project.history.undo() is not None
        states.append(state(project, image_id))
    assert project.history.undo() is None
    assert project.work.annotations(image_id) == ()
    assert project.labels == []

    for expected in reversed(states[:-1]):
        assert project.history.redo() is not None
        assert state(project, image_id) == expected
    assert project.history.redo() is None


def test_undo_goes_on_after_a_restart(folder: Path, project: Project, image_id: str) -> None:
    every_gesture(project, image_id)
    project.history.undo()
    before = state(project, image_id)
    project.close()

    with Project.open(folder, writable=True) as again:
        assert state(again, image_id) == before
        assert again.history.redo_text == "set case complete"
        while again.history.undo():
            pass
        assert again.work.annotations(image_id) == ()


def test_the_menu_names_what_undo_and_redo_would_do(project: Project, image_id: str) -> None:
    square(project, image_id)

    assert (project.history.undo_text, project.history.redo_text) == ("paint lung", "")
    project.history.undo()
    assert (project.history.undo_text, project.history.redo_text) == ("", "paint lung")


def test_something_new_after_undo_ends_redo_but_the_undone_stays_recorded(project: Project, image_id: str) -> None:
    project.history.do(edits.add_annotation(image_id, "first", BOX, author="Ada"))
    project.history.undo()

    project.history.do(edits.add_annotation(image_id, "second", BOX, author="Ada"))

    assert project.history.redo() is None
    assert [(entry.text, entry.state) for entry in project.history.entries()] == [
        ("draw second box", "done"),
        ("draw first box", "dropped"),
    ]


def test_a_stroke_stores_its_rectangle_only(project: Project, image_id: str) -> None:
    mask = np.random.default_rng(1).random((60, 40)) > 0.5
    project.history.do(edits.add_annotation(image_id, "lung", MaskRuns.from_array(mask), author="Ada"))
    lung = project.work.annotations(image_id)[0]
    project.history.do(edits.paint(lung, row0=3, col0=4, before=mask[3:5, 4:7].copy(), after=np.ones((2, 3), np.bool_)))

    from sqlalchemy import select

    from viewer.project.store.schema import journal

    with project.database.reading() as connection:
        sizes = [len(row.masks) for row in connection.execute(select(journal).order_by(journal.c.edit_id))]
    assert sizes[1] < 100 < sizes[0]


def test_painting_beyond_the_image_or_over_other_pixels_is_refused_and_changes_nothing(
    project: Project, image_id: str
) -> None:
    runs = square(project, image_id)
    lung = project.work.annotations(image_id)[0]
    ones, zeros = np.ones((5, 5), np.bool_), np.zeros((5, 5), np.bool_)

    for row0, before in ((58, zeros), (12, zeros)):  # outside; and the square is there, not nothing
        with pytest.raises(BadRequest):
            project.history.do(edits.paint(lung, row0=row0, col0=8, before=before, after=ones))

    assert project.work.annotations(image_id)[0].shape == runs
    assert len(project.history.entries()) == 1


def test_a_stale_change_is_refused(project: Project, image_id: str) -> None:
    project.history.do(edits.add_annotation(image_id, "nodule", BOX, author="Ada"))
    old = project.work.annotations(image_id)[0]
    project.history.do(edits.change_annotation(old, author="Ada", label="cyst"))

    with pytest.raises(BadRequest, match="has been changed since"):
        project.history.do(edits.remove_annotation(old))


def test_an_annotation_on_an_image_that_is_not_there_is_refused(project: Project) -> None:
    with pytest.raises(NotFound, match="not part of this project"):
        project.history.do(edits.add_annotation("f" * 32, "nodule", BOX, author="Ada"))
    assert project.labels == []


def test_a_new_label_enters_the_catalogue_with_the_gesture_and_leaves_with_its_undo(
    project: Project, image_id: str
) -> None:
    project.history.do(edits.add_annotation(image_id, "nodule", BOX, author="Ada"))
    project.history.do(edits.say_image_label(image_id, "normal", before=None, after=Verdict.NO))
    assert project.labels == [
        Label(name="nodule", scope="region", position=0),
        Label(name="normal", scope="image", position=0, tint=1),  # not the colour of the region label
    ]

    project.history.undo()
    assert [label.name for label in project.labels] == ["nodule"]


def test_a_label_in_use_cannot_be_removed(project: Project, image_id: str) -> None:
    square(project, image_id)

    with pytest.raises(BadRequest, match="used 1 times"):
        project.history.do(edits.remove_label(project.labels[0]))


def test_renaming_a_label_renames_it_everywhere_and_undo_takes_it_back(project: Project, image_id: str) -> None:
    from viewer.project.records import Task

    square(project, image_id)
    project.tasks.put(Task(name="lungs", kind="segmentation", labels=("lung",)))

    project.history.do(edits.rename_label(project.labels[0], "lungs"))
    assert project.work.annotations(image_id)[0].label == "lungs"
    assert project.tasks.get("lungs").labels == ("lungs",)

    project.history.undo()
    assert project.work.annotations(image_id)[0].label == "lung"
    assert project.tasks.get("lungs").labels == ("lung",)


def test_two_labels_of_one_scope_cannot_share_a_name(project: Project) -> None:
    label = Label(name="nodule", scope="region", position=0)
    project.history.do(edits.add_label("nodule", "region", []))

    with pytest.raises(BadRequest, match="already"):
        project.history.do(Edit(text="add", changes=(LabelChange(before=None, after=label),)))


def test_listeners_hear_the_edit_after_it_is_kept_and_the_inverse_on_undo(
    folder: Path, project: Project, image_id: str
) -> None:
    heard: list[int] = []

    def listen(edit: Edit) -> None:
        with Project.open(folder, writable=False) as other:  # another reader sees it already
            heard.append(len(other.work.annotations(image_id)))

    project.history.on_change.connect(listen)
    square(project, image_id)
    project.history.undo()

    assert heard == [1, 0]


def test_each_author_undoes_their_own_work(folder: Path, project: Project, image_id: str) -> None:
    square(project, image_id)
    project.close()

    with Project.open(folder, writable=True, author="Ben") as ben:
        assert ben.history.undo_text == ""
        ben.history.do(edits.add_annotation(image_id, "nodule", BOX, author="Ben"))
        ben.history.undo()
        assert ben.history.undo() is None
        assert len(ben.work.annotations(image_id)) == 1


def test_undo_across_authors_that_no_longer_fits_is_refused(folder: Path, project: Project, image_id: str) -> None:
    project.history.do(edits.add_annotation(image_id, "nodule", BOX, author="Ada"))
    box = project.work.annotations(image_id)[0]
    project.close()
    with Project.open(folder, writable=True, author="Ben") as ben:
        ben.history.do(edits.change_annotation(box, author="Ben", label="cyst"))

    with Project.open(folder, writable=True, author="Ada") as ada:
        with pytest.raises(BadRequest, match="has been changed since"):
            ada.history.undo()
        assert ada.work.annotations(image_id)[0].label == "cyst"


def test_next_undo_says_on_which_image_it_would_work(project: Project) -> None:
    first, second = (image.image_id for image in project.images.all()[:2])
    square(project, first)
    square(project, second)

    edit = project.history.next_undo()
    assert edit is not None and edit.image_id == second
    assert len(project.work.annotations(second)) == 1  # nothing was taken back by asking


def test_beginning_a_case_goes_with_its_first_gesture(project: Project, image_id: str) -> None:
    case = project.cases.all()[0]

    project.history.do(edits.with_case_started(edits.add_annotation(image_id, "nodule", BOX, author="Ada"), case))

    assert project.cases.get(case.case_id).status is CaseStatus.IN_PROGRESS
    project.history.undo()
    assert project.cases.get(case.case_id).status is CaseStatus.TO_DO
