"""Finding cases by what is on them: a label that is drawn or answered yes, an answer, who worked on them, a file."""

from pathlib import PurePath

from sqlalchemy import ColumnElement, Connection, Select, select

from viewer.core.labels import Verdict
from viewer.project.lists.planes import cases_of_series
from viewer.project.store.database import Database
from viewer.project.store.schema import anchors, annotations, answers, case_images, image_labels, images, journal


def cases_found(database: Database, text: str, round_id: str = "") -> set[str]:
    """The ids of cases with `text`, in any case, in a label that they hold, in what is answered of them or of objects
    on them, in a reader, or in a file's name."""
    wanted = text.casefold()
    found: set[str] = set()
    with database.reading() as connection:
        yes = (image_labels.c.verdict == Verdict.YES.value) & (image_labels.c.round_id == round_id)
        drawn = select(annotations.c.image_id).where(annotations.c.round_id == round_id)
        found |= _with(connection, wanted, annotations.c.label, drawn)
        found |= _with(connection, wanted, annotations.c.author, drawn)
        found |= _on_planes(connection, wanted, round_id)
        found |= _with(connection, wanted, image_labels.c.label, select(image_labels.c.image_id).where(yes))
        said = (answers.c.round_id == round_id) & (answers.c.kind != "verdict")
        of_images = select(answers.c.target_id).where(said, answers.c.target == "image")
        of_objects = select(annotations.c.image_id).join(answers, answers.c.target_id == annotations.c.object_id)
        for column in (answers.c.label, answers.c.words):
            found |= _with(connection, wanted, column, of_images)
            found |= _with(connection, wanted, column, of_objects.where(said, answers.c.target == "object"))
        done = (journal.c.state == "done") & journal.c.image_id.is_not(None) & (journal.c.round_id == round_id)
        found |= _with(connection, wanted, journal.c.author, select(journal.c.image_id).where(done))
        # SQLite compares ASCII letters only without their case, so it may not decide about others.
        like = images.c.path.like(f"%{_escaped(text)}%", escape="\\") if text.isascii() else images.c.path != ""
        named = select(case_images.c.case_id, images.c.path).join(images, images.c.image_id == case_images.c.image_id)
        for row in connection.execute(named.where(like)):
            if wanted in PurePath(row.path).name.casefold():
                found.add(row.case_id)
    return found


def _on_planes(connection: Connection, wanted: str, round_id: str) -> set[str]:
    """Cases through whose series lies what bears the words as its label or its author."""
    found: set[str] = set()
    if connection.execute(select(anchors.c.anchor_id).limit(1)).first() is None:
        return found  # as in most projects
    query = select(anchors.c.series_id, annotations.c.label, annotations.c.author).distinct()
    query = query.join(annotations, annotations.c.anchor_id == anchors.c.anchor_id)
    for row in connection.execute(query.where(annotations.c.round_id == round_id)):
        if wanted in row.label.casefold() or wanted in row.author.casefold():
            found.add(row.series_id)
    return cases_of_series(connection, sorted(found))


def _with(connection: Connection, wanted: str, column: ColumnElement[str], of: Select[tuple[str]]) -> set[str]:
    """Cases of images, of those in `of`, whose column holds the words. A column has few values, and many rows."""
    values = [value for value in connection.scalars(select(column).distinct()) if wanted in value.casefold()]
    if not values:
        return set()
    image_ids = of.where(column.in_(values))
    query = select(case_images.c.case_id).where(case_images.c.image_id.in_(image_ids)).distinct()
    return set(connection.scalars(query))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
