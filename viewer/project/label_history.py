"""What the journal tells of labels: when each came into the catalogue, and what it was called before.

A label that came after a case was completed was not asked for there. A model keeps the name that it was trained with.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from viewer.core.shapes.annotations import CaseStatus
from viewer.project.store.database import Database
from viewer.project.store.schema import journal
from viewer.project.store.stored_rows import as_stored


def later_labels(
    database: Database, scope: str, labels: Sequence[str], round_id: str = ""
) -> dict[str, tuple[str, ...]]:
    """By complete case: those of the labels that came into the catalogue after it was completed; others are not there.

    A label that was renamed is the same label. scope: "region" or "image". round_id: in which the case was completed.
    """
    with database.reading() as connection, as_stored("The journal"):
        since = _since(connection, scope)
        came = {label: since[label] for label in labels if label in since}
        if not came:
            return {}
        completed = {
            change["case_id"]: edit_id
            for edit_id, change in _changes(connection, "status")
            if _completes(change) and change.get("round_id", "") == round_id
        }
    found = {
        case_id: tuple(label for label, edit_id in came.items() if edit_id > last_edit_id)
        for case_id, last_edit_id in completed.items()
    }
    return {case_id: later for case_id, later in found.items() if later}


def _completes(change: Mapping[str, Any]) -> bool:
    """Whether its reader says that they have looked at all of it: not where others send, approve or return it then."""
    before, after = CaseStatus(change["before"]), CaseStatus(change["after"])
    return after.is_done and (not before.is_done or before is after)


def present_name(database: Database, scope: str, name: str) -> str:
    """What a label of the catalogue is called now that was called so once; the name itself where none was."""
    with database.reading() as connection, as_stored("The journal"):
        return _names(connection, scope).get(name, name)


def present_names(database: Database) -> dict[tuple[str, str], str]:
    """(scope, what a label was called once) to what it is called now, of every label that was renamed."""
    with database.reading() as connection, as_stored("The journal"):
        return {(scope, once): now for scope in ("region", "image") for once, now in _names(connection, scope).items()}


def _names(connection: Connection, scope: str) -> dict[str, str]:
    called: dict[str, str] = {}
    for _, before, after in _labels(connection, scope):
        if before is not None and after is not None and before != after:
            called = {old: after if now == before else now for old, now in called.items()} | {before: after}
    return called


def _since(connection: Connection, scope: str) -> dict[str, int]:
    """The gesture that let each label in, by the name it has now."""
    since: dict[str, int] = {}
    for edit_id, before, after in _labels(connection, scope):
        let_in = edit_id if before is None else since.pop(before, 0)
        if after is not None:
            since[after] = let_in
    return since


def _labels(connection: Connection, scope: str) -> Iterator[tuple[int, str | None, str | None]]:
    """(gesture, name before, name after) of each change of the catalogue that stands, in order."""
    for edit_id, change in _changes(connection, "label"):
        before, after = change["before"] or {}, change["after"] or {}
        if (after or before)["scope"] == scope:
            yield edit_id, before.get("name"), after.get("name")


def _changes(connection: Connection, kind: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The changes of one kind in what was done and stands, as they are stored, in order.

    Only edits that hold such a change are taken apart; an import of many images may be megabytes of text.
    """
    holds = journal.c.changes.contains(f'"kind":"{kind}"', autoescape=True)
    query = select(journal.c.edit_id, journal.c.changes).where(journal.c.state == "done", holds)
    for edit_id, changes in connection.execute(query.order_by(journal.c.edit_id)):
        yield from ((edit_id, change) for change in json.loads(changes) if change["kind"] == kind)
