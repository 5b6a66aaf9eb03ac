"""Who has changed what an edit is about, told from the journal."""

import json
from collections.abc import Iterable

from sqlalchemy import ColumnElement, Connection, func, or_, select

from viewer.core.edits import CaseStatusChange, Change, Edit, LabelChange
from viewer.project.changes.kinds import CHANGE_KINDS, Key
from viewer.project.store.schema import journal, steps
from viewer.project.store.stored_edits import decode_edit

_NAMED_IN_QUERY = 20
_LOOKED_THROUGH = 500


def keys_of(changes: Iterable[Change]) -> set[Key]:
    """What changes are about."""
    return {key for change in changes for key in CHANGE_KINDS[type(change)].keys(change)}


def changed_by(connection: Connection, keys: set[Key]) -> str:
    """The author of the newest step of the journal about any of these; "" where it knows none."""
    query = select(journal).join(steps, steps.c.edit_id == journal.c.edit_id).where(_may_name(keys))
    for row in connection.execute(query.order_by(steps.c.step_id.desc()).limit(_LOOKED_THROUGH)):
        edit = decode_edit(row.version, row.text, row.image_id, row.changes, row.masks)
        if keys & keys_of(edit.changes):
            return str(row.author)
    return ""


def said_again(connection: Connection, edit_id: int, edit: Edit) -> tuple[Change, str] | None:
    """The first change of an edit whose thing another author has changed since, and that author.

    Its value may be the same again; then only the journal tells that it is now theirs. Shapes and strokes are left
    out: they are compared whole.
    """
    asked = [change for change in edit.changes if _tells_not_who(change)]
    if not asked:
        return None
    mine = select(func.max(steps.c.step_id)).where(steps.c.edit_id == edit_id).scalar_subquery()
    author = select(journal.c.author).where(journal.c.edit_id == edit_id).scalar_subquery()
    since = select(steps.c.edit_id).where(steps.c.step_id > mine)
    query = select(journal).where(journal.c.edit_id.in_(since), journal.c.author != author, journal.c.state == "done")
    for row in connection.execute(query.where(_may_name(keys_of(asked))).order_by(journal.c.edit_id)):
        theirs = decode_edit(row.version, row.text, row.image_id, row.changes, row.masks)
        keys = keys_of(change for change in theirs.changes if _tells_not_who(change))
        for change in asked:
            if keys.intersection(CHANGE_KINDS[type(change)].keys(change)):
                return change, str(row.author)
    return None


def _tells_not_who(change: Change) -> bool:
    by_work = isinstance(change, CaseStatusChange | LabelChange) and change.by_work
    return CHANGE_KINDS[type(change)].by_value and not by_work


def _may_name(keys: set[Key]) -> ColumnElement[bool]:
    """Rows whose text holds an id of the keys: far fewer to be decoded. Where there are many keys, all rows."""
    if len(keys) > _NAMED_IN_QUERY:
        return journal.c.edit_id > 0
    words = {json.dumps(key[2] if key[0] in ("label", "renamed") else key[1], allow_nan=False)[1:-1] for key in keys}
    return or_(*(journal.c.changes.contains(word, autoescape=True) for word in words))
