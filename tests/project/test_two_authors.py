"""Two people at one project, one after the other: neither takes back or overwrites what the other did."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.project.clashes import BOX, CLASHES, Clash, at_work, one_edit, state
from tests.project.conftest import made_up_image
from viewer.core.edits import CaseStatusChange, Edit, MeasurementChange
from viewer.core.errors import BadRequest, NotFound
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus, Measurement
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.project import edit_builders as edits
from viewer.project.project import Project
from viewer.project.taking_out import taking_out
from viewer.project.verify import verify

EVERY_KIND = pytest.mark.parametrize("clash", CLASHES.values(), ids=CLASHES)


def line(image_id: str, *points: tuple[float, float], author: str) -> Measurement:
    return Measurement(measurement_id="m", image_id=image_id, kind="length", points_px=points, author=author)


def change(before: Measurement | None, after: Measurement | None) -> Edit:
    return Edit(text="measure", changes=(MeasurementChange(before=before, after=after),))


@pytest.fixture
def image(project: Project, image_id: str) -> str:
    """An image of a project that nobody has open."""
    project.close()
    return image_id


def prepared(folder: Path, image: str, clash: Clash) -> None:
    with at_work(folder, "Eve") as eve:
        clash.prepare(eve, image)


@EVERY_KIND
def test_what_another_changed_since_is_not_taken_back(folder: Path, image: str, clash: Clash) -> None:
    prepared(folder, image, clash)
    with at_work(folder, "Ada") as ada:
        before = state(ada)
        ada.history.do(clash.first(ada, image))
        after_ada = state(ada)
    with at_work(folder, "Ben") as ben:
        ben.history.do(clash.then(ben, image))
        after_ben = state(ben)
    assert len({str(before), str(after_ada), str(after_ben)}) >= 2

    with at_work(folder, "Ada") as ada:
        with pytest.raises(BadRequest) as refused:
            ada.history.undo()
        assert str(refused.value).startswith(clash.thing), refused.value
        assert "since by Ben" in str(refused.value)
        assert state(ada) == after_ben
    with at_work(folder, "Ben") as ben:
        assert ben.history.undo() is not None
        assert state(ben) == after_ada
    with at_work(folder, "Ada") as ada:
        assert ada.history.undo() is not None
        assert state(ada) == before
    assert verify(folder).problems == []


@EVERY_KIND
def test_what_another_did_instead_is_not_overwritten_by_redo(folder: Path, image: str, clash: Clash) -> None:
    prepared(folder, image, clash)
    with at_work(folder, "Ada") as ada:
        ada.history.do(clash.first(ada, image))
        after_ada = state(ada)
        ada.history.undo()
        before = state(ada)
    with at_work(folder, "Ben") as ben:
        ben.history.do(clash.instead(ben, image))
        after_ben = state(ben)

    with at_work(folder, "Ada") as ada:
        with pytest.raises(BadRequest) as refused:
            ada.history.redo()
        assert str(refused.value).startswith(clash.thing), refused.value
        assert "since by Ben" in str(refused.value)
        assert state(ada) == after_ben
    with at_work(folder, "Ben") as ben:
        assert ben.history.undo() is not None
        assert state(ben) == before
    with at_work(folder, "Ada") as ada:
        assert ada.history.redo() is not None, "a gesture of Ben's has not dropped what Ada can do again"
        assert state(ada) == after_ada
    assert verify(folder).problems == []


BY_VALUE = {name: clash for name, clash in CLASHES.items() if clash.back is not None}


@pytest.mark.parametrize("clash", BY_VALUE.values(), ids=BY_VALUE)
def test_what_another_said_again_is_theirs(folder: Path, image: str, clash: Clash) -> None:
    """The value is Ada's again, and it is Ben who said it last."""
    prepared(folder, image, clash)
    with at_work(folder, "Ada") as ada:
        ada.history.do(clash.first(ada, image))
        after_ada = state(ada)
    with at_work(folder, "Ben") as ben:
        ben.history.do(clash.then(ben, image))
        assert clash.back is not None
        ben.history.do(clash.back(ben, image))
        assert state(ben) == after_ada

    with at_work(folder, "Ada") as ada:
        with pytest.raises(BadRequest, match="since by Ben"):
            ada.history.undo()
        assert state(ada) == after_ada


@EVERY_KIND
def test_nothing_of_an_edit_is_kept_where_one_change_no_longer_fits(folder: Path, image: str, clash: Clash) -> None:
    prepared(folder, image, clash)
    with at_work(folder, "Ada") as ada:
        stale = clash.first(ada, image)
    with at_work(folder, "Ben") as ben:
        ben.history.do(clash.instead(ben, image))
        after_ben = state(ben)

    with at_work(folder, "Ada") as ada:
        box = edits.add_annotation(image, "rib", BOX, author="Ada").changes
        with pytest.raises(BadRequest):
            ada.history.do(one_edit(*box, *stale.changes))
        assert state(ada) == after_ben
        assert ada.history.entries()[0].author == "Ben"


