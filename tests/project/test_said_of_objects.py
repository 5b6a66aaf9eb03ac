"""An object has a state, a comment and links to those of other cases that are one with it; they go and come with it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.project.clashes import at_work, one_edit
from tests.project.conftest import made_up_image
from tests.project.test_objects import BOX, drawn, image, nodule_on
from viewer.core.edits import AnnotationChange, Edit, PatientChange
from viewer.core.errors import BadRequest
from viewer.core.shapes.objects import ObjectLink, ObjectNote, ObjectState
from viewer.core.values import Quantity, Target, TargetKind
from viewer.project import edit_builders as edits
from viewer.project.answers import answers_of, say
from viewer.project.objects import edits as objects
from viewer.project.objects.listing import ObjectRow, all_objects, may_be_one, object_row
from viewer.project.objects.reading import shapes_of
from viewer.project.project import Project
from viewer.project.taking_out import taking_out
from viewer.project.verify import verify

CALCIFIED = ObjectNote(state=ObjectState.IN_QUESTION, comment="calcified?")
DAYS = ("20240301", "20250302", "20260303")


@pytest.fixture
def studies(folder: Path, backend: str) -> Iterator[Project]:
    """Three series of four slices: two of P1, of two studies, and one of P2."""
    with Project.create(folder, case_unit="series", author="Ada") as project:
        of = [
            made_up_image(
                n, "P2" if n > 7 else "P1", series_id=f"s{n // 4}", study_uid=f"1.{n // 4}", of_stack=True,
                tags={"StudyDate": DAYS[n // 4]},
            )
            for n in range(12)
        ]  # fmt: skip
        project.images.register(of)
        yield project


def said(project: Project, key: str, note: ObjectNote) -> None:
    project.history.do(objects.say_of_object(shapes_of(project, key), object_row(project, key).note, note))


def linking(project: Project, one: str, other: str) -> Edit:
    return objects.link(shapes_of(project, one), shapes_of(project, other), author=project.author, time="2026-11-30")


def linked(project: Project) -> list[tuple[str, list[str]]]:
    """Of each object its first film, with the places of what is one with it."""
    return [(row.film, [one.place for one in row.linked]) for row in all_objects(project)]


def rows(project: Project) -> dict[str, ObjectRow]:
    return {row.key: row for row in all_objects(project)}


def test_what_is_said_of_an_object_is_kept_listed_and_taken_back(studies: Project, folder: Path) -> None:
    key = nodule_on(studies, 0, 1, 2)[0].object_key

    said(studies, key, CALCIFIED)
    assert studies.history.undo_text == "say “in question: calcified?” of nodule"
    said(studies, key, ObjectNote(state=ObjectState.SETTLED))
    studies.history.undo()

    (row,) = all_objects(studies)
    assert (row.label, row.images, row.film, row.place) == ("nodule", 3, "0000.png", "2024-03-01")
    assert row.note == CALCIFIED
    studies.history.undo()
    assert object_row(studies, key).note == ObjectNote()
    studies.history.redo()
    assert object_row(studies, key).note == CALCIFIED
    assert verify(folder).problems == []


def test_objects_of_two_studies_of_a_patient_are_one(studies: Project, folder: Path) -> None:
    first, second = nodule_on(studies, 0, 1), nodule_on(studies, 5)
    cyst = drawn(studies, 6, label="cyst")
    other = nodule_on(studies, 9)[0].object_key
    (offered,) = may_be_one(studies, object_row(studies, first[0].object_key))
    assert offered.key == second[0].object_key, "of the same label and patient, in another case"

    studies.history.do(linking(studies, second[0].object_key, first[0].object_key))

    assert linked(studies) == [
        ("0000.png", ["2025-03-02"]), ("0005.png", ["2024-03-01"]), ("0006.png", []), ("0009.png", [])
    ]  # fmt: skip
    with pytest.raises(BadRequest, match="nodule and cyst cannot be one thing"):
        linking(studies, first[0].object_key, cyst.object_key)
    with pytest.raises(BadRequest, match="not known to be of one patient"):
        studies.history.do(linking(studies, first[0].object_key, other))
    studies.history.undo()
    assert not any(places for _, places in linked(studies))
    studies.history.redo()
    assert verify(folder).problems == []


def test_objects_of_one_case_are_joined_and_not_linked(studies: Project) -> None:
    one, other = drawn(studies, 0), drawn(studies, 2)
    with pytest.raises(BadRequest, match=r"nodule on 000.\.png and nodule on 000.\.png lie in one case: join"):
        studies.history.do(linking(studies, one.object_key, other.object_key))


def test_an_object_of_another_reading_is_not_linked(studies: Project) -> None:
    own = drawn(studies, 0)
    ben = studies.in_reading("Ben")
    theirs = drawn(ben, 5)
    pair = ObjectLink(first_id=own.object_key, second_id=theirs.object_key)
    with pytest.raises(BadRequest, match="are of two readings"):
        studies.history.do(objects.link([own], [theirs], author="Ada", time=""))
    assert may_be_one(studies, object_row(studies, own.object_key)) == []
    assert pair.other(own.object_key) == theirs.object_key
    ben.close()


@pytest.mark.parametrize("way", ["shape by shape", "whole", "case"])
def test_what_is_said_goes_with_the_last_shape_and_comes_back(studies: Project, folder: Path, way: str) -> None:
    shapes, other = nodule_on(studies, 0, 1), nodule_on(studies, 5)
    key = shapes[0].object_key
    said(studies, key, CALCIFIED)
    studies.history.do(linking(studies, key, other[0].object_key))
    before = all_objects(studies)

    if way == "shape by shape":
        studies.history.do(edits.remove_annotation(shapes[0]))
        assert object_row(studies, key).note == CALCIFIED, "one shape is left"
        studies.history.do(edits.remove_annotation(shapes[1]))
    elif way == "whole":
        studies.history.do(objects.remove_object(shapes))
    else:
        studies.history.do(taking_out(studies, [studies.cases.get(before[0].case_id)]).edit)

    assert linked(studies) == [("0005.png", [])]
    assert verify(folder).problems == []
    while [row.key for row in all_objects(studies)] != [row.key for row in before] or len(shapes) > len(
        shapes_of(studies, key)
    ):
        studies.history.undo()
    assert all_objects(studies) == before
    assert verify(folder).problems == []


def test_what_is_said_goes_over_to_the_object_that_another_is_joined_with(studies: Project, folder: Path) -> None:
    one, two, other = drawn(studies, 0), drawn(studies, 1), drawn(studies, 5)
    said(studies, one.object_key, ObjectNote(comment="spiculated"))
    said(studies, two.object_key, CALCIFIED)
    size = Target(kind=TargetKind.OBJECT, target_id=two.object_key)
    studies.history.do(say(studies, size, "size", Quantity(number=4, unit="mm")))
    studies.history.do(linking(studies, two.object_key, other.object_key))
    before = all_objects(studies)

    studies.history.do(objects.join([one, two], author="Ada"))

    joined, far = all_objects(studies)
    assert joined.note == ObjectNote(state=ObjectState.IN_QUESTION, comment="spiculated; calcified?")
    assert [[one.key for one in row.linked] for row in (joined, far)] == [[far.key], [joined.key]]
    now = Target(kind=TargetKind.OBJECT, target_id=joined.key)
    assert answers_of(studies, [now])[now] == {"size": Quantity(number=4, unit="mm")}
    assert verify(folder).problems == []
    studies.history.undo()
    assert all_objects(studies) == before
    assert answers_of(studies, [size])[size] == {"size": Quantity(number=4, unit="mm")}
    assert verify(folder).problems == []


@pytest.mark.parametrize("what", ["comment", "answer", "link"])
def test_a_drawing_is_not_taken_back_under_what_another_has_said_of_it_since(studies: Project, what: str) -> None:
    other = drawn(studies, 5)
    key = drawn(studies, 0).object_key
    folder = studies.folder
    studies.close()
    with at_work(folder, "Ben") as ben:
        if what == "comment":
            said(ben, key, CALCIFIED)
        elif what == "answer":
            ben.history.do(say(ben, Target(kind=TargetKind.OBJECT, target_id=key), "size", Quantity(number=4)))
        else:
            ben.history.do(linking(ben, key, other.object_key))
    with at_work(folder, "Ada") as ada:
        with pytest.raises(
            BadRequest, match=r"The object nodule on 0000\.png has a comment, an answer or a link since"
        ):
            ada.history.undo()
        assert len(shapes_of(ada, key)) == 1
    assert verify(folder).problems == []


def test_a_link_goes_when_its_films_become_those_of_two_patients(studies: Project, folder: Path) -> None:
    one, other = drawn(studies, 0), drawn(studies, 5)
    studies.history.do(linking(studies, one.object_key, other.object_key))
    changes = [PatientChange(image_id=image(studies, n), before="P1", after="P9") for n in range(4)]

    studies.history.do(one_edit(*changes))

    assert not any(places for _, places in linked(studies))
    assert verify(folder).problems == []
    studies.history.undo()
    assert [places for _, places in linked(studies)] == [["2025-03-02"], ["2024-03-01"]]
    studies.history.redo()
    assert verify(folder).problems == []


def test_a_note_on_what_is_gone_is_refused(studies: Project) -> None:
    shape = drawn(studies, 0)
    late = objects.say_of_object([shape], ObjectNote(), CALCIFIED)
    studies.history.do(edits.remove_annotation(shape))
    with pytest.raises(BadRequest, match="has been removed since"):
        studies.history.do(late)


def test_the_objects_of_a_case_that_is_at_hand_say_what_is_said_of_them(studies: Project) -> None:
    from viewer.project.at_hand.objects import objects_of
    from viewer.project.at_hand.reading import read_changes, read_whole
    from viewer.project.at_hand.values import AtHand

    one, other = drawn(studies, 0), drawn(studies, 5)
    case_ids = [row.case_id for row in studies.cases.all()]
    at_hand = AtHand().taking(read_whole(studies, case_ids=case_ids))

    for gesture in ("link", "note"):
        if gesture == "link":
            studies.history.do(linking(studies, one.object_key, other.object_key))
        else:
            said(studies, one.object_key, CALCIFIED)
        fresh = read_changes(studies, at_hand)
        assert fresh is not None
        at_hand = at_hand.taking(fresh)

    assert objects_of(at_hand, case_ids[0])[one.object_key].said == "in question: calcified? · as in 2025-03-02"
    assert objects_of(at_hand, case_ids[1])[other.object_key].said == "as in 2024-03-01"


def test_verify_finds_what_is_said_of_nothing(studies: Project, folder: Path) -> None:
    from viewer.project.revisions import RevisionKind, Touched, raise_revision
    from viewer.project.store.schema import objects as notes

    with studies.database.writing() as connection:
        connection.execute(notes.insert().values(object_id="gone", state="settled", comment=""))
        raise_revision(connection, RevisionKind.DO, Touched())
    assert any("object gone is of nothing" in one for one in verify(folder).problems)
    assert any(one.startswith("objects: gone is not what the journal says") for one in verify(folder).problems)


def test_a_shape_parted_from_its_object_leaves_what_is_said_with_the_others(studies: Project) -> None:
    shapes = nodule_on(studies, 0, 1, 2)
    said(studies, shapes[0].object_key, CALCIFIED)
    studies.history.do(objects.part(shapes[0], shapes))
    assert sorted((row.images, row.note.words) for row in all_objects(studies)) == [
        (1, ""), (2, "in question: calcified?")
    ]  # fmt: skip


def test_a_shape_that_is_moved_is_of_the_same_object(studies: Project) -> None:
    shape = drawn(studies, 0, BOX)
    said(studies, shape.object_key, CALCIFIED)
    moved = edits.change_annotation(shape, author="Ada", label="cyst")
    assert isinstance(moved.changes[0], AnnotationChange)
    studies.history.do(moved)
    assert rows(studies)[shape.object_key].note == CALCIFIED


def test_what_is_said_of_objects_is_copied_with_their_shapes(studies: Project, tmp_path: Path) -> None:
    from viewer.project.register import copy_work

    one, other, left = drawn(studies, 0), drawn(studies, 5), drawn(studies, 9)
    said(studies, one.object_key, CALCIFIED)
    said(studies, left.object_key, CALCIFIED)
    studies.history.do(linking(studies, one.object_key, other.object_key))
    with Project.create(tmp_path / "other", case_unit="series", author="Ada") as target:
        registered = [record.image_id for record in studies.images.all()[:8]]
        of = [
            made_up_image(n, "P1", series_id=f"s{n // 4}", study_uid=f"1.{n // 4}", of_stack=True, tags={})
            for n in range(8)
        ]
        assert target.images.register(of) == registered

        copy_work(studies, target, registered)

        rows = all_objects(target)
        assert [(row.note, len(row.linked)) for row in rows] == [(CALCIFIED, 1), (ObjectNote(), 1)]
        target.history.undo()
        assert all_objects(target) == []
