"""First readings: what a reader says of a case before AI is shown of it, and nothing that they say after."""

from sqlalchemy import Connection, select

from viewer.core.edits import CaseStatusChange, Edit, ImagesChange, LabelChange, PatientChange
from viewer.core.errors import BadRequest
from viewer.project.membership import cases_of, chunks
from viewer.project.revisions import touched_by
from viewer.project.store.schema import cases, readings

_OF_NO_CASE = (LabelChange, ImagesChange, PatientChange)  # the catalogue and the list of cases, which are of all rounds


def refuse_after_ai(connection: Connection, edit: Edit, round_id: str) -> None:
    """Raise BadRequest where an edit in a first reading says something of a case of which AI was shown in it.

    What a second person says of it as a whole (to review, approved) may follow.
    """
    said = [
        change
        for change in edit.changes
        if not isinstance(change, _OF_NO_CASE)
        and not (isinstance(change, CaseStatusChange) and change.before.is_done and change.after.is_done)
    ]
    if not said or edit.has(ImagesChange):
        return
    touched = touched_by(connection, said, beside=False)
    case_ids = sorted(cases_of(connection, touched.image_ids) | {*touched.case_ids})
    for some in chunks(case_ids):
        query = select(cases.c.title).join(readings, readings.c.case_id == cases.c.case_id)
        query = query.where(cases.c.case_id.in_(some), readings.c.round_id == round_id, readings.c.revealed != "")
        title = connection.scalars(query.limit(1)).first()
        if title is not None:
            raise BadRequest(
                f"AI was shown of {title} since it was complete, so this first reading of it stays as it is: go on in "
                "a reading of your own (Dataset, Readers)."
            )
