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

# From 7 to 6, for both databases; {block} is the type of bytes.
TO_SIX = """
ALTER TABLE cases ADD COLUMN status TEXT NOT NULL DEFAULT 'to do';
UPDATE cases SET status = (SELECT state FROM readings WHERE readings.case_id = cases.case_id AND round_id = '')
 WHERE case_id IN (SELECT case_id FROM readings WHERE round_id = '');
DROP TABLE readings;
ALTER TABLE images ADD COLUMN case_id TEXT REFERENCES cases (case_id);
UPDATE images SET case_id = (SELECT case_id FROM case_images WHERE case_images.image_id = images.image_id);
DROP TABLE case_images;
DROP INDEX images_by_position;
CREATE INDEX images_by_case ON images (case_id);
CREATE TABLE image_labels (
 image_id TEXT NOT NULL REFERENCES images (image_id), label TEXT NOT NULL, verdict TEXT NOT NULL,
 PRIMARY KEY (image_id, label)
);
INSERT INTO image_labels SELECT target_id, label, verdict FROM answers WHERE target = 'image' AND round_id = '';
DROP TABLE answers;
ALTER TABLE proposals ADD COLUMN decision TEXT NOT NULL DEFAULT 'undecided';
ALTER TABLE proposals ADD COLUMN annotation_id TEXT;
UPDATE proposals SET
 decision = (SELECT decision FROM decisions WHERE decisions.proposal_id = proposals.proposal_id),
 annotation_id = (SELECT annotation_id FROM decisions WHERE decisions.proposal_id = proposals.proposal_id)
 WHERE proposal_id IN (SELECT proposal_id FROM decisions);
DROP TABLE decisions;
ALTER TABLE proposals DROP COLUMN object_id;
CREATE TABLE old_annotations (
 annotation_id TEXT NOT NULL PRIMARY KEY, image_id TEXT NOT NULL REFERENCES images (image_id), label TEXT NOT NULL,
 shape TEXT NOT NULL, masks {block} NOT NULL, author TEXT NOT NULL, revision INTEGER NOT NULL, origin TEXT NOT NULL,
 proposal_id TEXT, proposal_seen BOOLEAN NOT NULL
);
INSERT INTO old_annotations SELECT annotation_id, image_id, label, shape, masks, author, revision, origin, proposal_id,
 proposal_seen FROM annotations;
DROP TABLE annotations;
ALTER TABLE old_annotations RENAME TO annotations;
CREATE INDEX annotations_by_image ON annotations (image_id);
CREATE TABLE old_measurements (
 measurement_id TEXT NOT NULL PRIMARY KEY, image_id TEXT NOT NULL REFERENCES images (image_id), kind TEXT NOT NULL,
 points TEXT NOT NULL, author TEXT NOT NULL
);
INSERT INTO old_measurements SELECT measurement_id, image_id, kind, points, author FROM measurements;
DROP TABLE measurements;
ALTER TABLE old_measurements RENAME TO measurements;
CREATE INDEX measurements_by_image ON measurements (image_id);
DROP TABLE key_images;
DROP TABLE pinned_comments;
DROP TABLE registrations;
DROP TABLE saved_views;
DROP TABLE attributes;
DROP TABLE objects;
DROP TABLE object_links;
DROP TABLE anchors;
DROP TABLE rounds;
ALTER TABLE labels DROP COLUMN code;
ALTER TABLE tasks DROP COLUMN readings;
ALTER TABLE journal DROP COLUMN round_id
"""


def to_six(block: str) -> list[str]:
    """The statements, one by one. block: "BLOB" or "BYTEA"."""
    text = 'TEXT COLLATE "C"' if block == "BYTEA" else "TEXT"  # see `stored_rows.Text`
    return [statement.strip().replace("{block}", block).replace(" TEXT", f" {text}") for statement in TO_SIX.split(";")]


def back_to_schema(folder: Path, version: int) -> None:
    """Take away what later schemas added, and say so."""
    with closing(sqlite3.connect(folder / DATABASE_NAME)) as connection, connection:
        if version < 7:
            for statement in to_six("BLOB"):
                connection.execute(statement)
        for table, column in (pair for added, pairs in ADDED.items() if added > version for pair in pairs):
            if column in [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]:
                connection.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        for table in (table for added, names in TABLES.items() if added > version for table in names):
            connection.execute(f"DROP TABLE IF EXISTS {table}")
        connection.execute("UPDATE meta SET value = ? WHERE key = 'schema_version'", (str(version),))
