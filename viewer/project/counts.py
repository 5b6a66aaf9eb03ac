"""How often each label is used, counted by the database: what the label list and the dataset dialog show."""

from collections import Counter
from typing import TYPE_CHECKING

from sqlalchemy import Connection, case, exists, func, select

from viewer.core.labels import Verdict
from viewer.project.attributes.rows import answers_to, attributes_in
from viewer.project.readings import COUNTED
from viewer.project.store.schema import annotations, answers, case_images, image_labels, images, readings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from viewer.core.labels import Label
    from viewer.project.project import Project
    from viewer.project.records import CaseRow, Task


def label_counts(project: "Project", scope: str) -> dict[str, int]:
    """Instances of each region label, or "yes" answers of each whole-image label, over the whole project."""
    with project.database.reading() as connection:
        if scope == "region":
            return _objects(connection, project.round_id)
        yes = (image_labels.c.verdict == Verdict.YES.value) & (image_labels.c.round_id == project.round_id)
        query = select(image_labels.c.label, func.count()).where(yes).group_by(image_labels.c.label)
        return {row[0]: int(row[1]) for row in connection.execute(query)}


def _objects(connection: Connection, round_id: str) -> dict[str, int]:
    """Objects by label. Nearly all are of one shape: telling 100,000 of them apart takes four times as long."""
    here = annotations.c.round_id == round_id
    label, objects = annotations.c.label, annotations.c.object_id.distinct()
    alone = annotations.c.object_id == annotations.c.annotation_id  # or the first of several
    shapes = select(label, func.count(), func.sum(case((alone, 1), else_=0))).where(here).group_by(label)
    rows = connection.execute(shapes).all()
    found = Counter({row[0]: int(row[2]) for row in rows})
    if all(row[1] == row[2] for row in rows):
        return dict(found)
    first = annotations.alias()
    counted = exists().where(
        first.c.annotation_id == annotations.c.object_id,
        first.c.object_id == first.c.annotation_id,
        first.c.label == annotations.c.label,
        first.c.round_id == round_id,
    )
    further = select(label, func.count(objects)).where(here, ~alone, ~counted).group_by(label)
    found.update({row[0]: int(row[1]) for row in connection.execute(further)})
    return dict(found)


def answer_counts(project: "Project") -> dict[tuple[str, str, str], int]:
    """How many images or objects each attribute is answered for in the project's reading, by scope, label and name."""
    found: dict[tuple[str, str, str], int] = {}
    with project.database.reading() as connection:
        for one in attributes_in(connection):
            query = select(func.count()).select_from(answers).where(answers_to(one))
            query = query.where(answers.c.round_id == project.round_id)
            found[one.scope, one.label, one.name] = int(connection.scalar(query) or 0)
    return found


def label_uses(project: "Project", label: str, scope: str) -> int:
    """Rows of every round that carry a label: shapes, or answers of any kind; a label in use cannot be removed."""
    table = annotations if scope == "region" else image_labels
    query = select(func.count()).select_from(table).where(table.c.label == label)
    with project.database.reading() as connection:
        return int(connection.execute(query).scalar_one())


def unanswered_labels(
    project: "Project", case: "CaseRow", labels: "Iterable[Label]", tasks: "Iterable[Task]"
) -> tuple[int, int]:
    """How many image labels of a case nobody answered, and how many there are: each label on each of its images.

    labels, tasks: of the project. They are those of its classification tasks; without such a task, every whole-image
    label.
    """
    tasks = [task for task in tasks if task.scope == "image"]
    asked = {name for task in tasks for name in task.labels}
    names = [one.name for one in labels if one.scope == "image" and (not tasks or one.name in asked)]
    if not names:
        return 0, 0
    held = select(images.c.image_id).join(case_images, case_images.c.image_id == images.c.image_id)
    held = held.where(case_images.c.case_id == case.case_id, ~images.c.taken_out)
    # As a set of images: joined, SQLite goes through the answers of the whole project.
    query = select(func.count()).select_from(image_labels).where(image_labels.c.image_id.in_(held))
    query = query.where(image_labels.c.label.in_(names), image_labels.c.round_id == project.round_id)
    with project.database.reading() as connection:
        answered = int(connection.execute(query).scalar_one())
    total = len(names) * case.images
    return total - answered, total


def complete_images(project: "Project") -> int:
    """How many images of cases that count there are: what a snapshot can hold."""
    held = select(case_images.c.image_id).join(readings, readings.c.case_id == case_images.c.case_id)
    held = held.where(readings.c.round_id == project.round_id, readings.c.state.in_(COUNTED))
    query = select(func.count()).select_from(images).where(images.c.image_id.in_(held), ~images.c.taken_out)
    with project.database.reading() as connection:
        return int(connection.execute(query).scalar_one())
