"""How often each label is used, counted by the database: what the label list and the dataset dialog show."""

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from viewer.core.labels import Verdict
from viewer.project.readings import COUNTED
from viewer.project.store.schema import annotations, case_images, image_labels, images, readings

if TYPE_CHECKING:
    from viewer.project.project import Project
    from viewer.project.records import CaseRow


def label_counts(project: "Project", scope: str) -> dict[str, int]:
    """Instances of each region label, or "yes" answers of each whole-image label, over the whole project."""
    if scope == "region":
        query = select(annotations.c.label, func.count(annotations.c.object_id.distinct()))
        query = query.where(annotations.c.round_id == project.round_id).group_by(annotations.c.label)
    else:
        query = (
            select(image_labels.c.label, func.count())
            .where(image_labels.c.verdict == Verdict.YES.value, image_labels.c.round_id == project.round_id)
            .group_by(image_labels.c.label)
        )
    with project.database.reading() as connection:
        return {row[0]: int(row[1]) for row in connection.execute(query)}


def label_uses(project: "Project", label: str, scope: str) -> int:
    """Rows of every round that carry a label: shapes, or answers of any kind; a label in use cannot be removed."""
    table = annotations if scope == "region" else image_labels
    query = select(func.count()).select_from(table).where(table.c.label == label)
    with project.database.reading() as connection:
        return int(connection.execute(query).scalar_one())


def unanswered_labels(project: "Project", case: "CaseRow") -> tuple[int, int]:
    """How many image labels of a case nobody answered, and how many there are: each label on each of its images.

    The labels are those of the project's classification tasks; without such a task, every whole-image label.
    """
    tasks = [task for task in project.tasks.all() if task.scope == "image"]
    asked = {name for task in tasks for name in task.labels}
    names = [one.name for one in project.labels if one.scope == "image" and (not tasks or one.name in asked)]
    query = (
        select(func.count())
        .select_from(image_labels.join(images, images.c.image_id == image_labels.c.image_id))
        .join(case_images, case_images.c.image_id == images.c.image_id)
        .where(case_images.c.case_id == case.case_id, ~images.c.taken_out)
        .where(image_labels.c.label.in_(names), image_labels.c.round_id == project.round_id)
    )
    with project.database.reading() as connection:
        answered = int(connection.execute(query).scalar_one())
    total = len(names) * case.images
    return total - answered, total


def complete_images(project: "Project") -> int:
    """How many images of cases that count there are: what a snapshot can hold."""
    query = (
        select(func.count(images.c.image_id.distinct()))
        .select_from(images.join(case_images, case_images.c.image_id == images.c.image_id))
        .join(readings, readings.c.case_id == case_images.c.case_id)
        .where(readings.c.round_id == project.round_id, readings.c.state.in_(COUNTED))
        .where(~images.c.taken_out)
    )
    with project.database.reading() as connection:
        return int(connection.execute(query).scalar_one())
