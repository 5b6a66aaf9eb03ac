"""Whose the images of a plan are: the patient that its file says of each, and how many there are of all it takes."""

import sqlite3
from collections.abc import Mapping

from viewer.exchange.becoming import PatientCounts
from viewer.project.records import ImageRecord


def said_patients(sql: sqlite3.Connection, on_conflict: str) -> dict[str, str]:
    """The patient of each image whose file says one; of several, the one that on_conflict takes."""
    query = (
        "SELECT image_id, patients.patient FROM patients JOIN images ON images.name = patients.name "
        "WHERE patients.patient <> '' ORDER BY seq"
    )
    found: dict[str, str] = {}
    for image_id, patient in sql.execute(query):
        if on_conflict == "last":
            found[image_id] = patient
        else:
            found.setdefault(image_id, patient)
    return found


def count_patients(
    sql: sqlite3.Connection, in_project: Mapping[str, ImageRecord], *, on_conflict: str, source: str
) -> PatientCounts:
    """Of the images that the plan takes. An id counts within its source: that of the image in the project, else that
    which the file names for it, else `source`."""
    said = said_patients(sql, on_conflict)
    sources = dict(sql.execute("SELECT image_id, source FROM sources JOIN images ON images.name = sources.name"))
    patients: set[tuple[str, str]] = set()
    images = without = 0
    query = (
        "SELECT image_id, MAX(patient) FROM images WHERE image_id NOT IN (SELECT image_id FROM held_back) "
        "GROUP BY image_id"
    )
    for image_id, of_header in sql.execute(query):
        images += 1
        there = in_project.get(image_id)
        if there is not None:
            of, patient = there.source, there.patient_id
        else:
            of, patient = sources.get(image_id, source), said.get(image_id) or of_header
        if patient:
            patients.add((of, patient))
        else:
            without += 1
    return PatientCounts(images=images, patients=len(patients), without=without)
