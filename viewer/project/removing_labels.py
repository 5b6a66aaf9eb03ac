"""Taking a label out of the catalogue with everything that carries it: counted first, one edit, and the way back."""

from dataclasses import dataclass

from sqlalchemy import select

from viewer.core.attributes import Attribute
from viewer.core.edits import AnnotationChange, AttributeChange, Change, Edit, ImageLabelChange, LabelChange
from viewer.core.labels import Label
from viewer.core.text.counting import counted
from viewer.project.attributes.edits import removing
from viewer.project.project import Project
from viewer.project.state import annotation_of, shapes_drawn, verdict_of
from viewer.project.store.schema import annotations, image_labels


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """What removing a label would do. uses: objects, or answers. images, planes: on how many. tasks: that ask for it.
    attributes: of it, which go with their answers."""

    label: Label
    uses: int
    images: int
    tasks: tuple[str, ...]
    attributes: tuple[str, ...]
    edit: Edit
    planes: int = 0

    @property
    def sentence(self) -> str:
        """What a person is told before it is done."""
        what = ("object", "objects") if self.label.scope == "region" else ("answer", "answers")
        places = [f"{counted(self.images, 'image')}"] if self.images or not self.planes else []
        places += [counted(self.planes, "plane")] if self.planes else []
        said = f"{counted(self.uses, *what)} on {' and '.join(places)} go with {self.label.name}."
        said = said if self.uses else f"Nothing carries {self.label.name}."
        if self.attributes:
            verb = "goes" if len(self.attributes) == 1 else "go"
            said += f" What is asked of it, {', '.join(self.attributes)}, {verb} with its answers."
        if self.tasks:
            verb = "asks" if len(self.tasks) == 1 else "ask"
            said += f" {', '.join(self.tasks)} {verb} for it: a complete case that loses its answer is opened again."
        return said


def removing_label(project: Project, label: Label) -> Removal:
    """How a label leaves the project. Snapshots, runs and what models propose keep its name."""
    changes: list[Change] = []
    touched: set[str] = set()
    planes: set[str] = set()
    objects: set[str] = set()
    with project.database.reading() as connection:
        if label.scope == "region":
            for row in connection.execute(shapes_drawn(annotations.c.label == label.name)).all()[::-1]:
                changes.append(AnnotationChange(before=annotation_of(row), after=None))
                (planes if row.image_id is None else touched).add(row.image_id or row.anchor_id)
                objects.add(row.object_id)
        else:
            for row in connection.execute(select(image_labels).where(image_labels.c.label == label.name)):
                said = verdict_of(row)
                gone = ImageLabelChange(
                    image_id=row.image_id, label=label.name, before=said, after=None, round_id=row.round_id
                )
                changes.append(gone)
                touched.add(row.image_id)
    uses = len(objects) if label.scope == "region" else len(changes)
    asked = [one for one in project.attributes if (one.scope, one.label) == (label.scope, label.name)]
    for attribute in asked:
        # Of objects the answers go with the shapes, which the journal sees to.
        with_answers = label.scope == "image"
        changes += removing(project, attribute).edit.changes if with_answers else [_unasked(attribute)]
    changes.append(LabelChange(before=label, after=None))
    tasks = tuple(t.name for t in project.tasks.all() if t.scope == label.scope and label.name in t.labels)
    edit = Edit(text=f"remove label {label.name}", changes=tuple(changes), of_all=True)
    names = tuple(attribute.name for attribute in asked)
    return Removal(
        label=label, uses=uses, images=len(touched), tasks=tasks, attributes=names, edit=edit, planes=len(planes)
    )


def _unasked(attribute: Attribute) -> AttributeChange:
    return AttributeChange(before=attribute, after=None)
