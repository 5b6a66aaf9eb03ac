"""Older projects are brought up to this program's schema, after a copy of their database was made.

Alembic writes the statements (https://alembic.sqlalchemy.org/en/latest/ops.html) on a connection of ours; the steps are
the functions below, never files that a project could bring along.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Integer,
    column,
    false,
    table,
    update,
)

from viewer.core.errors import BadProject
from viewer.project.store.dialect import Dialect
from viewer.project.store.schema import SCHEMA_VERSION, meta
from viewer.project.store.stored_rows import Text
from viewer.project.store.to_schema_7 import readings_and_objects

if TYPE_CHECKING:
    from alembic.operations import Operations


def _labels_of_predictions(op: "Operations") -> None:
    """1 to 2: an answer keeps what its model tells apart. Older ones say none and are read as they were: each label
    for itself, until the model is asked again."""
    op.add_column("predictions", Column("labels", Text(), nullable=False, server_default="[]"))
    op.add_column("predictions", Column("exclusive", Boolean(), nullable=False, server_default=false()))


def _images_taken_out(op: "Operations") -> None:
    """2 to 3: images can be taken out of a project; until now all that were known are in it."""
    op.add_column("images", Column("taken_out", Boolean(), nullable=False, server_default=false()))


def _images_a_model_has_seen(op: "Operations") -> None:
    """3 to 4: an answer says whether its model was trained on the image; of older ones it is not known."""
    op.add_column("predictions", Column("seen", Text(), nullable=False, server_default=""))


def _colours_of_labels(op: "Operations") -> None:
    """4 to 5: a label may have a chosen colour."""
    op.add_column("labels", Column("tint", Integer(), nullable=True))


def _revisions_and_relative_paths(op: "Operations") -> None:
    """5 to 6: what each step touched is kept from now on; where images lie from the project on is not known yet."""
    for name in ("images", "image_files"):
        op.add_column(name, Column("relative_path", Text(), nullable=False, server_default=""))
    op.create_table(
        "revision_counter",
        Column("only", Integer(), primary_key=True, autoincrement=False),
        Column("revision", BigInteger(), nullable=False),
    )
    op.create_table(
        "revisions",
        Column("revision", BigInteger(), primary_key=True, autoincrement=False),
        Column("kind", Text(), nullable=False),
        Column("step_id", Integer(), ForeignKey("steps.step_id"), nullable=True),
        Column("image_ids", Text(), nullable=False),
        Column("case_ids", Text(), nullable=False),
        Column("labels", Boolean(), nullable=False),
        Column("tasks", Boolean(), nullable=False),
    )
    op.execute(table("revision_counter", column("only"), column("revision")).insert().values(only=0, revision=0))


Step = Callable[["Operations"], None]

# From version N to N + 1. All run inside one transaction; none touches `meta`.
MIGRATIONS: dict[int, Step] = {
    1: _labels_of_predictions,
    2: _images_taken_out,
    3: _images_a_model_has_seen,
    4: _colours_of_labels,
    5: _revisions_and_relative_paths,
    6: readings_and_objects,
}


def migrate(
    dialect: Dialect, version: int, *, migrations: Mapping[int, Step] = MIGRATIONS, target: int = SCHEMA_VERSION
) -> str:
    """Bring a database from `version` to `target`, all steps in one transaction. Returns the copy made before.

    Raises BadProject when a step is missing or fails; then the database is as it was.
    """
    if missing := [step for step in range(version, target) if step not in migrations]:
        raise _no_way(dialect, missing[0], target)
    copy = dialect.back_up(version)
    advice = f"it is unchanged, and {copy} is its copy"
    try:
        writer = dialect.open_to_migrate()
    except dialect.driver_errors as error:
        raise dialect.while_writing(error) from error
    try:
        bring_up(dialect, writer, version, migrations=migrations, target=target, advice=advice)
    finally:
        writer.close()
        writer.engine.dispose()
    return copy


def bring_up(
    dialect: Dialect,
    connection: Connection,
    version: int,
    *,
    migrations: Mapping[int, Step] = MIGRATIONS,
    target: int = SCHEMA_VERSION,
    advice: str = "the project was left as it is",
) -> None:
    """The same without a copy: for a database that is one. Raises BadProject, and then it is as it was."""
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext

    if missing := [step for step in range(version, target) if step not in migrations]:
        raise _no_way(dialect, missing[0], target)
    try:
        with connection.begin():
            op = Operations(MigrationContext.configure(connection))
            for step in range(version, target):
                migrations[step](op)
            connection.execute(update(meta).where(meta.c.key == "schema_version").values(value=str(target)))
    except dialect.driver_errors as error:
        why = dialect.reason(error)
        raise BadProject(
            f"{dialect.name} could not be brought from schema {version} to {target} ({why}); {advice}."
        ) from error


def _no_way(dialect: Dialect, version: int, target: int) -> BadProject:
    return BadProject(f"{dialect.name} has schema {version}, from which this program knows no way to {target}.")
