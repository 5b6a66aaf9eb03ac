"""How what a snapshot takes came to be said: from a file or by people here, by how many, and what a model had to do
with it. For the card of a snapshot, which a report reads; counts alone, no name of anybody."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import or_, select

from viewer.core.shapes.annotations import Origin
from viewer.project.project import Project
from viewer.project.records import ImageRecord
from viewer.project.store.schema import annotations, journal, readings
from viewer.project.store.stored_rows import as_stored

HOW_SAID = "how_said"  # where a card says it; not there in one from before
# images_imported: of which a file said anything, or that their case is complete, whatever was changed here afterwards.
# people: who said anything here. images_read_again: read by several. shapes, accepted, corrected: drawn things, and
# those that were a model's at first. images_after_ai: of whose case AI was shown before it was complete, or after.
COUNTS = ("images_imported", "people", "images_read_again", "shapes", "accepted", "corrected", "images_after_ai")
_IMPORT = "import "  # how an import is called in the journal
_KINDS = {"status": "case_id", "image label": "image_id", "answer": "target_id"}


def how_said(
    project: Project, records: Iterable[ImageRecord], round_ids: Iterable[str], read_by: Callable[[str], int]
) -> dict[str, int | str]:
    """The counts, and "project_created" (ISO 8601). records: of the images that were taken. read_by: how many
    readings of a case count."""
    taken = {record.image_id: record.case_id for record in records}
    rounds = frozenset(round_ids)
    imported, people = _of_journal(project, taken, rounds)
    counts = dict.fromkeys(COUNTS, 0)
    after_ai: set[str] = set()
    with project.database.reading() as connection, as_stored("What was drawn"):
        here = annotations.c.round_id.in_(rounds)
        columns = select(annotations.c.image_id, annotations.c.origin, annotations.c.author)
        for image_id, origin, author in connection.execute(columns.where(here)):
            if image_id not in taken:
                continue
            counts["shapes"] += 1
            counts["accepted"] += origin == Origin.ACCEPTED
            counts["corrected"] += origin == Origin.CORRECTED
            if origin == Origin.IMPORTED:
                imported.add(image_id)
            else:
                people.add(author)
        shown = select(readings.c.case_id).where(readings.c.revealed != "", readings.c.round_id.in_(rounds))
        after_ai.update(connection.scalars(shown))
    return {
        **counts,
        "images_imported": len(imported),
        "people": len(people),
        "images_read_again": sum(read_by(case_id) > 1 for case_id in taken.values()),
        "images_after_ai": sum(case_id in after_ai for case_id in taken.values()),
        "project_created": project.database.facts().get("created", ""),
    }


def _of_journal(project: Project, taken: Mapping[str, str], rounds: frozenset[str]) -> tuple[set[str], set[str]]:
    """(images of which a file says something, or completes their case; who said anything of these images here)."""
    of_case: dict[str, list[str]] = {}
    for image_id, case_id in taken.items():
        of_case.setdefault(case_id, []).append(image_id)
    imported: set[str] = set()
    people: set[str] = set()
    holds = or_(*(journal.c.changes.contains(f'"kind":"{kind}"', autoescape=True) for kind in _KINDS))
    query = select(journal.c.author, journal.c.text, journal.c.changes).where(journal.c.state == "done", holds)
    with project.database.reading() as connection, as_stored("The journal"):
        for author, text, changes in connection.execute(query.order_by(journal.c.edit_id)):
            is_import = text.startswith(_IMPORT)
            for change in json.loads(changes):
                about = _about(change)
                here = [about] if about in taken else of_case.get(about, [])
                if not here or change.get("round_id", "") not in rounds:
                    continue
                if is_import:
                    imported.update(here)
                else:
                    people.add(author)
    return imported, people


def _about(change: Mapping[str, Any]) -> str:
    """The image, or the case, of a change that says something of one; "" of another."""
    name = _KINDS.get(str(change["kind"]), "")
    return str(change.get(name, ""))