def test_a_shape_of_the_same_revision_with_other_content_is_another(folder: Path, image: str) -> None:
    """Ada relabels a mask that Ben has painted, and takes it back; he takes his stroke back and paints another."""
    stroke = CLASHES["MaskStroke"]
    with at_work(folder, "Ada") as ada:
        stroke.prepare(ada, image)
    with at_work(folder, "Ben") as ben:
        ben.history.do(stroke.first(ben, image))
    with at_work(folder, "Ada") as ada:
        ada.history.do(edits.change_annotation(ada.work.annotations(image)[0], author="Ada", label="heart"))
        ada.history.undo()
    with at_work(folder, "Ben") as ben:
        ben.history.undo()
        ben.history.do(stroke.instead(ben, image))
        painted = ben.work.annotations(image)

    with at_work(folder, "Ada") as ada:
        with pytest.raises(BadRequest, match="since by Ben"):
            ada.history.redo()
        assert ada.work.annotations(image) == painted


def test_strokes_of_two_beside_each_other_are_taken_back_apart(folder: Path, image: str) -> None:
    stroke = CLASHES["MaskStroke"]
    prepared(folder, image, stroke)
    with at_work(folder, "Ada") as ada:
        ada.history.do(stroke.first(ada, image))
    with at_work(folder, "Ben") as ben:
        mask = ben.work.annotations(image)[0]
        assert isinstance(mask.shape, MaskRuns)
        pixels = mask.shape.to_array()[40:44, 2:6]
        ben.history.do(edits.paint(mask, row0=40, col0=2, before=pixels, after=~pixels))

    with at_work(folder, "Ada") as ada:
        assert ada.history.undo() is not None
        (left,) = ada.work.annotations(image)
        assert isinstance(left.shape, MaskRuns)
        assert left.shape.area_px == 100 + 16, "the square and Ben's stroke"


def test_a_case_that_another_works_on_does_not_go_back_to_do(folder: Path, image: str) -> None:
    with at_work(folder, "Ada") as ada:
        case = ada.cases.get(ada.images.get(image).case_id)
        ada.history.do(edits.with_case_started(edits.add_annotation(image, "nodule", BOX, author="Ada"), case))
    with at_work(folder, "Ben") as ben:
        case = ben.cases.get(case.case_id)
        ben.history.do(edits.with_case_started(edits.add_annotation(image, "nodule", BOX, author="Ben"), case))

    with at_work(folder, "Ada") as ada:
        undone = ada.history.undo()
        assert undone is not None
        assert not any(isinstance(change, CaseStatusChange) for change in undone.changes)
        assert ada.cases.get(case.case_id).status is CaseStatus.IN_PROGRESS
        assert ada.history.redo() is not None
        assert len(ada.work.annotations(image)) == 2
        ada.history.undo()
    with at_work(folder, "Ben") as ben:
        ben.history.undo()
        assert ben.work.annotations(image) == ()
    assert verify(folder).problems == []


def test_a_case_that_another_has_completed_stays_so(folder: Path, image: str) -> None:
    with at_work(folder, "Ada") as ada:
        case = ada.cases.get(ada.images.get(image).case_id)
        ada.history.do(edits.with_case_started(edits.add_annotation(image, "nodule", BOX, author="Ada"), case))
    with at_work(folder, "Ben") as ben:
        ben.history.do(edits.set_status(ben.cases.get(case.case_id), CaseStatus.COMPLETE))

    with at_work(folder, "Ada") as ada:
        with pytest.raises(BadRequest, match=r"status of P000 · 0000\.png has been changed since by Ben"):
            ada.history.undo()
        assert len(ada.work.annotations(image)) == 1


def test_what_another_renamed_is_not_called_as_before(folder: Path, image: str) -> None:
    """Ada's undo of moving a box wrote its old label, which is in no catalogue; her answer was kept for ever."""
    with at_work(folder, "Ada") as ada:
        ada.history.do(edits.add_annotation(image, "nodule", BOX, author="Ada"))
        box = ada.work.annotations(image)[0]
        ada.history.do(edits.change_annotation(box, author="Ada", shape=replace(BOX, x1_px=20)))
    with at_work(folder, "Ben") as ben:
        ben.history.do(edits.rename_label(ben.labels[0], "lesion"))
        renamed = state(ben)

    with at_work(folder, "Ada") as ada:
        with pytest.raises(BadRequest, match=r"The box nodule on 0000\.png has been changed since by Ben"):
            ada.history.undo()
        assert state(ada) == renamed


