"""What the journal tells of labels: when each came into the catalogue, and what it was called before.

A label that came after a case was completed was not asked for there. A model keeps the name that it was trained with.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, text

from viewer.project.store.database import Database
from viewer.project.store.stored_rows import as_stored

# Only edits that hold such a change are taken apart; an import of many images may be megabytes of text.
_LABELS = text(
    "SELECT edit_id, json_extract(one.value, '$.before.name'), json_extract(one.value, '$.after.name') "
    "FROM journal, json_each(journal.changes) AS one WHERE journal.state = 'done' "
    "AND instr(journal.changes, '\"kind\":\"label\"') AND json_extract(one.value, '$.kind') = 'label' "
    "AND COALESCE(json_extract(one.value, '$.after.scope'), json_extract(one.value, '$.before.scope')) = :scope "
    "ORDER BY edit_id, one.id"
)
_COMPLETED = text(
    "SELECT json_extract(one.value, '$.case_id') AS case_id, MAX(edit_id) "
    "FROM journal, json_each(journal.changes) AS one WHERE journal.state = 'done' "
    "AND instr(journal.changes, '\"kind\":\"status\"') AND json_extract(one.value, '$.kind') = 'status' "
    "AND json_extract(one.value, '$.after') = 'complete' GROUP BY case_id"
)


def later_labels(database: Database, scope: str, labels: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """By complete case: those of the labels that came into the catalogue after it was completed; others are not there.

    A label that was renamed is the same label. scope: "region" or "image".
    """
    with database.reading() as connection, as_stored("The journal"):
        since = _since(connection, scope)
        came = {label: since[label] for label in labels if label in since}
        if not came:
            return {}
        completed = connection.execute(_COMPLETED).all()
    found = {
        case_id: tuple(label for label, edit_id in came.items() if edit_id > last_edit_id)
        for case_id, last_edit_id in completed
    }
    return {case_id: later for case_id, later in found.items() if later}


def present_name(database: Database, scope: str, name: str) -> str:
    """What a label of the catalogue is called now that was called so once; the name itself where none was."""
    with database.reading() as connection, as_stored("The journal"):
        called: dict[str, str] = {}
        for _, before, after in connection.execute(_LABELS, {"scope": scope}):
            if before is not None and after is not None and before != after:
                called = {old: after if now == before else now for old, now in called.items()} | {before: after}
    return called.get(name, name)


def _since(connection: Connection, scope: str) -> dict[str, int]:
    """The gesture that let each label in, by the name it has now."""
    since: dict[str, int] = {}
    for edit_id, before, after in connection.execute(_LABELS, {"scope": scope}):
        let_in = edit_id if before is None else since.pop(before, 0)
        if after is not None:
            since[after] = let_in
    return since
