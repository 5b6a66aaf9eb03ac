"""Finding cases by what is on them: a label that is drawn or answered yes, who worked on them, the name of a file."""

from pathlib import PurePath

from sqlalchemy import ColumnElement, Connection, Select, select

from viewer.core.labels import Verdict
from viewer.project.store.database import Database
from viewer.project.store.schema import annotations, image_labels, images, journal


def cases_found(database: Database, text: str) -> set[str]:
    """The ids of cases with `text`, in any case, in a label that they hold, in a reader, or in a file's name."""
    wanted = text.casefold()
    found: set[str] = set()
    with database.reading() as connection:
        yes = image_labels.c.verdict == Verdict.YES.value
        drawn, said = annotations.c.image_id, image_labels.c.image_id
        found |= _with(connection, wanted, annotations.c.label, select(drawn))
        found |= _with(connection, wanted, annotations.c.author, select(drawn))
        found |= _with(connection, wanted, image_labels.c.label, select(said).where(yes))
        done = (journal.c.state == "done") & journal.c.image_id.is_not(None)
        found |= _with(connection, wanted, journal.c.author, select(journal.c.image_id).where(done))
        # SQLite compares ASCII letters only without their case, so it may not decide about others.
        like = images.c.path.like(f"%{_escaped(text)}%", escape="\\") if text.isascii() else images.c.path != ""
        for row in connection.execute(select(images.c.case_id, images.c.path).where(like)):
            if wanted in PurePath(row.path).name.casefold():
                found.add(row.case_id)
    return found


def _with(connection: Connection, wanted: str, column: ColumnElement[str], of: Select[tuple[str]]) -> set[str]:
    """Cases of images, of those in `of`, whose column holds the words. A column has few values, and many rows."""
    values = [value for value in connection.scalars(select(column).distinct()) if wanted in value.casefold()]
    if not values:
        return set()
    image_ids = of.where(column.in_(values))
    return set(connection.scalars(select(images.c.case_id).where(images.c.image_id.in_(image_ids)).distinct()))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
