"""What each of two authors may do, and the edit of it from what they see."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from viewer.core.attributes import Attribute, AttributeKind
from viewer.core.edits import AnnotationChange, Edit, MeasurementChange, PatientChange
from viewer.core.labels import Label, Verdict
from viewer.core.shapes.anchors import PlaneAnchor
from viewer.core.shapes.annotations import Annotation, CaseStatus, Decision, Measurement
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.values import Choice, Quantity, Target, TargetKind, Value
from viewer.project import edit_builders as edits
from viewer.project.answers import answers_of, say
from viewer.project.attributes.edits import declare, removing, rename
from viewer.project.lists.on_planes import on_planes_of, shapes_on_planes
from viewer.project.project import Project
from viewer.project.records import ImageRecord
from viewer.project.removing_labels import removing_label
from viewer.project.taking_out import taking_out

NAMES = ("a", "b", "c", "d")
VERBS = (
    "draw", "draw", "paint new", "paint", "move", "move", "relabel", "remove", "status", "status", "add label",
    "rename label", "remove label", "colour", "places", "answer", "answer", "answer", "patient", "patient", "take out",
    "number", "number", "choice", "ask", "rename question", "unask", "measure", "measure", "drop measurement", "accept",
    "reject", "reject", "draw plane", "draw plane", "draw plane", "move on plane", "relabel on plane", "erase plane",
    "measure plane", "measure plane", "measure plane", "drop from plane", "undo", "undo",
    "undo", "undo", "undo", "redo", "redo",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What one of the two does. own: in their own reading, else in that of all. a, b: which of what it sees, and to
    what. held: thought of now, done at its next."""

    who: int
    own: bool
    verb: str
    a: int
    b: int
    held: bool


def _picked(things: Sequence[Any], number: int) -> Any:
    return things[number % len(things)] if things else None


def build(project: Project, act: Act) -> Edit | None:
    """The edit of an act from what is seen now; None where there is nothing to do it to."""
    films = project.images.all()
    film, name = _picked(films, act.a), NAMES[act.b % len(NAMES)]
    if film is None or act.verb in ("undo", "redo"):
        return None
    if act.verb in ("draw", "paint new"):
        return edits.with_case_started(_drawn(project, film.image_id, name, act), project.cases.get(film.case_id))
    if act.verb in ("paint", "move", "relabel", "remove"):
        shapes = [one for image in films for one in project.work.annotations(image.image_id)]
        one = _picked([shape for shape in shapes if isinstance(shape.shape, MaskRuns) == (act.verb == "paint")], act.a)
        return None if one is None else _on_shape(project, one, name, act)
    if act.verb == "status":
        status = list(CaseStatus)[act.b % len(CaseStatus)]
        comment = NAMES[act.a % len(NAMES)] if status is CaseStatus.RETURNED else ""
        return edits.set_status(project.cases.get(film.case_id), status, comment)
    if act.verb == "answer":
        said = project.work.image_labels(film.image_id).get("x")
        verdict = (Verdict.YES, Verdict.NO, None)[act.b % 3]
        return edits.say_image_label(film.image_id, "x", before=said, after=verdict) if said != verdict else None
    if act.verb in ("number", "choice"):
        return _said(project, film, act)
    if act.verb == "patient":
        whose = PatientChange(image_id=film.image_id, before=film.patient_id, after=("P", "Q")[act.b % 2])
        return Edit(text="give a patient", changes=(whose,)) if whose.before != whose.after else None
    if act.verb == "take out":
        return taking_out(project, [project.cases.get(film.case_id)]).edit
    if act.verb in ("measure", "drop measurement"):
        return _measured(project, film.image_id, act)
    if act.verb in ("measure plane", "drop from plane"):
        return _measured_on_plane(project, film.series_id, act)
    if act.verb in ("accept", "reject"):
        open_ones = [one for one in project.work.proposals(film.image_id) if one.decision is Decision.UNDECIDED]
        one = _picked(open_ones, act.b)
        if one is None or act.verb == "reject":
            return None if one is None else edits.reject(one)
        return edits.with_case_started(edits.accept(one, author=project.author), project.cases.get(film.case_id))
    if act.verb == "draw plane":
        return edits.with_case_started(
            _drawn_on_plane(project, film.series_id, name, act), project.cases.get(film.case_id)
        )
    if act.verb in ("move on plane", "relabel on plane", "erase plane"):
        one = _picked(shapes_on_planes(project), act.a)
        return None if one is None else _on_shape_of_plane(project, one, name, act)
    return _on_catalogue(project, name, act)


def _drawn_on_plane(project: Project, series_id: str, name: str, act: Act) -> Edit:
    shape = Box(x0_px=1, y0_px=1, x1_px=5 + act.b, y1_px=9)
    plane = plane_at(10.0 * (act.a % 2), series_id)
    return edits.add_annotation("", name, shape, author=project.author, plane=plane)


