"""Older projects are brought up to this program's schema, after a copy of their database was made."""

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from viewer.core.errors import BadProject, NotWritable
from viewer.project.store.schema import SCHEMA_VERSION


def _labels_of_predictions(connection: sqlite3.Connection) -> None:
    """1 to 2: an answer keeps what its model tells apart. Older ones say none and are read as they were: each label
    for itself, until the model is asked again."""
    connection.execute("ALTER TABLE predictions ADD COLUMN labels TEXT NOT NULL DEFAULT '[]'")
    connection.execute("ALTER TABLE predictions ADD COLUMN exclusive BOOLEAN NOT NULL DEFAULT 0")


def _images_taken_out(connection: sqlite3.Connection) -> None:
    """2 to 3: images can be taken out of a project; until now all that were known are in it."""
    connection.execute("ALTER TABLE images ADD COLUMN taken_out BOOLEAN NOT NULL DEFAULT 0")


def _images_a_model_has_seen(connection: sqlite3.Connection) -> None:
    """3 to 4: an answer says whether its model was trained on the image; of older ones it is not known."""
    connection.execute("ALTER TABLE predictions ADD COLUMN seen TEXT NOT NULL DEFAULT ''")


def _colours_of_labels(connection: sqlite3.Connection) -> None:
    """4 to 5: a label may have a chosen colour."""
    connection.execute("ALTER TABLE labels ADD COLUMN tint INTEGER")


def _revisions_and_relative_paths(connection: sqlite3.Connection) -> None:
    """5 to 6: what each step touched is kept from now on; where images lie from the project on is not known yet."""
    connection.execute("ALTER TABLE images ADD COLUMN relative_path TEXT NOT NULL DEFAULT ''")
    connection.execute("ALTER TABLE image_files ADD COLUMN relative_path TEXT NOT NULL DEFAULT ''")
    connection.execute("CREATE TABLE revision_counter (only INTEGER NOT NULL PRIMARY KEY, revision BIGINT NOT NULL)")
    connection.execute(
        "CREATE TABLE revisions (revision BIGINT NOT NULL PRIMARY KEY, kind TEXT NOT NULL, "
        "step_id INTEGER REFERENCES steps (step_id), image_ids TEXT NOT NULL, case_ids TEXT NOT NULL, "
        "labels BOOLEAN NOT NULL, tasks BOOLEAN NOT NULL)"
    )
    connection.execute("INSERT INTO revision_counter (only, revision) VALUES (0, 0)")


# From version N to N + 1. Each runs inside one transaction and changes `meta` no more than the rest does.
MIGRATIONS: dict[int, Callable[[sqlite3.Connection], None]] = {
    1: _labels_of_predictions,
    2: _images_taken_out,
    3: _images_a_model_has_seen,
    4: _colours_of_labels,
    5: _revisions_and_relative_paths,
}


def back_up(path: Path, version: int) -> Path:
    """Copy a database beside itself as project.db.schemaN; an earlier copy is kept and the new one is numbered."""
    target = path.with_name(f"{path.name}.schema{version}")
    number = 1
    while target.exists():
        number += 1
        target = path.with_name(f"{path.name}.schema{version}-{number}")
    try:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
    except sqlite3.Error as error:
        target.unlink(missing_ok=True)
        raise NotWritable(
            f"The copy {target} that must precede the update of the project could not be written ({error}); "
            "the project was left as it is."
        ) from error
    return target


def migrate(
    path: Path,
    version: int,
    *,
    migrations: Mapping[int, Callable[[sqlite3.Connection], None]] = MIGRATIONS,
    target: int = SCHEMA_VERSION,
) -> Path:
    """Bring a database from `version` to `target`, all steps in one transaction. Returns the copy made before.

    Raises BadProject when a step is missing or fails; then the database is as it was.
    """
    missing = [step for step in range(version, target) if step not in migrations]
    if missing:
        raise BadProject(f"{path} has schema {version}, from which this program knows no way to {target}.")
    copy = back_up(path, version)
    advice = f"it is unchanged, and {copy.name} is its copy"
    bring_up(path, version, migrations=migrations, target=target, advice=advice)
    return copy


def bring_up(
    path: Path,
    version: int,
    *,
    migrations: Mapping[int, Callable[[sqlite3.Connection], None]] = MIGRATIONS,
    target: int = SCHEMA_VERSION,
    advice: str = "the project was left as it is",
) -> None:
    """The same without a copy: for a database that is one. Raises BadProject, and then it is as it was."""
    if missing := [step for step in range(version, target) if step not in migrations]:
        raise BadProject(f"{path} has schema {missing[0]}, from which this program knows no way to {target}.")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
            for step in range(version, target):
                migrations[step](connection)
            connection.execute("UPDATE meta SET value = ? WHERE key = 'schema_version'", (str(target),))
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise BadProject(
                f"{path} could not be brought from schema {version} to {target} ({error}); {advice}."
            ) from error
