"""An object has shapes on several images: joined, parted, relabelled and removed as one, and lawful."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.project.clashes import at_work
from tests.project.conftest import made_up_image
from viewer.core.edits import AnnotationChange, Edit
from viewer.core.errors import BadRequest
from viewer.core.shapes.annotations import Annotation, CaseStatus
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.kinds.polygon import Polygon
from viewer.core.shapes.shape import Shape
from viewer.project import edit_builders as edits
from viewer.project.counts import label_counts
from viewer.project.objects import edits as objects
from viewer.project.objects.reading import object_of, shapes_of
from viewer.project.project import Project
from viewer.project.records import Task
from viewer.project.revisions import RevisionKind, Touched, raise_revision
from viewer.project.snapshots.preview import SnapshotPreview
from viewer.project.store.schema import annotations
from viewer.project.verify import verify

BOX = Box(x0_px=1, y0_px=2, x1_px=11, y1_px=12)
OTHER_BOX = Box(x0_px=3, y0_px=2, x1_px=9, y1_px=12)
TRIANGLE = Polygon(points_px=((1.0, 1.0), (9.0, 1.0), (1.0, 9.0)))


def mask(row: int) -> MaskRuns:
    pixels = np.zeros((60, 40), np.bool_)
    pixels[row : row + 4, 5:10] = True
    return MaskRuns.from_array(pixels)


@pytest.fixture
def slices(folder: Path, backend: str) -> Iterator[Project]:
    """A project of two series of four slices, each one case."""
    with Project.create(folder, case_unit="series", author="Ada") as project:
        project.images.register(
            [made_up_image(n, "P1", series_id=f"s{n // 4}", study_uid="1.2", of_stack=True) for n in range(8)]
        )
        assert project.cases.all()[0].images == 4
        yield project


def image(project: Project, number: int) -> str:
    return project.images.all()[number].image_id


def drawn(project: Project, number: int, shape: Shape = BOX, label: str = "nodule", object_id: str = "") -> Annotation:
    image_id = image(project, number)
    before = {one.annotation_id for one in project.work.annotations(image_id)}
    edit = edits.add_annotation(image_id, label, shape, author=project.author, object_id=object_id)
    project.history.do(edit)
    (new,) = [one for one in project.work.annotations(image_id) if one.annotation_id not in before]
    return new


def there(project: Project) -> list[tuple[str, str, str]]:
    """(image, label, object) of every shape, objects named by the order of their first shape."""
    names: dict[str, str] = {}
    found = []
    for record in project.images.all():
        for one in project.work.annotations(record.image_id):
            name = names.setdefault(one.object_key, f"object {len(names) + 1}")
            found.append((record.path.name, one.label, name))
    return found


def nodule_on(project: Project, *numbers: int) -> tuple[Annotation, ...]:
    first = drawn(project, numbers[0])
    for number in numbers[1:]:
        drawn(project, number, object_id=first.object_key)
    return shapes_of(project, first.object_key)


def test_what_is_drawn_on_further_images_is_of_the_object_named(slices: Project) -> None:
    shapes = nodule_on(slices, 2, 0, 1)

    assert [one.image_id for one in shapes] == [image(slices, n) for n in (0, 1, 2)]
    assert label_counts(slices, "region") == {"nodule": 1}
    slices.history.undo()
    assert len(shapes_of(slices, shapes[0].object_key)) == 2
    slices.history.redo()
    assert shapes_of(slices, shapes[0].object_key) == shapes
    assert verify(slices.folder).problems == []


def test_shapes_of_several_images_become_one_object_and_come_back(slices: Project) -> None:
    shapes = [drawn(slices, n) for n in range(3)]
    before = there(slices)

    slices.history.do(objects.join(shapes, author="Ada"))

    assert there(slices) == [(f"000{n}.png", "nodule", "object 1") for n in range(3)]
    assert slices.history.undo_text == "join nodule on 3 slices"
    assert {one.author for one in object_of(slices, shapes[2].annotation_id)} == {"Ada"}
    slices.history.undo()
    assert there(slices) == before
    assert [slices.work.annotations(one.image_id) for one in shapes] == [(one,) for one in shapes]
    slices.history.redo()
    assert label_counts(slices, "region") == {"nodule": 1}
    assert verify(slices.folder).problems == []


def test_whole_objects_are_joined_and_masks_of_one_image_become_one(slices: Project) -> None:
    first = [drawn(slices, 0, mask(2)), drawn(slices, 1, mask(2))]
    second = [drawn(slices, 1, mask(20)), drawn(slices, 2, mask(20))]
    for several in (first, second):
        slices.history.do(objects.join(several, author="Ada"))
    shapes = [*object_of(slices, first[0].annotation_id), *object_of(slices, second[0].annotation_id)]

    slices.history.do(objects.join(shapes, author="Ada"))

    (one,) = slices.work.annotations(image(slices, 1))
    assert isinstance(one.shape, MaskRuns)
    assert np.array_equal(one.shape.to_array(), mask(2).to_array() | mask(20).to_array())
    assert [len(slices.work.annotations(image(slices, n))) for n in range(4)] == [1, 1, 1, 0]
    assert {name for _, _, name in there(slices)} == {"object 1"}
    slices.history.undo()
    assert len(slices.work.annotations(image(slices, 1))) == 2
    assert verify(slices.folder).problems == []


@pytest.mark.parametrize("number", [0, 1])
def test_a_shape_is_parted_from_its_object(slices: Project, number: int) -> None:
    shapes = nodule_on(slices, 0, 1, 2)

    slices.history.do(objects.part(shapes[number], shapes))

    (alone,) = object_of(slices, shapes[number].annotation_id)
    assert alone.shape == shapes[number].shape
    left = [one for one in shapes if one != shapes[number]]
    assert [one.annotation_id for one in object_of(slices, left[0].annotation_id)] == [o.annotation_id for o in left]
    assert label_counts(slices, "region") == {"nodule": 2}
    slices.history.undo()
    assert shapes_of(slices, shapes[0].object_key) == shapes
    slices.history.redo()
    with pytest.raises(BadRequest, match="is an object of its own already"):
        objects.part(alone, (alone,))
    assert verify(slices.folder).problems == []


def test_a_shape_that_gets_another_label_takes_its_object_along(slices: Project) -> None:
    shapes = nodule_on(slices, 0, 1, 2)
    drawn(slices, 3)

    edit = slices.history.do(edits.change_annotation(shapes[1], author="Ada", label="mass", verb="relabel"))

    assert [label for _, label, _ in there(slices)] == ["mass", "mass", "mass", "nodule"]
    assert edit.text == slices.history.undo_text == "relabel nodule box on 3 slices"
    slices.history.undo()
    assert [label for _, label, _ in there(slices)] == ["nodule"] * 4
    assert shapes_of(slices, shapes[0].object_key) == shapes
    slices.history.redo()
    assert [label for _, label, _ in there(slices)] == ["mass", "mass", "mass", "nodule"]
    assert verify(slices.folder).problems == []


def test_an_object_is_relabelled_and_removed_in_one_edit(slices: Project) -> None:
    shapes = nodule_on(slices, 0, 1, 2)

    assert slices.history.do(objects.relabel_object(shapes, "mass", author="Ada")).text == (
        "relabel nodule as mass on 3 slices"
    )
    now = shapes_of(slices, shapes[0].object_key)
    assert slices.history.do(objects.remove_object(now)).text == "remove mass on 3 slices"
    assert there(slices) == []
    slices.history.undo()
    assert shapes_of(slices, shapes[0].object_key) == now
    assert verify(slices.folder).problems == []


def test_one_shape_of_an_object_goes_and_the_others_stay_one(slices: Project) -> None:
    shapes = nodule_on(slices, 0, 1, 2)

    slices.history.do(edits.remove_annotation(shapes[0]))

    assert {name for _, _, name in there(slices)} == {"object 1"}
    assert label_counts(slices, "region") == {"nodule": 1}
    slices.history.undo()
    assert shapes_of(slices, shapes[0].object_key) == shapes


def breaks_label(project: Project) -> Edit:
    first = drawn(project, 0)
    return edits.add_annotation(image(project, 1), "mass", BOX, author="Ada", object_id=first.object_key)


def breaks_kind(project: Project) -> Edit:
    first = drawn(project, 0)
    return edits.add_annotation(image(project, 0), "nodule", OTHER_BOX, author="Ada", object_id=first.object_key)


def breaks_masks(project: Project) -> Edit:
    shapes = nodule_on(project, 0, 1)
    drawn(project, 0, mask(3), object_id=shapes[0].object_key)
    return edits.add_annotation(image(project, 0), "nodule", mask(20), author="Ada", object_id=shapes[0].object_key)


def breaks_case(project: Project) -> Edit:
    return objects.join([drawn(project, 0), drawn(project, 4)], author="Ada")


BREAKS = {
    "label": (breaks_label, "The object nodule on 0000.png and 0001.png would bear the labels mass and nodule"),
    "boxes": (breaks_kind, "The object nodule would have several boxes on 0000.png"),
    "masks": (breaks_masks, "The object nodule would have several masks on 0000.png"),
    "case": (breaks_case, "The object nodule on 0000.png and 0004.png would lie on images of several cases"),
}


@pytest.mark.parametrize("broken", BREAKS)
def test_what_breaks_the_law_is_refused_by_name(slices: Project, broken: str) -> None:
    build, words = BREAKS[broken]
    edit = build(slices)
    before = there(slices)

    with pytest.raises(BadRequest) as refused:
        slices.history.do(edit)

    assert str(refused.value).startswith(words)
    assert there(slices) == before


def test_an_object_of_two_rounds_is_refused(slices: Project, folder: Path) -> None:
    first = drawn(slices, 0)
    slices.close()

    with Project.open(folder, writable=True, author="Ben", reader="Ben") as ben:
        edit = edits.add_annotation(image(ben, 1), "nodule", BOX, author="Ben", object_id=first.object_key)
        with pytest.raises(BadRequest, match="would be of several readers"):
            ben.history.do(edit)


def test_a_box_a_polygon_and_a_mask_on_one_image_are_one_object(slices: Project) -> None:
    first = drawn(slices, 0)
    for shape in (TRIANGLE, mask(3)):
        drawn(slices, 0, shape, object_id=first.object_key)
    assert len(object_of(slices, first.annotation_id)) == 3
    assert verify(slices.folder).problems == []


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"label": "cyst"}, "would bear the labels"),
        ({"image_id": 5}, "would lie on images of several cases"),
        ({"image_id": 1}, "would have several boxes on 0001.png"),
    ],
)
def test_verify_finds_an_object_that_breaks_the_law(slices: Project, values: dict[str, object], words: str) -> None:
    shapes = nodule_on(slices, 0, 1, 2)
    told = {name: image(slices, value) if isinstance(value, int) else value for name, value in values.items()}
    with slices.database.writing() as connection:  # behind the journal's back
        here = annotations.c.annotation_id == shapes[0].annotation_id
        connection.execute(annotations.update().where(here).values(**told))
        raise_revision(connection, RevisionKind.IMAGES, Touched())

    assert [words in problem for problem in verify(slices.folder).problems].count(True) == 1


def test_two_labels_cannot_be_joined_nor_what_is_one_already(slices: Project) -> None:
    nodule, mass = drawn(slices, 0), drawn(slices, 1, label="mass")
    with pytest.raises(BadRequest, match="nodule and mass cannot be one object"):
        objects.join([nodule, mass], author="Ada")
    with pytest.raises(BadRequest, match="is one object already"):
        objects.join(nodule_on(slices, 2, 3), author="Ada")


# Two authors


def joined(project: Project) -> Edit:
    shapes = [project.work.annotations(image(project, n))[0] for n in range(2)]
    return objects.join(shapes, author=project.author)


def parted(project: Project) -> Edit:
    shapes = object_of(project, project.work.annotations(image(project, 0))[0].annotation_id)
    return objects.part(shapes[1], shapes)


def relabelled(project: Project) -> Edit:
    one = project.work.annotations(image(project, 1))[0]
    return edits.change_annotation(one, author=project.author, label="mass")


def moved(project: Project) -> Edit:
    one = project.work.annotations(image(project, 1))[0]
    return edits.change_annotation(one, author=project.author, shape=OTHER_BOX, verb="move")


@pytest.mark.parametrize("then", [parted, relabelled, moved])
def test_a_join_is_not_taken_back_over_what_another_did_to_the_object(slices: Project, folder: Path, then) -> None:  # type: ignore[no-untyped-def]
    for number in range(2):
        drawn(slices, number)
    slices.history.do(joined(slices))
    slices.close()
    with at_work(folder, "Ben") as ben:
        ben.history.do(then(ben))
        after_ben = there(ben)

    with at_work(folder, "Ada") as ada:
        with pytest.raises(BadRequest) as refused:
            ada.history.undo()
        assert str(refused.value).startswith("The box ")
        assert "has been changed since by Ben" in str(refused.value)
        assert there(ada) == after_ben
    with at_work(folder, "Ben") as ben:
        ben.history.undo()
    with at_work(folder, "Ada") as ada:
        assert ada.history.undo() is not None
        assert [name for _, _, name in there(ada)] == ["object 1", "object 2"]
        assert verify(folder).problems == []


def test_a_slice_drawn_for_an_object_that_another_relabelled_is_refused(slices: Project, folder: Path) -> None:
    shapes = nodule_on(slices, 0, 1)
    slices.close()
    with at_work(folder, "Ben") as ben:
        ben.history.do(relabelled(ben))

    with at_work(folder, "Ada") as ada:
        edit = edits.add_annotation(image(ada, 2), "nodule", BOX, author="Ada", object_id=shapes[0].object_key)
        with pytest.raises(BadRequest, match="would bear the labels mass and nodule"):
            ada.history.do(edit)


def test_a_shape_that_comes_back_finds_the_law_kept(slices: Project, folder: Path) -> None:
    """Ada removes a slice of an object, Ben relabels what is left, Ada takes the removal back."""
    shapes = nodule_on(slices, 0, 1, 2)
    slices.history.do(edits.remove_annotation(shapes[2]))
    slices.close()
    with at_work(folder, "Ben") as ben:
        ben.history.do(relabelled(ben))

    with at_work(folder, "Ada") as ada:
        with pytest.raises(BadRequest, match="would bear the labels"):
            ada.history.undo()
        assert there(ada) == [(f"000{n}.png", "mass", "object 1") for n in range(2)]


def test_what_is_read_of_an_edit_keeps_the_object(slices: Project) -> None:
    shapes = nodule_on(slices, 0, 1)
    edit = slices.history.next_undo()
    assert edit is not None
    (change,) = edit.of(AnnotationChange)
    assert change.after is not None and change.after.object_id == shapes[0].annotation_id


def test_a_data_set_counts_objects_and_not_their_shapes(slices: Project) -> None:
    nodule_on(slices, 0, 1, 2)
    drawn(slices, 3)
    for case in slices.cases.all():
        slices.history.do(edits.set_status(case, CaseStatus.COMPLETE))
    preview = SnapshotPreview(slices, Task(name="t", kind="detection", labels=("nodule",), exclusive=False))

    assert sum(len(item.boxes) for _, item in preview.pairs) == 4
    assert preview.further_shapes == {"nodule": 2}