@pytest.mark.parametrize("rename", [True, False], ids=["renamed", "removed"])
def test_what_is_done_again_carries_no_label_that_another_took_away(folder: Path, image: str, rename: bool) -> None:
    with at_work(folder, "Eve") as eve:
        eve.history.do(edits.add_label("nodule", "region", eve.labels))
        eve.history.do(edits.add_label("normal", "image", eve.labels))
    gestures = (
        edits.add_annotation(image, "nodule", BOX, author="Ada"),
        edits.say_image_label(image, "normal", before=None, after=Verdict.YES),
    )
    for gesture in gestures:
        with at_work(folder, "Ada") as ada:
            ada.history.do(gesture)
            ada.history.undo()
    with at_work(folder, "Ben") as ben:
        for label in ben.labels:
            ben.history.do(edits.rename_label(label, f"my {label.name}") if rename else edits.remove_label(label))
        after_ben = state(ben)

    with at_work(folder, "Ada") as ada:
        with pytest.raises(BadRequest, match="normal is not in the catalogue any more, since Ben"):
            ada.history.redo()
        assert state(ada) == after_ben


def test_nothing_is_put_on_an_image_that_another_took_out(folder: Path, image: str) -> None:
    with at_work(folder, "Ada") as ada:
        ada.history.do(edits.add_annotation(image, "nodule", BOX, author="Ada"))
        ada.history.undo()
    with at_work(folder, "Ben") as ben:
        ben.history.do(taking_out(ben, ben.cases.all()[:1]).edit)
        after_ben = state(ben)

    with at_work(folder, "Ada") as ada:
        with pytest.raises(NotFound, match=r"0000\.png is not part of this project, since Ben took it out"):
            ada.history.redo()
        assert state(ada) == after_ben


def test_images_that_another_works_on_stay_and_the_rest_comes_back(folder: Path, image: str) -> None:
    new = [made_up_image(number) for number in (50, 51)]
    with at_work(folder, "Ada") as ada:
        ids = ada.images.note(new)
        ada.history.do(edits.add_images(ids))
    with at_work(folder, "Ben") as ben:
        ben.history.do(edits.add_annotation(ids[0], "nodule", BOX, author="Ben"))

    with at_work(folder, "Ada") as ada:
        ada.history.undo()
        assert ada.images.outside(ids) == [ids[1]]
        assert ada.history.redo() is not None
        assert ada.images.outside(ids) == []
        assert len(ada.work.annotations(ids[0])) == 1
    assert verify(folder).problems == []


def test_a_measurement_is_not_moved_from_where_it_no_longer_is(folder: Path, image: str) -> None:
    first = line(image, (0, 0), (1, 1), author="Ada")
    with at_work(folder, "Ada") as ada:
        ada.history.do(change(None, first))
        ada.history.do(change(first, replace(first, points_px=((0, 0), (5, 5)))))
        with pytest.raises(BadRequest, match="has been changed since by Ada"):
            ada.history.do(change(first, replace(first, points_px=((7, 7), (8, 8)))))
        with pytest.raises(BadRequest, match="has been changed since by Ada"):
            ada.history.do(change(first, None))
        assert ada.work.measurements(image)[0].points_px == ((0, 0), (5, 5))


def test_a_new_gesture_of_one_keeps_what_the_other_can_do_again(folder: Path, image: str) -> None:
    with at_work(folder, "Ada") as ada:
        ada.history.do(edits.add_annotation(image, "nodule", BOX, author="Ada"))
        ada.history.undo()
    with at_work(folder, "Ben") as ben:
        ben.history.do(edits.add_annotation(image, "cyst", BOX, author="Ben"))

    with at_work(folder, "Ada") as ada:
        assert ada.history.redo_text
        assert ada.history.redo() is not None
        assert sorted(one.label for one in ada.work.annotations(image)) == ["cyst", "nodule"]


def test_a_gesture_ends_what_oneself_could_do_again(folder: Path, image: str) -> None:
    with at_work(folder, "Ada") as ada:
        ada.history.do(edits.add_annotation(image, "nodule", BOX, author="Ada"))
        ada.history.undo()
        ada.history.do(edits.add_annotation(image, "cyst", BOX, author="Ada"))
        assert ada.history.redo() is None


def test_a_status_that_another_has_set_since_is_not_overwritten(folder: Path, image: str) -> None:
    with at_work(folder, "Ben") as ben:
        case_id = ben.images.get(image).case_id
        ben.history.do(edits.set_status(ben.cases.get(case_id), CaseStatus.COMPLETE))

    stale = CaseStatusChange(case_id=case_id, before=CaseStatus.TO_DO, after=CaseStatus.IN_PROGRESS)
    with at_work(folder, "Ada") as ada:
        with pytest.raises(BadRequest, match="has been changed since by Ben"):
            ada.history.do(Edit(text="begin", changes=(stale,)))
        assert ada.cases.get(case_id).status is CaseStatus.COMPLETE