def _on_shape_of_plane(project: Project, one: Annotation, name: str, act: Act) -> Edit | None:
    """Moved on its plane or to the other one, given another label, or taken away."""
    if act.verb == "erase plane":
        return edits.remove_annotation(one)
    if act.verb == "relabel on plane":
        return edits.change_annotation(one, author=project.author, label=name)
    if act.b % 2:
        return edits.change_annotation(one, author=project.author, shape=Box(x0_px=act.b, y0_px=0, x1_px=20, y1_px=9))
    assert one.plane is not None
    after = replace(one, plane=plane_at(10.0 * (act.b // 2 % 2), one.plane.series_id), revision=one.revision + 1)
    change = AnnotationChange(before=one, after=after)
    return Edit(text="move to a plane", changes=(change,)) if after.plane != one.plane else None


def _measured(project: Project, image_id: str, act: Act) -> Edit | None:
    there = _picked(project.work.measurements(image_id), act.b)
    if act.verb == "measure" and there is None:
        points = ((1.0, 1.0), (5.0, 5.0))
        line = Measurement(measurement_id=edits.new_id(), image_id=image_id, kind="length", points_px=points)
        return edits.add_measurement(line)
    if there is None:
        return None
    if act.verb == "measure":
        return edits.change_measurement(there, ((1.0, 1.0), (5.0, 7.0 + act.b)))
    return edits.remove_measurement(there)


def _measured_on_plane(project: Project, series_id: str, act: Act) -> Edit | None:
    """A line on one of two planes, moved along it, to the other plane, or away."""
    there = _picked(on_planes_of(project), act.b)
    if there is None:
        plane, points = plane_at(10.0 * (act.a % 2), series_id), ((1.0, 1.0), (5.0, 5.0))
        line = Measurement(
            measurement_id=edits.new_id(), image_id="", plane=plane, kind="length", points_px=points
        )  # fmt: skip
        return edits.add_measurement(line) if act.verb == "measure plane" else None
    if act.verb == "drop from plane":
        return edits.remove_measurement(there)
    if act.a % 2:
        return edits.change_measurement(there, ((1.0, 1.0), (5.0, 7.0 + act.b)))
    moved = replace(there, plane=plane_at(10.0 * (act.b % 2), series_id))
    change = MeasurementChange(before=there, after=moved)
    return Edit(text="move to a plane", changes=(change,)) if moved != there else None


def plane_at(z_mm: float, series_id: str = "S") -> PlaneAnchor:
    """An axial plane through a series."""
    return PlaneAnchor(
        frame_of_reference_uid="1.2.3", series_id=series_id, origin_mm=(-100.0, -80.0, z_mm),
        row_cosines=(1.0, 0.0, 0.0), col_cosines=(0.0, 1.0, 0.0),
    )  # fmt: skip


def _drawn(project: Project, image_id: str, name: str, act: Act) -> Edit:
    if act.verb == "draw":
        shape: Box | MaskRuns = Box(x0_px=1, y0_px=1, x1_px=5 + act.b, y1_px=9)
    else:
        array = np.zeros((60, 40), bool)
        array[5:15, 5:15] = True
        shape = MaskRuns.from_array(array)
    return edits.add_annotation(image_id, name, shape, author=project.author)


def _on_shape(project: Project, one: Annotation, name: str, act: Act) -> Edit:
    if act.verb == "remove":
        return edits.remove_annotation(one)
    if act.verb == "relabel":
        return edits.change_annotation(one, author=project.author, label=name)
    if act.verb == "move":
        return edits.change_annotation(one, author=project.author, shape=Box(x0_px=act.b, y0_px=0, x1_px=20, y1_px=9))
    assert isinstance(one.shape, MaskRuns)
    row, col = 3 * (act.b % 5), 3 * (act.a % 5)
    before = one.shape.to_array()[row : row + 4, col : col + 4]
    return edits.paint(one, row0=row, col0=col, before=before, after=~before)


def _said(project: Project, film: ImageRecord, act: Act) -> Edit | None:
    """A number of an image, in one of two units; or a word about an object."""
    begun = project.cases.get(film.case_id)
    if act.verb == "number":
        target = Target(kind=TargetKind.IMAGE, target_id=film.image_id)
        unit = next((one.unit for one in project.attributes if one.question == "age"), "a")
        value: Value | None = (None, Quantity(number=act.b, unit=unit), Quantity(number=1, unit="mo"))[act.a % 3]
        name = "age"
    else:
        shape = _picked([*project.work.annotations(film.image_id), *shapes_on_planes(project)], act.a)
        if shape is None:
            return None
        target, name = Target(kind=TargetKind.OBJECT, target_id=shape.object_key), "edge"
        value = (None, Choice(word="sharp"), Choice(word="blurred"))[act.b % 3]
    if answers_of(project, [target])[target].get(name) == value:
        return None
    return edits.with_case_started(say(project, target, name, value), begun)


def _on_questions(project: Project, label: Label, name: str, act: Act) -> Edit | None:
    there = _picked(project.attributes, act.a)
    if act.verb == "ask":
        age = Attribute(scope="image", label="", name="age", position=0, kind=AttributeKind.NUMBER, unit="a")
        edge = Attribute(
            scope="region", label=label.name, name="edge", position=0, kind=AttributeKind.CHOICE,
            choices=("sharp", "blurred"),
        )  # fmt: skip
        return declare(edge if act.b % 2 and label.scope == "region" else age)
    if there is None:
        return None
    return rename(there, name) if act.verb == "rename question" else removing(project, there).edit


def _on_catalogue(project: Project, name: str, act: Act) -> Edit | None:
    catalogue = project.labels
    label, other = _picked(catalogue, act.a), _picked(catalogue, act.a + 1)
    if act.verb == "add label":
        return edits.add_label(name, "region", catalogue)
    if label is None:
        return None
    if act.verb == "rename label":
        return edits.rename_label(label, name)
    if act.verb == "remove label":
        return removing_label(project, label).edit
    if act.verb == "colour":
        return edits.colour_label(label, (None, 3)[act.b % 2])
    if act.verb in ("ask", "rename question", "unask"):
        return _on_questions(project, label, name, act)
    return edits.move_label(label, other) if other.scope == label.scope and other != label else None
