"""A project as the program of an older schema left it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from viewer.project.project import DATABASE_NAME

# The columns that each schema added.
ADDED = {
    2: (("predictions", "labels"), ("predictions", "exclusive")),
    3: (("images", "taken_out"),),
    4: (("predictions", "seen"),),
    5: (("labels", "tint"),),
    6: (("images", "relative_path"), ("image_files", "relative_path")),
}
TABLES = {6: ("revisions", "revision_counter")}


def back_to_schema(folder: Path, version: int) -> None:
    """Take away what later schemas added, and say so."""
    with closing(sqlite3.connect(folder / DATABASE_NAME)) as connection, connection:
        for table, column in (pair for added, pairs in ADDED.items() if added > version for pair in pairs):
            if column in [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]:
                connection.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        for table in (table for added, names in TABLES.items() if added > version for table in names):
            connection.execute(f"DROP TABLE IF EXISTS {table}")
        connection.execute("UPDATE meta SET value = ? WHERE key = 'schema_version'", (str(version),))
