"""Of each class of change: what one author does, and what another does about the same thing."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from sqlalchemy import select

from tests.project.conftest import made_up_image
from tests.project.test_review import add_prediction
from viewer.core.attributes import Attribute, AttributeKind
from viewer.core.edits import (
    AnswerChange,
    AttributeChange,
    CaseStatusChange,
    Change,
    DecisionChange,
    Edit,
    LabelChange,
    MeasurementChange,
    ObjectLinkChange,
    ObjectNoteChange,
    PatientChange,
)
from viewer.core.labels import Label, Verdict
from viewer.core.shapes.annotations import Annotation, CaseStatus, Decision, Measurement
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.objects import ObjectLink, ObjectNote, ObjectState
from viewer.core.values import Quantity, Target, TargetKind
from viewer.project import edit_builders as edits
from viewer.project.answers import say
from viewer.project.objects import edits as objects
from viewer.project.objects.listing import object_row
from viewer.project.project import Project
from viewer.project.store.schema import (
    annotations,
    answers,
    attributes,
    cases,
    decisions,
    images,
    labels,
    measurements,
    object_links,
    readings,
    tasks,
)
from viewer.project.store.schema import (
    objects as object_notes,
)
from viewer.project.taking_out import taking_out

STATE = (
    annotations,
    answers,
    measurements,
    labels,
    attributes,
    cases,
    readings,
    images,
    decisions,
    tasks,
    object_notes,
    object_links,
)
BOX = Box(x0_px=1, y0_px=2, x1_px=11, y1_px=12)
Make = Callable[[Project, str], Edit]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """first: what one author does. then: what another does after it to the same thing, so that the first no longer
    fits. instead: what the other does from the state before `first`. back: leads from after `then` to where `first` had
    led. thing: how the sentence of a refusal begins. prepare: what must be there before.
    """

    first: Make
    then: Make
    instead: Make
    thing: str
    back: Make | None = None
    prepare: Callable[[Project, str], None] = lambda project, image: None


@contextmanager
def at_work(folder: Path, author: str) -> Iterator[Project]:
    with Project.open(folder, writable=True, author=author) as opened:
        yield opened


def state(project: Project) -> dict[str, list[tuple[object, ...]]]:
    """Every row of the state tables."""
    with project.database.reading() as connection:
        return {table.name: sorted(map(tuple, connection.execute(select(table))), key=repr) for table in STATE}


def one_edit(*changes: Change) -> Edit:
    return Edit(text="change", changes=changes)


def _draw(project: Project, image: str) -> None:
    project.history.do(edits.add_annotation(image, "nodule", BOX, author="Eve"))


def _box(project: Project, image: str) -> Annotation:
    return project.work.annotations(image)[0]


def _move_to(x1_px: float, author: str) -> Make:
    def made(project: Project, image: str) -> Edit:
        return edits.change_annotation(
            _box(project, image), author=author, shape=replace(BOX, x1_px=x1_px), verb="move"
        )

    return made


def _draw_mask(project: Project, image: str) -> None:
    mask = np.zeros((60, 40), bool)
    mask[10:20, 5:15] = True
    project.history.do(edits.add_annotation(image, "lung", MaskRuns.from_array(mask), author="Eve"))


def _paint(row0: int, *, inside: bool) -> Make:
    def made(project: Project, image: str) -> Edit:
        mask = _box(project, image)
        assert isinstance(mask.shape, MaskRuns)
        before = mask.shape.to_array()[row0 : row0 + 6, 12:20]
        return edits.paint(mask, row0=row0, col0=12, before=before, after=np.full((6, 8), inside))

    return made


def _say(after: Verdict | None) -> Make:
    def made(project: Project, image: str) -> Edit:
        before = project.work.image_labels(image).get("normal")
        return edits.say_image_label(image, "normal", before=before, after=after)

    return made


def _tell(number: float) -> Make:
    def made(project: Project, image: str) -> Edit:
        return say(project, Target(kind=TargetKind.IMAGE, target_id=image), "size", Quantity(number=number))

    return made


def _set(status: CaseStatus) -> Make:
    def made(project: Project, image: str) -> Edit:
        return edits.set_status(project.cases.get(project.images.get(image).case_id), status)

    return made


def _add_label(project: Project, image: str) -> None:
    project.history.do(edits.add_label("nodule", "region", project.labels))


def _tint(tint: int) -> Make:
    return lambda project, image: edits.colour_label(project.labels[0], tint)


AGE = Attribute(scope="image", label="", name="age", position=0, kind=AttributeKind.NUMBER, unit="a")


def _ask(project: Project, image: str) -> None:
    project.history.do(one_edit(AttributeChange(before=None, after=AGE)))


def _in_unit(unit: str) -> Make:
    def made(project: Project, image: str) -> Edit:
        (there,) = project.attributes
        return one_edit(AttributeChange(before=there, after=replace(there, unit=unit)))

    return made


def _measure(project: Project, image: str) -> None:
    points = ((0.0, 0.0), (1.0, 1.0))
    line = Measurement(measurement_id="m", image_id=image, kind="length", points_px=points, author="Eve")
    project.history.do(edits.add_measurement(line))


def _line_to(end_px: float) -> Make:
    def made(project: Project, image: str) -> Edit:
        return edits.change_measurement(project.work.measurements(image)[0], ((0.0, 0.0), (end_px, end_px)))

    return made


def _propose(project: Project, image: str) -> None:
    add_prediction(project, image)


def _reject(project: Project, image: str) -> Edit:
    return edits.reject(project.work.proposals(image)[0])


def _decide(after: Decision) -> Make:
    def made(project: Project, image: str) -> Edit:
        found = project.work.proposals(image)[0]
        return one_edit(DecisionChange(proposal_id=found.proposal_id, before=found.decision, after=after))

    return made


def _note(project: Project, image: str) -> None:
    project.images.note([made_up_image(40, "P040")])


def _add_image(project: Project, image: str) -> Edit:
    return edits.add_images([made_up_image(40).image_id])


def _take_out(project: Project, image: str) -> Edit:
    record = project.images.get(made_up_image(40).image_id)
    return taking_out(project, [project.cases.get(record.case_id)]).edit


def _give(patient: str) -> Make:
    def made(project: Project, image: str) -> Edit:
        return one_edit(PatientChange(image_id=image, before=project.images.get(image).patient_id, after=patient))

    return made


def _comment(words: str) -> Make:
    def made(project: Project, image: str) -> Edit:
        box = _box(project, image)
        return objects.say_of_object([box], object_row(project, box.object_key).note, ObjectNote(comment=words))

    return made


def _draw_two(project: Project, image: str) -> None:
    """On a film of the same patient too."""
    for one in (image, project.images.all()[1].image_id):
        project.history.do(edits.add_annotation(one, "nodule", BOX, author="Eve"))


def _link(author: str) -> Make:
    def made(project: Project, image: str) -> Edit:
        other = _box(project, project.images.all()[1].image_id)
        return objects.link([_box(project, image)], [other], author=author, time="2026-11-30")

    return made


def _unlink(project: Project, image: str) -> Edit:
    box = _box(project, image)
    return objects.unlink([box], object_row(project, box.object_key).linked[0].link)


CLASHES: dict[str, Clash] = {
    "AnnotationChange": Clash(
        prepare=_draw, first=_move_to(20, "Ada"), then=_move_to(30, "Ben"), instead=_move_to(33, "Ben"),
        thing="The box nodule on 0000.png",
    ),
    "MaskStroke": Clash(
        prepare=_draw_mask, first=_paint(12, inside=True), then=_paint(14, inside=False),
        instead=_paint(14, inside=True), thing="The mask lung on 0000.png",
    ),
    "ImageLabelChange": Clash(
        first=_say(Verdict.YES), then=_say(Verdict.NO), instead=_say(Verdict.NO), back=_say(Verdict.YES),
        thing="The label normal of 0000.png",
    ),
    "AnswerChange": Clash(
        first=_tell(1), then=_tell(2), instead=_tell(2), back=_tell(1), thing="The answer size of 0000.png"
    ),
    "ObjectNoteChange": Clash(
        prepare=_draw, first=_comment("one"), then=_comment("two"), instead=_comment("other"), back=_comment("one"),
        thing="What is said of nodule on 0000.png",
    ),
    "ObjectLinkChange": Clash(
        prepare=_draw_two, first=_link("Ada"), then=_unlink, instead=_link("Ben"),
        thing="The link of nodule on 000",
    ),
    "CaseStatusChange": Clash(
        first=_set(CaseStatus.IN_PROGRESS), then=_set(CaseStatus.COMPLETE), instead=_set(CaseStatus.COMPLETE),
        back=_set(CaseStatus.IN_PROGRESS), thing="The status of P000 · 0000.png",
    ),
    "LabelChange": Clash(
        prepare=_add_label, first=_tint(3), then=_tint(5), instead=_tint(6), back=_tint(3), thing="The label nodule",
    ),
    "AttributeChange": Clash(
        prepare=_ask, first=_in_unit("mo"), then=_in_unit("wk"), instead=_in_unit("d"), back=_in_unit("mo"),
        thing="The attribute age of the image",
    ),
    "MeasurementChange": Clash(
        prepare=_measure, first=_line_to(2), then=_line_to(9), instead=_line_to(7), back=_line_to(2),
        thing="The measurement (length) on 0000.png",
    ),
    "DecisionChange": Clash(
        prepare=_propose, first=_reject, then=_decide(Decision.CORRECTED), instead=_decide(Decision.ACCEPTED),
        back=_decide(Decision.REJECTED), thing="The proposal nodule on 0000.png",
    ),
    "ImagesChange": Clash(
        prepare=_note, first=_add_image, then=_take_out, instead=_add_image, back=_add_image,
        thing="The image 0040.png",
    ),
    "PatientChange": Clash(
        first=_give("A"), then=_give("B"), instead=_give("C"), back=_give("A"), thing="The patient of 0000.png",
    ),
}  # fmt: skip


def stale_changes(image: str, case_id: str) -> Sequence[Change]:
    """A change of each class that says something was there which never was."""
    box = Annotation(annotation_id="a" * 32, image_id=image, label="nodule", shape=BOX, author="Ada")
    line = Measurement(measurement_id="m", image_id=image, kind="length", points_px=((0, 0), (1, 1)))
    stroke = edits.paint(
        replace(box, shape=MaskRuns.from_array(np.zeros((60, 40), bool))),
        row0=1, col0=1, before=np.zeros((2, 2), bool), after=np.ones((2, 2), bool),
    )  # fmt: skip
    label = Label(name="nodule", scope="region", position=0)
    proposal = DecisionChange(proposal_id="p", before=Decision.ACCEPTED, after=Decision.UNDECIDED)
    return (
        edits.remove_annotation(box).changes[0],
        stroke.changes[0],
        edits.say_image_label(image, "normal", before=Verdict.YES, after=Verdict.NO).changes[0],
        AnswerChange(
            target=Target(kind=TargetKind.IMAGE, target_id=image), name="size", before=Quantity(number=1), after=None
        ),
        ObjectNoteChange(object_id="o", before=ObjectNote(state=ObjectState.SETTLED), after=ObjectNote()),
        ObjectLinkChange(before=ObjectLink(first_id="o", second_id="p"), after=None),
        CaseStatusChange(case_id=case_id, before=CaseStatus.COMPLETE, after=CaseStatus.TO_DO),
        LabelChange(before=label, after=replace(label, tint=1)),
        AttributeChange(before=AGE, after=None),
        MeasurementChange(before=line, after=None),
        proposal,
        edits.add_images([image]).changes[0],
        PatientChange(image_id=image, before="nobody", after="P"),
    )
