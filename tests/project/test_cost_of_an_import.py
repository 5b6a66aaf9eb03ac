"""What a box of an import costs does not grow with the boxes that are there: counted in steps through the indexes and
in walks of Python's collector, never in time."""

import gc
import json
from collections import defaultdict
from collections.abc import Container, Iterator, Sequence
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import Engine, event

from viewer.core.edits import AnnotationChange, CaseStatusChange, Edit, ImagesChange
from viewer.core.errors import NotFound
from viewer.core.shapes.annotations import CaseStatus
from viewer.core.shapes.kinds.box import Box
from viewer.project.edit_builders import add_annotation, new_ids
from viewer.project.project import Project
from viewer.project.records import CaseRow
from viewer.project.store.stored_edits import decode_edit, encode_edit


def boxes_on(image_id: str, ids: Sequence[str]) -> Edit:
    box = Box(x0_px=1, y0_px=2, x1_px=9, y1_px=9)
    changes = [add_annotation(image_id, "a", box, author="A", annotation_id=one).changes[0] for one in ids]
    return Edit(text=f"import {len(ids)} boxes", changes=tuple(changes))


def begun(project: Project) -> list[CaseRow]:
    """The cases that are not to do any more."""
    return [one for one in project.cases.all() if one.status is not CaseStatus.TO_DO]


def _ids_in(parameters: Any, asked: Container[str]) -> Iterator[str]:
    """Those of the ids that a statement is given, in order, an annotation's and its object's as one."""
    last = ""
    for one in parameters.values() if isinstance(parameters, dict) else parameters:
        if isinstance(one, dict | tuple | list):
            yield from _ids_in(one, asked)
        elif one in asked and one != last:
            yield (last := one)


def test_each_box_is_looked_up_and_put_beside_the_one_before(project: Project, image_id: str) -> None:
    """Whatever an index of the database holds, it is walked through once, and not from end to end for each box."""
    ids = new_ids(2_000)
    asked, given = set(ids), defaultdict(list)
    said: list[str] = []

    def before(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        said.append(statement)
        given[statement] += _ids_in(parameters, asked)

    event.listen(Engine, "before_cursor_execute", before)
    try:
        project.history.do(boxes_on(image_id, ids))
    finally:
        event.remove(Engine, "before_cursor_execute", before)

    walks = [several for several in given.values() if several]
    assert sum(several == ids for several in walks) >= 4  # looked up in two tables, put into both
    assert [sum(one > then for one, then in pairwise(several)) for several in walks] == [0] * len(walks)
    assert sum("images.taken_out" in statement for statement in said) == 1  # whether the image is there, once


def test_an_image_that_an_edit_takes_out_is_not_drawn_on_after_that(project: Project, image_id: str) -> None:
    """What is known of an image from earlier changes of the same edit is asked anew."""
    project.history.do(boxes_on(image_id, ["own"]))
    (own,) = project.work.annotations(image_id)
    box = [boxes_on(image_id, [name]).changes[0] for name in ("first", "second")]
    first = box[0].after  # type: ignore[union-attr]
    changes = (
        box[0],
        AnnotationChange(before=first, after=None),  # type: ignore[arg-type]
        AnnotationChange(before=own, after=None),
        *(CaseStatusChange(case_id=one.case_id, before=one.status, after=CaseStatus.TO_DO) for one in begun(project)),
        ImagesChange(image_ids=(image_id,), before=True, after=False),
    )

    with pytest.raises(NotFound, match="is not part of this project"):
        project.history.do(Edit(text="out, then drawn on", changes=(*changes, box[1])))
    project.history.do(Edit(text="out", changes=changes))


def test_ids_come_in_order_and_none_twice() -> None:
    ids = new_ids(5_000)

    assert ids == sorted(set(ids)) and len(ids) == 5_000
    assert all(len(one) == 32 and int(one, 16) >= 0 for one in ids)
    assert len({one[:4] for one in ids}) > 4_000  # the beginning is enough to name one, as it was


def test_an_import_is_encoded_without_holding_all_of_it_as_values(request: pytest.FixtureRequest) -> None:
    """What Python's collector finds alive it walks again and again, more often the more there is."""
    edit = boxes_on("image", new_ids(20_000))
    walks: list[str] = []

    def walked(phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            walks.append(phase)

    before = gc.get_threshold()
    request.addfinalizer(lambda: gc.set_threshold(*before))
    request.addfinalizer(lambda: gc.callbacks.remove(walked))
    gc.collect()
    gc.set_threshold(5_000, 10, 10)
    gc.callbacks.append(walked)

    encode_edit(edit)

    assert len(walks) <= 1


@pytest.mark.parametrize("count", [1, 99, 100, 101, 250])
def test_an_edit_of_any_length_is_one_list_of_json(count: int) -> None:
    edit = boxes_on("image", new_ids(count))

    kind, version, changes, masks = encode_edit(edit)

    assert kind == "annotation"
    assert changes == json.dumps(json.loads(changes), separators=(",", ":"))
    assert decode_edit(version, edit.text, None, changes, masks).changes == edit.changes
    assert encode_edit(Edit(text="nothing", changes=()))[:3] == ("nothing", version, "[]")


def test_an_import_that_is_taken_back_leaves_nothing_for_the_collector(project: Project, image_id: str) -> None:
    """What only the collector can take apart it takes apart on the window's thread."""

    def circles(boxes: int) -> int:
        project.history.do(boxes_on(image_id, new_ids(boxes)))
        gc.collect()
        gc.disable()
        try:
            project.history.undo()
            project.history.redo()
            return gc.collect()
        finally:
            gc.enable()

    circles(10)  # statements are compiled
    few, many = circles(10), circles(10_000)
    assert many - few < 1_000, f"{many} objects in circles after 10,000 boxes, {few} after 10"
