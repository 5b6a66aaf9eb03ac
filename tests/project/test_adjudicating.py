"""What readers said is heard by whoever settles it alone, in the newest round of each, and copied as their own."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.project.acts_of_two import plane_at
from tests.project.test_objects import OTHER_BOX, drawn, nodule_on
from tests.project.test_objects import image as image_of
from tests.project.test_objects import slices as slices  # a fixture
from tests.project.test_readings import complete, reading, say
from tests.project.test_shapes_on_planes import drawn as on_a_plane
from viewer.core.edits import Edit, ObjectNoteChange
from viewer.core.errors import BadRequest
from viewer.core.labels import Verdict
from viewer.core.shapes.objects import UNSAID, ObjectNote, ObjectState
from viewer.core.values import Quantity, Target, TargetKind, Words
from viewer.project.answers import answers_of
from viewer.project.answers import say as said_of
from viewer.project.at_hand.adjudicating import hear
from viewer.project.at_hand.taking_over import taking_over, taking_over_planes
from viewer.project.changes.object_rows import notes_of
from viewer.project.edit_builders import add_annotation
from viewer.project.lists.on_planes import shapes_on_planes
from viewer.project.project import Project
from viewer.project.readings import SHARED_WORD
from viewer.project.verify import verify


@pytest.fixture
def image(project: Project, image_id: str) -> str:
    """An image of a project that nobody has open."""
    project.close()
    return image_id


def test_no_reader_hears_another_and_nobody_hears_before_all_are_through(folder: Path, image: str) -> None:
    for name in ("Ada", "Bob"):
        with reading(folder, name) as own:
            say(own, image, "ill", Verdict.YES)
            if name == "Ada":
                complete(own, image)
    with reading(folder, SHARED_WORD) as shared:
        assert (hear(shared, image).said, hear(shared, image).waits_for) == ((), ("Bob",))
    with reading(folder, "Bob") as bob:
        complete(bob, image)
        assert (hear(bob, image).said, hear(bob, image).waits_for) == ((), ())
    with reading(folder, SHARED_WORD, writable=False) as shared:
        assert [(one.name, one.words) for one in hear(shared, image).said] == [("Ada", "ill: yes"), ("Bob", "ill: yes")]


def test_a_reader_of_some_cases_holds_up_nobody_in_the_others(folder: Path, image: str) -> None:
    with reading(folder, "Bob") as bob:
        other = next(one.image_id for one in bob.images.all() if one.image_id != image)
        say(bob, other, "ill", Verdict.NO)
    with reading(folder, SHARED_WORD) as shared:
        assert (hear(shared, image).said, hear(shared, image).waits_for) == ((), ("Bob",))  # nobody has begun it
    with reading(folder, "Ada") as ada:
        say(ada, image, "ill", Verdict.YES)
        complete(ada, image)

    with reading(folder, SHARED_WORD) as shared:
        assert [one.words for one in hear(shared, image).said] == ["ill: yes"]
        assert (hear(shared, other).said, hear(shared, other).waits_for) == ((), ("Ada", "Bob"))  # Ada settles it
    with Project.open(folder, writable=False, reader=SHARED_WORD, author="Bob") as his:  # he has yet to read it himself
        assert (hear(his, image).said, hear(his, image).waits_for) == ((), ("Bob",))


def test_a_second_read_is_neither_heard_nor_waited_for(folder: Path, image: str) -> None:
    """It says how steady readings are; whoever settles a case is told what was said of it the first time."""
    for name, verdict in (("Ada", Verdict.YES), ("Ada, second", Verdict.NO), ("Bob, second", Verdict.NO)):
        with reading(folder, name) as own:
            say(own, image, "ill", verdict)
            if name != "Bob, second":
                complete(own, image)
    with reading(folder, SHARED_WORD) as shared:
        assert [(one.name, one.words) for one in hear(shared, image).said] == [("Ada", "ill: yes")]


def test_who_said_nothing_is_heard_saying_so(folder: Path, image: str) -> None:
    with reading(folder, "Ada") as ada:
        complete(ada, image)
    with reading(folder, SHARED_WORD) as shared:
        (said,) = hear(shared, image).said
        assert said.words == "nothing marked, nothing answered"
        with pytest.raises(BadRequest, match="The shared reading says what Ada says already"):
            taking_over(shared, said, image, author="Carol")


def test_an_object_on_two_images_is_one_object_also_where_it_is_taken_over_image_by_image(
    folder: Path, slices: Project
) -> None:
    ada = slices.in_reading("Ada")
    slices.close()
    nodule_on(ada, 0, 1)
    drawn(ada, 0, OTHER_BOX)
    theirs = {shape.annotation_id for number in (0, 1) for shape in ada.work.annotations(image_of(ada, number))}
    complete(ada, image_of(ada, 0))
    shared = ada.in_reading(SHARED_WORD)
    ada.close()

    for number in (0, 1):
        (said,) = hear(shared, image_of(shared, number)).said
        shared.history.do(taking_over(shared, said, image_of(shared, number), author="Carol"))

    shapes = [shape for number in (0, 1) for shape in shared.work.annotations(image_of(shared, number))]
    keys = [shape.object_key for shape in shapes]
    assert len(shapes) == 3 and keys[0] == keys[2] != keys[1]
    assert not theirs & {*keys, *(shape.annotation_id for shape in shapes)}
    assert {shape.author for shape in shapes} == {"Carol"}
    shared.close()
    assert not verify(folder).problems


def on_plane(project: Project, name: str, z_mm: float, **more: str) -> None:
    plane = replace(plane_at(z_mm), series_id=project.images.get(image_of(project, 0)).series_id)
    drawn_there = replace(on_a_plane(plane=plane, name=name), **more)
    project.history.do(
        add_annotation(
            "", drawn_there.label, drawn_there.shape, author=name, annotation_id=name, plane=plane,
            object_id=drawn_there.object_id,
        )
    )  # fmt: skip


def test_what_readers_drew_on_planes_is_heard_once_all_are_through_and_taken_over_by_itself(
    folder: Path, slices: Project
) -> None:
    """With an object that also lies on a slice: taken over from both it is one again."""
    first = image_of(slices, 0)
    ada, bob = slices.in_reading("Ada"), slices.in_reading("Bob")
    nodule_on(ada, 0)
    (theirs,) = ada.work.annotations(first)
    on_plane(ada, "Ada", 12.5, object_id=theirs.object_key)
    on_plane(bob, "Bob", 14.0)
    complete(ada, first)
    shared = slices.in_reading(SHARED_WORD)
    slices.close()
    assert (hear(shared, first).on_planes, hear(shared, first).waits_for) == ((), ("Bob",))
    complete(bob, first)
    assert hear(ada, first).on_planes == (), "no reader hears another"
    heard = hear(shared, first)
    assert [(one.name, one.words) for one in heard.on_planes] == [("Ada", "1 nodule"), ("Bob", "1 nodule")]

    of_ada, of_bob = heard.on_planes
    for said in (of_ada, of_bob, of_ada):
        shared.history.do(taking_over_planes(shared, said, first, author="Carol"))
        (there,) = shapes_on_planes(shared)
        assert (there.plane, there.author) == (said.annotations[0].plane, "Carol")
    with pytest.raises(BadRequest):
        taking_over_planes(shared, of_ada, first, author="Carol")
    shared.history.do(taking_over(shared, heard.said[0], first, author="Carol"))
    assert [one.object_key for one in shared.work.annotations(first)] == [shapes_on_planes(shared)[0].object_key]
    shared.history.undo()
    shared.history.undo()
    assert [one.plane for one in shapes_on_planes(shared)] == [of_bob.annotations[0].plane]
    shared.history.redo()
    assert [len(shapes_on_planes(one)) for one in (ada, bob, shared)] == [1, 1, 1]
    for one in (ada, bob, shared):
        one.close()
    assert not verify(folder).problems


def noted(project: Project, key: str, before: ObjectNote, after: ObjectNote) -> None:
    change = ObjectNoteChange(object_id=key, before=before, after=after)
    project.history.do(Edit(text="say of an object", image_id=None, changes=(change,)))


def test_all_that_a_reader_said_is_taken_over_with_numbers_and_what_is_said_of_objects(
    folder: Path, slices: Project
) -> None:
    """The shared reading was said to say what Ada says, and had neither her number nor her comment."""
    first, second = image_of(slices, 0), image_of(slices, 1)
    ada, shared = slices.in_reading("Ada"), slices.in_reading(SHARED_WORD)
    slices.close()
    nodule_on(ada, 0, 1)  # one object on two slices
    drawn(ada, 0, OTHER_BOX)
    keys = list(dict.fromkeys(shape.object_key for shape in ada.work.annotations(first)))
    of_image = Target(kind=TargetKind.IMAGE, target_id=first)
    ada.history.do(said_of(ada, of_image, "age", Quantity(number=63, unit="a")))
    for key, texture in zip(keys, ("solid", "part solid"), strict=True):
        ada.history.do(said_of(ada, Target(kind=TargetKind.OBJECT, target_id=key), "texture", Words(text=texture)))
        noted(ada, key, UNSAID, ObjectNote(state=ObjectState.IN_QUESTION, comment=f"is it {texture}?"))
    shared.history.do(said_of(shared, of_image, "age", Quantity(number=36, unit="a")))
    shared.history.do(said_of(shared, of_image, "height", Quantity(number=170, unit="cm")))
    complete(ada, first)
    (hers,) = hear(shared, first).said
    assert hers.words.startswith("age: 63 a · ") and "texture: solid, in question: is it solid?" in hers.words

    def there(image_id: str) -> list[tuple[object, object, str]]:
        shapes = shared.work.annotations(image_id)
        targets = [Target(kind=TargetKind.OBJECT, target_id=one.object_key) for one in shapes]
        answers = answers_of(shared, targets)
        with shared.database.reading() as connection:
            notes = notes_of(connection, [one.object_key for one in shapes])
        return [
            (one.shape, answers[target].get("texture"), notes.get(one.object_key, UNSAID).comment)
            for one, target in zip(shapes, targets, strict=True)
        ]

    shared.history.do(taking_over(shared, hers, first, author="Carol"))
    assert answers_of(shared, [of_image])[of_image] == {"age": Quantity(number=63, unit="a")}
    said = [(texture, comment) for _, texture, comment in there(first)]
    assert said == [(Words(text=one), f"is it {one}?") for one in ("solid", "part solid")]
    with pytest.raises(BadRequest, match="already"):
        taking_over(shared, hers, first, author="Carol")

    (hers,) = hear(shared, second).said
    shared.history.do(taking_over(shared, hers, second, author="Carol"))
    assert [(texture, comment) for _, texture, comment in there(second)] == [(Words(text="solid"), "is it solid?")]

    # What is said of an object changes alone where the shapes are hers already.
    noted(ada, keys[0], ObjectNote(state=ObjectState.IN_QUESTION, comment="is it solid?"), ObjectNote(comment="solid"))
    (hers,) = hear(shared, first).said
    before = shared.work.annotations(first)
    shared.history.do(taking_over(shared, hers, first, author="Carol"))
    assert shared.work.annotations(first) == before
    assert [comment for _, _, comment in there(first)] == ["solid", "is it part solid?"]

    for _ in range(3):
        shared.history.undo()
    assert there(first) == there(second) == []
    assert answers_of(shared, [of_image])[of_image]["age"] == Quantity(number=36, unit="a")
    for _ in range(3):
        shared.history.redo()
    assert [comment for _, _, comment in there(first)] == ["solid", "is it part solid?"]
    for one in (ada, shared):
        one.close()
    assert not verify(folder).problems
